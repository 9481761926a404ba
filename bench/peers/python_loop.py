#!/usr/bin/env python3
"""The strongest easy peer: confluent-kafka, pyarrow's JSON reader, PyIceberg's append with the offsets in the summary.

    python_loop.py BROKERS TOPIC WAREHOUSE [ROWS_PER_COMMIT=500000]

Reads to the end of the topic as it stands at the start. No rules, no dead letter: one bad event ends it.
"""

import io
import sys

import pyarrow
import pyarrow.compute as compute
import pyarrow.json
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from pyiceberg.catalog.sql import SqlCatalog

STRING, INT, LONG, DOUBLE = pyarrow.string(), pyarrow.int32(), pyarrow.int64(), pyarrow.float64()
SCHEMA = pyarrow.schema(
    [
        ("event_id", STRING),
        ("ts", pyarrow.timestamp("us", tz="UTC")),
        ("user_id", LONG),
        ("campaign_id", INT),
        ("ad_id", INT),
        ("country", STRING),
        ("device", STRING),
        ("event_type", STRING),
        ("price", DOUBLE),
        ("currency", STRING),
        ("url", STRING),
        ("geo", pyarrow.struct([("lat", DOUBLE), ("lon", DOUBLE)])),
    ]
)
AS_TEXT = pyarrow.schema([pyarrow.field("ts", STRING) if field.name == "ts" else field for field in SCHEMA])


def to_table(values):
    """Events to columns. pyarrow's JSON reader wants no zone in timestamps, so they are put together from their parts."""
    table = pyarrow.json.read_json(
        io.BytesIO(b"\n".join(values)),
        parse_options=pyarrow.json.ParseOptions(explicit_schema=AS_TEXT),
        read_options=pyarrow.json.ReadOptions(use_threads=False),
    )
    seconds_text = compute.replace_substring(compute.utf8_slice_codeunits(table["ts"], 0, 19), "T", " ")
    seconds = compute.cast(compute.strptime(seconds_text, "%Y-%m-%d %H:%M:%S", "us"), LONG)
    milliseconds = compute.cast(compute.utf8_slice_codeunits(table["ts"], 20, 23), LONG)
    micros = compute.add(seconds, compute.multiply(milliseconds, 1000))
    return table.set_column(1, "ts", micros.cast(pyarrow.timestamp("us")).cast(pyarrow.timestamp("us", tz="UTC")))


def main():
    brokers, topic, warehouse = sys.argv[1:4]
    rows_per_commit = int(sys.argv[4]) if len(sys.argv) > 4 else 500_000
    catalog = SqlCatalog("weir", uri=f"sqlite:///{warehouse}/catalog.db", warehouse=f"file://{warehouse}")
    catalog.create_namespace_if_not_exists("bench")
    properties = {"format-version": "2", "write.parquet.compression-codec": "zstd"}
    table = catalog.create_table("bench.events", SCHEMA, properties=properties)
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": "python-loop",
            "enable.auto.commit": False,
            "queued.max.messages.kbytes": 65536,
        }
    )
    partitions = list(consumer.list_topics(topic, 10).topics[topic].partitions)
    end = {p: consumer.get_watermark_offsets(TopicPartition(topic, p))[1] for p in partitions}
    consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in partitions])
    position, values, commits = dict.fromkeys(partitions, 0), [], 0
    while any(position[p] < end[p] for p in partitions):
        for message in consumer.consume(10000, 1.0):
            if message.error():
                sys.exit(str(message.error()))
            values.append(message.value())
            position[message.partition()] = message.offset() + 1
        finished = all(position[p] >= end[p] for p in partitions)
        if len(values) >= rows_per_commit or (finished and values):
            table.append(to_table(values), snapshot_properties={"kafka-offsets": str(position)})
            values, commits = [], commits + 1
    print(f"{commits} commits")


if __name__ == "__main__":
    main()
