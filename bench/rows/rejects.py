"""Row bad: a file in which every event is bad, into the dead letter, beside the same events when they are good."""

import json
import os

import processes
import workbench

EVENTS = 1_000_000
GOAL = 1 / 0.3  # bad input keeps 0.3 of the speed of good input
SPOILED = {
    "no JSON (comma at the end)": ("}}\n", "},}\n"),
    "wrong type": ('"price":', '"price":"x","p":'),
    "broken rule": ('"currency":"', '"currency":"X'),
}


def spoil(source, target, old, new):
    if os.path.exists(target):
        return target
    with open(source) as good, open(target + ".part", "w", buffering=1 << 20) as bad:
        bad.writelines(line.replace(old, new) for line in good)
    os.rename(target + ".part", target)
    return target


def land(bench, source, expect_landed):
    folder = bench.fresh_folder("weir-bad")
    usage = processes.run(
        [bench.weir, "run", bench.pipeline("file.yaml"), "--once", "--json"],
        {"BENCH_FILE": source, "BENCH_WAREHOUSE": folder},
    )
    report = json.loads(usage.out)
    if report["rejected"] != (0 if expect_landed else EVENTS):
        raise processes.Failed(f"{report['rejected']} events of {source} were rejected")
    return usage


def measure(bench, row):
    source, _ = bench.events_file(EVENTS)
    sides = {"all good": lambda: land(bench, source, True)}
    for number, (name, (old, new)) in enumerate(SPOILED.items()):
        workbench.say(f"making a file of bad events: {name}")
        bad = spoil(source, bench.path(f"bad-{number}.ndjson"), old, new)
        sides[f"all bad: {name}"] = lambda bad=bad: land(bench, bad, False)
    used = bench.in_turn(sides)
    costs = {name: [run.cpu * 1e9 / EVENTS for run in runs] for name, runs in used.items()}
    good, *others = [row.add(name, "ns of CPU an event", values) for name, values in costs.items()]
    for side in others:
        row.compare(side, good, GOAL, "CPU, whole processes")
    row.notes.append(f"{EVENTS:,} events; each reject is a row of the dead letter with position, reason and bytes")
