"""Progress as Weir keeps it in tables: read, merged and compared by a second implementation."""

import base64
import json
import struct
from dataclasses import dataclass, field

from .xxh3 import xxh3_64


@dataclass
class SourceProgress:
    identity: str = ""
    partitions: dict = field(default_factory=dict)  # name -> (next, byte, identity, leader epoch)
    finished: dict = field(default_factory=dict)  # hash of the name -> the rest of the record
    forgotten: set = field(default_factory=set)  # of what moved: hashes of names that are dropped from `finished`

    def finished_names(self):
        return set(self.finished)

    def covers(self, name, offset):
        """True when `offset` of partition `name` lies below this progress."""
        if name in self.partitions:
            return offset < self.partitions[name][0]
        return xxh3_64(name.encode()) in self.finished_names()


def parse(value):
    """{source name: SourceProgress}; raises ValueError for what is not progress."""
    if not isinstance(value, dict) or set(value) != {"v", "sources"} or value["v"] not in _RECORDS:
        raise ValueError(f"not progress of version 1 or 2: {str(value)[:200]}")
    key, layout = _RECORDS[value["v"]]
    sources = {}
    for name, body in value["sources"].items():
        unknown = set(body) - {"id", "p", key} - ({"forgotten", "names"} if value["v"] > 1 else set())
        if unknown:
            raise ValueError(f"progress of source {name} has unknown members {unknown}")
        packed = base64.b64decode(body.get(key, ""), validate=True)
        if len(packed) % struct.calcsize(layout):
            raise ValueError(f"progress of source {name}: '{key}' is {len(packed)} bytes")
        done = list(struct.iter_unpack(layout, packed))
        names = [record[0] for record in done]
        if names != sorted(set(names)):
            raise ValueError(f"progress of source {name}: '{key}' is not sorted and unique")
        forgotten = {record[0] for record in struct.iter_unpack("<Q", base64.b64decode(body.get("forgotten", ""), validate=True))}
        for (name_hash,) in struct.iter_unpack("<Q", base64.b64decode(body.get("names", ""), validate=True)):
            done.append((name_hash, 0, 0, 0, 0, 0))
        partitions = {split: (entry + [0, "", -1][len(entry) - 1 :]) for split, entry in body.get("p", {}).items()}
        if any(not isinstance(entry[0], int) or entry[0] < 0 or entry[1] < 0 for entry in partitions.values()):
            raise ValueError(f"progress of source {name}: a bad position in {partitions}")
        sources[name] = SourceProgress(body.get("id", ""), {k: tuple(v) for k, v in partitions.items()}, {record[0]: _record(value["v"], record) for record in done}, forgotten)
    return sources


# By version: the member with finished files and the layout of one, which begins with the hash of its name.
_RECORDS = {1: ("done", "<QI"), 2: ("files", "<QQQQHB")}


def _record(version, record):
    """A finished file as version 2 has it: content (low, high), facts, the day on which it was missed, state."""
    return record[1:] if version == 2 else (record[1], 0, 0, 0, 2)


def by_names(sources):
    """The same with no more of finished files than the hashes of their names: what a snapshot's summary can say."""
    return {name: (s.identity, s.partitions, set(s.finished)) for name, s in sources.items()}


def parse_text(text):
    return parse(json.loads(text))


def merge(into, newer):
    """What a commit does: takes over what `newer` says; finished partitions leave the list of open ones."""
    merged = {name: SourceProgress(s.identity, dict(s.partitions), dict(s.finished)) for name, s in into.items()}
    for name, source in newer.items():
        own = merged.setdefault(name, SourceProgress())
        own.identity = source.identity or own.identity
        own.partitions.update(source.partitions)
        for name_hash in source.forgotten:
            own.finished.pop(name_hash, None)
        own.finished.update(source.finished)
        own.partitions = {key: entry for key, entry in own.partitions.items() if xxh3_64(key.encode()) not in source.finished}
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
        gone = old.finished_names() - new.finished_names() - named
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
    "lead": {"v", "role", "fence", "uuid", "commit", "commit_fence", "last", "snapshot", "sequence", "prepared", "state", "older_states"}
    | {"progress", "progress_at", "tables", "counts", "decided", "epochs", "followers", "unfollowed"},
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
        moved = merge(_large(value["progress_at"]), moved)
    last_key = commit if role == "any" else value.get("last", "")
    tables = value.get("tables", {}) if role == "lead" else {}
    return PipelineState(role, commit, snapshot, value["fence"], moved, value.get("decided", []), tables, last_key=last_key)


def _large(place):
    """Progress that is too large for the property: parts, of which the newest names those before it."""
    newest = _stored(place)
    whole = {}
    for before in newest.get("after", []):
        part = _stored(before)
        whole = merge(whole, parse(part.get("moved", part)))
    return merge(whole, parse(newest.get("moved", newest)))


def _stored(place):
    with open(place["uri"].removeprefix("file://"), "rb") as file:
        content = file.read()
    if len(content) != place["size"] or xxh3_64(content) != place["xxh3"]:
        raise ValueError(f"{place['uri']} is not the progress that the property names")
    return json.loads(content)
