"""All types, nested ones too, read back by everybody."""

import iceberg_java
import model
from cases import case
from landing import Landing
from model import field, list_of, map_of, struct_of
from weir_process import Workspace

PRIMITIVES = ("boolean", "int", "long", "float", "double", "decimal(9, 2)", "decimal(18, 4)", "decimal(38, 10)", "date", "time", "timestamp")
PRIMITIVES += ("timestamptz", "string", "uuid", "fixed[7]", "binary")

K = field("k", "long", True)


def column_name(kind):
    return "c_" + "".join(char if char.isalnum() else "_" for char in kind).strip("_").replace("__", "_")


def primitives(required, properties="", count=300):
    """Each primitive as a column; the edges of each, and random values."""
    fields = [K] + [field(column_name(kind), kind, required) for kind in PRIMITIVES]
    with Workspace() as workspace:
        landing = Landing(workspace, fields, properties=properties)
        landing.land(model.make_rows(fields, count)[1 if required else 0 :])
        landing.verify()
        landing.check()
        assert landing.rejects() == []
        return iceberg_java.turn(workspace)["t.model"]


def encodings_read_alike(required):
    """Iceberg's Java library reads the same rows from files of both encodings; the other readers are held against the model."""
    facts = [primitives(required, f"write.parquet.encodings: {encodings}", 9000) for encodings in ("compatible", "modern")]
    assert facts[0] == facts[1] and facts[0]["rows"] == str(9000 - required), facts


NESTED = [
    K,
    field("st", struct_of(field("a", "int"), field("b", "string"), field("deep", struct_of(field("x", "double"), field("y", list_of("string")))))),
    field("st_required", struct_of(field("a", "long", True), field("b", "decimal(9, 2)")), True),
    field("li", list_of("int")),
    field("lists", list_of(list_of("long"))),
    field("structs", list_of(struct_of(field("p", "int", True), field("q", "decimal(38, 10)"), field("at", "timestamptz")))),
    field("uuids", list_of("uuid")),
    field("times", list_of("time")),
    field("m", map_of("string", "long")),
    field("days", map_of("date", "string")),
    field("numbers", map_of("long", list_of("binary"))),
    field("inner", map_of("string", struct_of(field("f", "fixed[3]"), field("t", "timestamp"), field("d", "double")))),
    field("maps", list_of(map_of("int", "boolean"))),
]


def nested():
    with Workspace() as workspace:
        landing = Landing(workspace, NESTED)
        rows = model.make_rows(NESTED, 250)
        landing.land(rows)
        assert landing.rejects() == [], landing.rejects()[:2]
        landing.verify()
        landing.check()


NAMES = ["größe", "two words", "1st", "select", "a-b", "日本", "x" * 255, "under_score", "UPPER", "per%cent", "quo\"te", "sla/sh", "equals=sign"]


def odd_names():
    """Names that Avro, paths and SQL do not like; partitioned by some of them."""
    fields = [K] + [field(name, "int") for name in NAMES]
    with Workspace() as workspace:
        landing = Landing(workspace, fields, partition=["größe", "bucket(3, two words)", "1st", "sla/sh", "equals=sign", "per%cent"])
        rows = model.make_rows(fields, 12)
        for row in rows:
            row.update({"größe": row["k"] % 3, "two words": row["k"] % 4, "1st": row["k"] % 2, "sla/sh": row["k"] % 2, "equals=sign": None, "per%cent": 5})
        landing.land(rows)
        landing.verify()
        landing.check()


def not_a_number():
    """NaN and infinities, which JSON does not have: made by SQL."""
    fields = [K, field("f", "float"), field("d", "double")]
    numbers = [float("nan"), float("inf"), float("-inf"), -0.0, 0.0, 1.5]
    names = ["nan", "inf", "-inf", "-0.0", "0.0", "1.5"]
    choice = " ".join(f"when {i} then '{name}'" for i, name in enumerate(names))
    steps = "steps:\n  - name: numbers\n    select:\n      - k\n"
    for column, kind in (("f", "float"), ("d", "double")):
        steps += f"      - \"cast(case k % 6 {choice} end as {kind}) as {column}\"\n"
    for only in (range(6), range(1), range(3, 5), range(3)):
        with Workspace() as workspace:
            landing = Landing(workspace, fields, steps=steps)
            rows = [{"k": k, "f": numbers[k % 6], "d": numbers[k % 6]} for k in range(60) if k % 6 in only]
            landing.fields = [K]
            landing.land(rows)
            landing.schema = {"fields": fields}
            landing.verify()
            landing.check()


def register():
    case("types.primitives.optional", lambda: primitives(False))
    case("types.primitives.required", lambda: primitives(True))
    case("types.primitives.encodings.optional", lambda: encodings_read_alike(False))
    case("types.primitives.encodings.required", lambda: encodings_read_alike(True))
    case("types.nested", nested)
    case("types.odd_names", odd_names)
    case("types.not_a_number", not_a_number)
