"""Row memory: does memory, or the cost of an event, grow over 10 million events?"""

import statistics
import time

import processes
import tables
from scrape import Watched

EVERY_SECONDS = 0.1
SAMPLED = ("weir_events_read_total", "process_resident_memory_bytes", "process_cpu_seconds_total")
GROWTH_GOAL_MB = 1.0  # a million events
COST_GOAL = 1.05  # last fifth of the events against the first
# What the pipeline may use by its file: fetch_budget and writer_memory of its one task, both at their default, and the
# program itself with its libraries.
BUDGET_MB = (64 + 256) * 1.048576 + 150


def slope(points):
    """Least squares: y for each x."""
    mean_x, mean_y = (statistics.fmean(point[i] for point in points) for i in (0, 1))
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def one_run(bench):
    """Samples of (events read, resident bytes, CPU seconds)."""
    folder = bench.fresh_folder("flat")
    watched = Watched(bench, "flat.yaml", {"BENCH_BROKERS": bench.brokers(), "BENCH_WAREHOUSE": folder}, "--once")
    watched.wait_ready()
    samples = []
    while watched.is_running():
        found = watched.metrics()
        if found.get("weir_events_read_total"):
            samples.append(tuple(found[name] for name in SAMPLED))
        time.sleep(EVERY_SECONDS)
    if watched.process.returncode != 0:
        raise processes.Failed(f"weir failed; its log: {watched.log}")
    if tables.read(folder, "count(*)")[0] != 2 * bench.events:
        raise processes.Failed("not every event landed")
    return samples


def cost(samples, begin, end):
    """CPU nanoseconds an event while the run went from one share of the events to another."""
    total = samples[-1][0]
    inside = [(events, cpu * 1e9) for events, _, cpu in samples if begin * total <= events <= end * total]
    if len(inside) < 3:
        raise processes.Failed("the run was too short to be sampled; give it more --events")
    return slope(inside)


def resident_at(samples, share):
    """Resident bytes when that share of the events was read."""
    return min(samples, key=lambda sample: abs(sample[0] - samples[-1][0] * share))[1]


def measure(bench, row):
    bench.topic("events", bench.events)
    bench.topic("more", bench.events)
    runs = bench.in_turn({"run": lambda: one_run(bench)}, max(2, (bench.runs + 1) // 2))["run"]
    grows, early, late = [], [], []
    for samples in runs:
        half = samples[-1][0] / 2
        grows.append(slope([(events / 1e6, resident / 1e6) for events, resident, _ in samples if events >= half]))
        early.append(cost(samples, 0.02, 0.22))
        late.append(cost(samples, 0.80, 1.0))
    peak = row.add("peak RSS", "MB", [max(resident for _, resident, _ in samples) / 1e6 for samples in runs])
    growth = row.add("growth of RSS over the second half", "MB per million events", grows)
    first = row.add("first fifth", "ns of CPU an event", early)
    last = row.add("last fifth", "ns of CPU an event", late)
    row.limit(peak, BUDGET_MB)
    row.limit(growth, GROWTH_GOAL_MB)
    row.compare(last, first, COST_GOAL, "CPU")
    lines = []
    for tenth in range(1, 11):
        reached = [resident_at(samples, tenth / 10) / 1e6 for samples in runs]
        lines.append([f"{tenth * 10} % of the events", f"{statistics.median(reached):.0f}"])
    row.tables.append(("RSS on the way", ["", "MB"], lines))
    row.notes.append(f"{2 * bench.events:,} events, a commit every second")
    row.notes.append("the goal of the peak is fetch_budget + writer_memory + 150 MB for the program")
