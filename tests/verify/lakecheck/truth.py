"""The truth: what the source holds, position by position."""

import csv
import gzip
import io
import json
import os
import time
from dataclasses import dataclass, field

import zstandard


@dataclass
class Truth:
    """Records by partition and offset. A partition is (topic, number): a Kafka partition, or a file's name and 0."""

    records: dict = field(default_factory=dict)  # (topic, partition) -> {offset: bytes as they came, or None for a tombstone}
    is_kafka: bool = False

    def progress_name(self, partition):
        return f"{partition[0]}/{partition[1]}" if self.is_kafka else partition[0]

    def positions(self):
        return {(topic, number, offset) for (topic, number), records in self.records.items() for offset in records}


def decompressed(path):
    with open(path, "rb") as file:
        data = file.read()
    if path.endswith(".gz"):
        return gzip.decompress(data)
    if path.endswith(".zst"):
        return zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()
    return data


def from_files(root, names, is_csv=False):
    """`names` are paths below `root`. Lines of NDJSON, or records of CSV after its header."""
    truth = Truth()
    for name in names:
        data = decompressed(os.path.join(root, name))
        if is_csv:
            rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
            records = [json.dumps(row).encode() for row in rows]
        else:
            records = data.split(b"\n")
            records = records[:-1] if records[-1] == b"" else records
        truth.records[(name, 0)] = dict(enumerate(records))
    return truth


def from_folder(root, is_csv=False):
    names = [os.path.relpath(os.path.join(folder, file), root) for folder, _, files in os.walk(root) for file in files]
    return from_files(root, sorted(n for n in names if not os.path.basename(n).startswith((".", "_")) and not n.endswith(".tmp")), is_csv)


def from_kafka(bootstrap, topics, config=None, timeout_seconds=60):
    """All committed records that the topics hold now, read by a consumer of its own."""
    from confluent_kafka import Consumer, KafkaError, TopicPartition

    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "lakecheck",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            **(config or {}),
        }
    )
    truth = Truth(is_kafka=True)
    try:
        for topic in topics:
            for number in consumer.list_topics(topic, timeout_seconds).topics[topic].partitions:
                first, _ = consumer.get_watermark_offsets(TopicPartition(topic, number), timeout_seconds)
                truth.records[(topic, number)] = {}
                consumer.incremental_assign([TopicPartition(topic, number, first)])
        at_end = set()
        heard = time.monotonic()
        while len(at_end) < len(truth.records):
            messages = consumer.consume(10_000, 0.2)
            if messages:
                heard = time.monotonic()
            elif time.monotonic() - heard > timeout_seconds:
                raise TimeoutError(f"the broker was silent for {timeout_seconds} s")
            for message in messages:
                partition = (message.topic(), message.partition())
                if message.error() is None:
                    truth.records[partition][message.offset()] = message.value()
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    at_end.add(partition)
                else:
                    raise RuntimeError(message.error())
    finally:
        consumer.close()
    return truth


def from_positions(path):
    """A JSON list of [topic, partition, offset, checksum]; a missing checksum is null."""
    truth = Truth()
    with open(path) as file:
        for topic, number, offset, checksum in json.load(file):
            body = None if checksum is None else json.dumps({"crc": checksum}).encode()
            truth.records.setdefault((topic, number), {})[offset] = body
    return truth
