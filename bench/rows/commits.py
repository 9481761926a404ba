"""Row 13: what a commit costs when the table has had 2,000 of them."""

import os
import statistics

import processes
import report
import workbench

COMMITS = 2_000
GOAL, P99_GOAL_MS = 1.3, 10
WINDOW = 15  # commits around number 10, and as many at the end


def series(bench):
    """(wall, CPU) in milliseconds of each commit, first to last."""
    binary = os.path.join(workbench.BUILD, "src/lake/weir_lake_bench")
    done = processes.run([binary, bench.fresh_folder("commits"), str(COMMITS)])
    lines = [[int(cell) for cell in line.split()] for line in done.out.splitlines()]
    if [line[0] for line in lines] != list(range(1, COMMITS + 1)):
        raise processes.Failed("weir_lake_bench did not make all commits")
    return [(wall / 1000, cpu / 1000) for _, wall, cpu in lines]


def around(times, first, kind):
    return statistics.median(time[kind] for time in times[first : first + WINDOW])


def measure(bench, row):
    runs = bench.in_turn({"commits": lambda: series(bench)})["commits"]
    early, late = 10 - WINDOW // 2, COMMITS - WINDOW
    for kind, name in ((0, "wall"), (1, "CPU")):
        first = row.add(f"commit 10, {name}", "ms", [around(times, early, kind) for times in runs])
        last = row.add(f"commit {COMMITS:,}, {name}", "ms", [around(times, late, kind) for times in runs])
        row.compare(last, first, GOAL, f"median of {WINDOW} commits around each")
    walls = [sorted(wall for wall, _ in times) for times in runs]
    p99 = [wall[len(wall) * 99 // 100] for wall in walls]
    row.verdicts.append(report.Verdict("99th percentile of all commits, wall, median of the runs", statistics.median(p99), P99_GOAL_MS, " ms"))
    tenths = [statistics.median(statistics.median(t[1] for t in times[i : i + COMMITS // 10]) for times in runs) for i in range(0, COMMITS, COMMITS // 10)]
    row.tables.append((f"CPU of a commit by tenth of the series, ms", [""] + [f"{i * 10 + 10} %" for i in range(10)], [["median"] + [f"{ms:.2f}" for ms in tenths]]))
    row.notes.append("each commit: two tables, one file of 100 rows; manifests, metadata, SQLite, all synced to disk")
