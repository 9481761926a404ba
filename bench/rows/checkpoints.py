"""Row 10: what a checkpoint each 10 s costs a pipeline that holds 500 MB of state."""

import glob
import os
import statistics

import processes
from rows import windows

GOAL = 1.05
TIMES = 4  # as many events as the other rows, so that there are several checkpoints
TTL = "6m"  # of 30 minutes that the topic spans, and 1 minute for late events: a quarter of all keys is known at a time
SIDES = {"a checkpoint each 10 s": "10s", "one, at the end": "10m"}


def checkpoint_bytes(bench):
    """The largest checkpoint that the last run left."""
    found = {}
    for path in glob.glob(bench.path("weir-windows", ".weir/bench/state/*/*.part")):
        found[os.path.dirname(path)] = found.get(os.path.dirname(path), 0) + os.path.getsize(path)
    if not found:
        raise processes.Failed("the run left no checkpoint")
    return max(found.values())


def measure(bench, row):
    events = TIMES * bench.events
    facts = bench.topic("long", events, "--whole-repeats")
    sides = {name: (lambda every=every: windows.weir(bench, "long", facts, every, TTL)) for name, every in SIDES.items()}
    runs = bench.in_turn(sides)
    with_them, without = [windows.add_side(row, name, runs[name], events) for name in SIDES]
    row.compare(with_them, without, GOAL, "CPU, whole processes")
    speeds = [
        row.add(f"{name}, wall", "us an event", [run.wall * 1e6 / events for run in runs[name]]) for name in SIDES
    ]
    row.compare(*speeds, GOAL, "wall; other work on the machine is in it")
    wall = statistics.median(run.wall for run in runs["a checkpoint each 10 s"])
    row.notes.append(f"{events:,} events in {wall:.0f} s; the last checkpoint has {checkpoint_bytes(bench) / 1e6:.0f} MB")
    row.notes.append("each side commits with its checkpoints: what the commits themselves cost is in the difference")
