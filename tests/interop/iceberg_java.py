"""Iceberg's own Java library opens our catalog file, reads every table, changes one and appends to it; the pipeline goes on."""

import os
import subprocess

import events
from cases import case
from foreign_writer import ROWS, TABLE, all_readers, catalog_of, first_run, goes_on
from weir_process import ROOT, Workspace

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "java/JdbcCatalogTurn.java")
JARS = ROOT / ".deps/iceberg_java"
JAVA_SECONDS_MAX = 120


def turn(workspace, *table_and_turns):
    """What the Java program printed: {table: facts}. It changes the table, or none."""
    command = ["java", "-cp", f"{JARS}/*", PROGRAM, workspace.path / "wh", "t", *table_and_turns]
    done = subprocess.run(command, capture_output=True, text=True, timeout=JAVA_SECONDS_MAX, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr[-3000:]
    return {line.split()[0]: dict(fact.split("=") for fact in line.split()[1:]) for line in done.stdout.splitlines() if " rows=" in line}


def uses_the_catalog_by_turns():
    with Workspace() as workspace:
        first_run(workspace)
        rows = len(all_readers(workspace))
        facts = turn(workspace, "events")
        digest = facts[TABLE].pop("digest")
        assert facts[TABLE] == {"rows": str(rows), "format": "2", "snapshots": "1"} and digest != "0", facts
        assert int(facts[TABLE + "_dead_letter"]["rows"]) == 2 * ROWS - rows, facts
        goes_on(workspace, 1)
        assert catalog_of(workspace).load_table(TABLE).properties["owner"] == "java"
        assert int(turn(workspace, "events")[TABLE]["rows"]) == len(all_readers(workspace)) - 1


def some_snapshots(workspace):
    events.write_pipeline(workspace, epoch_max=events.EACH_BATCH)
    events.write_files(workspace, 3, ROWS)
    assert workspace.run("run", "events.yaml", "--once").code == 0


def expires_snapshots():
    """Nothing is missing: the pipeline goes on."""
    with Workspace() as workspace:
        some_snapshots(workspace)
        turn(workspace, "events", "append", "expire")
        assert int(turn(workspace)[TABLE]["snapshots"]) == 1
        goes_on(workspace, 1)


def rolls_back_appends_and_expires():
    """Rows are missing, and no snapshot is left that tells: the log of metadata files does."""
    with Workspace() as workspace:
        some_snapshots(workspace)
        turn(workspace, "events", "rollback", "append", "expire")
        events.write_files(workspace, 1, ROWS, first=3)
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 1 and "rolled back" in ended.err and "table_changed" in ended.err, ended


def register():
    case("iceberg_java.expires_snapshots", expires_snapshots)
    case("iceberg_java.rolls_back_appends_and_expires", rolls_back_appends_and_expires)
    case("iceberg_java.uses_the_catalog_by_turns", uses_the_catalog_by_turns)
