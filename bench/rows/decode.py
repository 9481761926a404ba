"""Row 1: weir_codec_bench, our JSON decoder beside a hand-written On-Demand loop; it interleaves and compares by itself."""

import os
import re

import processes
import report
import workbench

GOAL = 1.5
BAD_GOAL = 1 / 0.3  # bad input keeps 0.3 of the speed of good input
PAIR = re.compile(r"^(.*?)\s+(?:(\d+) B)?\s+(?:loop|good)\s+([\d.]+) /\s+([\d.]+) ns\s+(?:ours|bad)\s+([\d.]+) /\s+([\d.]+) ns\s+ratio ([\d.]+)")


def measure(bench, row):
    binary = os.path.join(workbench.BUILD, "src/codec/weir_codec_bench")
    done = processes.run([binary, "--rounds", str(max(bench.runs, 5))])
    good, bad = [], []
    for line in done.out.splitlines():
        found = PAIR.match(line)
        if not found:
            continue
        name, best, median = found[1].strip(), found[5], found[6]
        ratio = float(found[4 + 2]) / float(found[4])
        lines = bad if name.startswith("bad") else good
        lines.append([name, found[3], found[4], best, median, f"{ratio:.2f}"])
        what = "bad / good events, CPU" if name.startswith("bad") else "decoder / On-Demand loop, CPU"
        row.verdicts.append(report.Verdict(f"{name}: {what}", ratio, BAD_GOAL if name.startswith("bad") else GOAL))
    if not good or not bad:
        raise processes.Failed(f"weir_codec_bench printed nothing to read:\n{done.out[-1000:]}")
    header = ["ns of CPU an event", "loop min", "median", "ours min", "median", "ratio of medians"]
    row.tables.append(("good events; the loop knows its schema, the decoder reads any", header, good))
    header = ["ns of CPU an event", "good min", "median", "bad min", "median", "ratio of medians"]
    row.tables.append(("every event bad: the decoder against itself", header, bad))
