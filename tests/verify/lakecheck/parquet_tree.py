"""The schema of a Parquet file, node by node, and what Iceberg wants it to be."""

import re
from dataclasses import dataclass, field

# One node as pyarrow prints it: "optional int64 field_id=3 at (Timestamp(isAdjustedToUTC=true, ...));"
_NODE = re.compile(
    r"^\s*(?P<repetition>required|optional|repeated) (?P<physical>[a-z0-9_]+(?:\(\d+\))?) field_id=(?P<id>-?\d+) "
    r"(?P<name>.*?)(?: \((?P<logical>(?:String|List|Map|UUID|Date|Time|Timestamp|Decimal|Int|Enum|JSON|BSON|Null|Float16|Unknown)(?:\(.*\))?)\))?(?P<end> \{|;)$"
)


@dataclass
class Node:
    name: str
    id: int
    repetition: str
    physical: str  # "group" for inner nodes
    logical: str
    children: list = field(default_factory=list)

    def leaves(self):
        if self.physical != "group":
            yield self
        for child in self.children:
            yield from child.leaves()


def parse(schema):
    """The top-level nodes of a pyarrow.parquet.ParquetSchema."""
    stack = []
    for line in str(schema).splitlines()[1:]:
        if line.strip() == "}":
            last = stack.pop()
            if not stack:
                return last.children
            continue
        match = _NODE.match(line)
        if match is None:
            raise ValueError(f"cannot read the node {line!r}")
        node = Node(match["name"], int(match["id"]), match["repetition"], match["physical"], match["logical"] or "")
        if stack:
            stack[-1].children.append(node)
        if match["end"] == " {":
            stack.append(node)
    raise ValueError("the schema has no end")


def _timestamp(utc):
    return f"Timestamp(isAdjustedToUTC={utc}, timeUnit=microseconds"


def _expected_primitive(kind):
    """(physical type, beginning of the logical type)"""
    if kind.startswith("fixed["):
        return f"fixed_len_byte_array({kind[6:-1]})", ""
    if kind.startswith("decimal("):
        precision, scale = (int(part) for part in kind[8:-1].split(","))
        logical = f"Decimal(precision={precision}, scale={scale})"
        if precision <= 18:
            return ("int32" if precision <= 9 else "int64"), logical
        size = 1
        while 10**precision - 1 >= 1 << (8 * size - 1):
            size += 1
        return f"fixed_len_byte_array({size})", logical
    return {
        "boolean": ("boolean", ""),
        "int": ("int32", ""),
        "long": ("int64", ""),
        "float": ("float", ""),
        "double": ("double", ""),
        "string": ("binary", "String"),
        "binary": ("binary", ""),
        "uuid": ("fixed_len_byte_array(16)", "UUID"),
        "date": ("int32", "Date"),
        "time": ("int64", "Time(isAdjustedToUTC=false, timeUnit=microseconds)"),
        "timestamp": ("int64", _timestamp("false")),
        "timestamptz": ("int64", _timestamp("true")),
    }[kind]


def problems(nodes, iceberg_fields, may_lack_optional=False, path=""):
    """Texts, one for each difference between the nodes of a file and the fields of an Iceberg schema."""
    found = []
    by_id = {node.id: node for node in nodes}
    for unknown in set(by_id) - {f["id"] for f in iceberg_fields}:
        found.append(f"{path}{by_id[unknown].name} has the field id {unknown}, which the schema does not have")
    for wanted in iceberg_fields:
        node = by_id.get(wanted["id"])
        if node is None:
            if wanted["required"] or not may_lack_optional:
                found.append(f"{path}{wanted['name']} (field id {wanted['id']}) is not in the file")
            continue
        if node.name != wanted["name"]:
            found.append(f"{path}{node.name} must be called {wanted['name']}")
        found += _node_problems(node, wanted["type"], wanted["required"], path + wanted["name"])
    return found


def _node_problems(node, kind, required, path):
    found = []
    if node.repetition != ("required" if required else "optional"):
        found.append(f"{path} is {node.repetition}, the column is {'required' if required else 'optional'}")
    if isinstance(kind, str):
        physical, logical = _expected_primitive(kind)
        same_logical = node.logical.startswith(logical) if logical else node.logical in ("", f"Int(bitWidth={node.physical[3:]}, isSigned=true)")
        if node.physical != physical or not same_logical:
            found.append(f"{path} of type {kind} is {node.physical} ({node.logical}), must be {physical} ({logical})")
        return found
    if node.physical != "group":
        return found + [f"{path} must be a group"]
    if kind["type"] == "struct":
        return found + problems(node.children, kind["fields"], path=path + ".")
    is_list = kind["type"] == "list"
    if node.logical != ("List" if is_list else "Map"):
        found.append(f"{path} has the logical type {node.logical!r}")
    middle = node.children[0]
    wanted_middle = "list" if is_list else "key_value"
    if len(node.children) != 1 or middle.repetition != "repeated" or middle.name != wanted_middle or middle.id != -1:
        return found + [f"{path} must hold one repeated group {wanted_middle} without a field id, has {middle}"]
    if is_list:
        parts = [("element", kind["element-id"], kind["element"], kind["element-required"])]
    else:
        parts = [("key", kind["key-id"], kind["key"], True), ("value", kind["value-id"], kind["value"], kind["value-required"])]
    if [(child.name, child.id) for child in middle.children] != [part[:2] for part in parts]:
        return found + [f"{path} holds {middle.children}, must hold {[part[:2] for part in parts]}"]
    for child, (name, _, child_kind, child_required) in zip(middle.children, parts):
        found += _node_problems(child, child_kind, child_required, f"{path}.{name}")
    return found
