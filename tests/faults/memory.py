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


def register():
    case("memory.partitions_of_one_row", partitions_of_one_row)
    case("memory.thousands_of_columns", thousands_of_columns)
    case("memory.large_values", large_values)
