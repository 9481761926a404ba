"""What a whole run takes of memory: the budget of its writers and a tenth more, beside what the program itself needs."""

import json
import os
import random
import subprocess
import sys

from cases import case
from weir_process import RUN_SECONDS_MAX, Workspace

BUDGET = 32
PROGRAM = 80  # MiB: the program, its libraries, a batch on its way

PIPELINE = """\
pipeline: p
source: {{files: {{path: in, settle: 0s}}, contract: c.yaml}}
sink: {{iceberg: {{table: t.rows, partition: [{partition}]}}}}
catalog: {{sqlite: wh}}
resources: {{writer_memory: {budget}MiB}}
"""


# Linux counts for a process what its parent held when it was made: so a small one makes it.
MEASURE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


def peak_mib(workspace, rows):
    """Lands what is there; returns the most that the process ever held."""
    command = [sys.executable, "-I", "-S", "-c", MEASURE, os.environ["WEIR"], "run", "p.yaml", "--once", "--quiet"]
    done = subprocess.run(command, cwd=workspace.path, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=RUN_SECONDS_MAX)
    assert done.returncode == 0, done
    found = workspace.run("query", "--warehouse", "wh", "select count(*) as n from t.rows")
    assert found.out.split()[-1] == str(rows), found
    return int(done.stdout.split()[-1]) // 1024


def stays_within(columns, lines, partition="", parent=None):
    with Workspace(parent) as workspace:
        workspace.write("p.yaml", PIPELINE.format(budget=BUDGET, partition=partition))
        workspace.write("c.yaml", "contract: c\ncolumns:\n" + "".join(f"  - {{name: {name}, type: {kind}}}\n" for name, kind in columns))
        rows = 0
        (workspace.path / "in").mkdir()
        with open(workspace.path / "in/a.ndjson", "w") as file:
            for line in lines:
                file.write(json.dumps(line) + "\n")
                rows += 1
        peak = peak_mib(workspace, rows)
        assert peak <= PROGRAM + BUDGET * 11 // 10, f"{peak} MiB with a budget of {BUDGET}"
        return f"{peak} MiB with a budget of {BUDGET}"


def thousands_of_columns():
    dice = random.Random(1)
    kinds = ("long", "double", "string")
    columns = [(f"c{i}", kinds[i % 3]) for i in range(5000)]
    makers = {"long": lambda: dice.randrange(1_000_000), "double": dice.random, "string": lambda: f"v{dice.randrange(1_000_000)}"}
    return stays_within(columns, ({name: makers[kind]() for name, kind in columns} for _ in range(600)))


def large_values():
    dice = random.Random(1)
    return stays_within([("id", "long"), ("text", "string")], ({"id": i, "text": dice.randbytes(450_000).hex()} for i in range(150)))


def partitions_of_one_row():
    columns = [("id", "long")] + [(f"c{i}", "string" if i % 2 else "long") for i in range(11)]
    rows = ({name: f"value {i} of {name}" if kind == "string" else i for name, kind in columns} for i in range(8_000))
    # A disk takes minutes to sync so many files: in memory where there is such a folder.
    return stays_within(columns, rows, partition="id", parent="/dev/shm" if os.path.isdir("/dev/shm") else None)


ONE_BUDGET = """\
pipeline: p
source: {{files: {{path: in, settle: 0s}}, contract: c.yaml, event_max: {event_max}}}
sink: {{iceberg: t.rows}}
catalog: {{sqlite: wh}}
resources: {{tasks: {tasks}, memory: {memory}MiB}}
"""
CONTRACT = "contract: c\ncolumns: [{name: id, type: long}, {name: text, type: string}]\n"


def one_budget(workspace, tasks, memory, event_max, files, event_bytes):
    workspace.write("p.yaml", ONE_BUDGET.format(tasks=tasks, memory=memory, event_max=event_max))
    workspace.write("c.yaml", CONTRACT)
    dice = random.Random(1)
    for number in range(files):
        event = {"id": number, "text": dice.randbytes((event_bytes - 40) // 2).hex()}
        workspace.write(f"in/{number}.ndjson", json.dumps(event) + "\n")
    return files


def stays_within_budget(memory, **pipeline):
    with Workspace() as workspace:
        rows = one_budget(workspace, memory=memory, **pipeline)
        peak = peak_mib(workspace, rows)
        assert peak <= memory * 11 // 10, f"{peak} MiB with a budget of {memory}"
        return f"{peak} MiB with a budget of {memory}"


def many_tasks():
    return stays_within_budget(1100, tasks=64, event_max="1MiB", files=192, event_bytes=1_000_000)


def largest_events():
    return stays_within_budget(460, tasks=1, event_max="64MiB", files=3, event_bytes=67_000_000)


def too_little_is_refused():
    with Workspace() as workspace:
        one_budget(workspace, tasks=1, memory=214, event_max="64MiB", files=1, event_bytes=100)
        done = workspace.run("run", "p.yaml", "--once")
        assert done.code == 2, done
        assert "resources.memory: 214 MiB is too little: this pipeline takes 456 MiB at least" in done.err, done.err
        assert not (workspace.path / "wh").exists()
        return "said what would be enough"


def register():
    case("memory.many_tasks", many_tasks)
    case("memory.largest_events", largest_events)
    case("memory.too_little_is_refused", too_little_is_refused)
    case("memory.partitions_of_one_row", partitions_of_one_row)
    case("memory.thousands_of_columns", thousands_of_columns)
    case("memory.large_values", large_values)
