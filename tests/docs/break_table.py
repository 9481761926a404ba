"""What others do to tables, for the pages that say how to go on: break_table.py WHAT WAREHOUSE NAMESPACE.TABLE"""

import sys
from pathlib import Path

from pyiceberg.catalog.sql import SqlCatalog


def roll_back(catalog, name):
    """main goes back to the first snapshot."""
    table = catalog.load_table(name)
    first = table.snapshots()[0].snapshot_id
    with table.transaction() as transaction:
        transaction._apply(*transaction._set_ref_snapshot(first, "main", "branch"))


def drop(catalog, name):
    catalog.drop_table(name)


def recreate(catalog, name):
    schema = catalog.load_table(name).schema()
    catalog.drop_table(name)
    catalog.create_table(name, schema)


def main(what, warehouse, name):
    path = Path(warehouse).resolve()
    catalog = SqlCatalog("weir", uri=f"sqlite:///{path}/catalog.db", warehouse=f"file://{path}")
    {"roll_back": roll_back, "drop": drop, "recreate": recreate}[what](catalog, name)


if __name__ == "__main__":
    main(*sys.argv[1:])
