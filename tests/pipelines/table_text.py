"""Tables as text that people can read and a diff can compare, read by DuckDB's Iceberg extension and fastavro."""

import datetime
import decimal
import functools
import json
import math
import struct
import uuid

import readers
from lakecheck.catalog import local_path, metadata_locations
from lakecheck.table import Table

COUNTED = ("weir.rule.", "weir.rows.", "weir.filter.", "weir.dedupe.", "weir.late.", "weir.reject.", "weir.unknown.")


@functools.lru_cache(maxsize=1)
def _duckdb():
    """One connection a process: loading the extensions takes longer than reading a small table."""
    return readers.connect_duckdb()


def rows_of(table):
    if table.current_snapshot is None:
        return []
    result = _duckdb().execute(f"SELECT * FROM iceberg_scan('{local_path(table.location)}')")
    names = [column[0] for column in result.description]
    return [dict(zip(names, row)) for row in result.fetchall()]


def _float(value, single):
    if not math.isfinite(value):
        return str(value)
    return struct.unpack("<f", struct.pack("<f", value))[0] if single else value


def _instant(value, zone):
    if value.tzinfo is not None:
        value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return value.isoformat() + zone


def plain(value, kind):
    """`value` of an Iceberg type as what JSON can hold: exact numbers and bytes are text."""
    if value is None:
        return None
    if isinstance(kind, dict):
        return _nested(value, kind)
    if kind in ("float", "double"):
        return _float(value, kind == "float")
    if kind.startswith("decimal"):
        scale = int(kind[8:-1].split(",")[1])
        return format(value.quantize(decimal.Decimal(1).scaleb(-scale), context=decimal.Context(prec=60)), "f")
    if kind in ("timestamp", "timestamptz"):
        return _instant(value, "Z" if kind == "timestamptz" else "")
    if kind in ("date", "time"):
        return value.isoformat()
    if kind == "uuid":
        return str(value if isinstance(value, uuid.UUID) else uuid.UUID(bytes=bytes(value)))
    if kind == "binary" or kind.startswith("fixed"):
        return "0x" + bytes(value).hex()
    return value


def _nested(value, kind):
    if kind["type"] == "struct":
        return {f["name"]: plain(value[f["name"]], f["type"]) for f in kind["fields"]}
    if kind["type"] == "list":
        return [plain(element, kind["element"]) for element in value]
    pairs = [(plain(k, kind["key"]), plain(v, kind["value"])) for k, v in (value.items() if isinstance(value, dict) else value)]
    return {str(key): element for key, element in sorted(pairs, key=lambda pair: str(pair[0]))}


def _order(row):
    first = next(iter(row.values()), None)
    return (0, first, "") if type(first) is int else (1, 0, json.dumps(row))


def rows_text(table):
    """A line of JSON for each row, whatever their order in the table."""
    fields = table.schema()["fields"]
    rows = [{f["name"]: plain(row[f["name"]], f["type"]) for f in fields} for row in rows_of(table)]
    texts = [(_order(row), json.dumps(row, ensure_ascii=False)) for row in rows]
    return [text for _, text in sorted(texts)]


def is_dead_letter(table):
    return {"error_class", "raw_truncated"} <= {f["name"] for f in table.schema()["fields"]}


def rejects_text(rows):
    """a.ndjson#3 wrong_type amount: message"""
    lines = []
    for row in rows:
        reason = row["error_class"] + (f"/{row['rule']}" if row["rule"] else "")
        column = f" {row['column']}" if row["column"] else ""
        cut = " (raw is cut)" if row["raw_truncated"] else ""
        lines.append(f"{row['topic']}#{row['offset']} {reason}{column}: {row['message']}{cut}")
    return lines


def counts_text(table):
    """What the summaries of all snapshots count."""
    counts = {}
    for snapshot in table.snapshots:
        for key, value in snapshot["summary"].items():
            if key.startswith(COUNTED):
                counts[key] = counts.get(key, 0) + int(value)
    return [f"{key} {value}" for key, value in sorted(counts.items())]


def _type_text(kind):
    if isinstance(kind, str):
        return kind
    if kind["type"] == "struct":
        return "struct<" + ", ".join(_field_text(f) for f in kind["fields"]) + ">"
    if kind["type"] == "list":
        return f"list<{_type_text(kind['element'])}>"
    return f"map<{_type_text(kind['key'])}, {_type_text(kind['value'])}>"


def _field_text(field):
    return f"{field['name']} {_type_text(field['type'])}" + (" required" if field["required"] else "")


def schema_text(table):
    spec = table.spec(table.metadata["default-spec-id"])
    partition = [f"partitioned by {f['name']}: {f['transform']}" for f in spec["fields"]]
    return [_field_text(f) for f in table.schema()["fields"]] + partition


def partitions_text(table):
    """The partition values of data files and how many rows each has."""
    counts = {}
    if table.current_snapshot is not None:
        for _, entry in table.live_entries(table.current_snapshot):
            file = entry["data_file"]
            key = ", ".join(f"{name}={value}" for name, value in file["partition"].items()) or "all"
            counts[key] = counts.get(key, 0) + file["record_count"]
    return [f"{key}: {count}" for key, count in sorted(counts.items())]


def open_tables(workspace):
    """The tables of the catalog in the case's folder, by name."""
    catalog = workspace / "warehouse/catalog.db"
    if not catalog.exists():
        return {}
    return {name: Table(name, location) for name, location in sorted(metadata_locations(catalog).items())}
