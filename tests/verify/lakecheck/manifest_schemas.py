"""The Avro schemas that Iceberg's specification prescribes for manifest lists and manifests of version 2.

A field: id -> (name, type, required). A type: the name of an Avro primitive; ("map", key id, value id, value type) for maps
with integer keys; ("list", element id, type); ("record", fields); "partition" for the tuple whose fields come from the spec.
"""

FIELD_SUMMARY = {
    509: ("contains_null", "boolean", True),
    518: ("contains_nan", "boolean", False),
    510: ("lower_bound", "bytes", False),
    511: ("upper_bound", "bytes", False),
}

MANIFEST_LIST = {
    500: ("manifest_path", "string", True),
    501: ("manifest_length", "long", True),
    502: ("partition_spec_id", "int", True),
    517: ("content", "int", True),
    515: ("sequence_number", "long", True),
    516: ("min_sequence_number", "long", True),
    503: ("added_snapshot_id", "long", True),
    504: ("added_files_count", "int", True),
    505: ("existing_files_count", "int", True),
    506: ("deleted_files_count", "int", True),
    512: ("added_rows_count", "long", True),
    513: ("existing_rows_count", "long", True),
    514: ("deleted_rows_count", "long", True),
    507: ("partitions", ("list", 508, ("record", FIELD_SUMMARY)), False),
    519: ("key_metadata", "bytes", False),
}

DATA_FILE = {
    134: ("content", "int", True),
    100: ("file_path", "string", True),
    101: ("file_format", "string", True),
    102: ("partition", "partition", True),
    103: ("record_count", "long", True),
    104: ("file_size_in_bytes", "long", True),
    108: ("column_sizes", ("map", 117, 118, "long"), False),
    109: ("value_counts", ("map", 119, 120, "long"), False),
    110: ("null_value_counts", ("map", 121, 122, "long"), False),
    137: ("nan_value_counts", ("map", 138, 139, "long"), False),
    125: ("lower_bounds", ("map", 126, 127, "bytes"), False),
    128: ("upper_bounds", ("map", 129, 130, "bytes"), False),
    131: ("key_metadata", "bytes", False),
    132: ("split_offsets", ("list", 133, "long"), False),
    135: ("equality_ids", ("list", 136, "int"), False),
    140: ("sort_order_id", "int", False),
    143: ("referenced_data_file", "string", False),
}

MANIFEST_ENTRY = {
    0: ("status", "int", True),
    1: ("snapshot_id", "long", False),
    3: ("sequence_number", "long", False),
    4: ("file_sequence_number", "long", False),
    2: ("data_file", ("record", DATA_FILE), True),
}

# Names that Java readers look for.
RECORD_NAMES = {"manifest list": "manifest_file", "manifest": "manifest_entry", 2: "r2", 102: "r102", 508: "r508"}


def avro_name(name):
    """A name as Avro allows it: what is not a letter, digit or '_' becomes _x<HEX> for each UTF-16 unit."""
    out = ""
    for char in name:
        if char == "_" or (char.isascii() and char.isalnum()):
            out += ("_" if not out and char.isdigit() else "") + char
        else:
            units = char.encode("utf-16-be")
            out += "".join(f"_x{int.from_bytes(units[i : i + 2], 'big'):X}" for i in range(0, len(units), 2))
    return out or "_"


def _decimal_bytes(precision):
    largest, size = 10**precision - 1, 1
    while largest >= 1 << (8 * size - 1):
        size += 1
    return size


_AVRO_OF_ICEBERG = {
    "boolean": "boolean",
    "int": "int",
    "long": "long",
    "float": "float",
    "double": "double",
    "string": "string",
    "binary": "bytes",
    "date": {"type": "int", "logicalType": "date"},
    "time": {"type": "long", "logicalType": "time-micros"},
    "timestamp": {"type": "long", "logicalType": "timestamp-micros", "adjust-to-utc": False},
    "timestamptz": {"type": "long", "logicalType": "timestamp-micros", "adjust-to-utc": True},
    "uuid": {"type": "fixed", "size": 16, "logicalType": "uuid"},
}


def avro_of_iceberg(type_name):
    """The Avro schema of a value of an Iceberg primitive, without the names of fixed types."""
    if type_name.startswith("fixed["):
        return {"type": "fixed", "size": int(type_name[6:-1])}
    if type_name.startswith("decimal("):
        precision, scale = (int(part) for part in type_name[8:-1].split(","))
        return {"type": "fixed", "size": _decimal_bytes(precision), "logicalType": "decimal", "precision": precision, "scale": scale}
    return _AVRO_OF_ICEBERG[type_name]


class SchemaComparison:
    """Compares a schema as it was written with the prescribed one. `problems` are texts; empty when they are equal."""

    def __init__(self, partition_fields=None):
        self.partition_fields = partition_fields or {}  # id -> (name, Avro schema without names)
        self.problems = []

    def problem(self, path, text):
        self.problems.append(f"{path}: {text}")

    def record(self, path, schema, fields, name=None):
        if not isinstance(schema, dict) or schema.get("type") != "record":
            return self.problem(path, f"is no record: {schema}")
        if name is not None and schema.get("name") != name:
            self.problem(path, f"the record is called {schema.get('name')}, Java looks for {name}")
        seen = set()
        for written in schema["fields"]:
            field_id = written.get("field-id")
            if field_id not in fields or field_id in seen:
                self.problem(path, f"field {written['name']} has the id {field_id}, which is unknown here or used twice")
                continue
            seen.add(field_id)
            self.field(f"{path}.{written['name']}", written, field_id, *fields[field_id])
        for field_id, (field_name, _, required) in fields.items():
            if required and field_id not in seen:
                self.problem(path, f"the required field {field_name} ({field_id}) is missing")

    def field(self, path, written, field_id, name, kind, required):
        if written["name"] != name:
            self.problem(path, f"field {field_id} must be called {name}")
        schema = written["type"]
        is_optional = isinstance(schema, list)
        if is_optional == required:
            self.problem(path, "must be " + ("required" if required else "optional"))
        if is_optional:
            if len(schema) != 2 or schema[0] != "null":
                return self.problem(path, f"an optional field must be [null, T], not {schema}")
            if written.get("default", "absent") is not None:
                self.problem(path, "an optional field must have the default null")
            schema = schema[1]
        self.value(path, schema, kind, field_id)

    def value(self, path, schema, kind, field_id):
        if kind == "partition":
            tuple_fields = {i: (avro_name(n), ("exact", t), False) for i, (n, t) in self.partition_fields.items()}
            self.record(path, schema, tuple_fields, RECORD_NAMES[102])
        elif kind[0] == "exact":
            self.exact(path, schema, kind[1])
        elif kind[0] == "record":
            self.record(path, schema, kind[1], RECORD_NAMES.get(field_id))
        elif kind[0] == "list":
            if schema.get("type") != "array" or schema.get("element-id") != kind[1]:
                self.problem(path, f"must be an array with the element-id {kind[1]}: {schema}")
            else:
                self.value(path + "[]", schema["items"], kind[2], kind[1])
        elif kind[0] == "map":
            self.int_map(path, schema, *kind[1:])
        elif schema != kind and not (isinstance(schema, dict) and schema.get("type") == kind and set(schema) == {"type"}):
            self.problem(path, f"must be {kind}, not {schema}")

    def int_map(self, path, schema, key_id, value_id, value_type):
        if not isinstance(schema, dict) or schema.get("type") != "array" or schema.get("logicalType") != "map":
            return self.problem(path, f"must be an array with the logical type map: {schema}")
        fields = {key_id: ("key", "int", True), value_id: ("value", value_type, True)}
        self.record(path, schema["items"], fields, f"k{key_id}_v{value_id}")

    def exact(self, path, schema, wanted):
        if isinstance(schema, str):
            schema = {"type": schema}
        if isinstance(wanted, str):
            wanted = {"type": wanted}
        if {key: value for key, value in schema.items() if key != "name"} != wanted:
            self.problem(path, f"must be {wanted}, not {schema}")


def compare_manifest_list(schema):
    comparison = SchemaComparison()
    comparison.record("manifest list", schema, MANIFEST_LIST, RECORD_NAMES["manifest list"])
    return comparison.problems


def compare_manifest(schema, partition_fields):
    """`partition_fields`: id -> (name, Iceberg type of the transformed value)."""
    fields = {i: (name, avro_of_iceberg(kind)) for i, (name, kind) in partition_fields.items()}
    comparison = SchemaComparison(fields)
    comparison.record("manifest", schema, MANIFEST_ENTRY, RECORD_NAMES["manifest"])
    return comparison.problems
