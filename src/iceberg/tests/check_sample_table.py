#!/usr/bin/env python3
"""Has weir_iceberg_test write a table's metadata and reads the table with PyIceberg and fastavro.

usage: check_sample_table.py path/to/weir_iceberg_test
"""

import datetime
import decimal
import glob
import json
import os
import subprocess
import sys
import tempfile
import uuid

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.table import StaticTable

FIRST = datetime.datetime(2017, 11, 16, 22, 31, 8, tzinfo=datetime.timezone.utc)


def field(name, type_, id_):
    return pa.field(name, type_, metadata={"PARQUET:field_id": str(id_)})


SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False, metadata={"PARQUET:field_id": "1"}),
        field("name", pa.string(), 2),
        field("ts", pa.timestamp("us", "UTC"), 3),
        field("price", pa.decimal128(9, 2), 4),
        field("score", pa.float64(), 5),
        field("key", pa.uuid(), 6),
        field("blob", pa.binary(), 7),
        field("day", pa.date32(), 8),
        field("geo", pa.struct([field("lat", pa.float32(), 11)]), 9),
        field("tags", pa.list_(field("element", pa.string(), 12)), 10),
    ]
)


def row(i):
    null = i == 3
    return {
        "id": i - 2,
        "name": None if null else f"näme{i}",
        "ts": FIRST + datetime.timedelta(hours=7 * i),
        "price": None if null else decimal.Decimal(i * 1005 - 3000).scaleb(-2),
        "score": None if null else i * 0.5,
        "key": uuid.UUID(bytes=bytes([0xF0] + [0] * 14 + [i])).bytes,
        "blob": b"\x00\xff",
        "day": datetime.date(2020, 1, 1) + datetime.timedelta(days=i),
        "geo": {"lat": 1.5 * i},
        "tags": ["a", str(i)],
    }


def write_rows(folder):
    os.makedirs(f"{folder}/data")
    os.makedirs(f"{folder}/metadata")
    for i in range(8):
        pq.write_table(pa.Table.from_pylist([row(i)], schema=SCHEMA), f"{folder}/data/row-{i}.parquet")


def check_avro(folder):
    """Every manifest and list decodes with an independent reader, and all ids are there."""
    for path in glob.glob(f"{folder}/metadata/*.avro"):
        with open(path, "rb") as file:
            reader = fastavro.reader(file)
            records = list(reader)
            schema = json.loads(reader.metadata["avro.schema"])
            assert reader.metadata["format-version"] == "2", path
            assert "iceberg.schema" in reader.metadata, path
        assert records, path
        assert schema["name"] in ("manifest_entry", "manifest_file"), schema["name"]
        assert all("field-id" in f for f in schema["fields"]), path
        if schema["name"] == "manifest_entry":
            nested = next(f for f in schema["fields"] if f["name"] == "data_file")["type"]
            assert nested["name"] == "r2"
            assert next(f for f in nested["fields"] if f["name"] == "partition")["type"]["name"] == "r102"


def check_pyiceberg(folder):
    newest = sorted(glob.glob(f"{folder}/metadata/*.metadata.json"))[-1]
    table = StaticTable.from_metadata(newest)
    ids = [entry.snapshot_id for entry in table.history()]
    assert len(ids) == 3, ids
    wanted = {ids[0]: range(4), ids[1]: range(8), ids[2]: [0, 1, 2, 3, 4, 6, 7]}
    for snapshot, rows in wanted.items():
        found = sorted(table.scan(snapshot_id=snapshot).to_arrow().to_pylist(), key=lambda r: r["id"])
        assert [r["id"] for r in found] == [i - 2 for i in rows], found
        for got, i in zip(found, rows):
            want = row(i)
            got["key"] = got["key"].bytes if isinstance(got["key"], uuid.UUID) else got["key"]
            assert got == want, (got, want)
    # Pruning by partitions and bounds must not lose rows.
    for i in [0, 1, 2, 4, 6, 7]:
        want = row(i)
        for condition in [
            f"id = {i - 2}",
            f"name = 'näme{i}'",
            f"ts = '{want['ts'].isoformat()}'",
            f"price = {want['price']}",
            f"score = {want['score']}",
        ]:
            found = table.scan(row_filter=condition).to_arrow().to_pylist()
            assert [r["id"] for r in found] == [i - 2], (condition, found)
    assert [r["id"] for r in table.scan(row_filter="name is null").to_arrow().to_pylist()] == [1]
    summary = table.current_snapshot().summary
    assert summary["total-records"] == "7" and summary["deleted-data-files"] == "1", summary
    # PyIceberg's own transforms agree with the partition values that we wrote.
    for task in table.scan().plan_files():
        i = int(task.file.file_path.split("row-")[1].split(".")[0])
        for n, part in enumerate(table.spec().fields):
            source = table.schema().find_field(part.source_id)
            value = row(i)[source.name]
            if source.name == "ts":
                value = round((value - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)).total_seconds() * 1000000)
            elif source.name == "key" and value is not None:
                value = uuid.UUID(bytes=value)
            want = part.transform.transform(source.field_type)(value)
            got = task.file.partition[n]
            assert got == want or (isinstance(got, (bytes, uuid.UUID)) and str(got) == str(want)), (part, got, want)


def main():
    with tempfile.TemporaryDirectory() as folder:
        write_rows(folder)
        environment = dict(os.environ, WEIR_SAMPLE_TABLE=folder)
        subprocess.run([sys.argv[1], "--gtest_brief=1", "--gtest_filter=SampleTable.*"], check=True, env=environment)
        check_avro(folder)
        check_pyiceberg(folder)
        print("ok")


main()
