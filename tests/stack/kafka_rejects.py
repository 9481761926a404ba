"""What a rejected message came with stands in the dead letter: key and headers, as a replay needs them."""

import json

from cases import case
from confluent_kafka import Producer
from kafka_events import Broker
from lakecheck.catalog import metadata_locations
from pyiceberg.table import StaticTable
from weir_process import Workspace

PIPELINE = """\
pipeline: p
source: {{kafka: {{brokers: "{bootstrap}", topics: orders}}, contract: c.yaml}}
sink: {{iceberg: t.rows}}
catalog: {{sqlite: wh}}
"""


def key_and_headers():
    with Workspace() as workspace, Broker(workspace.path / "broker") as broker:
        broker.topic("orders", 1)
        producer = Producer({"bootstrap.servers": broker.bootstrap})
        producer.produce("orders", b"no json", key=b"\xffkey", headers=[("trace", b"1"), ("trace", None), ("empty", b"")])
        producer.produce("orders", b'{"id": "x"}')
        producer.produce("orders", None, key=b"")
        producer.produce("orders", b'{"id": 1}', headers=[("trace", b"2")])
        assert producer.flush(60) == 0
        workspace.write("c.yaml", "contract: c\ncolumns: [{name: id, type: int}]\n")
        workspace.write("p.yaml", PIPELINE.format(bootstrap=broker.bootstrap))
        ended = workspace.run("run", "p.yaml", "--once")
        assert ended.code == 0, ended
        location = metadata_locations(workspace.path / "wh/catalog.db")["t.rows_dead_letter"]
        rows = sorted(StaticTable.from_metadata(location).scan().to_arrow().to_pylist(), key=lambda row: row["offset"])
        # PyIceberg 0.12 gives an empty list for the null of an event without headers.
        found = [(row["step"], row["outputs"], row["key"], row["headers"] or None, row["header_line"], row["context_truncated"]) for row in rows]
        headers = [{"name": "trace", "value": b"1"}, {"name": "trace", "value": None}, {"name": "empty", "value": b""}]
        assert found == [
            ("source.decode", ["sink"], b"\xffkey", headers, None, False),
            ("source.decode", ["sink"], None, None, None, False),
            ("source.decode", ["sink"], b"", None, None, False),
        ], found


def what_is_not_read_yet():
    """plan names it, and run says so when the tables hold nothing of what the group says has landed."""
    with Workspace() as workspace, Broker(workspace.path / "broker") as broker:
        broker.topic("orders", 2)
        producer = Producer({"bootstrap.servers": broker.bootstrap})
        for number in range(300):
            producer.produce("orders", b'{"id": %d}' % number, partition=number % 2)
        assert producer.flush(60) == 0
        workspace.write("c.yaml", "contract: c\ncolumns: [{name: id, type: int}]\n")
        workspace.write("p.yaml", PIPELINE.format(bootstrap=broker.bootstrap))
        planned = plan(workspace)
        assert (planned["sources"][0]["events"], planned["sources"][0]["unread_count"]) == (300, 2), planned
        assert planned["sample"]["sinks"][0]["rows"] == 10, planned
        ended = workspace.run("run", "p.yaml", "--once")
        assert ended.code == 0 and "is its folder mounted" not in ended.err, ended
        planned = plan(workspace)
        assert planned["sources"][0]["events"] == 0 and planned["sources"][0]["unread"][0]["from"] == 150, planned
        (workspace.path / "wh").rename(workspace.path / "elsewhere")
        ended = workspace.run("run", "p.yaml", "--once", "--quiet")
        assert ended.code == 0 and "300 of the records that are there have landed" in ended.err, ended


def plan(workspace):
    ended = workspace.run("--json", "plan", "p.yaml", "--sample", "10")
    assert ended.code == 0, ended
    return json.loads(ended.out)


def register():
    case("kafka_rejects.what_is_not_read_yet", what_is_not_read_yet)
    case("kafka_rejects.key_and_headers", key_and_headers)
