#!/usr/bin/env python3
"""DuckDB's floor: a file of events to one Parquet file, zstd level 1. No Kafka, no table.

    duckdb_floor.py IN.ndjson OUT.parquet
"""

import sys

import duckdb

COLUMNS = {
    "event_id": "VARCHAR",
    "ts": "TIMESTAMPTZ",
    "user_id": "BIGINT",
    "campaign_id": "INTEGER",
    "ad_id": "INTEGER",
    "country": "VARCHAR",
    "device": "VARCHAR",
    "event_type": "VARCHAR",
    "price": "DOUBLE",
    "currency": "VARCHAR",
    "url": "VARCHAR",
    "geo": "STRUCT(lat DOUBLE, lon DOUBLE)",
}


def main():
    source, target = sys.argv[1:3]
    connection = duckdb.connect()
    connection.execute("SET threads=2; SET enable_progress_bar=false")
    connection.execute("SET preserve_insertion_order=false; SET memory_limit='4GB'")
    connection.execute(
        f"COPY (SELECT * FROM read_json('{source}', format='newline_delimited', columns={COLUMNS})) "
        f"TO '{target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    )


if __name__ == "__main__":
    main()
