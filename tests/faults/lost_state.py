"""State of steps that is missing or damaged: Weir halts, says which file and what is wrong, and each way on leads on."""

import json
import struct

from cases import case
from changed_tables import catalog_of
from pipeline_case import OnePipeline
from weir_process import Workspace

PIPELINE = """\
pipeline: p
source: {files: {path: in, settle: 0s}, contract: c.yaml}
steps:
  - {name: timed, watermark: {time: at, disorder: 0s}}
  - {name: hours, window: {tumble: 1h}, by: [k], aggregate: {rows: count(*)}}
sinks: {hours: {from: hours, iceberg: t.hours}}
dead_letter: t.rejects
catalog: {sqlite: wh}
state: store
"""
CONTRACT = "contract: c\ncolumns: [{name: k, type: string, required: true}, {name: at, type: timestamptz, required: true}]\n"


class Pipeline(OnePipeline):
    """Counts per hour; the last hour is always open, in the state only."""

    halt_codes = (1, 2)

    def __init__(self, workspace):
        super().__init__(workspace)
        self.files = 0
        workspace.write("c.yaml", CONTRACT)
        workspace.write("p.yaml", PIPELINE)

    def events(self, *times):
        self.files += 1
        lines = "".join(f'{{"k": "a", "at": "2026-01-01T{time}:00Z"}}\n' for time in times)
        self.workspace.write(f"in/{self.files:03d}.ndjson", lines)

    def record(self):
        shown = self.workspace.run("progress", "show", "p.yaml", "--json")
        assert shown.code == 0, shown
        return json.loads(shown.out)

    def path_of(self, place):
        return self.workspace.path / place["uri"].removeprefix("file://")

    def state_files_manifest(self):
        return self.path_of(self.record()["state"])

    def state_files(self):
        """The manifest that the record names, and the parts beside it of the same writer."""
        manifest = self.state_files_manifest()
        parts = sorted(manifest.parent.glob("*.part"))
        assert manifest.is_file() and parts, f"no checkpoint at {manifest}"
        return manifest, parts

    def counts(self):
        rows = catalog_of(self.workspace).load_table("t.hours").scan().to_arrow().to_pylist()
        return sorted((row["window_start"].hour, row["rows"]) for row in rows)


def flipped(content, at):
    changed = bytearray(content)
    changed[at] ^= 0x20
    return bytes(changed)


def of_a_later_version(content):
    return content[:8] + struct.pack("<I", 99) + content[12:]


HARMS = {
    "missing": (None, "is missing"),
    "truncated": (lambda content: content[:-5], "bytes that were written"),
    "empty": (lambda content: b"", "it has 0 of the"),
    "flipped byte": (lambda content: flipped(content, len(content) // 2), "checksum"),
    "later version": (of_a_later_version, "checksum"),  # a copy of another program's file is not the one that was written
}


def halts_until_it_is_put_back(harm, which):
    with Workspace() as workspace:
        pipeline = Pipeline(workspace)
        pipeline.events("10:00", "10:20", "11:00")
        pipeline.runs()
        manifest, parts = pipeline.state_files()
        path = manifest if which == "manifest" else parts[0]
        content = path.read_bytes()
        change, said = HARMS[harm]
        path.unlink()
        if change:
            path.write_bytes(change(content))
        before = pipeline.counts()
        pipeline.events("11:30", "12:00")
        for _ in range(2):  # it stays so: no start eats what is left
            pipeline.halts(path.name, said, "weir progress forget PIPELINE.yaml --state")
        assert pipeline.counts() == before == [(10, 2)], pipeline.counts()
        path.write_bytes(content)
        pipeline.runs()
        assert pipeline.counts() == [(10, 2), (11, 2)], pipeline.counts()


def goes_on_without():
    with Workspace() as workspace:
        pipeline = Pipeline(workspace)
        pipeline.events("10:00", "10:20", "11:00")
        pipeline.runs()
        for path in pipeline.state_files()[1]:
            path.unlink()
        pipeline.events("11:30", "12:00")
        pipeline.halts("is missing")
        decided = workspace.run("progress", "forget", "p.yaml", "--state", "--reason", "the disk is gone")
        assert decided.code == 0 and "is forgotten" in decided.out, decided
        assert pipeline.record()["decided"][-1]["state"] == "forgotten", pipeline.record()
        pipeline.runs()
        assert pipeline.counts() == [(10, 2), (11, 1)], f"what 11:00 had is lost, and only that: {pipeline.counts()}"
        again = workspace.run("progress", "forget", "p.yaml", "--state")
        assert again.code == 2 and "reason" in again.err, again


def register():
    for harm in HARMS:
        for which in ("manifest", "part"):
            case(f"lost state: {harm} {which}", lambda harm=harm, which=which: halts_until_it_is_put_back(harm, which))
    case("lost state: go on without", goes_on_without)
