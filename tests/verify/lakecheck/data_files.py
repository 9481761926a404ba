"""I6 and I7 for one data file: it exists and is what its manifest entry says."""

import math
import os

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyiceberg.transforms import parse_transform
from pyiceberg.schema import Schema

from . import parquet_tree, values
from .catalog import local_path
from .schema_tree import leaves, partition_types
from .table import ADDED


def int_map(entries):
    return {entry["key"]: entry["value"] for entry in entries or []}


class DataFileCheck:
    """Checks one entry against its file. `schema` is the table's when the manifest was written."""

    def __init__(self, findings, table, entry, spec, schema, strict):
        self.findings = findings
        self.table = table
        self.file = entry["data_file"]
        self.is_added = entry["status"] == ADDED
        self.spec = spec
        self.schema = schema
        self.strict = strict  # written by Weir: metrics must be exact, not only true
        self.path = local_path(self.file["file_path"])
        self.name = f"{table.name} {self.path}"

    def require(self, condition, code, text):
        return self.findings.require(condition, code, lambda: f"{self.name}: {text() if callable(text) else text}")

    def run(self):
        if not self.require(os.path.isfile(self.path), "I7.missing_file", "is referenced and does not exist"):
            return
        size = os.path.getsize(self.path)
        self.require(size == self.file["file_size_in_bytes"], "I6.size", f"has {size} bytes, stated {self.file['file_size_in_bytes']}")
        try:
            parquet = pq.ParquetFile(self.path)
        except (pa.ArrowException, OSError) as error:
            self.findings.add("I6.unreadable", f"{self.name}: {error}")
            return
        rows = parquet.metadata.num_rows
        self.require(rows == self.file["record_count"], "I6.rows", f"has {rows} rows, stated {self.file['record_count']}")
        self.require(rows > 0 or not self.strict, "I6.empty", "has no rows")
        self.check_layout(parquet)
        self.check_columns(parquet.read())

    def check_layout(self, parquet):
        nodes = parquet_tree.parse(parquet.schema)
        if self.strict:
            for problem in parquet_tree.problems(nodes, self.schema["fields"], may_lack_optional=not self.is_added):
                self.findings.add("I6.parquet_schema", f"{self.name}: {problem}")
            self.findings.looked_at("I6.parquet_schema")
        starts, sizes = [], {}
        ids = [leaf.id for node in nodes for leaf in node.leaves()]
        for group in range(parquet.metadata.num_row_groups):
            row_group = parquet.metadata.row_group(group)
            offsets = []
            for i in range(row_group.num_columns):
                chunk = row_group.column(i)
                offsets.append(min(chunk.data_page_offset, chunk.dictionary_page_offset or chunk.data_page_offset))
                sizes[ids[i]] = sizes.get(ids[i], 0) + chunk.total_compressed_size
            starts.append(min(offsets))
        stated = self.file.get("split_offsets")
        if stated is not None or self.strict:
            self.require(stated == starts, "I6.split_offsets", f"has row groups at {starts}, stated {stated}")
        if self.strict:
            stated = int_map(self.file.get("column_sizes"))
            self.require(stated == sizes, "I6.column_sizes", f"has the column sizes {sizes}, stated {stated}")

    def check_columns(self, data):
        metrics = {
            name: int_map(self.file.get(name)) for name in ("value_counts", "null_value_counts", "nan_value_counts", "lower_bounds", "upper_bounds")
        }
        columns = leaves(self.schema)
        known = set(columns)
        for name, by_id in metrics.items():
            self.require(set(by_id) <= known, "I6.metrics", lambda: f"{name} names columns that the schema does not have: {set(by_id) - known}")
        arrays = {}
        for column in columns.values():
            if column.repeated:
                bounded = column.id in metrics["lower_bounds"] or column.id in metrics["upper_bounds"]
                self.require(not bounded, "I6.bounds", f"column {'.'.join(column.path)} lies in a list or map and has bounds")
            elif column.path[0] in data.column_names:
                arrays[column.id] = values.column(data, column.path)
                self.check_column(column, arrays[column.id], metrics)
        self.check_partition(arrays)

    def check_column(self, column, array, metrics):
        name = ".".join(column.path)
        stated = metrics["value_counts"].get(column.id)
        if stated is not None:
            self.require(stated == len(array), "I6.counts", f"column {name} has {len(array)} values, stated {stated}")
        stated = metrics["null_value_counts"].get(column.id)
        if stated is not None:
            self.require(stated == array.null_count, "I6.counts", f"column {name} has {array.null_count} nulls, stated {stated}")
        if pa.types.is_floating(array.type):
            nans = pc.sum(pc.is_nan(array)).as_py() or 0
            stated = metrics["nan_value_counts"].get(column.id)
            if stated is not None or (self.strict and column.id in metrics["value_counts"]):
                self.require(stated == nans, "I6.counts", f"column {name} has {nans} NaNs, stated {stated}")
        self.check_bounds(column, name, array, metrics["lower_bounds"].get(column.id), metrics["upper_bounds"].get(column.id))

    def check_bounds(self, column, name, array, lower, upper):
        extremes = values.extremes(array)
        if extremes is None:
            if self.strict:
                self.require(lower is None and upper is None, "I6.bounds", f"column {name} has no values and has bounds")
            return
        smallest, largest = extremes
        try:
            low = None if lower is None else values.from_bound(column.type, lower)
            high = None if upper is None else values.from_bound(column.type, upper)
        except (ValueError, KeyError) as error:
            self.findings.add("I6.bounds", f"{self.name}: column {name}: {error}")
            return
        for bound, sign, what in ((low, -1.0, "lower"), (high, 1.0, "upper")):
            if isinstance(bound, float):
                bad_zero = bound == 0 and math.copysign(1.0, bound) != sign
                self.require(not math.isnan(bound) and not bad_zero, "I6.bounds", f"column {name}: the {what} bound is {bound}")
        self.require(low is None or low <= smallest, "I6.bounds", f"column {name} has {smallest!r} below its lower bound {low!r}")
        self.require(high is None or high >= largest, "I6.bounds", f"column {name} has {largest!r} above its upper bound {high!r}")
        if self.strict:
            self.check_tight(name, column.type, (low, smallest), (high, largest))

    def check_tight(self, name, kind, lower, upper):
        (low, smallest), (high, largest) = lower, upper
        if kind == "string" or kind == "binary" or kind.startswith("fixed"):
            self.require(low is not None and smallest.startswith(low), "I6.bounds", f"column {name}: the lower bound {low!r} is no prefix of {smallest!r}")
            short = high is None or len(high) <= 16
            self.require(short and len(low or "") <= 16, "I6.bounds", f"column {name}: bounds of more than 16: {low!r}, {high!r}")
            return
        self.require((low, high) == (smallest, largest), "I6.bounds", f"column {name} lies in [{smallest!r}, {largest!r}], stated [{low!r}, {high!r}]")

    def check_partition(self, arrays):
        """Every row of the file belongs to the partition that the entry names."""
        if not self.spec["fields"]:
            return
        table_schema = Schema.model_validate(self.schema)
        stated = self.file["partition"]
        for (field_id, (name, kind)), field, value in zip(partition_types(self.spec, self.schema).items(), self.spec["fields"], stated.values()):
            source = arrays.get(field["source-id"])
            if source is None:
                continue
            transform = parse_transform(field["transform"]).transform(table_schema.find_type(field["source-id"]))
            found = {values.from_avro(kind, transform(v)) for v in source.unique().to_pylist()}
            wanted = values.from_avro(kind, value)
            self.require(found == {wanted}, "I6.partition", f"partition {name} is {wanted!r}, the rows have {sorted(map(repr, found))[:5]}")
