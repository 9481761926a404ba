"""Tables that a growing contract has changed: files of before and of after, read as one by everybody."""

import decimal
import json

import canonical
import model
import readers
from cases import case
from landing import Landing, assert_same
from model import field, list_of, map_of, struct_of
from partitions import stays_in_range
from pyiceberg import expressions as ex
from weir_process import Workspace

K = field("k", "long", True)
WIDER = {"int": "long", "float": "double", "decimal(9, 2)": "decimal(18, 2)"}
PARTITIONS = {kind: ["", "{}", "bucket(5, {})", "truncate(7, {})"] if kind != "float" else [""] for kind in WIDER}
ROWS = 40


def grow(landing, fields):
    """The pipeline with another contract; rows of before have nothing in the columns that are new."""
    columns = "".join(f"  - {model.as_contract(f['name'], f['type'], f['required'])}\n" for f in fields)
    landing.workspace.write("model.yaml", f"contract: model\nversion: 2.0.0\ncolumns:\n{columns}")
    landing.fields = fields
    landing.schema = {"fields": fields}
    for row in landing.rows:
        row.update({f["name"]: None for f in fields if f["name"] not in row})


def by_query(landing):
    """What `weir query` gives."""
    names = ", ".join(f'"{f["name"]}"' for f in landing.fields)
    ended = landing.workspace.run("query", f"select {names} from t.model", "--json", "--warehouse", "wh")
    assert ended.code == 0, ended
    return [json.loads(line) for line in ended.out.splitlines()]


def values_of(rows, name):
    return sorted({row[name] for row in rows if row[name] is not None})


def check_filters(landing, name):
    """A filter finds rows of old and of new files, whatever the width of their bounds and partition values."""
    values = values_of(landing.rows, name)
    for value in values[::5] + values[-1:]:
        wanted = [row for row in landing.rows if row[name] == value]
        literal = str(value) if isinstance(value, decimal.Decimal) else repr(value)
        found = {
            "pyiceberg": readers.with_pyiceberg(landing.location(), row_filter=ex.EqualTo(name, value)),
            "duckdb": readers.with_duckdb(landing.location(), where=f'WHERE "{name}" = {literal}'),
        }
        for reader, rows in found.items():
            assert_same(f"{reader} where {name} = {value}", canonical.rows_text(rows, landing.schema), canonical.rows_text(wanted, landing.schema))


def widened(kind, partition):
    name = "v"

    def make_rows(count, seed):
        rows = model.make_rows(landing.fields, count, seed)
        return [row for row in rows if stays_in_range(partition, landing.fields[1]["type"], row[name])]

    with Workspace() as workspace:
        landing = Landing(workspace, [K, field(name, kind)], partition=[partition.format(name)] if partition else [])
        landing.land(make_rows(ROWS, 1))
        landing.land(make_rows(ROWS, 2))
        grow(landing, [K, field(name, WIDER[kind])])
        landing.land(make_rows(ROWS, 3))
        landing.check()
        check_filters(landing, name)
        for number in range(4, 40):  # manifests of both kinds are merged
            landing.land(make_rows(2, number))
        landing.check()
        landing.verify()


def grown():
    """New columns at every level; files of before lack them."""
    before = [K, field("s", struct_of(field("a", "int"))), field("l", list_of(struct_of(field("a", "int")))), field("m", map_of("string", struct_of(field("a", "int"))))]
    part = struct_of(field("a", "long"), field("b", "string"))
    after = [K, field("s", part), field("l", list_of(part)), field("m", map_of("string", part)), field("note", "string"), field("new", part)]
    with Workspace() as workspace:
        landing = Landing(workspace, before)
        old = model.make_rows(before, ROWS)
        landing.land(old)
        grow(landing, after)
        for row in old:
            for value in ([row["s"]] if row["s"] else []) + [e for e in row["l"] or [] if e] + [v for _, v in row["m"] or [] if v]:
                value["b"] = None
        landing.land(model.make_rows(after, ROWS, seed=2))
        landing.check(only=("pyiceberg", "duckdb"))  # the third one knows columns by their ids, and nothing inside of them
        simple = [f for f in after if f["name"] in ("k", "note")]
        seen = [{f["name"]: row[f["name"]] for f in simple} for row in by_query(landing)]
        assert_same("weir query", canonical.rows_text(seen, {"fields": simple}), canonical.rows_text(landing.rows, {"fields": simple}))


def register():
    for kind, partitions in PARTITIONS.items():
        for partition in partitions:
            case(f"evolving.{kind.split('(')[0]}.{partition.format('v') or 'unpartitioned'}", lambda k=kind, p=partition: widened(k, p))
    case("evolving.new_columns_at_every_level", grown)
