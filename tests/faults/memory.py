"""What a whole run takes of memory: the budget of its writers and a tenth more, beside what the program itself needs."""

import json
import os
import random

from cases import case
from weir_process import Workspace

BUDGET = 32
PROGRAM = 80  # MiB: the program, its libraries, a batch on its way

PIPELINE = """\
pipeline: p
source: {{files: {{path: in, settle: 0s}}, contract: c.yaml}}
sink: {{iceberg: t.rows}}
catalog: {{sqlite: wh}}
resources: {{writer_memory: {budget}MiB}}
"""


def peak_mib(workspace, rows):
    """Lands what is there; returns the most that the process ever held."""
    process = workspace.start("run", "p.yaml", "--once").process
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"exit code {process.returncode}"
    found = workspace.run("query", "--warehouse", "wh", "select count(*) as n from t.rows")
    assert found.out.split()[-1] == str(rows), found
    return usage.ru_maxrss // 1024


def stays_within(columns, lines):
    with Workspace() as workspace:
        workspace.write("p.yaml", PIPELINE.format(budget=BUDGET))
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


def register():
    case("memory.thousands_of_columns", thousands_of_columns)
    case("memory.large_values", large_values)
