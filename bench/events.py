#!/usr/bin/env python3
"""Writes the ad events that every benchmark of this folder reads: JSON objects of 12 fields, one
nested, about 292 bytes.

    events.py COUNT --file OUT.ndjson | --brokers HOST:PORT --topic NAME [--partitions 2] [--codec lz4] [--whole-repeats]

The same count gives the same bytes on every machine (seed 42): 30 minutes of event time with up to 3 s of disorder, and
1 % of the events repeat an event_id that was seen up to 50,000 events before. In a topic, events of one user share a
partition. With --whole-repeats such an event repeats all of the earlier one, as when a producer sends it again: then it
does not matter which of the two a reader meets first, and the facts have each campaign's count and price a minute.
Prints one line of JSON: what a table of them must hold. Uses numpy and, for a topic, confluent-kafka (.deps/py).
"""

import argparse
import datetime
import json
import sys
import uuid

import numpy

COUNTRIES = ["US", "DE", "FR", "GB", "IN", "BR", "JP", "MX", "CA", "ES", "IT", "NL", "PL", "TR", "KR", "AU"]
DEVICES = ["mobile", "desktop", "tablet", "tv"]
KINDS = ["impression"] * 8 + ["click"] * 3 + ["conversion"]
CURRENCIES = ["USD", "EUR", "GBP", "JPY"]
BEGIN = datetime.datetime(2026, 11, 20, 6, 0, 0)
SPAN_MS = 1_800_000
CHUNK = 50_000
REPEATED = 0.01
COUNT_MAX = 20_000_000


class Facts:
    """What a table with all events must hold."""

    def __init__(self):
        self.events = self.bytes = self.repeated = self.sum_user_id = 0
        self.sum_price_e4 = 0  # in ten-thousandths, so that it is exact
        self.windows = None  # (minute of the first event's hour, campaign): [events without repeats, their price_e4]

    def count_in_window(self, milliseconds, campaign, price_e4):
        window = self.windows.setdefault((milliseconds // 60_000, campaign), [0, 0])
        window[0] += 1
        window[1] += price_e4

    def summary(self):
        facts = {"events": self.events, "bytes": self.bytes, "distinct_event_id": self.events - self.repeated}
        if self.windows is not None:
            return facts | {"windows": sorted([*key, *value] for key, value in self.windows.items())}
        return facts | {"sum_user_id": self.sum_user_id, "sum_price": self.sum_price_e4 / 10_000}


def draw(random, count):
    """One chunk of random columns. The order of the draws decides the bytes: it must never change."""
    return {
        "ids": random.bytes(16 * count),
        "user": random.integers(1_000_000, 6_000_000, count),
        "campaign": random.zipf(1.3, count) % 1000,
        "ad": random.integers(0, 20000, count),
        "country": random.integers(0, 16, count),
        "device": random.integers(0, 4, count),
        "kind": random.integers(0, 12, count),
        "currency": random.integers(0, 4, count),
        "price_e4": random.integers(0, 50000, count),
        "is_repeated": random.random(count) < REPEATED,
        "repeats": random.integers(0, CHUNK, count),
        "disorder_ms": random.integers(0, 3000, count),
        "lat": random.integers(-9000, 9000, count) / 100,
        "lon": random.integers(-18000, 18000, count) / 100,
    }


def event_text(chunk, i, event_id, milliseconds):
    time = (BEGIN + datetime.timedelta(milliseconds=milliseconds)).isoformat(timespec="milliseconds")
    ad = chunk["ad"][i]
    return (
        f'{{"event_id":"{event_id}","ts":"{time}Z","user_id":{chunk["user"][i]},'
        f'"campaign_id":{chunk["campaign"][i]},"ad_id":{ad},'
        f'"country":"{COUNTRIES[chunk["country"][i]]}","device":"{DEVICES[chunk["device"][i]]}",'
        f'"event_type":"{KINDS[chunk["kind"][i]]}","price":{chunk["price_e4"][i] / 10000},'
        f'"currency":"{CURRENCIES[chunk["currency"][i]]}","url":"https://ads.example.com/p/{ad}",'
        f'"geo":{{"lat":{chunk["lat"][i]},"lon":{chunk["lon"][i]}}}}}'
    )


def generate(count, facts, whole_repeats=False):
    """Yields (user id, text) of each event in order."""
    random = numpy.random.default_rng(42)
    recent = []  # of each event: id, and with whole_repeats (user id, text)
    if whole_repeats:
        facts.windows = {}
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        chunk = draw(random, size)
        fresh = []
        for i in range(size):
            event_id, whole = str(uuid.UUID(bytes=chunk["ids"][16 * i : 16 * i + 16])), None
            if chunk["is_repeated"][i] and recent:
                event_id, whole = recent[chunk["repeats"][i]]
                facts.repeated += 1
            milliseconds = (start + i) * SPAN_MS // count - int(chunk["disorder_ms"][i]) + 3000
            event = whole or (int(chunk["user"][i]), event_text(chunk, i, event_id, milliseconds))
            fresh.append((event_id, event if whole_repeats else None))
            facts.bytes += len(event[1])
            if whole_repeats and not whole:
                facts.count_in_window(milliseconds, int(chunk["campaign"][i]), int(chunk["price_e4"][i]))
            yield event
        facts.events += size
        facts.sum_user_id += int(chunk["user"].sum())
        facts.sum_price_e4 += int(chunk["price_e4"].sum())
        recent = (fresh + recent)[:CHUNK]


def write_file(path, events):
    with open(path, "w", buffering=1 << 20) as out:
        for _, text in events:
            out.write(text + "\n")


def write_topic(arguments, events):
    from confluent_kafka import Producer
    from confluent_kafka.admin import AdminClient, NewTopic

    admin = AdminClient({"bootstrap.servers": arguments.brokers})
    for made in admin.create_topics([NewTopic(arguments.topic, arguments.partitions, 1)]).values():
        made.result()
    producer = Producer(
        {
            "bootstrap.servers": arguments.brokers,
            "compression.type": arguments.codec,
            "linger.ms": 50,
            "batch.num.messages": 10000,
            "batch.size": 1_000_000,
            "queue.buffering.max.messages": 200_000,
            "enable.idempotence": True,
        }
    )
    for number, (user, text) in enumerate(events):
        while True:
            try:
                producer.produce(arguments.topic, text, partition=user % arguments.partitions)
                break
            except BufferError:
                producer.poll(0.05)
        if number % 1000 == 0:
            producer.poll(0)
    if producer.flush(120) != 0:
        sys.exit("error: the broker did not take all events")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int)
    parser.add_argument("--file")
    parser.add_argument("--brokers")
    parser.add_argument("--topic", default="events")
    parser.add_argument("--partitions", type=int, default=2)
    parser.add_argument("--codec", default="lz4")
    parser.add_argument("--whole-repeats", action="store_true")
    arguments = parser.parse_args()
    if not 0 < arguments.count <= COUNT_MAX:
        sys.exit(f"error: between 1 and {COUNT_MAX:,} events")
    if bool(arguments.file) == bool(arguments.brokers):
        sys.exit("error: one of --file and --brokers")
    facts = Facts()
    events = generate(arguments.count, facts, arguments.whole_repeats)
    if arguments.file:
        write_file(arguments.file, events)
    else:
        write_topic(arguments, events)
    print(json.dumps(facts.summary()))


if __name__ == "__main__":
    main()
