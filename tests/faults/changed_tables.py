"""Tables that others changed in ways that break the promise: Weir halts and says why."""

import signal
import sqlite3

import events
from cases import case
from kill_loop import Arrivals
from pyiceberg.catalog.sql import SqlCatalog
from sweep import table_files
from weir_process import Workspace

TABLE, DEAD_LETTER = "t.events", "t.events_dead_letter"


def catalog_of(workspace):
    warehouse = workspace.path / "wh"
    return SqlCatalog("weir", uri=f"sqlite:///{warehouse}/catalog.db", warehouse=f"file://{warehouse}")


def locations(workspace):
    connection = sqlite3.connect(workspace.path / "wh/catalog.db")
    try:
        return connection.execute("SELECT table_name, metadata_location FROM iceberg_tables ORDER BY 1").fetchall()
    finally:
        connection.close()


def prepare(workspace):
    events.write_pipeline(workspace, epoch_max=events.EACH_BATCH)
    events.write_files(workspace, 3, 60)
    ended = workspace.run("run", "events.yaml", "--once")
    assert ended.code == 0, ended
    events.write_files(workspace, 1, 60, first=3)


def halts(workspace, *words):
    before, files = locations(workspace), table_files(workspace)
    ended = workspace.run("run", "events.yaml", "--once")
    assert ended.code == 1, f"it did not halt: {ended}"
    missing = [word for word in words if word not in ended.err]
    assert not missing, f"the error does not say {missing}: {ended}"
    assert locations(workspace) == before, "it changed a table before it halted"
    assert files <= table_files(workspace), "it deleted files"


def roll_back(workspace, name):
    table = catalog_of(workspace).load_table(name)
    first = table.snapshots()[0].snapshot_id
    with table.transaction() as transaction:
        transaction._apply(*transaction._set_ref_snapshot(first, "main", "branch"))


def rolled_back(name):
    with Workspace() as workspace:
        prepare(workspace)
        roll_back(workspace, name)
        halts(workspace, name, "rolled back", "table_changed")


def frozen(workspace, point, passage):
    """A watching process, frozen at a point of a later epoch."""
    prepare(workspace)
    process = workspace.start("run", "events.yaml", faults=f"{point}=stop@{passage}")
    arrivals = Arrivals(workspace)
    arrivals.count = 4
    arrivals.arrive_until(process.is_stopped, f"frozen at {point}")
    return process, arrivals


def rolled_back_while_running():
    with Workspace() as workspace:
        process, arrivals = frozen(workspace, "epoch.after_commit", 2)
        roll_back(workspace, TABLE)
        process.send(signal.SIGCONT)
        arrivals.arrive()
        ended = process.wait(20)
        assert ended.code == 1 and "rolled back" in ended.err, ended


def rolled_back_to_another_line():
    """Rolled back, and somebody else went on from there: the current snapshot is new, ours is not below it."""
    with Workspace() as workspace:
        prepare(workspace)
        roll_back(workspace, TABLE)
        table = catalog_of(workspace).load_table(TABLE)
        table.append(table.scan(limit=1).to_arrow())
        halts(workspace, TABLE, "rolled back")


def recreate(workspace, name):
    catalog = catalog_of(workspace)
    table = catalog.load_table(name)
    schema, spec = table.schema(), table.spec()
    catalog.drop_table(name)
    return catalog.create_table(name, schema, partition_spec=spec, location=f"file://{workspace.path}/wh/t/again")


def recreated(name):
    """One of the tables is another one now; its progress is gone, the other table's is not."""
    with Workspace() as workspace:
        prepare(workspace)
        recreate(workspace, name)
        halts(workspace, name)


def dropped(name):
    """As above, and nobody made it again: making it ourselves would leave it without the rows from before."""
    with Workspace() as workspace:
        prepare(workspace)
        catalog_of(workspace).drop_table(name)
        halts(workspace, name)


def both_dropped():
    """Everything was thrown away: the pipeline starts again, in the same folders, where the files of before still lie."""
    with Workspace() as workspace:
        prepare(workspace)
        for name in (TABLE, DEAD_LETTER):
            catalog_of(workspace).drop_table(name)
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 0, ended
        events.judge(workspace)


def recreated_while_running(point):
    with Workspace() as workspace:
        process, _ = frozen(workspace, point, 2)
        recreate(workspace, TABLE)
        process.send(signal.SIGCONT)
        ended = process.wait(20)
        assert ended.code == 1 and "table_changed" in ended.err and "created again" in ended.err, ended


def recreated_under_a_prepared_epoch():
    """A crash leaves an epoch prepared for tables that are others when the next process looks: it is void, and all is read again."""
    with Workspace() as workspace:
        prepare(workspace)
        assert workspace.run("run", "events.yaml", "--once", faults="epoch.after_prepared=kill").was_killed
        for name in (TABLE, DEAD_LETTER):
            catalog = catalog_of(workspace)
            table = catalog.load_table(name)
            schema, spec = table.schema(), table.spec()
            catalog.drop_table(name)
            catalog.create_table(name, schema, partition_spec=spec, location=f"file://{workspace.path}/wh/t/again-{name}")
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 0, ended
        events.judge(workspace)


def schema_that_does_not_fit():
    with Workspace() as workspace:
        prepare(workspace)
        contract = workspace.path / "event.yaml"
        contract.write_text(contract.read_text().replace("type: boolean", "type: string"))
        before = locations(workspace)
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code in (1, 2) and "flag" in ended.err and "boolean" in ended.err and "string" in ended.err, ended
        assert locations(workspace) == before


def progress_went_back():
    """Somebody wrote an older state of the pipeline into one of its tables."""
    with Workspace() as workspace:
        prepare(workspace)
        table = catalog_of(workspace).load_table(TABLE)
        state = table.properties["weir.pipeline.events"]
        assert workspace.run("run", "events.yaml", "--once").code == 0
        table = catalog_of(workspace).load_table(TABLE)
        with table.transaction() as transaction:
            transaction.set_properties({"weir.pipeline.events": state})
        halts(workspace, TABLE)


def damaged_property():
    with Workspace() as workspace:
        prepare(workspace)
        with catalog_of(workspace).load_table(TABLE).transaction() as transaction:
            transaction.set_properties({"weir.pipeline.events": "{broken"})
        halts(workspace, "table 't.events', pipeline 'events': ", "damaged", "(corrupt)")


def register():
    case("changed_tables.damaged_property", damaged_property)
    for name in (TABLE, DEAD_LETTER):
        case(f"changed_tables.rolled_back.{name}", lambda n=name: rolled_back(n))
        case(f"changed_tables.recreated.{name}", lambda n=name: recreated(n))
        case(f"changed_tables.dropped.{name}", lambda n=name: dropped(n))
    for point in ("epoch.after_barrier", "epoch.after_prepared", "commit.before_swap"):
        case(f"changed_tables.recreated_while_running.{point}", lambda p=point: recreated_while_running(p))
    for function in (
        both_dropped,
        rolled_back_while_running,
        rolled_back_to_another_line,
        recreated_under_a_prepared_epoch,
        schema_that_does_not_fit,
        progress_went_back,
    ):
        case(f"changed_tables.{function.__name__}", function)
