"""Row 5: the events of a topic, validated, into an Iceberg table, beside whoever else can do it."""

import os
import statistics

import flink
import processes
import stages
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


def add_side(row, name, runs, events):
    wall = statistics.median(run.wall for run in runs)
    note = f"wall {wall:.1f} s, peak RSS {max(run.peak_rss for run in runs) / 1e6:.0f} MB"
    return row.add(name, "us of CPU an event", [run.cpu * 1e6 / events for run in runs], note)


def against_flink(bench, row, ours, facts):
    """One run: it takes as long as ten of ours, and its share of start-up says how sure the figure is."""
    if not flink.is_there():
        row.notes.append("Flink is not there: tools/bootstrap bench")
        return
    tiny = bench.topic("tiny", TINY)
    workbench.say("Flink SQL, and its start-up alone")
    whole = flink.land(bench, bench.brokers(), "events", facts)
    start = flink.land(bench, bench.brokers(), "tiny", tiny)
    theirs = add_side(row, "Flink SQL", [whole], facts["events"])
    row.compare(ours, theirs, 1 / 8, "CPU, whole processes with their start-up")
    without = (whole.cpu - start.cpu) * 1e6 / facts["events"]
    row.notes.append(
        f"Flink's start-up is {start.cpu:.1f} s of CPU of {whole.cpu:.1f}; without it {without:.2f} us an event, "
        f"{without / ours.median():.1f} times ours with its start-up"
    )


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
    ours, loop, floor = [add_side(row, name, runs, events) for name, runs in used.items()]
    row.tables.append(stages.table(used["weir"], events, "librdkafka's threads, start, commit, stop"))
    row.limit(ours, GOAL_US)
    row.compare(ours, loop, 1 / 3.5, "CPU, whole processes")
    against_flink(bench, row, ours, facts)
    ratio = ours.median() / floor.median()
    row.notes.append(f"weir / DuckDB, CPU: {ratio:.2f}x; no goal, DuckDB reads a file here and writes no table")
    row.notes.append(f"{events:,} events of {facts['bytes'] / events:.1f} bytes, 2 partitions, LZ4")
    row.notes.append("every run's table is checked: rows, distinct ids, sums")
    row.notes.append("weir checks 9 rules and keeps a dead letter; the Python loop, DuckDB and Flink do neither")
