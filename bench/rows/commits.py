"""Row 13: what a commit costs when the table has had 2,000 of them."""

import os
import shutil
import statistics
import tempfile

import processes
import report
import workbench

COMMITS = 2_000
GOAL, P99_GOAL_MS = 1.3, 10
WINDOW = 50  # the first commits, and as many at the end


def series(folder, *options):
    """(wall, CPU) in milliseconds of each commit of a new table, first to last."""
    binary = os.path.join(workbench.BUILD, "src/lake/weir_lake_bench")
    done = processes.run([binary, tempfile.mkdtemp(dir=folder), str(COMMITS), *options])
    lines = [[int(cell) for cell in line.split()] for line in done.out.splitlines()]
    if [line[0] for line in lines] != list(range(1, COMMITS + 1)):
        raise processes.Failed("weir_lake_bench did not make all commits")
    return [(wall / 1000, cpu / 1000) for _, wall, cpu in lines]


def around(times, first, kind):
    return statistics.median(time[kind] for time in times[first : first + WINDOW])


def tenths(runs):
    """CPU of a commit in each tenth of the series, as text."""
    size = COMMITS // 10
    medians = [[statistics.median(cpu for _, cpu in times[i : i + size]) for times in runs] for i in range(0, COMMITS, size)]
    return [f"{statistics.median(of_runs):.2f}" for of_runs in medians]


def measure(bench, row):
    # Nothing is removed before the last series is over: for minutes after many files were, ext4 makes new ones slowly.
    folder = tempfile.mkdtemp(prefix="commits-", dir=bench.folder)
    try:
        runs = bench.in_turn({"commits": lambda: series(folder)})["commits"]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    early, late = 0, COMMITS - WINDOW
    for kind, name in ((0, "wall"), (1, "CPU")):
        first = row.add(f"commits 1 to {WINDOW}, {name}", "ms", [around(times, early, kind) for times in runs])
        last = row.add(f"commits {late + 1:,} to {COMMITS:,}, {name}", "ms", [around(times, late, kind) for times in runs])
        row.compare(last, first, GOAL, "medians")
    walls = [sorted(wall for wall, _ in times) for times in runs]
    p99 = [wall[len(wall) * 99 // 100] for wall in walls]
    what = "99th percentile of all commits, wall, median of the runs"
    row.verdicts.append(report.Verdict(what, statistics.median(p99), P99_GOAL_MS, " ms"))
    header = ["ms of CPU"] + [f"{10 * tenth} %" for tenth in range(1, 11)]
    row.tables.append(("a commit, by tenth of the series", header, [["median"] + tenths(runs)]))
    row.notes.append("each commit: two tables, one file of 100 rows; manifests, metadata, SQLite, all synced to disk")
