"""Every transform over every type it takes: each row in its partition, filters find what they must, many partitions, many files."""

import datetime
import decimal
import operator

import canonical
import model
import pyarrow.parquet as pq
import readers
from cases import case
from landing import Landing, assert_same
from lakecheck.catalog import local_path
from model import field
from pyiceberg import expressions as ex
from pyiceberg.table import StaticTable
from weir_process import Workspace

K = field("k", "long", True)
DECIMALS = ("decimal(9, 2)", "decimal(18, 4)", "decimal(38, 10)")
INSTANTS = ("timestamp", "timestamptz")
TRANSFORMS = {
    "{}": ("boolean", "int", "long", *DECIMALS, "date", "time", *INSTANTS, "string", "uuid", "fixed[7]", "binary"),
    "bucket(5, {})": ("int", "long", *DECIMALS, "date", "time", *INSTANTS, "string", "uuid", "fixed[7]", "binary"),
    "truncate(7, {})": ("int", "long", *DECIMALS, "string", "binary"),
    "truncate(1, {})": ("int", "string", "binary"),
    "year({})": ("date", *INSTANTS),
    "month({})": ("date", *INSTANTS),
    "day({})": ("date", *INSTANTS),
    "hour({})": INSTANTS,
}

# What PyIceberg 0.12 can compare in rows; for the others only its choice of files is looked at.
FILTERS_ROWS = {"boolean", "int", "long", *DECIMALS, "date", *INSTANTS, "string", "binary"}

# Faults of the readers, which they show on tables that PyIceberg wrote, too.
PYICEBERG_LOSES_FILES = {("{}", "uuid")}  # compares bytes with UUID objects
DUCKDB_LOSES_FILES = {("bucket(5, {})", "uuid"), ("truncate(7, {})", "decimal(9, 2)"), ("truncate(7, {})", "decimal(38, 10)")}
DUCKDB_ROUNDS_UP_BEFORE_1970 = ("year({})", "month({})", "day({})", "hour({})")


def values_to_filter(kind, transform, rows, name, values_max):
    """A few of a column's values, those at the ends of time excepted: PyIceberg steps over them and fails."""
    values = {row[name] for row in rows if row[name] is not None}
    if kind in ("date", *INSTANTS):
        values = {value for value in values if 1 < value.year < 9999}
    values = sorted(values)
    return values[:: max(1, len(values) // values_max)] + values[-1:]


def duckdb_is_right(transform, kind, value):
    if transform in DUCKDB_ROUNDS_UP_BEFORE_1970 and value.year < 1970:
        return False
    return (transform, kind) not in DUCKDB_LOSES_FILES


def stays_in_range(transform, kind, value):
    """Whether truncation leaves a value in its type: at the ends engines disagree (Java wraps around, PyIceberg does not)."""
    if value is None or not transform.startswith("truncate") or kind in ("string", "binary"):
        return True
    if isinstance(value, decimal.Decimal):
        return abs(value) < value_limit(kind)
    return value > -(2 ** (31 if kind == "int" else 63)) + 7


def value_limit(kind):
    precision, scale = (int(part) for part in kind[8:-1].split(","))
    return decimal.Decimal(10) ** (precision - scale) - 1


def literal(value):
    """A value as PyIceberg's expressions take it."""
    return value.isoformat() if isinstance(value, (datetime.date, datetime.time)) else value


def sql_literal(kind, value):
    if isinstance(value, bytes):
        return "'" + "".join(f"\\x{byte:02X}" for byte in value) + "'::BLOB"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, decimal.Decimal):
        return f"'{value:f}'::{kind}"
    return f"'{value}'::{kind}"


def predicates(kind):
    """(PyIceberg's class, SQL's operator, Python's function)"""
    yield ex.EqualTo, "=", operator.eq
    if kind != "boolean":
        yield ex.GreaterThanOrEqual, ">=", operator.ge
        yield ex.LessThan, "<", operator.lt


def check_filters(landing, name, kind, transform="", values_max=4):
    """For some values of a column: the rows that a filter finds are those of the model, and no file is pruned that holds one."""
    table = StaticTable.from_metadata(landing.location())
    paths = with_paths(landing)
    connection = readers.connect_duckdb()
    try:
        for value in values_to_filter(kind, transform, landing.rows, name, values_max):
            for expression, sign, function in predicates(kind):
                wanted = [row for row in landing.rows if row[name] is not None and function(row[name], value)]
                where = f"{name} {sign} {value!r}"
                if (transform, kind) not in PYICEBERG_LOSES_FILES:
                    check_pyiceberg(landing, table.scan(row_filter=expression(name, literal(value))), where, kind, wanted, paths)
                if duckdb_is_right(transform, kind, value) and not (isinstance(value, str) and "\0" in value):
                    check_duckdb(connection, landing, f'"{name}" {sign} {sql_literal(kind, value)}', wanted)
        nulls = sum(row[name] is None for row in landing.rows)
        for test, count in ((ex.IsNull(name), nulls), (ex.NotNull(name), len(landing.rows) - nulls)):
            found = table.scan(row_filter=test).count()
            assert found == count, f"PyIceberg finds {found} rows where {test}, the model has {count}"
    finally:
        connection.close()


def check_pyiceberg(landing, scan, where, kind, wanted, paths):
    planned = {task.file.file_path for task in scan.plan_files()}
    needed = {paths[row["k"]] for row in wanted}
    assert needed <= planned, f"PyIceberg prunes {needed - planned} where {where}"
    if kind in FILTERS_ROWS:
        found = canonical.rows_text(scan.to_arrow().to_pylist(), landing.schema)
        assert_same(f"pyiceberg where {where}", found, canonical.rows_text(wanted, landing.schema))


def check_duckdb(connection, landing, where, wanted):
    found = sorted(k for (k,) in connection.execute(f"SELECT k FROM iceberg_scan('{local_path(landing.location())}') WHERE {where}").fetchall())
    assert found == sorted(row["k"] for row in wanted), f"DuckDB finds {len(found)} rows where {where}, the model has {len(wanted)}"


def with_paths(landing):
    """{k: path of the data file that holds the row}"""
    table, paths = landing.table(), {}
    for _, entry in table.live_entries(table.current_snapshot):
        path = entry["data_file"]["file_path"]
        paths.update(dict.fromkeys(pq.ParquetFile(local_path(path)).read(columns=["k"]).column("k").to_pylist(), path))
    return paths


def partitioned(transform, kind):
    fields = [K, field("v", kind), field("other", "int")]
    with Workspace() as workspace:
        landing = Landing(workspace, fields, partition=[transform.format("v")])
        landing.land([row for row in model.make_rows(fields, 40) if stays_in_range(transform, kind, row["v"])])
        landing.verify()
        landing.check()
        check_filters(landing, "v", kind, transform)


def several_fields():
    fields = [K, field("at", "timestamptz"), field("name", "string"), field("st", model.struct_of(field("id", "long")))]
    with Workspace() as workspace:
        landing = Landing(workspace, fields, partition=["month(at)", "truncate(2, name)", "bucket(3, st.id)"])
        landing.land(model.make_rows(fields, 60))
        landing.verify()
        landing.check()
        check_filters(landing, "at", "timestamptz", "month({})")


def long_values():
    """Values that no folder can be named by; those that agree in what is left of the name, too."""
    fields = [K, field("city", "string"), field("area", "string")]
    with Workspace() as workspace:
        landing = Landing(workspace, fields, partition=["city", "area"])
        cities = ("京" * 28, "x" * 300, "x" * 299 + "y", "é" * 2000, "short", None)
        landing.land([{"k": i, "city": city, "area": cities[i % 4]} for i, city in enumerate(cities * 2)])
        landing.verify()
        landing.check()
        check_filters(landing, "city", "string", "{}")


def filters_on_every_column():
    """No partitions, several files: only bounds and counts can prune."""
    kinds = ("boolean", "int", "long", "float", "double", *DECIMALS, "date", "time", *INSTANTS, "string", "uuid", "fixed[7]", "binary")
    fields = [K] + [field(f"c{i}", kind) for i, kind in enumerate(kinds)]
    with Workspace() as workspace:
        landing = Landing(workspace, fields)
        rows = model.make_rows(fields, 90)
        for i in range(3):
            landing.land(rows[i * 30 : (i + 1) * 30])
        landing.verify()
        for i, kind in enumerate(kinds):
            check_filters(landing, f"c{i}", kind, values_max=3)


def rolled_by_size():
    fields = [K, field("text", "string", True), field("number", "double", True)]
    with Workspace() as workspace:
        landing = Landing(workspace, fields, file_size="512KiB")
        chance = model.random.Random(3)
        rows = [{"k": k, "text": "".join(chance.choices("abcdefghijklmnop", k=60)), "number": chance.random()} for k in range(50_000)]
        landing.land(rows)
        landing.verify()
        landing.check()
        files = [entry["data_file"] for _, entry in landing.table().live_entries(landing.table().current_snapshot)]
        sizes = [file["file_size_in_bytes"] for file in files]
        assert len(files) >= 3, f"{len(files)} files of {sizes} bytes"
        assert max(sizes) <= 2 * 512 * 1024, f"files of {sizes} bytes, the target is 524288"  # a file ends at the end of a batch


def many_partitions_in_little_memory():
    fields = [K, field("p", "int", True), field("text", "string", True)]
    with Workspace() as workspace:
        landing = Landing(workspace, fields, partition=["p"], memory="8MiB")
        chance = model.random.Random(4)
        letters = "abcdefghijklmnopqrstuvwxyz0123456789"
        rows = [{"k": k, "p": chance.randrange(300), "text": "".join(chance.choices(letters, k=400))} for k in range(40_000)]
        landing.land(rows)
        landing.verify()
        landing.check(only=("duckdb", "fastavro"))
        partitions = {entry["data_file"]["partition"]["p"] for _, entry in landing.table().live_entries(landing.table().current_snapshot)}
        assert partitions == set(range(300))


def time_travel():
    fields = [K, field("v", "string"), field("d", "date")]
    with Workspace() as workspace:
        landing = Landing(workspace, fields, partition=["year(d)"])
        rows = model.make_rows(fields, 120)
        for i in range(6):
            landing.land(rows[i * 20 : (i + 1) * 20])
        landing.verify()
        for snapshot_id, count in landing.snapshots:
            landing.check(snapshot_id, landing.rows[:count])
        merged = landing.table().metadata["snapshots"]
        assert len(merged) == 6


def many_commits():
    """More commits than manifests are kept: merged manifests read the same, at every snapshot."""
    fields = [K, field("v", "string")]
    with Workspace() as workspace:
        landing = Landing(workspace, fields, partition=["bucket(2, k)"])
        pipeline = workspace.path / "pipeline.yaml"
        pipeline.write_text(pipeline.read_text().replace("every: 1h", "every: 10ms").replace("{path: in}", "{path: in, scan_every: 50ms, settle: 0s}"))
        rows = model.make_rows(fields, 400)
        for i in range(40):
            text = "".join(model.event_text(row, fields) + "\n" for row in rows[i * 10 : (i + 1) * 10])
            workspace.write(f"in/{i:05d}.ndjson", text)
        ended = workspace.run("run", "pipeline.yaml", "--once", faults="task.before_poll=delay:60@1+")
        assert ended.code == 0, ended
        landing.rows = rows
        landing.verify()
        landing.check()
        for snapshot in landing.table().snapshots[::7]:
            by_reader = [canonical.rows_text(read(landing.location(), snapshot["snapshot-id"]), landing.schema) for read in readers.READERS.values()]
            assert by_reader[0] == by_reader[1] == by_reader[2], f"the readers disagree on snapshot {snapshot['snapshot-id']}"
            assert len(by_reader[0]) == int(snapshot["summary"]["total-records"])
        return f"{len(landing.table().snapshots)} snapshots"


def register():
    for transform, kinds in TRANSFORMS.items():
        for kind in kinds:
            case(f"partitions.{transform.format(kind)}", lambda t=transform, k=kind: partitioned(t, k))
    case("partitions.several_fields", several_fields)
    case("partitions.long_values", long_values)
    case("files.filters_on_every_column", filters_on_every_column)
    case("files.rolled_by_size", rolled_by_size)
    case("files.many_partitions_in_little_memory", many_partitions_in_little_memory)
    case("snapshots.time_travel", time_travel)
    case("snapshots.many_commits", many_commits)
