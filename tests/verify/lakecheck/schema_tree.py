"""Iceberg schemas: the columns by id and path, and the results of partition transforms."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    id: int
    path: tuple  # names from the top-level column down
    type: str  # an Iceberg primitive
    required: bool  # and so are all above it
    repeated: bool  # inside of a list or map


def _walk(fields, path, required, repeated):
    for field in fields:
        yield from _visit(field["id"], field["type"], path + (field["name"],), required and field["required"], repeated)


def _visit(field_id, kind, path, required, repeated):
    if isinstance(kind, str):
        yield Column(field_id, path, kind, required, repeated)
    elif kind["type"] == "struct":
        yield from _walk(kind["fields"], path, required, repeated)
    elif kind["type"] == "list":
        yield from _visit(kind["element-id"], kind["element"], path + ("element",), False, True)
    else:
        yield from _visit(kind["key-id"], kind["key"], path + ("key",), False, True)
        yield from _visit(kind["value-id"], kind["value"], path + ("value",), False, True)


def leaves(schema):
    """All primitive columns of a schema, nested ones too, by id."""
    return {column.id: column for column in _walk(schema["fields"], (), True, False)}


def transformed_type(transform, source_type):
    """The Iceberg type of a partition value."""
    if transform.startswith("bucket") or transform in ("year", "month", "hour"):
        return "int"
    if transform == "day":
        return "date"
    return source_type


def partition_types(spec, schema):
    """id -> (name, Iceberg type) of a spec's fields."""
    columns = leaves(schema)
    return {
        field["field-id"]: (field["name"], transformed_type(field["transform"], columns[field["source-id"]].type))
        for field in spec["fields"]
    }
