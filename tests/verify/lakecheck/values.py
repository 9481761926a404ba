"""Values of Iceberg's primitives as plain Python ones: from bounds, from Avro, from Arrow.

date -> days, time and timestamps -> microseconds, uuid, fixed and binary -> bytes, decimal -> Decimal, the rest as Python has it.
"""

import datetime
import decimal
import struct
import uuid

import pyarrow as pa
import pyarrow.compute as pc

_EPOCH = datetime.date(1970, 1, 1)
_EPOCH_TIME = datetime.datetime(1970, 1, 1)


def from_bound(kind, data):
    if kind == "boolean":
        return {b"\0": False, b"\1": True}[data]
    if kind in ("int", "long", "date", "time", "timestamp", "timestamptz"):
        if len(data) not in (4, 8) or (kind in ("int", "date") and len(data) != 4):
            raise ValueError(f"a bound of {len(data)} bytes for {kind}")
        return int.from_bytes(data, "little", signed=True)
    if kind in ("float", "double"):
        return struct.unpack("<f" if len(data) == 4 else "<d", data)[0]
    if kind.startswith("decimal"):
        scale = int(kind[8:-1].split(",")[1])
        unscaled = int.from_bytes(data, "big", signed=True)
        if len(data) != (8 + (unscaled if unscaled >= 0 else ~unscaled).bit_length()) // 8:
            raise ValueError(f"the bound {data.hex()} of {kind} is not of minimal length")
        return decimal.Decimal(unscaled).scaleb(-scale, decimal.Context(prec=60))
    if kind == "string":
        return data.decode()
    return bytes(data)


def from_avro(kind, value):
    """A partition value as fastavro gives it."""
    if isinstance(value, datetime.datetime):
        return (value.replace(tzinfo=None) - _EPOCH_TIME) // datetime.timedelta(microseconds=1)
    if isinstance(value, datetime.date):
        return (value - _EPOCH).days
    if isinstance(value, datetime.time):
        return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
    if isinstance(value, uuid.UUID):
        return value.bytes
    return value


def column(table, path):
    """The values of a column that is not inside of a list or map, as an Arrow array of plain values; struct nulls reach down."""
    array = table.column(path[0]).combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], array.type)
    for name in path[1:]:
        array = pc.struct_field(array, name)
    return plain(array)


def plain(array):
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return plain(array.storage)
    if pa.types.is_date32(kind):
        return array.cast(pa.int32())
    if pa.types.is_time64(kind) or pa.types.is_timestamp(kind):
        if kind.unit != "us":
            raise ValueError(f"{kind} is not in microseconds")
        return array.cast(pa.int64())
    if pa.types.is_fixed_size_binary(kind):
        return array.cast(pa.binary())
    return array


def extremes(array):
    """(smallest, largest) of what is neither null nor NaN, or None."""
    array = array.drop_null()
    if pa.types.is_floating(array.type):
        array = array.filter(pc.invert(pc.is_nan(array)))
    if len(array) == 0:
        return None
    if pa.types.is_boolean(array.type) or pa.types.is_decimal(array.type) or pa.types.is_binary(array.type):
        values = array.to_pylist()
        return min(values), max(values)
    both = pc.min_max(array)
    return both["min"].as_py(), both["max"].as_py()
