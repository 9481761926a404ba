"""What others do to tables, for the pages that say how to go on: break_table.py WHAT WAREHOUSE NAMESPACE.TABLE"""

import sqlite3
import sys
from pathlib import Path

from pyiceberg.catalog.sql import SqlCatalog


def roll_back(catalog, name, _):
    """main goes back to the first snapshot."""
    table = catalog.load_table(name)
    first = table.snapshots()[0].snapshot_id
    with table.transaction() as transaction:
        transaction._apply(*transaction._set_ref_snapshot(first, "main", "branch"))


def drop(catalog, name, _):
    catalog.drop_table(name)


def recreate(catalog, name, _):
    schema = catalog.load_table(name).schema()
    catalog.drop_table(name)
    catalog.create_table(name, schema)


def restore_first(catalog, name, warehouse):
    """The catalog names the table's metadata of its first snapshot again, as a restored backup of the catalog does."""
    log = catalog.load_table(name).metadata.metadata_log
    older = next(entry.metadata_file for entry in log if has_snapshot(entry.metadata_file))
    connection = sqlite3.connect(Path(warehouse) / "catalog.db")
    with connection:
        connection.execute(
            "UPDATE iceberg_tables SET metadata_location = ? WHERE table_namespace || '.' || table_name = ?", (older, name)
        )
    connection.close()


def has_snapshot(location):
    return '"current-snapshot-id":-1' not in (text := Path(location.removeprefix("file://")).read_text()) and '"current-snapshot-id"' in text


def main(what, warehouse, name):
    path = Path(warehouse).resolve()
    catalog = SqlCatalog("weir", uri=f"sqlite:///{path}/catalog.db", warehouse=f"file://{path}")
    {"roll_back": roll_back, "drop": drop, "recreate": recreate, "restore_first": restore_first}[what](catalog, name, path)


if __name__ == "__main__":
    main(*sys.argv[1:])
