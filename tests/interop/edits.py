"""Tables whose rows and files were taken away again by edits: what readers see of each snapshot."""

import json
import os
import subprocess
from pathlib import Path

import readers
from cases import case
from weir_process import Workspace


def edits_of_every_shape():
    with Workspace() as workspace:
        warehouse = workspace.path / "wh"
        warehouse.mkdir()
        program = Path(os.environ["WEIR"]).parent / "tests/interop/weir_table_edits"
        ended = subprocess.run([program, warehouse], capture_output=True, text=True, timeout=120)
        assert ended.returncode == 0, ended.stderr
        table = readers.location(workspace, "t.rows")
        commits = [json.loads(line) for line in ended.stdout.splitlines()]
        assert len(commits) == 7, ended.stdout
        for commit in commits:
            for name in ("pyiceberg", "duckdb"):
                rows = readers.READERS[name](table, commit["snapshot"])
                ids = sorted(row["id"] for row in rows)
                assert ids == commit["ids"], f"{name}, {commit['edit']}: {ids}, not {commit['ids']}"
                assert all(row["odd"] == (row["id"] % 2 == 1) for row in rows)


def register():
    case("edits.every_shape", edits_of_every_shape)
