"""The independent model: for each type, values as an event writes them and as a reader must give them back.

A kind is what a contract says of a column. `samples(kind, chance)` gives (JSON value, Python value) pairs.
"""

import base64
import datetime
import decimal
import json
import random
import struct
import uuid

D = decimal.Decimal
UTC = datetime.timezone.utc

TEXTS = [
    "",
    "a",
    "Ünïcode ☃",
    "𝒳" * 20,  # outside of the basic plane, longer than a bound
    "zzzzzzzzzzzzzzzzzzzzzzzz",
    "\U0010ffff" * 18,  # cannot be incremented: no upper bound
    "abc\ud7ff".encode("utf-16", "surrogatepass").decode("utf-16") + "x" * 20,
    "a" * 15 + "\ud7ff" + "tail",  # the increment must skip the surrogates
    "a\u0000b",
    'quote " backslash \\ slash / tab \t newline \n',
    "日本語テキスト",
    " leading and trailing ",
]
BYTES = [b"", b"\0", b"\xff" * 20, b"abc", bytes(range(40)), b"\xff" * 15 + b"\xfe" + b"tail"]


def _decimals(precision, scale):
    largest = 10**precision - 1
    unscaled = [0, 1, -1, largest, -largest, 255, -256, 127, 128, -128, -129, 10**scale]
    return [D(value).scaleb(-scale, context=decimal.Context(prec=60)) for value in unscaled if abs(value) <= largest]


def _instants():
    texts = ["1970-01-01T00:00:00", "1969-12-31T23:59:59.999999", "2026-11-21T04:05:06.123456", "0001-01-01T00:00:00", "9999-12-31T23:59:59.999999"]
    texts += ["2000-02-29T12:00:00.5", "1969-12-31T00:00:00", "1900-03-01T00:00:00", "2017-11-16T22:31:08.000001"]
    return [datetime.datetime.fromisoformat(text) for text in texts]


def _single(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def edge_values(kind):
    """Python values at the edges of an Iceberg primitive."""
    if kind.startswith("decimal"):
        return _decimals(*(int(part) for part in kind[8:-1].split(",")))
    if kind.startswith("fixed"):
        size = int(kind[6:-1])
        return [b"\0" * size, b"\xff" * size, b"\x7f" * size, b"\x80" + b"\0" * (size - 1), bytes(range(size))]
    return {
        "boolean": [True, False],
        "int": [0, 1, -1, 2**31 - 1, -(2**31), 34, 1_000_000],
        "long": [0, 1, -1, 2**63 - 1, -(2**63), 34, 2**53 + 1, 2**31],
        "float": [0.0, -0.0, 1.5, -1.5, _single(3.4028234663852886e38), _single(1e-45), _single(0.1), 16777216.0],
        "double": [0.0, -0.0, 1.5, -2.25, 1.7976931348623157e308, 5e-324, 0.1, 123456789.123456789],
        "date": [datetime.date(*d) for d in ((1970, 1, 1), (1969, 12, 31), (2026, 11, 21), (1, 1, 1), (9999, 12, 31), (2000, 2, 29), (1900, 3, 1))],
        "time": [datetime.time(*t) for t in ((0, 0), (23, 59, 59, 999999), (22, 31, 8), (0, 0, 0, 1), (12, 30, 15, 500000))],
        "timestamp": _instants(),
        "timestamptz": [instant.replace(tzinfo=UTC) for instant in _instants()],
        "string": TEXTS,
        "json": TEXTS[:3],
        "uuid": [uuid.UUID(int=value) for value in (0, 1, 2**128 - 1, 2**127, 2**127 - 1, 0xF79C3E09677C4BBDA4793F349CB785E7)],
        "binary": BYTES,
    }[kind]


def random_value(kind, chance):
    if kind.startswith("decimal"):
        precision, scale = (int(part) for part in kind[8:-1].split(","))
        return D(chance.randrange(-(10**precision) + 1, 10**precision)).scaleb(-scale, context=decimal.Context(prec=60))
    if kind.startswith("fixed"):
        return chance.randbytes(int(kind[6:-1]))
    return {
        "boolean": lambda: chance.random() < 0.5,
        "int": lambda: chance.randrange(-(2**31), 2**31),
        "long": lambda: chance.randrange(-(2**63), 2**63),
        "float": lambda: _single(chance.uniform(-1e6, 1e6)),
        "double": lambda: chance.uniform(-1e12, 1e12),
        "date": lambda: datetime.date(1950, 1, 1) + datetime.timedelta(days=chance.randrange(40_000)),
        "time": lambda: (datetime.datetime(2000, 1, 1) + datetime.timedelta(microseconds=chance.randrange(86_400_000_000))).time(),
        "timestamp": lambda: datetime.datetime(1960, 1, 1) + datetime.timedelta(microseconds=chance.randrange(2 * 10**15)),
        "timestamptz": lambda: datetime.datetime(1960, 1, 1, tzinfo=UTC) + datetime.timedelta(microseconds=chance.randrange(2 * 10**15)),
        "string": lambda: "".join(chance.choice("abcxyzÄß☃ 0") for _ in range(chance.randrange(30))),
        "json": lambda: "text",
        "uuid": lambda: uuid.UUID(int=chance.getrandbits(128)),
        "binary": lambda: chance.randbytes(chance.randrange(25)),
    }[kind]()


def as_json(kind, value):
    """The value as an event writes it."""
    if value is None:
        return None
    if isinstance(kind, dict):
        if kind["type"] == "struct":
            return {field["name"]: as_json(field["type"], value[field["name"]]) for field in kind["fields"]}
        if kind["type"] == "list":
            return [as_json(kind["element"], element) for element in value]
        return {str(k): as_json(kind["value"], v) for k, v in value}
    if kind == "timestamptz":
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f").rjust(26, "0") + "Z"
    if kind == "timestamp":
        return value.isoformat()
    if kind in ("date", "time", "uuid"):
        return str(value)
    if kind == "binary" or kind.startswith("fixed"):
        return base64.b64encode(value).decode()
    if kind.startswith("decimal"):
        return format(value, "f")
    return value


def as_contract(name, kind, required=False):
    """A column of a contract, as YAML's flow style has it."""
    if isinstance(kind, str):
        body = f'type: "{kind}"'
    elif kind["type"] == "struct":
        body = "type: struct, fields: [" + ", ".join(as_contract(f["name"], f["type"], f["required"]) for f in kind["fields"]) + "]"
    elif kind["type"] == "list":
        body = "type: list, element: " + _part(kind["element"])
    else:
        body = f'type: map, key: "{kind["key"]}", value: ' + _part(kind["value"])
    name = f"name: {json.dumps(name, ensure_ascii=False)}, " if name else ""
    return "{" + name + body + (", required: true" if required else "") + "}"


def _part(kind):
    return f'"{kind}"' if isinstance(kind, str) else as_contract("", kind)


def nested_value(kind, chance, edge):
    """A value of any kind; `edge` steers towards nulls and empty ones."""
    if isinstance(kind, str):
        values = edge_values(kind)
        return chance.choice(values) if chance.random() < 0.5 else random_value(kind, chance)
    null = 0.3 if edge else 0.1

    def maybe(inner, required=False):
        return None if not required and chance.random() < null else nested_value(inner, chance, edge)

    if kind["type"] == "struct":
        return {field["name"]: maybe(field["type"], field["required"]) for field in kind["fields"]}
    if kind["type"] == "list":
        return [maybe(kind["element"]) for _ in range(chance.choice((0, 1, 2, 5)))]
    keys = {nested_value(kind["key"], chance, edge) for _ in range(chance.choice((0, 1, 3)))}
    return [(key, maybe(kind["value"])) for key in sorted(keys, key=str)]


def make_rows(fields, count, seed=1):
    """Rows as dicts: first one with nulls only, then the edges of each column, then random ones."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        row = {}
        for field in fields:
            kind = field["type"]
            if field["name"] == "k":
                row["k"] = number
            elif number == 0 and not field["required"]:
                row[field["name"]] = None
            elif isinstance(kind, str) and number <= len(edge_values(kind)):
                row[field["name"]] = edge_values(kind)[number - 1]
            elif not field["required"] and chance.random() < 0.1:
                row[field["name"]] = None
            else:
                row[field["name"]] = nested_value(kind, chance, number % 2 == 0)
        rows.append(row)
    return rows


def event_text(row, fields):
    event = {field["name"]: as_json(field["type"], row[field["name"]]) for field in fields}
    for name in [name for name, value in event.items() if value is None and len(name) % 2]:
        del event[name]  # absent and null mean the same
    return json.dumps(event, ensure_ascii=len(event) % 2 == 0)


def field(name, kind, required=False):
    return {"name": name, "type": kind, "required": required}


def struct_of(*fields):
    return {"type": "struct", "fields": list(fields)}


def list_of(element):
    return {"type": "list", "element": element}


def map_of(key, value):
    return {"type": "map", "key": key, "value": value}
