"""kill -9 at random times while rows go through dedupe and windows: what lands is what DuckDB makes of the whole log."""

import json
import os

import duckdb
from cases import case
from kafka_events import CONTRACT, judge
from kafka_kills import kill_loop
from lakecheck.catalog import metadata_locations
from pyiceberg.table import StaticTable

KILLS = int(os.environ.get("WEIR_KAFKA_KILLS", 150))

# Sequences count in each partition for itself, so an id comes once from each of them: `once` keeps one of four.
PIPELINE = """\
pipeline: events
source: {{kafka: {kafka}, contract: event.yaml}}
steps:
  - {{name: timed, from: source, watermark: {{time: src_time, disorder: 2s}}}}
  - {{name: once, dedupe: {{key: [producer, sequence], ttl: 1h}}}}
  - name: totals
    window: {{tumble: 1s}}
    by: [producer]
    aggregate: {{events: count(*), first: min(sequence), last: max(sequence), sum: sum(sequence), odd: count(*) filter (where sequence % 2 = 1)}}
sinks:
  events: {{from: source, iceberg: t.events}}
  once: {{from: once, iceberg: t.once}}
  too_old: {{from: once.late, iceberg: t.too_old}}
  totals: {{from: totals, iceberg: t.totals}}
  late: {{from: totals.late, iceberg: t.late}}
catalog: {{sqlite: wh}}
commit: {{every: 100ms, stop_deadline: 20s}}
resources: {{tasks: {tasks}}}
"""

WINDOWS = """
select time_bucket(interval 1 second, src_time) as window_start, time_bucket(interval 1 second, src_time) + interval 1 second as window_end,
       producer, count(*) as events, min(sequence) as first, max(sequence) as last, sum(sequence)::hugeint as sum,
       count(*) filter (where sequence % 2 = 1) as odd
from (select * from once except all select * from late) group by all
"""
TOTALS = "select window_start, window_end, producer, events, first, last, sum::hugeint as sum, odd from totals"


def write_pipeline(workspace, broker, topic, tasks):
    kafka = json.dumps({"brokers": broker.bootstrap, "topics": [topic]})
    workspace.write("event.yaml", CONTRACT + "  - {name: src_time, type: timestamptz, required: true, from: $timestamp}\n")
    workspace.write("events.yaml", PIPELINE.format(kafka=kafka, tasks=tasks))


def judge_state(workspace, broker, topic):
    """Raises when a table is not what the log says. The verifier judges t.events against the log; DuckDB makes the others of it."""
    findings = judge(workspace, broker, topic)
    locations = metadata_locations(str(workspace.path / "wh/catalog.db"))
    database = duckdb.connect()
    database.execute("set timezone = 'UTC'")
    for name in ("events", "once", "too_old", "totals", "late"):
        table = StaticTable.from_metadata(locations[f"t.{name}"]).scan().to_arrow()
        database.register(name, table)

    def count(query):
        return database.execute(f"select count(*) from ({query})").fetchone()[0]

    def none(query, what):
        found = database.execute(f"select * from ({query}) limit 3").fetchall()
        assert not found, f"{what}: {found}"

    none("select * from too_old except all select * from events", "too old and never there")
    none("select producer, sequence from once group by all having count(*) > 1", "landed twice behind dedupe")
    seen = "select producer, sequence from once union all select producer, sequence from too_old"
    none(f"select producer, sequence from events except ({seen})", "lost by dedupe")
    none("select * from once except all select * from events", "altered by dedupe")
    none("select * from late except all select * from once", "late and never there")
    none(f"({TOTALS}) except all ({WINDOWS})", "windows that the log does not have so")
    # What is still open at the end lies within `disorder` of the partition that is furthest behind.
    furthest_behind = "(select min(newest) from (select max(src_time) as newest from events group by src_partition))"
    none(f"select * from (({WINDOWS}) except all ({TOTALS})) where window_end <= {furthest_behind} - interval 2 seconds", "windows that are missing")
    windows = count(TOTALS)
    assert windows > 20, f"only {windows} windows were closed: they show nothing"
    return findings, f"{windows} windows, {count('select * from too_old')} and {count('select * from late')} rows late"


def register():
    case("kafka_state.dedupe_and_windows", lambda: kill_loop(2, KILLS, rate=1_000, write=write_pipeline, judged=judge_state))
