"""Row 5: the events of a topic, validated, into an Iceberg table, beside whoever else can do it."""

import json
import os
import statistics

import flink
import processes
import tables
import workbench

GOAL_US = 1.2
TINY = 20_000


def land(bench, topic, facts, warehouse="weir"):
    """One run of the program into a fresh table, checked."""
    folder = bench.fresh_folder(warehouse)
    usage = processes.run(
        [bench.weir, "run", bench.pipeline("kafka.yaml"), "--once", "--json"],
        {"BENCH_BROKERS": bench.brokers(), "BENCH_TOPIC": topic, "BENCH_WAREHOUSE": folder},
    )
    tables.require_all_events("weir", folder, facts)
    return usage


def python_loop(bench, topic, facts):
    folder = bench.fresh_folder("python-loop")
    script = os.path.join(workbench.HERE, "peers/python_loop.py")
    usage = processes.run([workbench.PYTHON, script, bench.brokers(), topic, folder])
    tables.require_all_events("the Python loop", folder, facts)
    return usage


def duckdb_floor(bench, source, facts):
    target = bench.path("duckdb.parquet")
    script = os.path.join(workbench.HERE, "peers/duckdb_floor.py")
    usage = processes.run([workbench.PYTHON, script, source, target])
    tables.require_all_events("DuckDB", target, facts)
    return usage


def stages(runs, events):
    """Where the CPU time of the median run went, by what the program itself counted a step."""
    usage = sorted(runs, key=lambda run: run.cpu)[len(runs) // 2]
    steps = {step["name"]: step["cpu_ms"] for step in json.loads(usage.out)["steps"]}
    on_thread = sum(steps.values())
    names = {
        "source": "take from librdkafka, copy into batches",
        "source.decode": "decode JSON to columns",
        "source.validate": "rules of the contract",
        "sink": "Parquet: encode, compress, statistics, write",
    }
    lines = [[names.get(name, name), milliseconds] for name, milliseconds in steps.items()]
    lines.append(["librdkafka's threads, start, commit, stop", usage.cpu * 1000 - on_thread])
    lines.append(["all", usage.cpu * 1000])
    cells = [[name, f"{ms * 1e6 / events:.0f}", f"{ms / usage.cpu / 10:.0f} %"] for name, ms in lines]
    return (f"where weir's time goes (CPU, run of {usage.cpu:.2f} s)", ["", "ns an event", "share"], cells)


def measure(bench, row):
    facts = bench.topic("events", bench.events)
    source, _ = bench.events_file(bench.events)
    events = facts["events"]
    used = bench.in_turn(
        {
            "weir": lambda: land(bench, "events", facts),
            "pyarrow + PyIceberg loop": lambda: python_loop(bench, "events", facts),
            "DuckDB, file to Parquet": lambda: duckdb_floor(bench, source, facts),
        }
    )
    if flink.is_there():
        tiny = bench.topic("tiny", TINY)
        used |= bench.in_turn({"Flink SQL": lambda: flink.land(bench, bench.brokers(), "events", facts)}, 1)
        used |= bench.in_turn({"Flink SQL, start-up alone": lambda: flink.land(bench, bench.brokers(), "tiny", tiny)}, 1)
    sides = {}
    for name, runs in used.items():
        per = TINY if name.endswith("alone") else events
        wall = statistics.median(run.wall for run in runs)
        peak = max(run.peak_rss for run in runs) / 1e6
        note = f"wall {wall:.1f} s, peak RSS {peak:.0f} MB"
        if name.endswith("alone"):
            row.notes.append(f"{name} ({TINY:,} events): {runs[0].cpu:.1f} s of CPU, {note}")
            continue
        sides[name] = row.add(name, "us of CPU an event", [run.cpu * 1e6 / per for run in runs], note)
    row.tables.append(stages(used["weir"], events))
    ours = sides["weir"]
    row.limit(ours, GOAL_US)
    row.compare(ours, sides["pyarrow + PyIceberg loop"], 1 / 3.5, "CPU, whole processes")
    if "Flink SQL" in sides:
        row.compare(ours, sides["Flink SQL"], 1 / 8, "CPU, whole processes, Flink with its start-up")
    row.compare(ours, sides["DuckDB, file to Parquet"], float("inf"), "CPU; no goal, it reads a file and writes no table")
    row.notes.append(f"{events:,} events of {facts['bytes'] / events:.1f} bytes, 2 partitions, LZ4; every run's table checked: rows, distinct ids, sums")
    row.notes.append("weir checks 9 rules and keeps a dead letter, exactly once; the Python loop and DuckDB do neither")
