"""One Iceberg table, read from its files: metadata JSON and its whole history, manifest lists, manifests."""

import json
import os
from dataclasses import dataclass

import fastavro

from .catalog import local_path

ADDED, EXISTING, DELETED = 1, 0, 2


@dataclass
class AvroFile:
    path: str
    size: int
    metadata: dict  # header of the container: text -> text
    schema: dict  # as it stands in the header
    records: list


def read_avro(uri):
    path = local_path(uri)
    with open(path, "rb") as file:
        reader = fastavro.reader(file)
        header = {key: value.decode() if isinstance(value, bytes) else value for key, value in reader.metadata.items()}
        return AvroFile(path, os.path.getsize(path), header, json.loads(header["avro.schema"]), list(reader))


class Table:
    def __init__(self, name, location):
        self.name = name
        self.location = location
        self.metadata = self._read_metadata(location)
        self.snapshots = sorted(self.metadata.get("snapshots", []), key=lambda s: s["sequence-number"])
        self.by_id = {snapshot["snapshot-id"]: snapshot for snapshot in self.snapshots}
        self._avro = {}

    @staticmethod
    def _read_metadata(location):
        with open(local_path(location), "rb") as file:
            return json.load(file)

    @property
    def properties(self):
        return self.metadata.get("properties", {})

    @property
    def current_snapshot(self):
        current = self.metadata.get("current-snapshot-id")
        return None if current in (None, -1) else self.by_id[current]

    def schema(self, schema_id=None):
        wanted = self.metadata["current-schema-id"] if schema_id is None else schema_id
        return next(schema for schema in self.metadata["schemas"] if schema["schema-id"] == wanted)

    def spec(self, spec_id):
        return next(spec for spec in self.metadata["partition-specs"] if spec["spec-id"] == spec_id)

    def ancestry(self):
        """Snapshots of main that are still there, the newest first."""
        snapshot = self.current_snapshot
        while snapshot is not None:
            yield snapshot
            snapshot = self.by_id.get(snapshot.get("parent-snapshot-id"))

    def history(self):
        """All metadata versions, the oldest first, as (location, metadata). Stops where an older file is not listed any more, or
        has left the table's log and was removed, as the table's property wants it. Raises FileNotFoundError when a listed one is gone."""
        versions = [(self.location, self.metadata)]
        listed = {entry["metadata-file"] for entry in self.metadata.get("metadata-log", [])}
        may_be_removed = self.metadata.get("properties", {}).get("write.metadata.delete-after-commit.enabled") == "true"
        while versions[-1][1].get("metadata-log"):
            location = versions[-1][1]["metadata-log"][-1]["metadata-file"]
            try:
                versions.append((location, self._read_metadata(location)))
            except FileNotFoundError:
                if location in listed or not may_be_removed:
                    raise
                break
        return versions[::-1]

    def _read(self, uri):
        if uri not in self._avro:
            self._avro[uri] = read_avro(uri)
        return self._avro[uri]

    def manifest_list(self, snapshot):
        return self._read(snapshot["manifest-list"])

    def manifest(self, listed):
        return self._read(listed["manifest_path"])

    def live_entries(self, snapshot):
        """(listed manifest, entry) of each file that a reader of `snapshot` reads."""
        for listed in self.manifest_list(snapshot).records:
            for entry in self.manifest(listed).records:
                if entry["status"] != DELETED:
                    yield listed, entry


def written_by_weir(snapshot):
    return snapshot.get("summary", {}).get("engine-name") == "weir"
