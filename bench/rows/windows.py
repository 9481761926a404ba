"""Row 5b: each event once by its id, then campaigns by the minute, beside Flink SQL with state on the heap and in RocksDB."""

import statistics

import flink
import processes
import stages
import tables
import workbench

GOAL, RSS_GOAL_MB = 1 / 8, 1000
TINY = 20_000
# Windows that are over: of the last minute rows may still come, and Flink alone writes it when a bounded topic ends.
MINUTES_OVER = 29
COLUMNS = "date_part('minute', window_start)::int as minute, campaign_id, n, round(total * 10000)::bigint"
CLAUSES = f"where date_part('hour', window_start) = 6 and minute < {MINUTES_OVER} order by all"
# What Flink is told for each of its two kinds of state: the heap, and settings.
BACKENDS = {
    "Flink SQL, state on the heap": ("6g", ["state.backend.type=hashmap"]),
    "Flink SQL, state in RocksDB": (
        "3g",
        ["state.backend.type=rocksdb", "execution.checkpointing.incremental=true", "taskmanager.memory.managed.size=1g"],
    ),
}


def require_windows(who, where, facts):
    """Raises Failed unless all windows that are over are exactly those of `facts`."""
    found = tables.rows(where, COLUMNS, CLAUSES)
    wanted = [row for row in facts["windows"] if row[0] < MINUTES_OVER]
    if found != wanted:
        differ = [pair for pair in zip(found, wanted) if pair[0] != pair[1]][:3]
        raise processes.Failed(f"{who}: {len(found)} windows, not {len(wanted)}; found and wanted: {differ}")


def weir(bench, topic, facts, commit="10s", ttl="24h"):
    """One run of the program into a fresh warehouse, checked; commits, each with a checkpoint, every `commit`."""
    folder = bench.fresh_folder("weir-windows")
    usage = processes.run(
        [bench.weir, "run", bench.pipeline("windows.yaml"), "--once", "--json"],
        {"BENCH_BROKERS": bench.brokers(), "BENCH_TOPIC": topic, "BENCH_WAREHOUSE": folder}
        | {"BENCH_COMMIT": commit, "BENCH_TTL": ttl},
    )
    require_windows("weir", folder, facts)
    return usage


def run_flink(bench, topic, facts, backend):
    heap, settings = BACKENDS[backend]
    folder = "file://" + bench.fresh_folder("flink-checkpoints")
    storage = ["execution.checkpointing.storage=filesystem", f"execution.checkpointing.dir={folder}"]
    warehouse, usage = flink.run(bench, "windows", bench.brokers(), topic, heap, [*settings, *storage])
    if facts is not None:
        require_windows(backend, tables.newest_metadata(f"{warehouse}/bench/events"), facts)
    return usage


def add_side(row, name, runs, events):
    wall = statistics.median(run.wall for run in runs)
    note = f"wall {wall:.1f} s, peak RSS {max(run.peak_rss for run in runs) / 1e6:.0f} MB"
    return row.add(name, "us of CPU an event", [run.cpu * 1e6 / events for run in runs], note)


def measure(bench, row):
    facts = bench.topic("repeated", bench.events, "--whole-repeats")
    events = facts["events"]
    runs = bench.in_turn({"weir": lambda: weir(bench, "repeated", facts)})["weir"]
    ours = add_side(row, "weir", runs, events)
    row.tables.append(stages.table(runs, events, "librdkafka's threads, checkpoints, start, commit, stop"))
    row.limit(row.add("weir, peak RSS", "MB", [run.peak_rss / 1e6 for run in runs]), RSS_GOAL_MB)
    if not flink.is_there():
        row.notes.append("Flink is not there: tools/bootstrap bench")
    else:
        bench.topic("tiny", TINY)
        for backend in BACKENDS:  # one run each: it takes as long as ten of ours
            workbench.say(f"{backend}, and its start-up alone")
            whole = run_flink(bench, "repeated", facts, backend)
            start = run_flink(bench, "tiny", None, backend)
            theirs = add_side(row, backend, [whole], events)
            row.compare(ours, theirs, GOAL, "CPU, whole processes with their start-up")
            without = (whole.cpu - start.cpu) * 1e6 / events
            row.notes.append(f"{backend}: {start.cpu:.1f} s of CPU are start-up; without it {without:.2f} us an event")
    row.notes.append(f"{events:,} events, {events - facts['distinct_event_id']:,} of them repeats; all keys stay in the state")
    row.notes.append("every run's windows are checked, each count and sum; a commit with a checkpoint every 10 s")
