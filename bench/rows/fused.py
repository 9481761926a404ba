"""Row 2: decode, validate, filter, project, write Parquet: the program beside a hand loop that knows this one job."""

import os

import processes
import stages
import tables
import workbench

GOAL = 2.0
COLUMNS = (
    "count(*), count(distinct event_id), sum(user_id)::bigint, sum(campaign_id)::bigint, sum(ad_id)::bigint, "
    "round(sum(price), 2), round(sum(net), 2), round(sum(geo.lat), 1), round(sum(geo.lon), 1), min(ts), max(ts), "
    "count(distinct country || device || event_type || currency)"
)


def hand_loop(bench, source):
    binary = os.path.join(workbench.BUILD, "bench/weir_fused_loop")
    return processes.run([binary, source, bench.path("fused.parquet")])


def weir(bench, source):
    folder = bench.fresh_folder("weir-file")
    return processes.run(
        [bench.weir, "run", bench.pipeline("file.yaml"), "--once", "--json"],
        {"BENCH_FILE": source, "BENCH_WAREHOUSE": folder},
    )


def written(path):
    """Bytes of Parquet files at or below `path`."""
    if os.path.isfile(path):
        return os.path.getsize(path)
    found = (os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)
    return sum(os.path.getsize(file) for file in found if file.endswith(".parquet"))


def measure(bench, row):
    source, facts = bench.events_file(bench.events)
    events = facts["events"]
    used = bench.in_turn({"weir": lambda: weir(bench, source), "hand loop": lambda: hand_loop(bench, source)})
    ours, theirs = bench.path("weir-file"), bench.path("fused.parquet")
    found = {where: tables.read(where, COLUMNS) for where in (ours, theirs)}
    if found[ours] != found[theirs]:
        raise processes.Failed(f"weir wrote {found[ours]}, the hand loop {found[theirs]}")
    sides = []
    for (name, runs), where in zip(used.items(), (ours, theirs)):
        peak = max(run.peak_rss for run in runs) / 1e6
        note = f"peak RSS {peak:.0f} MB, {written(where) / events:.1f} bytes of Parquet an event"
        sides.append(row.add(name, "ns of CPU an event", [run.cpu * 1e9 / events for run in runs], note))
    walls = [
        row.add(f"{name}, wall", "ns an event", [run.wall * 1e9 / events for run in runs]) for name, runs in used.items()
    ]
    row.tables.append(stages.table(used["weir"], events, "start, commit, stop"))
    row.compare(sides[0], sides[1], GOAL, "CPU, whole processes")
    row.notes.append(f"wall: {walls[0].median() / walls[1].median():.2f}x; other work on the machine is in it")
    row.notes.append(f"{events:,} events from one file; rows, sums and distinct values of both outputs are equal")
    row.notes.append("deduplication is left out on both sides; weir also keeps positions and progress, commits an Iceberg")
    row.notes.append("snapshot and keeps a dead letter, and its filter and select are SQL (DuckDB)")
