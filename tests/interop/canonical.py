"""One text for each row, whoever read it: canonical JSON."""

import datetime
import decimal
import json
import math
import struct
import uuid

EPOCH = datetime.datetime(1970, 1, 1)


def _float(value, single):
    if math.isnan(value):
        return "NaN"
    if single:
        value = struct.unpack("<f", struct.pack("<f", value))[0]
    return repr(value)


def canonical(value, kind):
    """`value` as Python readers give it, of an Iceberg type as schema JSON has it."""
    if value is None:
        return None
    if isinstance(kind, dict):
        return _nested(value, kind)
    if kind in ("float", "double"):
        return _float(float(value), kind == "float")
    if kind.startswith("decimal"):
        return str(value.quantize(decimal.Decimal(1).scaleb(-int(kind[8:-1].split(",")[1])), context=decimal.Context(prec=60)))
    if kind in ("timestamp", "timestamptz"):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        return str((value - EPOCH) // datetime.timedelta(microseconds=1))
    if kind in ("date", "time"):
        return value.isoformat() if not isinstance(value, datetime.datetime) else value.date().isoformat()
    if kind == "uuid":
        return str(value if isinstance(value, uuid.UUID) else uuid.UUID(bytes=bytes(value)))
    if kind == "binary" or kind.startswith("fixed"):
        return bytes(value).hex()
    return value


def _nested(value, kind):
    if kind["type"] == "struct":
        return {field["name"]: canonical(value[field["name"]], field["type"]) for field in kind["fields"]}
    if kind["type"] == "list":
        return [canonical(element, kind["element"]) for element in value]
    pairs = value.items() if isinstance(value, dict) else value
    return sorted(([canonical(k, kind["key"]), canonical(v, kind["value"])] for k, v in pairs), key=lambda pair: json.dumps(pair[0]))


def rows_text(rows, schema, form=None):
    """Sorted texts of rows, which are mappings from column names to values. `form` changes each row before it becomes text."""
    texts = []
    for row in rows:
        fields = {field["name"]: canonical(row[field["name"]], field["type"]) for field in schema["fields"]}
        texts.append(json.dumps(form(fields, schema) if form else fields, ensure_ascii=False, sort_keys=True))
    return sorted(texts)


def empty_for_null(row, schema):
    """A form: null lists and maps as empty ones, at every level."""
    return {field["name"]: _empty_for_null(row[field["name"]], field["type"]) for field in schema["fields"]}


def _empty_for_null(value, kind):
    if isinstance(kind, str):
        return value
    if kind["type"] == "struct":
        return None if value is None else empty_for_null(value, kind)
    if kind["type"] == "list":
        return [_empty_for_null(element, kind["element"]) for element in value or []]
    return [[key, _empty_for_null(element, kind["value"])] for key, element in value or []]
