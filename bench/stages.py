"""Where the CPU time of a run went, by what the program itself counted for each of its steps."""

import json

NAMES = {
    "source": "read, copy into batches",
    "source.decode": "decode JSON to columns",
    "source.validate": "rules of the contract",
    "paid.filter": "filter (SQL)",
    "paid": "select (SQL)",
    "sink": "Parquet: encode, compress, statistics, write",
}


def table(runs, events, rest):
    """(title, header, lines) for the median of `runs`; `rest` names what is on no task's thread."""
    usage = sorted(runs, key=lambda run: run.cpu)[len(runs) // 2]
    steps = {step["name"]: step["cpu_ms"] for step in json.loads(usage.out)["steps"]}
    lines = [(NAMES.get(name, name), milliseconds) for name, milliseconds in steps.items()]
    lines.append((rest, usage.cpu * 1000 - sum(steps.values())))
    lines.append(("all", usage.cpu * 1000))
    cells = [[name, f"{ms * 1e6 / events:.0f}", f"{ms / usage.cpu / 10:.0f} %"] for name, ms in lines]
    return (f"where weir's time goes (CPU, a run of {usage.cpu:.2f} s)", ["", "ns an event", "share"], cells)
