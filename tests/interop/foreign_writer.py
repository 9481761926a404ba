"""PyIceberg writes to our tables and changes them; the pipeline goes on, and nobody loses anything."""

import json
import shutil

import canonical
import events
import model
import pyarrow as pa
import pyarrow.parquet as pq
import readers
from cases import case
from landing import Landing
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import LongType, StringType
from weir_process import Workspace

TABLE, DEAD_LETTER = "t.events", "t.events_dead_letter"
ROWS = 60


def catalog_of(workspace):
    warehouse = workspace.path / "wh"
    return SqlCatalog("weir", uri=f"sqlite:///{warehouse}/catalog.db", warehouse=f"file://{warehouse}")


def run(workspace):
    ended = workspace.run("run", "events.yaml", "--once")
    assert ended.code == 0, ended


def first_run(workspace):
    events.write_pipeline(workspace)
    events.write_files(workspace, 2, ROWS)
    run(workspace)
    return catalog_of(workspace).load_table(TABLE)


def elsewhere(table, count):
    """Rows that only a foreign writer has."""
    rows = table.scan(limit=count).to_arrow()
    at = rows.column_names.index("src_topic")
    return rows.set_column(at, rows.schema.field(at), pa.array(["elsewhere"] * len(rows), rows.schema.field(at).type))


def all_readers(workspace, name=TABLE):
    """The rows as everybody sees them; fails when somebody sees others."""
    location = readers.location(workspace, name)
    schema = readers.Table(name, location).schema()
    # PyIceberg 0.12 gives empty lists for null ones where it looks inside: the headers of a dead letter.
    seen = {reader: canonical.rows_text(read(location), schema, canonical.empty_for_null) for reader, read in readers.READERS.items()}
    assert seen["pyiceberg"] == seen["duckdb"] == seen["fastavro"], {reader: len(rows) for reader, rows in seen.items()}
    return [json.loads(row) for row in seen["pyiceberg"]]


def goes_on(workspace, rows_elsewhere=0):
    """Twice more: new rows land, foreign ones stay, progress is kept."""
    for number in (2, 3):
        events.write_files(workspace, 1, ROWS, first=number)
        run(workspace)
        events.judge(workspace, foreign=["elsewhere"])
    foreign = [row for row in all_readers(workspace) if row["src_topic"] == "elsewhere"]
    assert len(foreign) == rows_elsewhere, f"{len(foreign)} foreign rows are left of {rows_elsewhere}"
    all_readers(workspace, DEAD_LETTER)


def appends():
    with Workspace() as workspace:
        table = first_run(workspace)
        table.append(elsewhere(table, 7))
        with table.transaction() as transaction:
            transaction.set_properties({"owner": "somebody", "comment": "Ünïcode"})
        goes_on(workspace, 7)
        properties = catalog_of(workspace).load_table(TABLE).properties
        assert properties["owner"] == "somebody" and properties["comment"] == "Ünïcode", properties


def deletes_and_overwrites():
    """Copy-on-write rewrites drop our files; what they keep must stay, once."""
    with Workspace() as workspace:
        table = first_run(workspace)
        table.append(elsewhere(table, 5))
        table.overwrite(table.scan().to_arrow())
        table.delete("src_topic = 'elsewhere'")
        goes_on(workspace, 0)


def adds_a_column():
    with Workspace() as workspace:
        table = first_run(workspace)
        with table.update_schema() as update:
            update.add_column("note", StringType(), "added by somebody else")
        goes_on(workspace)
        assert all(row["note"] is None for row in all_readers(workspace))


def adds_a_column_first_and_widens():
    with Workspace() as workspace:
        table = first_run(workspace)
        with table.update_schema() as update:
            update.add_column("note", StringType())
            update.move_first("note")
            update.update_column("src_partition", field_type=LongType())
        goes_on(workspace)


def renames_a_column():
    """The pipeline's columns are found by name: one that is gone is an error that names it, and nothing is written."""
    with Workspace() as workspace:
        table = first_run(workspace)
        with table.update_schema() as update:
            update.rename_column("flag", "flagged")
        before = catalog_of(workspace).load_table(TABLE).metadata_location
        events.write_files(workspace, 1, ROWS, first=2)
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code in (1, 2) and "flag" in ended.err and TABLE in ended.err, ended
        assert catalog_of(workspace).load_table(TABLE).metadata_location == before


def changes_the_partition_spec():
    with Workspace() as workspace:
        table = first_run(workspace)
        with table.update_spec() as update:
            update.add_field("flag", IdentityTransform(), "flag")
        goes_on(workspace)
        table = readers.Table(TABLE, readers.location(workspace, TABLE))
        used = {listed["partition_spec_id"] for listed in table.manifest_list(table.current_snapshot).records}
        assert used == {0, 1}, used


def drops_a_partition_column():
    """Manifests of a spec whose column is gone cannot be merged any more; commits go on without."""
    with Workspace() as workspace:
        fields = [model.field("k", "long", True), model.field("city", "string")]
        landing = Landing(workspace, fields, partition=["city"])
        for number in range(32):
            landing.land([{"k": number, "city": "here"}])
        table = catalog_of(workspace).load_table("t.model")
        with table.update_spec() as update:
            update.remove_field("city")
        with table.update_schema() as update:
            update.delete_column("city")
        later = Landing(workspace, fields[:1])
        later.snapshots = landing.snapshots
        for number in range(32, 66):
            later.land([{"k": number}])
        later.rows = [{"k": number} for number in range(66)]
        later.verify()
        later.check(only=("pyiceberg", "fastavro"))  # DuckDB's extension aborts, on such tables of PyIceberg's own, too
        manifests = later.table().manifest_list(later.table().current_snapshot).records
        assert [listed["partition_spec_id"] for listed in manifests].count(0) == 32, manifests
        assert len(manifests) < 40, f"those of the new spec are merged: {len(manifests)}"


def tags_and_branches():
    with Workspace() as workspace:
        table = first_run(workspace)
        first = table.current_snapshot().snapshot_id
        table.manage_snapshots().create_tag(first, "first").create_branch(first, "audit").commit()
        goes_on(workspace)
        table = catalog_of(workspace).load_table(TABLE)
        refs = {name: ref.snapshot_id for name, ref in table.metadata.refs.items()}
        assert refs["first"] == refs["audit"] == first and refs["main"] == table.current_snapshot().snapshot_id != first, refs


def expires_snapshots():
    with Workspace() as workspace:
        first_run(workspace)
        for number in (2, 3):
            events.write_files(workspace, 1, ROWS, first=number)
            run(workspace)
        table = catalog_of(workspace).load_table(TABLE)
        for snapshot in table.snapshots()[:-1]:
            table.maintenance.expire_snapshots().by_id(snapshot.snapshot_id).commit()
            table = catalog_of(workspace).load_table(TABLE)
        assert len(table.snapshots()) == 1
        events.judge(workspace)
        events.write_files(workspace, 1, ROWS, first=4)
        run(workspace)
        events.judge(workspace)


def expire_all_but_the_newest(name, workspace):
    table = catalog_of(workspace).load_table(name)
    old = [snapshot.snapshot_id for snapshot in table.snapshots() if snapshot.snapshot_id != table.current_snapshot().snapshot_id]
    table.maintenance.expire_snapshots().by_ids(old).commit()


def overwrites_and_expires(name):
    """Our snapshots leave the list, and the survivor names no parent: the log of metadata files says that main kept its past."""
    with Workspace() as workspace:
        first_run(workspace)
        table = catalog_of(workspace).load_table(name)
        table.overwrite(table.scan().to_arrow())
        expire_all_but_the_newest(name, workspace)
        survivor = catalog_of(workspace).load_table(name).current_snapshot()
        assert survivor.parent_snapshot_id is None and survivor.summary.get("weir.pipeline") is None, survivor
        goes_on(workspace)


def rolls_back_appends_and_expires():
    """The same picture as above but for one step: rows of ours are gone, and the next run says so."""
    with Workspace() as workspace:
        first_run(workspace)
        events.write_files(workspace, 1, ROWS, first=2)
        run(workspace)
        table = catalog_of(workspace).load_table(TABLE)
        parent = table.current_snapshot().parent_snapshot_id
        table.manage_snapshots().rollback_to_snapshot(parent).commit()
        table = catalog_of(workspace).load_table(TABLE)
        table.append(elsewhere(table, 3))
        expire_all_but_the_newest(TABLE, workspace)
        events.write_files(workspace, 1, ROWS, first=3)
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 1 and "rolled back" in ended.err and "weir progress join" in ended.err, ended
        joined = workspace.run("progress", "join", "events.yaml", "--table", TABLE, "--reason", "we know")
        assert joined.code == 0, joined
        run(workspace)


def adds_a_file_without_ids():
    """A plain Parquet file that is added as it is: readers find its columns by the name mapping that the table was made with."""
    with Workspace() as workspace:
        events.write_pipeline(workspace)
        pipeline = workspace.path / "events.yaml"
        pipeline.write_text(pipeline.read_text().replace(', partition: ["bucket(2, id)"]', ""))
        events.write_files(workspace, 2, ROWS)
        run(workspace)
        table = catalog_of(workspace).load_table(TABLE)
        assert "schema.name-mapping.default" in table.properties  # else PyIceberg would set one of its own
        rows = elsewhere(table, 7)
        plain = pa.table(rows.columns, pa.schema([pa.field(field.name, field.type, field.nullable) for field in rows.schema]))
        path = workspace.path / "plain.parquet"
        pq.write_table(plain, path)
        table.add_files([f"file://{path}"])
        events.write_files(workspace, 1, ROWS, first=2)
        run(workspace)
        added = catalog_of(workspace).load_table(TABLE).scan("src_topic = 'elsewhere'").to_arrow()
        assert added.select(["id", "name", "crc"]).sort_by("id") == rows.select(["id", "name", "crc"]).sort_by("id"), added


def makes_the_table():
    """PyIceberg created the table before we came, with ids and properties of its own."""
    with Workspace() as workspace:
        first_run(workspace)
        table = catalog_of(workspace).load_table(TABLE)
        schema, spec = table.schema(), table.spec()
        shutil.rmtree(workspace.path / "wh")
        (workspace.path / "wh").mkdir()
        catalog = catalog_of(workspace)
        catalog.create_namespace("t")
        catalog.create_table(TABLE, schema, partition_spec=spec, properties={"made-by": "pyiceberg"}, location=f"file://{workspace.path}/wh/t/made")
        run(workspace)
        events.judge(workspace)
        goes_on(workspace)
        assert catalog_of(workspace).load_table(TABLE).properties["made-by"] == "pyiceberg"


def uses_the_catalog_by_turns():
    """Commits of both by turns over one SQLite file: one line of metadata, no lost update."""
    with Workspace() as workspace:
        table = first_run(workspace)
        for number in range(2, 12):
            with catalog_of(workspace).load_table(TABLE).transaction() as transaction:
                transaction.set_properties({f"turn-{number}": "yes"})
            catalog_of(workspace).load_table(TABLE).append(elsewhere(table, 1))
            events.write_files(workspace, 1, 20, first=number)
            run(workspace)
        events.judge(workspace, foreign=["elsewhere"])
        properties = catalog_of(workspace).load_table(TABLE).properties
        assert all(properties[f"turn-{number}"] == "yes" for number in range(2, 12))
        assert sum(row["src_topic"] == "elsewhere" for row in all_readers(workspace)) == 10


def dead_letter():
    """Everybody sees the dead letter, and it says what the input says."""
    with Workspace() as workspace:
        events.write_pipeline(workspace)
        bad = {
            0: (b'{"id": "x"}', "wrong_type", "id"),
            2: (b"not json", "malformed", None),
            3: (b'{"id": 1, "id": 2}', "duplicate_key", None),
            4: (b'{"id": 9223372036854775808, "name": "n", "crc": 1}', "out_of_range", "id"),
            5: (b'{"name": "n", "crc": 1}', "missing_required", "id"),
            6: (b'{"id": 1, "name": "\xff", "crc": 1}', "invalid_utf8", None),
            7: (b"[1]", "not_an_object", None),
            8: (b'{"id": 1, "name": "n", "crc": 1, "amount": "1.234"}', "inexact", "amount"),
            9: (b'{"id": 1, "unknown": ' + b"[" * 100 + b"]" * 100 + b"}", "too_deep", None),
        }
        lines = [bad[i][0] if i in bad else events.event(i).encode() for i in range(12)]
        workspace.write("in/ünï cöde.ndjson", b"\n".join(lines) + b"\n")
        run(workspace)
        events.judge(workspace)
        rows = {row["offset"]: row for row in all_readers(workspace, DEAD_LETTER)}
        assert set(rows) >= set(bad), sorted(rows)
        for offset, (raw, error_class, column) in bad.items():
            row = rows[offset]
            stated = (bytes.fromhex(row["raw"]), row["error_class"], row["topic"], row["partition"], row["pipeline"], row["source"], row["raw_truncated"])
            assert stated == (raw, error_class, "ünï cöde.ndjson", 0, "events", "source", False), (offset, row)
            assert row["contract"] == "event 1.0.0" and row["message"], row
            assert column is None or row["column"] == column, row
            assert row["ingested_at"] is not None


def register():
    for function in (
        appends,
        deletes_and_overwrites,
        adds_a_column,
        adds_a_column_first_and_widens,
        renames_a_column,
        changes_the_partition_spec,
        drops_a_partition_column,
        tags_and_branches,
        expires_snapshots,
        adds_a_file_without_ids,
        makes_the_table,
        uses_the_catalog_by_turns,
    ):
        case(f"foreign_writer.{function.__name__}", function)
    for name in (TABLE, DEAD_LETTER):
        case(f"foreign_writer.overwrites_and_expires.{name}", lambda n=name: overwrites_and_expires(n))
    case("foreign_writer.rolls_back_appends_and_expires", rolls_back_appends_and_expires)
    case("dead_letter.everybody_sees_it", dead_letter)
