"""The catalog's SQLite file: which metadata file of each table is current."""

import sqlite3
from urllib.parse import unquote


def local_path(uri):
    """The path of a file:// URI, or of a plain path."""
    for prefix in ("file://", "file:"):
        if uri.startswith(prefix + "/"):
            return unquote(uri[len(prefix) :]) if "%" not in uri else uri[len(prefix) :]
    return uri


def metadata_locations(catalog_db, catalog_name="weir"):
    """{"namespace.table": location of the current metadata file}"""
    connection = sqlite3.connect(f"file:{catalog_db}?mode=ro", uri=True, timeout=30)
    try:
        rows = connection.execute(
            "SELECT table_namespace, table_name, metadata_location FROM iceberg_tables WHERE catalog_name = ?", (catalog_name,)
        )
        return {f"{namespace}.{name}": location for namespace, name, location in rows}
    finally:
        connection.close()
