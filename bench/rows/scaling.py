"""Row 15: what a second task brings, beside what a second process brings the hand loop of row 2, which shares nothing."""

import concurrent.futures
import os
import statistics
import time

import processes
import report
import tables
import workbench

GOAL = 0.9


def weir(bench, halves, tasks):
    """(wall, CPU) in seconds."""
    folder = bench.fresh_folder("weir-scaling")
    usage = processes.run(
        [bench.weir, "run", bench.pipeline("file.yaml"), "--once", "--json"],
        {"BENCH_FILE": os.path.dirname(halves[0]), "BENCH_WAREHOUSE": folder, "BENCH_TASKS": str(tasks)},
    )
    return usage.wall, usage.cpu


def hand_loops(bench, halves, at_once):
    """One process a half, one after another or at once: (wall, CPU) in seconds."""
    binary = os.path.join(workbench.BUILD, "bench/weir_fused_loop")
    commands = [[binary, half, bench.path(f"fused-{i}.parquet")] for i, half in enumerate(halves)]
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(len(halves) if at_once else 1) as pool:
        usages = list(pool.map(processes.run, commands))
    return time.monotonic() - began, sum(usage.cpu for usage in usages)


def measure(bench, row):
    halves = bench.halves(bench.events)
    sides = {
        "weir, one task": lambda: weir(bench, halves, 1),
        "weir, two tasks": lambda: weir(bench, halves, 2),
        "hand loop, one after the other": lambda: hand_loops(bench, halves, at_once=False),
        "hand loop, both at once": lambda: hand_loops(bench, halves, at_once=True),
    }
    runs = bench.in_turn(sides)
    wanted = [tables.read(bench.path(f"fused-{i}.parquet"), "count(*)")[0] for i in range(len(halves))]
    found = tables.read(bench.path("weir-scaling"), "count(*)")[0]
    if found != sum(wanted):
        raise processes.Failed(f"weir wrote {found} rows, the hand loops {wanted}")
    times = {}
    for kind, name in ((0, "wall"), (1, "CPU")):
        for side, measured in runs.items():
            values = [one[kind] * 1e9 / bench.events for one in measured]
            times[side, kind] = row.add(f"{side}, {name}", "ns an event", values).median()
    one, two, loop_one, loop_two = sides
    ours, loops = times[one, 0] / times[two, 0], times[loop_one, 0] / times[loop_two, 0]
    row.verdicts.append(report.Verdict("the loop's gain / ours, wall", loops / ours, 1 / GOAL))
    row.notes.append(f"wall: a second task makes weir {ours:.2f} times as fast, a second process the loops {loops:.2f} times")
    more = times[two, 1] / times[one, 1], times[loop_two, 1] / times[loop_one, 1]
    row.verdicts.append(report.Verdict("what two tasks add to the CPU / what two loops add", more[0] / more[1], 1 / GOAL))
    row.notes.append(f"CPU: two tasks cost {more[0]:.3f} of one, two loops at once {more[1]:.3f} of one after the other")
    lost = [measured[1] / measured[0] for measured in runs[two]]
    row.notes.append(f"two tasks had {statistics.median(lost):.2f} cores: with other work on the machine trust the CPU")
