"""Manifest lists and manifests: schemas, headers, counts, sequence numbers."""

import json

from . import manifest_schemas, values
from .schema_tree import partition_types
from .table import ADDED, DELETED, EXISTING, written_by_weir
from .data_files import DataFileCheck


class ManifestCheck:
    """Walks everything that is reachable from any live snapshot; looks at each file once."""

    def __init__(self, findings, table):
        self.findings = findings
        self.table = table
        self.seen_manifests = set()
        self.seen_data_files = set()

    def require(self, condition, code, message):
        return self.findings.require(condition, code, lambda: f"{self.table.name}: {message() if callable(message) else message}")

    def run(self):
        for snapshot in self.table.snapshots:
            try:
                self.check_list(snapshot)
            except FileNotFoundError as error:
                self.findings.add("I7.missing_file", f"{self.table.name}: snapshot {snapshot['snapshot-id']} needs {error.filename}, which does not exist")

    def check_list(self, snapshot):
        manifest_list = self.table.manifest_list(snapshot)
        if written_by_weir(snapshot):
            for problem in manifest_schemas.compare_manifest_list(manifest_list.schema):
                self.findings.add("manifest.schema", f"{manifest_list.path}: {problem}")
            parent = snapshot.get("parent-snapshot-id")
            wanted = {"format-version": "2", "snapshot-id": str(snapshot["snapshot-id"]), "sequence-number": str(snapshot["sequence-number"])}
            if parent is not None or snapshot["sequence-number"] == 1:  # else the parent may have been expired, and forgotten with it
                wanted["parent-snapshot-id"] = "null" if parent is None else str(parent)
            header = {key: manifest_list.metadata.get(key) for key in wanted}
            self.require(header == wanted, "manifest.header", f"{manifest_list.path}: has the header {header}, must be {wanted}")
        paths = [listed["manifest_path"] for listed in manifest_list.records]
        self.require(len(paths) == len(set(paths)), "manifest.twice", f"{manifest_list.path} lists a manifest twice")
        live = []
        for listed in manifest_list.records:
            self.check_listed(snapshot, listed)
            live += [e["data_file"]["file_path"] for e in self.table.manifest(listed).records if e["status"] != DELETED]
        self.require(len(live) == len(set(live)), "I1.file_twice", f"snapshot {snapshot['snapshot-id']} has a data file twice")

    def check_listed(self, snapshot, listed):
        self.require(
            listed["sequence_number"] <= snapshot["sequence-number"], "manifest.sequence", f"{listed['manifest_path']} is newer than its snapshot"
        )
        if listed["manifest_path"] in self.seen_manifests:
            return
        self.seen_manifests.add(listed["manifest_path"])
        manifest = self.table.manifest(listed)
        self.require(
            listed["manifest_length"] == manifest.size,
            "manifest.counts",
            f"{manifest.path} has {manifest.size} bytes, stated {listed['manifest_length']}",
        )
        schema = json.loads(manifest.metadata["schema"])
        spec = self.table.spec(listed["partition_spec_id"])
        adder = self.table.by_id.get(listed["added_snapshot_id"])
        strict = adder is not None and written_by_weir(adder)
        if strict:
            self.check_form(manifest, listed, schema, spec)
        self.check_counts(manifest, listed)
        self.check_sequence(manifest, listed, snapshot)
        self.check_partition_summary(manifest, listed, spec, schema)
        for entry in manifest.records:
            path = entry["data_file"]["file_path"]
            if entry["status"] != DELETED and path not in self.seen_data_files:
                self.seen_data_files.add(path)
                by = self.table.by_id.get(entry["snapshot_id"])
                DataFileCheck(self.findings, self.table, entry, spec, schema, strict=by is not None and written_by_weir(by)).run()

    def check_form(self, manifest, listed, schema, spec):
        for problem in manifest_schemas.compare_manifest(manifest.schema, partition_types(spec, schema)):
            self.findings.add("manifest.schema", f"{manifest.path}: {problem}")
        self.findings.looked_at("manifest.schema")
        header = manifest.metadata
        wanted = {
            "format-version": "2",
            "content": "data",
            "partition-spec-id": str(listed["partition_spec_id"]),
            "schema-id": str(schema.get("schema-id")),
        }
        found = {key: header.get(key) for key in wanted}
        self.require(found == wanted, "manifest.header", f"{manifest.path} has the header {found}, must be {wanted}")
        fields = json.loads(header["partition-spec"])
        self.require(fields == spec["fields"], "manifest.header", f"{manifest.path} has the partition fields {fields}, must be {spec['fields']}")

    def check_counts(self, manifest, listed):
        for status, word in ((ADDED, "added"), (EXISTING, "existing"), (DELETED, "deleted")):
            entries = [e for e in manifest.records if e["status"] == status]
            found = (len(entries), sum(e["data_file"]["record_count"] for e in entries))
            stated = (listed[f"{word}_files_count"], listed[f"{word}_rows_count"])
            self.require(found == stated, "manifest.counts", f"{manifest.path} has {found} {word} files and rows, stated {stated}")

    def check_sequence(self, manifest, listed, snapshot):
        sequences = []
        for entry in manifest.records:
            inherits = entry["sequence_number"] is None
            self.require(
                not inherits or entry["status"] == ADDED, "manifest.sequence", f"{manifest.path} has an entry that is not added and has no sequence number"
            )
            sequence = listed["sequence_number"] if inherits else entry["sequence_number"]
            self.require(sequence <= listed["sequence_number"], "manifest.sequence", f"{manifest.path} has an entry newer than itself")
            if entry["status"] != DELETED:
                sequences.append(sequence)
            if entry["status"] == EXISTING:
                by = self.table.by_id.get(entry["snapshot_id"])
                same = by is None or by["sequence-number"] == entry["sequence_number"]
                self.require(same, "manifest.sequence", f"{manifest.path}: {entry['data_file']['file_path']} has not the sequence number of its snapshot")
        if sequences:
            stated = listed["min_sequence_number"]
            self.require(stated == min(sequences), "manifest.sequence", f"{manifest.path}: min_sequence_number is {stated}, the entries have {min(sequences)}")

    def check_partition_summary(self, manifest, listed, spec, schema):
        summaries = listed.get("partitions") or []
        self.require(len(summaries) == len(spec["fields"]), "manifest.partitions", f"{manifest.path}: {len(summaries)} field summaries for {spec['fields']}")
        tuples = [list(e["data_file"]["partition"].values()) for e in manifest.records if e["status"] != DELETED]
        for i, (summary, (name, kind)) in enumerate(zip(summaries, partition_types(spec, schema).values())):
            found = [values.from_avro(kind, row[i]) for row in tuples]
            present = [value for value in found if value is not None]
            self.require(
                summary["contains_null"] == (len(present) < len(found)), "manifest.partitions", f"{manifest.path}: contains_null of {name} is wrong"
            )
            numbers = [value for value in present if value == value]
            if not numbers:
                continue
            low, high = (None if summary[key] is None else values.from_bound(kind, summary[key]) for key in ("lower_bound", "upper_bound"))
            if low is None or high is None:
                continue
            self.require(
                low <= min(numbers) and high >= max(numbers),
                "manifest.partitions",
                f"{manifest.path}: partition {name} lies in [{min(numbers)!r}, {max(numbers)!r}], stated [{low!r}, {high!r}]",
            )
