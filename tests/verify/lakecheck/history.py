"""The table's history: one line of metadata versions, sequence numbers that rise, summaries that add up, progress that never goes back (I5)."""

import os
import re

from . import progress
from .catalog import local_path
from .table import ADDED, written_by_weir

_VERSION = re.compile(r"^(\d+)-[0-9a-f-]{36}\.(?:gz\.)?metadata\.json$")


class HistoryCheck:
    def __init__(self, findings, table, pipeline):
        self.findings = findings
        self.table = table
        self.pipeline = pipeline
        self.property = "weir.pipeline." + pipeline

    def require(self, condition, code, message):
        return self.findings.require(condition, code, lambda: f"{self.table.name}: {message() if callable(message) else message}")

    def run(self):
        try:
            versions = self.table.history()
        except FileNotFoundError as error:
            self.findings.add("I7.missing_file", f"{self.table.name}: the metadata log names {error.filename}, which does not exist")
            versions = [(self.table.location, self.table.metadata)]
        for before, after in zip(versions, versions[1:]):
            self.check_step(before, after)
        self.check_progress(versions)
        self.check_snapshots()
        self.check_summaries()

    def check_step(self, before, after):
        (old_location, old), (location, new) = before, after
        name = os.path.basename(local_path(location))
        log = [entry["metadata-file"] for entry in new["metadata-log"]]
        old_log = [entry["metadata-file"] for entry in old.get("metadata-log", [])] + [old_location]
        self.require(log == old_log[-len(log) :], "metadata_log", f"{name}: its metadata-log does not go on from the version before")
        for key in ("table-uuid", "format-version", "location"):
            self.require(old[key] == new[key], "metadata_log", f"{name}: {key} changed from {old[key]} to {new[key]}")
        for key in ("last-updated-ms", "last-sequence-number", "last-column-id", "last-partition-id"):
            self.require(old[key] <= new[key], "metadata_log", f"{name}: {key} went back from {old[key]} to {new[key]}")
        old_version, version = (_VERSION.match(os.path.basename(local_path(place))) for place in (old_location, location))
        if self.require(old_version and version, "metadata_log", f"{name} or the one before is no name of a metadata file"):
            self.require(int(version[1]) == int(old_version[1]) + 1, "metadata_log", f"{name} follows {old_version[0]}")

    def state_of(self, metadata):
        text = metadata.get("properties", {}).get(self.property)
        return None if text is None else progress.parse_state(text)

    def check_progress(self, versions):
        states = []
        for location, metadata in versions:
            try:
                states.append(self.state_of(metadata))
            except (ValueError, KeyError, TypeError) as error:
                self.findings.add("I5.property", f"{self.table.name} {location}: {error}")
                states.append(None)
        for i in range(1, len(versions)):
            before, after = states[i - 1], states[i]
            name = os.path.basename(local_path(versions[i][0]))
            if after is None:
                self.require(before is None, "I5.property", f"{name} lost the property {self.property}")
                continue
            self.check_move(name, before, after, self.new_snapshots(versions[i - 1][1], versions[i][1]))

    @staticmethod
    def new_snapshots(old, new):
        known = {snapshot["snapshot-id"] for snapshot in old.get("snapshots", [])}
        return [snapshot for snapshot in new.get("snapshots", []) if snapshot["snapshot-id"] not in known]

    def check_move(self, name, before, after, added):
        if after.role == "table":
            self.check_following(name, before, after, added)
            return
        old = before.progress if before else {}
        decided = [entry for entry in after.decided if before is None or entry not in before.decided]
        for lost in progress.what_moved_back(old, after.progress, decided):
            self.findings.add("I5.moved_back", f"{self.table.name} {name}: {lost}")
        self.require(before is None or before.fence <= after.fence, "I5.fence", f"{name}: the fence went back from {before and before.fence} to {after.fence}")
        ours = [snapshot for snapshot in added if snapshot["summary"].get("weir.pipeline") == self.pipeline]
        if not ours:
            moved = before is not None and after.commit_key == before.commit_key and after.progress != before.progress
            self.require(not moved, "I5.property", f"{name}: progress moved without a commit")
            return
        summary = ours[0]["summary"]
        self.require(len(added) == 1, "I5.property", f"{name}: {len(added)} snapshots in one commit")
        merged = progress.merge(old, progress.parse_text(summary["weir.progress"]))
        self.require(progress.by_names(merged) == progress.by_names(after.progress), "I5.delta", f"{name}: {old} and {summary['weir.progress']} do not give {after.progress}")
        stated = (summary.get("weir.commit-key"), summary.get("weir.fence-epoch"), ours[0]["snapshot-id"])
        wanted = (after.commit_key, str(after.fence), after.snapshot_id)
        self.require(stated == wanted, "I5.property", f"{name}: the snapshot says {stated}, the property {wanted}")

    def check_following(self, name, before, after, added):
        ours = [snapshot for snapshot in added if snapshot["summary"].get("weir.pipeline") == self.pipeline]
        if not ours:
            self.require(before is not None and before.last_key == after.last_key, "I5.property", f"{name}: it follows a commit without rows")
            return
        self.require(len(added) == 1, "I5.property", f"{name}: {len(added)} snapshots in one commit")
        stated = (ours[0]["summary"].get("weir.commit-key"), ours[0]["snapshot-id"])
        wanted = (after.commit_key, after.snapshot_id)
        self.require(stated == wanted, "I5.property", f"{name}: the snapshot says {stated}, the property {wanted}")

    def check_snapshots(self):
        metadata = self.table.metadata
        main = metadata.get("refs", {}).get("main", {}).get("snapshot-id")
        current = metadata.get("current-snapshot-id")
        self.require(main == (None if current == -1 else current), "snapshots", f"main is at {main}, current-snapshot-id is {current}")
        numbers = [snapshot["sequence-number"] for snapshot in self.table.snapshots]
        self.require(len(numbers) == len(set(numbers)), "sequence", f"two snapshots share a sequence number: {numbers}")
        self.require(not numbers or numbers[-1] <= metadata["last-sequence-number"], "sequence", "a snapshot is newer than last-sequence-number")
        keys = [snapshot["summary"]["weir.commit-key"] for snapshot in self.table.snapshots if "weir.commit-key" in snapshot["summary"]]
        self.require(len(keys) == len(set(keys)), "I1.commit_twice", "two snapshots have the same commit key")
        for snapshot in self.table.snapshots:
            parent = self.table.by_id.get(snapshot.get("parent-snapshot-id"))
            if parent is None:
                continue
            self.require(
                parent["sequence-number"] < snapshot["sequence-number"],
                "sequence",
                f"snapshot {snapshot['snapshot-id']} has the sequence number {snapshot['sequence-number']}, its parent {parent['sequence-number']}",
            )
            if written_by_weir(parent) and written_by_weir(snapshot):
                older, newer = (int(s["summary"]["weir.fence-epoch"]) for s in (parent, snapshot))
                self.require(older <= newer, "I5.fence", f"snapshot {snapshot['snapshot-id']} is of fence epoch {newer}, its parent of {older}")
        ancestry = [snapshot["snapshot-id"] for snapshot in self.table.ancestry()]
        self.require(len(ancestry) == len(set(ancestry)), "snapshots", "the ancestry of main is a ring")
        log = [entry["snapshot-id"] for entry in metadata.get("snapshot-log", [])]
        self.require(current in (None, -1) or (log and log[-1] == current), "snapshots", "the snapshot-log does not end at the current snapshot")

    def check_summaries(self):
        for snapshot in self.table.snapshots:
            if not written_by_weir(snapshot):
                continue
            try:
                entries = [entry for _, entry in self.table.live_entries(snapshot)]
            except FileNotFoundError:
                continue  # reported by the walk over manifests
            added = [e for e in entries if e["status"] == ADDED and e["snapshot_id"] == snapshot["snapshot-id"]]
            partitions = {tuple(e["data_file"]["partition"].items()) for e in added}
            wanted = {"operation": "append", **self.counts("added", added), **self.counts("total", entries)}
            wanted.update({"changed-partition-count": str(len(partitions)), "total-delete-files": "0"})
            wanted.update({"total-position-deletes": "0", "total-equality-deletes": "0"})
            found = {key: snapshot["summary"].get(key) for key in wanted}
            different = {key: (found[key], wanted[key]) for key in wanted if found[key] != wanted[key]}
            self.require(not different, "summary", f"snapshot {snapshot['snapshot-id']} states (found, must be) {different}")

    @staticmethod
    def counts(word, entries):
        files = [entry["data_file"] for entry in entries]
        return {
            f"{word}-data-files": str(len(files)),
            f"{word}-records": str(sum(file["record_count"] for file in files)),
            f"{word}-files-size": str(sum(file["file_size_in_bytes"] for file in files)),
        }
