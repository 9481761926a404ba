"""Row 1: weir_codec_bench, our JSON decoder beside a hand-written On-Demand loop; it interleaves by itself."""

import os
import re

import processes
import report
import workbench

GOAL = 1.5
BAD_GOAL = 1 / 0.3  # bad input keeps 0.3 of the speed of good input
# "clicks fixed   241 B  loop  268.1 /  269.2 ns   ours  113.3 /  114.5 ns   ratio 0.43", best and median of each side.
TIMES = r"\s+(?P<{0}_best>[\d.]+) /\s+(?P<{0}_median>[\d.]+) ns"
LEFT, RIGHT = TIMES.format("left"), TIMES.format("right")
PAIR = re.compile(r"^(?P<name>.*?)\s+(?:\d+ B)?\s+(?:loop|good)" + LEFT + r"\s+(?:ours|bad)" + RIGHT)


def measure(bench, row):
    binary = os.path.join(workbench.BUILD, "src/codec/weir_codec_bench")
    done = processes.run([binary, "--rounds", str(max(bench.runs, 5))])
    good, bad = [], []
    for found in filter(None, map(PAIR.match, done.out.splitlines())):
        ratio = float(found["right_median"]) / float(found["left_median"])
        cells = [found[side] for side in ("name", "left_best", "left_median", "right_best", "right_median")]
        if found["name"].startswith("bad"):
            bad.append([*cells, f"{ratio:.2f}"])
            row.verdicts.append(report.Verdict(f"{found['name']}: bad / good events, CPU", ratio, BAD_GOAL))
        else:
            good.append([*cells, f"{ratio:.2f}"])
            row.verdicts.append(report.Verdict(f"{found['name']}: decoder / On-Demand loop, CPU", ratio, GOAL))
    if not good or not bad:
        raise processes.Failed(f"weir_codec_bench printed nothing to read:\n{done.out[-1000:]}")
    header = ["ns of CPU an event", "loop min", "median", "ours min", "median", "ratio of medians"]
    row.tables.append(("good events; the loop knows its schema, the decoder reads any", header, good))
    header = ["ns of CPU an event", "good min", "median", "bad min", "median", "ratio of medians"]
    row.tables.append(("every event bad: the decoder against itself", header, bad))
