"""Row 13b: what a commit costs when 200,000 small files were landed before it."""

import os
import shutil
import statistics
import tempfile

from rows import commits

FILES_A_COMMIT = 100
EARLY = 100  # the commit that the last one is compared with
GOAL = 1.2
# Half a million objects are synced; the row is about CPU, and a disk would take an hour.
MEMORY = "/dev/shm"


def measure(bench, row):
    parent = MEMORY if os.path.isdir(MEMORY) else bench.folder
    runs = []
    for _ in range(min(bench.runs, 2)):
        folder = tempfile.mkdtemp(prefix="small-files-", dir=parent)
        try:
            runs.append(commits.series(folder, str(FILES_A_COMMIT)))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    half = commits.WINDOW // 2
    first = row.add(f"around commit {EARLY}, CPU", "ms", [commits.around(times, EARLY - half, 1) for times in runs])
    name = f"the last {commits.WINDOW} of {commits.COMMITS:,}, CPU"
    last = row.add(name, "ms", [commits.around(times, commits.COMMITS - commits.WINDOW, 1) for times in runs])
    row.compare(last, first, GOAL, "medians")
    means = [statistics.fmean(cpu for _, cpu in times[-commits.COMMITS // 10 :]) for times in runs]
    row.add("mean of the last tenth, CPU", "ms", means, "with the commits that write large parts of the progress again")
    header = ["ms of CPU"] + [f"{10 * tenth} %" for tenth in range(1, 11)]
    row.tables.append(("a commit, by tenth of the series", header, [["median"] + commits.tenths(runs)]))
    row.notes.append(f"each commit: {FILES_A_COMMIT} files of one row, each of a source file that stays in the progress")
