"""Progress as Weir keeps it in tables: read, merged and compared by a second implementation."""

import base64
import json
import struct
from dataclasses import dataclass, field

from .xxh3 import xxh3_64


@dataclass
class SourceProgress:
    identity: str = ""
    partitions: dict = field(default_factory=dict)  # name -> (next, byte, identity)
    finished: set = field(default_factory=set)  # (hash of the name, hash of the identity)

    def finished_names(self):
        return {name_hash for name_hash, _ in self.finished}

    def covers(self, name, offset):
        """True when `offset` of partition `name` lies below this progress."""
        if name in self.partitions:
            return offset < self.partitions[name][0]
        return xxh3_64(name.encode()) in self.finished_names()


def parse(value):
    """{source name: SourceProgress}; raises ValueError for what is not progress."""
    if not isinstance(value, dict) or set(value) != {"v", "sources"} or value["v"] != 1:
        raise ValueError(f"not progress of version 1: {str(value)[:200]}")
    sources = {}
    for name, body in value["sources"].items():
        unknown = set(body) - {"id", "p", "done"}
        if unknown:
            raise ValueError(f"progress of source {name} has unknown members {unknown}")
        packed = base64.b64decode(body.get("done", ""), validate=True)
        if len(packed) % 12:
            raise ValueError(f"progress of source {name}: 'done' is {len(packed)} bytes")
        done = list(struct.iter_unpack("<QI", packed))
        if done != sorted(set(done)):
            raise ValueError(f"progress of source {name}: 'done' is not sorted and unique")
        partitions = {key: (entry + [0, ""][len(entry) - 1 :]) for key, entry in body.get("p", {}).items()}
        if any(not isinstance(entry[0], int) or entry[0] < 0 or entry[1] < 0 for entry in partitions.values()):
            raise ValueError(f"progress of source {name}: a bad position in {partitions}")
        sources[name] = SourceProgress(body.get("id", ""), {k: tuple(v) for k, v in partitions.items()}, set(done))
    return sources


def parse_text(text):
    return parse(json.loads(text))


def merge(into, newer):
    """What a commit does: takes over what `newer` says; finished partitions leave the list of open ones."""
    merged = {name: SourceProgress(s.identity, dict(s.partitions), set(s.finished)) for name, s in into.items()}
    for name, source in newer.items():
        own = merged.setdefault(name, SourceProgress())
        own.identity = source.identity or own.identity
        own.partitions.update(source.partitions)
        own.finished |= source.finished
        finished = own.finished_names()
        own.partitions = {key: entry for key, entry in own.partitions.items() if xxh3_64(key.encode()) not in finished}
    return merged


def what_moved_back(before, after, decided=()):
    """Texts, one for each position that stands lower in `after` than in `before`. `decided`: what an operator changed on purpose."""
    lost = []
    excused = {(entry["source"], entry.get("partition")) for entry in decided if "source" in entry}
    for name, old in before.items():
        new = after.get(name, SourceProgress())
        finished = new.finished_names()
        for partition, entry in old.partitions.items():
            now = new.partitions.get(partition)
            if xxh3_64(partition.encode()) in finished or (name, partition) in excused:
                continue
            if now is None:
                lost.append(f"{name}: {partition} was at {entry[0]} and is gone")
            elif now[0] < entry[0] or now[1] < entry[1]:
                lost.append(f"{name}: {partition} went back from {entry[:2]} to {now[:2]}")
        named = {xxh3_64(partition.encode()) for source, partition in excused if source == name and partition}
        gone = {entry for entry in old.finished - new.finished if entry[0] not in named}
        if gone and (name, None) not in excused:
            lost.append(f"{name}: {len(gone)} finished files are open again")
    return lost


@dataclass
class PipelineState:
    """The table property weir.pipeline.NAME: all of it in the lead, and in every table of version 1; little in the others."""

    role: str  # "lead", "table", or "any" in version 1
    commit_key: str
    snapshot_id: int
    fence: int = 0
    progress: dict = field(default_factory=dict)
    decided: list = field(default_factory=list)
    tables: dict = field(default_factory=dict)  # the lead's: name -> {"uuid", "commit", "snapshot", ...}
    lead: str = ""  # of a table that follows
    last_key: str = ""  # of the last commit of rows to this table


_KEYS = {
    "any": {"v", "fence", "commit", "snapshot", "sequence", "progress", "tables", "decided", "counts"},
    "lead": {"v", "role", "fence", "uuid", "commit", "commit_fence", "last", "snapshot", "sequence", "prepared", "state"}
    | {"progress", "progress_at", "tables", "counts", "decided"},
    "table": {"v", "role", "lead", "lead_uuid", "commit", "snapshot", "sequence"},
}


def parse_state(text):
    value = json.loads(text)
    role = value.get("role") if value.get("v") == 2 else "any" if value.get("v") == 1 else None
    if role not in _KEYS or set(value) - _KEYS[role]:
        raise ValueError(f"not a pipeline state of version 1 or 2: {text[:200]}")
    commit, snapshot = value.get("commit", ""), value.get("snapshot", 0)
    if role == "table":
        return PipelineState(role, commit, snapshot, lead=value["lead"], last_key=commit)
    moved = parse(value["progress"])
    if "progress_at" in value:
        moved = merge(parse(_stored(value["progress_at"])), moved)
    last_key = commit if role == "any" else value.get("last", "")
    tables = value.get("tables", {}) if role == "lead" else {}
    return PipelineState(role, commit, snapshot, value["fence"], moved, value.get("decided", []), tables, last_key=last_key)


def _stored(place):
    """Progress that is too large for the property."""
    with open(place["uri"].removeprefix("file://"), "rb") as file:
        content = file.read()
    if len(content) != place["size"] or xxh3_64(content) != place["xxh3"]:
        raise ValueError(f"{place['uri']} is not the progress that the property names")
    return json.loads(content)
