"""What rows share: folders, a broker with topics, files of events, and the order in which sides take turns."""

import itertools
import json
import os
import shutil
import subprocess
import sys

import processes

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PYTHON = os.path.join(ROOT, ".deps/py/bin/python")
BUILD = os.path.join(ROOT, "build/bench")
KAFKA = os.path.join(ROOT, "tests/stack/kafka.sh")


class Workbench:
    """Everything that is made lies in `folder`. What is there already is used again."""

    def __init__(self, folder, runs, events):
        self.folder = os.path.abspath(folder)
        self.runs = runs
        self.events = events
        self.weir = os.path.join(BUILD, "weir")
        self._brokers = None

    def path(self, *parts):
        path = os.path.join(self.folder, *parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def fresh_folder(self, name):
        path = self.path(name)
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        return path

    def pipeline(self, name):
        return os.path.join(HERE, "pipelines", name)

    def events_file(self, count):
        """A file of `count` events; its path and what a table of them must hold."""
        path = self.path(f"events-{count}.ndjson")
        return path, self._once(path, ["--file", path], count)

    def halves(self, count):
        """A folder with the events of events_file() in two files of equal length; their paths."""
        source, _ = self.events_file(count)
        paths = [self.path(f"halves-{count}", name) for name in ("0.ndjson", "1.ndjson")]
        if not all(os.path.exists(path) for path in paths):
            with open(source, "rb") as events:
                for path in paths:
                    with open(path, "wb") as half:
                        half.writelines(itertools.islice(events, (count + 1) // 2))
        return paths

    def topic(self, name, count, *options):
        """A topic of `count` events in 2 partitions, LZ4; what a table of them must hold."""
        return self._once(self.path(f"topic-{name}"), ["--brokers", self.brokers(), "--topic", name, *options], count)

    def _once(self, path, target, count):
        facts_path = f"{path}.{count}.facts.json"
        if not os.path.exists(facts_path):
            say(f"generating {count:,} events: {' '.join(target)}")
            done = processes.run([PYTHON, os.path.join(HERE, "events.py"), str(count), *target])
            with open(facts_path, "w") as out:
                out.write(done.out)
        with open(facts_path) as facts:
            return json.load(facts)

    def brokers(self):
        """Addresses of a broker; the first call starts it."""
        if self._brokers is None:
            say("starting a Kafka broker")
            done = processes.run([KAFKA, "start", self.path("kafka")], {"KAFKA_HEAP": "1g"})
            settings = dict(line.split("=", 1) for line in done.out.splitlines())
            self._brokers = settings["KAFKA_BOOTSTRAP"]
        return self._brokers

    def close(self):
        if self._brokers is not None:
            subprocess.run([KAFKA, "stop", self.path("kafka")], check=False)

    def in_turn(self, sides, runs=None):
        """Calls each of `sides` (name: function) once a round, for `runs` rounds; what they returned, by name."""
        results = {name: [] for name in sides}
        for turn in range(runs or self.runs):
            # Every other round backwards: a machine that slows down then hurts both sides alike.
            for name in list(sides) if turn % 2 == 0 else reversed(list(sides)):
                say(f"round {turn + 1} of {runs or self.runs}: {name}")
                results[name].append(sides[name]())
        return results


def say(text):
    print(f"   {text}", file=sys.stderr, flush=True)
