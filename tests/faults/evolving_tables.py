"""Contracts that grow: whatever happens while the schema of a table is changed, it is changed once and every row lands once."""

import signal

import events
import fencing
from cases import case
from changed_tables import catalog_of
from sweep import ACTIONS, finish, run_into_fault
from weir_process import Workspace, wait_until

# In the order in which the change of a schema passes them first.
STEPS = (
    "schema.before_commit",
    "commit.before_metadata",
    "storage.create",
    "storage.append",
    "storage.sync",
    "commit.before_swap",
    "commit.after_swap",
    "schema.after_commit",
)


def prepare(workspace):
    events.write_before_they_grew(workspace)
    events.write_files(workspace, 3, 60, first=1)


def schema_of(workspace):
    table = catalog_of(workspace).load_table("t.events")
    return {field.name: str(field.field_type) for field in table.schema().fields}, len(table.metadata.schemas)


def expect_grown(workspace):
    columns, schemas = schema_of(workspace)
    assert columns["id"] == "long" and columns["amount"] == "decimal(9, 2)", columns
    assert schemas == 2, f"the table has had {schemas} schemas, not 2"


def fault(point, action, processes):
    """`processes` in a row meet it; each is in the middle of the same change."""
    with Workspace() as workspace:
        prepare(workspace)
        for _ in range(processes):
            run_into_fault(workspace, point, action, 1)
            events.judge_partly(workspace)
        finish(workspace)
        expect_grown(workspace)


def frozen_while_another_process_does_it(point):
    """The one that comes second finds the change done, and goes on."""
    with Workspace() as workspace:
        prepare(workspace)
        frozen = workspace.start("run", "events.yaml", "--once", faults=f"{point}=stop")
        wait_until(frozen.is_stopped, "frozen")
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 0, ended
        events.judge(workspace)
        frozen.send(signal.SIGCONT)
        ended = frozen.wait()
        assert ended.code == 0, ended
        finish(workspace)
        expect_grown(workspace)


def started_together(processes):
    with Workspace() as workspace:
        prepare(workspace)
        started = [workspace.start("run", "events.yaml", "--once", faults="schema.before_commit=delay:200") for _ in range(processes)]
        for ended in [process.wait() for process in started]:
            assert ended.code == 0 or "newer process" in ended.err, ended
        fencing.finish(workspace)
        expect_grown(workspace)


def grown_after_a_crash(point):
    """Files of before the change are on their way when the contract grows: the new one lands them and goes on."""
    with Workspace() as workspace:
        events.write_narrow_pipeline(workspace)
        events.write_files(workspace, 3, 60)
        ended = workspace.run("run", "events.yaml", "--once", faults=f"{point}=kill@2")
        assert ended.was_killed, ended
        events.write_pipeline(workspace)
        events.write_files(workspace, 1, 60, first=3)
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 0 and ("of an earlier run" in ended.out) == (point == "epoch.after_prepared"), ended
        finish(workspace)
        expect_grown(workspace)


def register():
    for point in STEPS:
        for action in ACTIONS:
            for processes in (1, 2):
                if processes == 2 and (action != "kill" or point in ("commit.after_swap", "schema.after_commit")):
                    continue  # the first has made the change: the second does not pass
                case(f"evolving_tables.{point}.{action}.{processes}", lambda p=point, a=action, n=processes: fault(p, a, n))
    for point in ("schema.before_commit", "schema.after_commit"):
        case(f"evolving_tables.frozen.{point}", lambda p=point: frozen_while_another_process_does_it(p))
    for point in ("epoch.after_prepared", "epoch.after_commit"):
        case(f"evolving_tables.grown_after_a_crash.{point}", lambda p=point: grown_after_a_crash(p))
    for processes in (2, 3):
        case(f"evolving_tables.started_together.{processes}", lambda n=processes: started_together(n))
