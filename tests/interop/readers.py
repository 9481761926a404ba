"""Foreign readers of one table: PyIceberg, DuckDB's Iceberg extension, and fastavro with pyarrow. Rows come as dicts."""

import importlib.util
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from lakecheck.catalog import local_path, metadata_locations
from lakecheck.table import Table
from pyiceberg.table import StaticTable


def location(workspace, name):
    return metadata_locations(workspace.path / "wh/catalog.db")[name]


def _extension(name):
    """The extension's file from its package: nothing is fetched."""
    package = Path(importlib.util.find_spec(f"duckdb_extension_{name}").origin).parent
    return next(package.rglob(f"{name}.duckdb_extension"))


def connect_duckdb():
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true", "threads": "1"})
    connection.execute("SET autoinstall_known_extensions=false; SET autoload_known_extensions=false; SET TimeZone='UTC'")
    for name in ("avro", "iceberg"):
        connection.execute(f"LOAD '{_extension(name)}'")
    return connection


def with_duckdb(metadata, snapshot_id=None, where="", parameters=()):
    at = "" if snapshot_id is None else f", snapshot_from_id => {snapshot_id}"
    connection = connect_duckdb()
    try:
        result = connection.execute(f"SELECT * FROM iceberg_scan('{local_path(metadata)}'{at}) {where}", list(parameters))
        names = [column[0] for column in result.description]
        return [dict(zip(names, row)) for row in result.fetchall()]
    finally:
        connection.close()


def _plain_rows(table):
    # Extension types (UUID) give Python objects of their own; maps give lists of pairs.
    return pa.table(table).to_pylist()


def with_pyiceberg(metadata, snapshot_id=None, **scan):
    return _plain_rows(StaticTable.from_metadata(metadata).scan(snapshot_id=snapshot_id, **scan).to_arrow())


def with_fastavro(metadata, snapshot_id=None):
    """Manifests by fastavro, data files by pyarrow; columns found by field id."""
    table = Table("table", metadata)
    snapshot = table.current_snapshot if snapshot_id is None else table.by_id[snapshot_id]
    fields = table.schema()["fields"]
    rows = []
    for _, entry in table.live_entries(snapshot) if snapshot else ():
        data = pq.ParquetFile(local_path(entry["data_file"]["file_path"])).read()
        by_id = {int(field.metadata[b"PARQUET:field_id"]): field.name for field in data.schema}
        lists = {field["name"]: data.column(by_id[field["id"]]).to_pylist() if field["id"] in by_id else [None] * len(data) for field in fields}
        rows += [dict(zip(lists, values)) for values in zip(*lists.values())]
    return rows


READERS = {"pyiceberg": with_pyiceberg, "duckdb": with_duckdb, "fastavro": with_fastavro}
