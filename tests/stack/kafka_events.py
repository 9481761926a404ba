"""A pipeline over topics that produce.py fills, and the rule by which its tables are judged."""

import json
import os
import subprocess
import sys
import time
import zlib
from pathlib import Path

from lakecheck.check import PipelineRule, check_pipeline
from lakecheck.rows import TableRule
from lakecheck.truth import from_kafka

HERE = Path(__file__).resolve().parent
DEPS = HERE.parents[1] / ".deps"
START_SECONDS = 180
COUNT_SECONDS = 180

CHECKED = ("producer", "sequence", "partition", "sent_ms", "note")

CONTRACT = """\
contract: event
version: 1.0.0
columns:
  - {name: producer, type: string, required: true}
  - {name: sequence, type: long, required: true}
  - {name: partition, type: int, required: true}
  - {name: sent_ms, type: long, required: true}
  - {name: note, type: string, required: true}
  - {name: crc, type: long, required: true}
  - {name: src_topic, type: string, required: true, from: $topic}
  - {name: src_partition, type: int, required: true, from: $partition}
  - {name: src_offset, type: long, required: true, from: $offset}
"""


def event_checksum(values):
    """The CRC of an event, as produce.py writes it."""
    return zlib.crc32(":".join(map(str, values)).encode())


class Broker:
    """A broker of one's own. Use with `with`."""

    def __init__(self, folder, *options):
        self.folder = folder
        self._call("start", *options, seconds=START_SECONDS)
        with open(folder / "env") as file:
            self.env = dict(line.rstrip("\n").split("=", 1) for line in file)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self._call("stop")

    @property
    def bootstrap(self):
        return self.env["KAFKA_BOOTSTRAP"]

    def restart(self):
        self._call("restart")

    def stop(self):
        self._call("stop")

    def start(self):
        self._call("start", seconds=START_SECONDS)

    def topic(self, name, partitions=4):
        self._call_verb("topic", "create", name, str(partitions))

    def delete_topic(self, name):
        self._call_verb("topic", "delete", name)

    def delete_records(self, topic, partition, before):
        self._call_verb("delete-records", topic, str(partition), str(before))

    def _call(self, verb, *rest, seconds=60):
        self._run([verb, str(self.folder), *rest], seconds)

    def _call_verb(self, verb, *rest):
        self._run([verb, str(self.folder), *rest], 60)

    @staticmethod
    def _run(words, seconds):
        done = subprocess.run([HERE / "kafka.sh", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds)
        if done.returncode != 0:
            raise RuntimeError(f"kafka.sh {' '.join(words)}: {done.stderr[-2000:]}")


class Producing:
    """A run of produce.py in the background."""

    def __init__(self, workspace, broker, topic, count, *options):
        command = [sys.executable, HERE / "produce.py", broker.bootstrap, topic, str(count), *options]
        self.log = open(workspace.path / f"produce-{topic}-{time.monotonic_ns()}.log", "w+")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT)

    def is_running(self):
        return self.process.poll() is None

    def stop(self):
        """Ends it early; wait() says what it did until then."""
        self.process.terminate()

    def wait(self, seconds=COUNT_SECONDS):
        """What it did, as produce.py says it."""
        try:
            code = self.process.wait(seconds)
        finally:
            self.end()
        self.log.seek(0)
        text = self.log.read()
        if code != 0:
            raise RuntimeError(f"produce.py: {text[-2000:]}")
        return json.loads(text.splitlines()[-1])

    def end(self):
        if self.is_running():
            self.process.kill()
            self.process.wait()


def produce(workspace, broker, topic, count, *options):
    return Producing(workspace, broker, topic, count, *options).wait()


def secured(broker, password="${KAFKA_PASSWORD}", ca=None):
    """The settings for the listener with SCRAM over TLS. The password comes from the environment."""
    os.environ["KAFKA_PASSWORD"] = broker.env["KAFKA_PASSWORD"]
    security = {"protocol": "sasl_ssl", "mechanism": "SCRAM-SHA-512", "username": broker.env["KAFKA_USER"], "password": password}
    return {"brokers": broker.env["KAFKA_SASL_BOOTSTRAP"], "security": {**security, "ca": ca or broker.env["KAFKA_CA"]}}


def write_pipeline(workspace, broker, topic, tasks=1, every="100ms", **kafka):
    """Flow style throughout, so that settings can be handed over as they are."""
    source = {"kafka": {"brokers": broker.bootstrap, "topics": [topic], **kafka}, "contract": "event.yaml"}
    pipeline = {
        "pipeline": "events",
        "source": source,
        "sink": {"iceberg": {"table": "t.events"}},
        "catalog": {"sqlite": "wh"},
        "commit": {"every": every, "stop_deadline": "20s"},
        "resources": {"tasks": tasks},
    }
    workspace.write("event.yaml", CONTRACT)
    workspace.write("events.yaml", "".join(f"{key}: {json.dumps(value)}\n" for key, value in pipeline.items()))


def judge(workspace, broker, topic, complete=True, truth=None):
    """Raises when table and dead letter are not what the broker holds: each offset once, each row whole."""
    rule = PipelineRule(
        catalog_db=str(workspace.path / "wh/catalog.db"),
        pipeline="events",
        tables=[TableRule("t.events", checksum="crc", checksum_of=CHECKED, checksum_by=event_checksum)],
        dead_letter="t.events_dead_letter",
        complete=complete,
        truth=truth or from_kafka(broker.bootstrap, [topic]),
    )
    findings = check_pipeline(rule)
    if not findings.ok:
        raise AssertionError("the verifier found:\n" + findings.text())
    return findings
