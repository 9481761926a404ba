"""Events that carry their own checksum, a contract for them, and the rule by which tables of them are judged."""

import json
import sqlite3

from lakecheck.catalog import metadata_locations
from lakecheck.check import PipelineRule, check_pipeline
from lakecheck.rows import TableRule, record_checksum
from lakecheck.table import Table
from lakecheck.truth import from_folder

CHECKED = ("id", "name", "amount", "flag")

CONTRACT = """\
contract: event
version: 1.0.0
columns:
  - {name: id, type: long, required: true}
  - {name: name, type: string, required: true}
  - {name: amount, type: "decimal(9, 2)"}
  - {name: flag, type: boolean}
  - {name: crc, type: long, required: true}
  - {name: src_topic, type: string, required: true, from: $topic}
  - {name: src_partition, type: int, required: true, from: $partition}
  - {name: src_offset, type: long, required: true, from: $offset}
  - {name: src_time, type: timestamptz, required: true, from: $timestamp}
"""

# Steps with state: an id that comes again is left out.
DEDUPE = "steps: [{name: timed, watermark: src_time}, {name: once, dedupe: {key: [id], ttl: 24h}}]\n"

PIPELINE = """\
pipeline: events
source:
  files: {{path: in, scan_every: 50ms, settle: 0s}}
  contract: event.yaml
sink:
  iceberg: {{table: t.events, partition: ["bucket(2, id)"]}}
catalog: {{sqlite: wh}}
commit: {{every: {every}, epoch_max: {epoch_max}, stop_deadline: 20s}}
resources: {{tasks: {tasks}}}
"""

REJECT_EVERY = 50  # one event in so many breaks the contract


def event(number):
    """The text of event `number`; some of them are rejects."""
    if number % REJECT_EVERY == 7:
        return json.dumps({"id": f"not a number {number}"})
    values = [number, f"Ünïcode {number} ☃", f"{number % 9_999_999}.{number % 100:02d}", number % 3 == 0]
    return json.dumps({**dict(zip(CHECKED, values)), "crc": record_checksum(values)}, ensure_ascii=False)


def lines(first, count):
    return "".join(event(number) + "\n" for number in range(first, first + count))


def write_files(workspace, files=3, rows=200, first=0):
    for i in range(files):
        workspace.write(f"in/{first + i:05d}.ndjson", lines((first + i) * rows, rows))


EACH_BATCH = "1KiB"  # as epoch_max: each batch is an epoch of its own


def write_before_they_grew(workspace):
    """A pipeline that has landed a file under narrower types, and then the contract that all others here have."""
    write_narrow_pipeline(workspace)
    write_files(workspace, 1, 60)
    ended = workspace.run("run", "events.yaml", "--once")
    assert ended.code == 0, ended
    write_pipeline(workspace)


def write_narrow_pipeline(workspace):
    """A contract of the same events whose types are narrower, as long as the numbers are small."""
    write_pipeline(workspace, epoch_max=EACH_BATCH)
    workspace.write("event.yaml", CONTRACT.replace("name: id, type: long", "name: id, type: int").replace("decimal(9, 2)", "decimal(7, 2)"))


def write_pipeline(workspace, every="10ms", epoch_max="256MiB", tasks=1, steps=""):
    workspace.write("event.yaml", CONTRACT)
    workspace.write("events.yaml", PIPELINE.format(every=every, epoch_max=epoch_max, tasks=tasks) + steps)


def without_repeats(truth):
    """What is left behind DEDUPE when one task has read the files in the order of their names. Rejects repeat as they like."""
    seen = set()
    for partition in sorted(truth.records):
        for offset, record in list(truth.records[partition].items()):
            number = json.loads(record)["id"]
            if isinstance(number, int) and number in seen:
                del truth.records[partition][offset]
            seen.add(number)
    return truth


def rule(workspace, truth=None, complete=True, foreign=(), pipeline="events", warehouse="wh"):
    return PipelineRule(
        catalog_db=str(workspace.path / warehouse / "catalog.db"),
        pipeline=pipeline,
        tables=[TableRule("t.events", checksum="crc", checksum_of=CHECKED, foreign=set(foreign))],
        dead_letter="t.events_dead_letter",
        complete=complete,
        truth=truth if truth is not None else from_folder(str(workspace.path / "in")),
    )


def are_taken(workspace):
    """True when the pipeline has taken its tables: from then on they can be judged."""
    catalog = workspace.path / "wh/catalog.db"
    try:
        locations = metadata_locations(catalog) if catalog.exists() else {}
    except sqlite3.OperationalError:  # died before it made the catalog's tables
        return False
    return len(locations) == 2 and any("weir.pipeline.events" in Table(name, at).properties for name, at in locations.items())


def judge_partly(workspace, **arguments):
    """After a fault the tables may be behind, or not there yet, but never wrong."""
    if are_taken(workspace):
        judge(workspace, complete=False, **arguments)


def judge(workspace, **arguments):
    """Raises when the tables are not what the input says."""
    findings = check_pipeline(rule(workspace, **arguments))
    if not findings.ok:
        raise AssertionError("the verifier found:\n" + findings.text())
    return findings
