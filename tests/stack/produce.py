#!/usr/bin/env python3
"""Fills a Kafka topic with events that prove themselves.

    produce.py BOOTSTRAP TOPIC COUNT [--mode plain|transactional] [--producer NAME] [--abort-fraction 0.2] ...

An event is one line of JSON: producer, sequence, partition, sent_ms, note, crc. The sequences of one producer in one partition are 0, 1, 2 ...
without a gap; crc is the CRC-32 of "producer:sequence:partition:sent_ms:note". So a reader needs no list of what was sent to find a gap, a
repetition, an altered row or a row of the wrong partition. Events of transactions that are aborted on purpose have negative sequences: none of
them may ever be seen. With --bad-fraction, some events are cut off in the middle: they belong in the dead letter.

SIGTERM ends it early, and well. Prints a summary as one line of JSON: how many events were committed, aborted and bad, and for each partition the offsets.
Exit code 0: everything was acknowledged. Uses confluent-kafka from the test environment (.deps/py).
"""

import argparse
import json
import random
import signal
import sys
import time
import zlib

from confluent_kafka import KafkaException, Producer

TIMEOUT_SECONDS = 60


def event_crc(producer, sequence, partition, sent_ms, note):
    """What the event's crc must be."""
    return zlib.crc32(f"{producer}:{sequence}:{partition}:{sent_ms}:{note}".encode())


def event_text(producer, sequence, partition, sent_ms, note):
    crc = event_crc(producer, sequence, partition, sent_ms, note)
    return f'{{"producer":"{producer}","sequence":{sequence},"partition":{partition},"sent_ms":{sent_ms},"note":"{note}","crc":{crc}}}'


class Partition:
    """What happened in one partition."""

    def __init__(self):
        self.next_sequence = 0
        self.next_aborted = -1
        self.committed = self.aborted = self.bad = 0
        self.first_offset = self.last_offset = None
        self.bad_offsets = []

    def acknowledge(self, offset, is_bad):
        self.first_offset = offset if self.first_offset is None else min(self.first_offset, offset)
        self.last_offset = offset if self.last_offset is None else max(self.last_offset, offset)
        if is_bad:
            self.bad += 1
            self.bad_offsets.append(offset)
        else:
            self.committed += 1

    def summary(self):
        return {
            "committed": self.committed,
            "aborted": self.aborted,
            "bad": self.bad,
            "bad_offsets": sorted(self.bad_offsets),
            "first_offset": self.first_offset,
            "last_offset": self.last_offset,
        }


class Run:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        settings = {
            "bootstrap.servers": options.bootstrap,
            "log_level": 2,
            "linger.ms": 20,
            "compression.type": options.compression,
            "enable.idempotence": True,
            "queue.buffering.max.messages": 200_000,
            "message.timeout.ms": TIMEOUT_SECONDS * 1000,
        }
        for entry in options.property:
            key, value = entry.split("=", 1)
            settings[key] = value
        if options.mode == "transactional":
            settings["transactional.id"] = f"{options.topic}-{options.producer}"
            settings["transaction.timeout.ms"] = TIMEOUT_SECONDS * 1000
        self.producer = Producer(settings)
        count = len(self.producer.list_topics(options.topic, TIMEOUT_SECONDS).topics[options.topic].partitions)
        if count == 0:
            sys.exit(f"produce: there is no topic {options.topic}")
        self.partitions = [Partition() for _ in range(min(count, options.partitions or count))]
        self.note = "x" * max(0, options.value_bytes - 110)
        self.failures = []
        self.sent = 0
        self.is_stopped = False

    def stop(self, *_):
        self.is_stopped = True

    def make(self, number):
        """One event, with its sequence: partition, text, is it a bad one."""
        partition = self.partitions[number]
        sequence = partition.next_sequence
        if self.random.random() < self.options.bad_fraction:
            return number, f'{{"producer":"{self.options.producer}","sequence":', True
        partition.next_sequence += 1
        return number, event_text(self.options.producer, sequence, number, int(time.time() * 1000), self.note), False

    def make_aborted(self, number):
        partition = self.partitions[number]
        sequence = partition.next_aborted
        partition.next_aborted -= 1
        partition.aborted += 1
        return number, event_text(self.options.producer, sequence, number, int(time.time() * 1000), self.note), False

    def send(self, event, acknowledged):
        number, text, is_bad = event

        def on_delivery(error, message):
            if error is not None:
                self.failures.append(str(error))
            else:
                acknowledged(number, message.offset(), is_bad)

        while True:
            try:
                self.producer.produce(self.options.topic, text, partition=number, on_delivery=on_delivery)
                return self.producer.poll(0)
            except BufferError:
                self.producer.poll(0.05)

    def note_offset(self, number, offset, is_bad):
        self.partitions[number].acknowledge(offset, is_bad)

    def pace(self, begin):
        if self.options.rate > 0:
            ahead = self.sent / self.options.rate - (time.monotonic() - begin)
            if ahead > 0:
                self.producer.poll(0)
                time.sleep(ahead)

    def plain(self):
        begin = time.monotonic()
        for index in range(self.options.count):
            self.send(self.make(index % len(self.partitions)), self.note_offset)
            self.sent += 1
            if index % 100 == 0:
                self.pace(begin)
                if self.is_stopped:
                    break
        if self.producer.flush(TIMEOUT_SECONDS) > 0:
            self.failures.append("not everything was acknowledged in time")

    def transactional(self):
        self.producer.init_transactions(TIMEOUT_SECONDS)
        begin = time.monotonic()
        while self.sent < self.options.count and not self.is_stopped:
            if self.random.random() < self.options.abort_fraction:
                self.aborted_transaction()
            size = min(self.options.transaction_size, self.options.count - self.sent)
            self.commit([self.make((self.sent + i) % len(self.partitions)) for i in range(size)])
            self.sent += size
            self.pace(begin)

    def aborted_transaction(self):
        failures = len(self.failures)
        self.producer.begin_transaction()
        for i in range(self.options.transaction_size):
            self.send(self.make_aborted(i % len(self.partitions)), lambda *_: None)
        self.producer.flush(TIMEOUT_SECONDS)  # so that they are in the log
        until_done(self.producer.abort_transaction)
        del self.failures[failures:]

    def commit(self, events):
        """One transaction, again and again until it is committed: a broker may go away in the middle."""
        while True:
            acknowledged = []
            failures = len(self.failures)
            self.producer.begin_transaction()
            for event in events:
                self.send(event, lambda *fact: acknowledged.append(fact))
            try:
                until_done(self.producer.commit_transaction)
            except KafkaException as error:
                if not error.args[0].txn_requires_abort():
                    raise
                until_done(self.producer.abort_transaction)
                del self.failures[failures:]
                continue
            for fact in acknowledged:
                self.note_offset(*fact)
            return


def until_done(call):
    """Calls again as long as librdkafka says that this may help."""
    while True:
        try:
            return call(TIMEOUT_SECONDS)
        except KafkaException as error:
            if not error.args[0].retriable():
                raise


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bootstrap")
    parser.add_argument("topic")
    parser.add_argument("count", type=int, help="events to commit, bad ones included")
    parser.add_argument("--mode", choices=("plain", "transactional"), default="plain")
    parser.add_argument("--producer", default="p", help="name in the events; one process a name")
    parser.add_argument("--partitions", type=int, help="use the first so many partitions (all)")
    parser.add_argument("--transaction-size", type=int, default=500)
    parser.add_argument("--abort-fraction", type=float, default=0.0, help="aborted transactions beside each committed one")
    parser.add_argument("--bad-fraction", type=float, default=0.0, help="events that are not JSON")
    parser.add_argument("--value-bytes", type=int, default=0, help="about so many bytes an event (110)")
    parser.add_argument("--rate", type=float, default=0, help="events a second (as fast as it goes)")
    parser.add_argument("--compression", default="lz4")
    parser.add_argument("--property", action="append", default=[], metavar="KEY=VALUE", help="more settings of the producer")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    run = Run(options)
    signal.signal(signal.SIGTERM, run.stop)
    begin = time.monotonic()
    if options.mode == "plain":
        run.plain()
    else:
        run.transactional()
    partitions = {str(number): partition.summary() for number, partition in enumerate(run.partitions)}
    total = {key: sum(partition[key] for partition in partitions.values()) for key in ("committed", "aborted", "bad")}
    print(json.dumps({"topic": options.topic, "producer": options.producer, "mode": options.mode, **total,
                      "seconds": round(time.monotonic() - begin, 2), "partitions": partitions}))
    if run.failures or total["committed"] + total["bad"] != run.sent:
        sys.exit(f"produce: {len(run.failures)} failures, first: {run.failures[:1]}")


if __name__ == "__main__":
    main()
