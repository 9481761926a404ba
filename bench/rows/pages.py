"""Row parquet: weir_parquet_bench, our Parquet writer beside Arrow's on the same columns; it interleaves by itself."""

import os
import re
import statistics

import processes
import report
import workbench

# Of CPU time and of size, against Arrow's writer: medians of the data sets.
GOALS = {"compatible": (0.55, 1.0), "modern": (0.45, 0.9)}
# "ads  compatible  149.7 /  151.2 ns    43.10 B  ratio 0.47 CPU  0.951 size", best and median of each side.
LINE = re.compile(
    r"^(?P<set>\S+)\s+(?P<side>\S+)\s+(?P<best>[\d.]+) /\s+(?P<median>[\d.]+) ns\s+(?P<bytes>[\d.]+) B"
    r"\s+ratio (?P<cpu>[\d.]+) CPU\s+(?P<size>[\d.]+) size$"
)


def measure(bench, row):
    binary = os.path.join(workbench.BUILD, "bench/weir_parquet_bench")
    done = processes.run([binary, "--rounds", str(max(bench.runs, 5))])
    found = [match for match in map(LINE.match, done.out.splitlines()) if match]
    if not found:
        raise processes.Failed(f"weir_parquet_bench printed nothing to read:\n{done.out[-1000:]}")
    cells = [[f"{m['set']}, {m['side']}", m["best"], m["median"], m["bytes"], m["cpu"], m["size"]] for m in found]
    header = ["columns to Parquet", "ns min", "median", "bytes an event", "CPU ratio", "size ratio"]
    row.tables.append(("CPU time of encoding and compressing; ratios are to Arrow's writer", header, cells))
    for side, (cpu_goal, size_goal) in GOALS.items():
        cpu = statistics.median(float(m["cpu"]) for m in found if m["side"] == side)
        size = statistics.median(float(m["size"]) for m in found if m["side"] == side)
        row.verdicts.append(report.Verdict(f"{side} / Arrow's writer, CPU, median of the data sets", cpu, cpu_goal))
        row.verdicts.append(report.Verdict(f"{side} / Arrow's writer, size, median of the data sets", size, size_goal))
