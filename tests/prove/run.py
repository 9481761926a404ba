"""The long columns of the proof: run.py [COLUMN...] [--minutes N] [--list]

Each column is a command that is run again and again with other seeds until its goal is reached, or once when that is all of
it. It goes on where it was left, on another machine too (docs/proof.json), and stops after N minutes (60). The report is
docs/proof.md; commit both.
"""

import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / "docs/proof.json"
REPORT = ROOT / "docs/proof.md"
PYTHON = str(ROOT / ".deps/py/bin/python")
WEIR = "build/release/weir"


@dataclass(frozen=True)
class Column:
    name: str
    what: str
    goal: int
    step: int  # of the goal, by one run of the command
    targets: tuple  # what is built first
    command: tuple  # {first}, {count}, {seed} are filled in


CORES = str(os.cpu_count())
COLUMNS = (
    Column("simulation", "simulated worlds with faults at every call, other people's commits, windows", 400_000, 4_000, ("weir_simulation",),
           ("build/release/tests/simulation/weir_simulation", "--from", "{first}", "--seeds", "{count}", "--jobs", CORES)),
    Column("kills", "kill -9 at random times while files arrive", 2_000, 40, ("weir",), (PYTHON, "tests/faults/run.py", "--only", "kill_loop.")),
    Column("races", "races of two and of three processes for one pipeline", 2_000, 100, ("weir",), (PYTHON, "tests/faults/run.py", "--only", "fencing.race.")),
    Column("kills with state", "kill -9 while events of a Kafka broker go through dedupe and windows, equal to DuckDB over the whole log", 2_000, 150, ("weir",),
           (PYTHON, "tests/stack/run.py", "--only", "kafka_state.")),
    Column("power losses", "disks as a loss of power may leave them, each mended by the next run", 10_000, 300, ("weir",),
           (PYTHON, "tests/faults/run.py", "--only", "power_loss.images.")),
    Column("random streams", "streams through dedupe and windows, with kill and restore, equal to DuckDB", 100_000, 2_000, ("weir_operator_test",),
           ("build/release/src/operator/weir_operator_test", "--gtest_filter=*RandomStreams*:*IsWhatDuckDB*")),
    Column("fault points", "every fault point with each action that it knows: kill, error, full, delay", 1, 1, ("weir",), (PYTHON, "tests/faults/run.py", "--only", "sweep.")),
    Column("frozen", "a process that is frozen at each fault point and wakes up when another one has taken over", 1, 1, ("weir",),
           (PYTHON, "tests/faults/run.py", "--only", "fencing.zombie.")),
    Column("mutants", "switches that each break the protocol in one line, each noticed by some test", 1, 1, (), ("tools/test", "mutants")),
)


def read_state():
    return json.loads(STATE.read_text()) if STATE.exists() else {}


def write_state(state):
    temporary = STATE.with_suffix(".new")
    temporary.write_text(json.dumps(state, indent=1) + "\n")
    temporary.rename(STATE)


def commit():
    return subprocess.run(["git", "rev-parse", "--short=10", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def run_once(column, entry):
    """Runs the command once and counts it; what it prints goes to build/prove/COLUMN.log."""
    done = entry["done"]
    count = min(column.step, column.goal - done)
    filled = [part.format(first=done + 1, count=count, seed=done % 99_000 + 1) for part in column.command]
    log = ROOT / "build/prove" / (re.sub(r"\W+", "_", column.name) + ".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "WEIR_TEST_SEED": str(done + 1), "WEIR_RANDOM_SEED": str(done + 1), "WEIR_RANDOM_CASES": str(count), "WEIR_KAFKA_KILLS": str(count)}
    with log.open("a") as output:
        code = subprocess.run(filled, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT).returncode
    entry["done"] = done + count
    if code != 0:
        entry["failures"].append({"from": done + 1, "commit": commit(), "log": str(log.relative_to(ROOT))})
    entry.setdefault("first_commit", commit())
    entry["last_commit"] = commit()
    entry["last_day"] = datetime.date.today().isoformat()
    return code == 0


def write_report(state):
    lines = ["# Proof", "",
             "What the long columns of the proof have come to so far; `make prove` goes on with them and writes this page. A run of CI does a part of each.", "",
             "| Column | What | Done | Goal | Failed runs | Commits | Last run |", "|---|---|---|---|---|---|---|"]
    for column in COLUMNS:
        entry = state.get(column.name)
        if entry is None:
            lines.append(f"| {column.name} | {column.what} | 0 | {column.goal:,} | | | |")
            continue
        commits = entry["first_commit"] if entry["first_commit"] == entry["last_commit"] else f"{entry['first_commit']} to {entry['last_commit']}"
        lines.append(f"| {column.name} | {column.what} | {entry['done']:,} | {column.goal:,} | {len(entry['failures'])} | {commits} | {entry['last_day']} |")
    REPORT.write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("columns", nargs="*", help="default: all, each its share of the time")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--list", action="store_true", help="say what there is")
    arguments = parser.parse_args()
    known = {column.name: column for column in COLUMNS}
    if arguments.list:
        for column in COLUMNS:
            print(f"{column.name:16} {column.what}: {column.goal:,}")
        return 0
    for name in arguments.columns:
        if name not in known:
            sys.exit(f"error: there is no column '{name}'. There are: {', '.join(known)}")
    chosen = [known[name] for name in arguments.columns] or list(COLUMNS)
    subprocess.run(["tools/build", "release", *sorted({target for column in chosen for target in column.targets})], cwd=ROOT, check=True)
    state = read_state()
    is_passed = True
    for number, column in enumerate(chosen):
        entry = state.setdefault(column.name, {"done": 0, "failures": []})
        end = time.monotonic() + arguments.minutes * 60 / len(chosen)
        while entry["done"] < column.goal and time.monotonic() < end:
            is_passed = run_once(column, entry) and is_passed
            write_state(state)
            print(f"{column.name}: {entry['done']:,} of {column.goal:,}, {len(entry['failures'])} failed", flush=True)
    write_report(state)
    return 0 if is_passed else 1


if __name__ == "__main__":
    sys.exit(main())
