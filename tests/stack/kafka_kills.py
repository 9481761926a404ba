"""kill -9 at random times while two producers write, one of them in transactions, and the broker restarts once."""

import json
import os
import random
import re
import signal
import time

from cases import case
from confluent_kafka import Producer
from kafka_events import Broker, Producing, judge, produce, secured, write_pipeline
from lakecheck.truth import from_kafka
from weir_process import Workspace, wait_until

KILLS = 20
RATE = 4_000  # events a second, as long as processes are killed
EVENTS_MAX = 2_000_000
COMMIT_SECONDS = 180  # for a process to commit, also while the broker is away
END_SECONDS = 300


def write_plain(workspace, broker, topic, tasks):
    write_pipeline(workspace, broker, topic, tasks)


def write_secured(workspace, broker, topic, tasks):
    write_pipeline(workspace, broker, topic, tasks, **secured(broker))


def judge_plain(workspace, broker, topic):
    return judge(workspace, broker, topic), "no state"


def kill_loop(tasks, kills, secure=False, rate=RATE, write=write_plain, judged=judge_plain):
    """`write` makes the pipeline; `judged` judges its tables and returns the findings and what there is to say."""
    seed = int(os.environ.get("WEIR_TEST_SEED", random.randrange(1 << 32)))
    chance = random.Random(seed)
    try:
        with Workspace() as workspace, Broker(workspace.path / "broker", *(["--secure"] if secure else [])) as broker:
            broker.topic("events")
            write(workspace, broker, "events", tasks)
            options = ("--rate", str(rate / 2), "--bad-fraction", "0.01", "--transaction-size", "200")
            producers = [
                Producing(workspace, broker, "events", EVENTS_MAX, "--producer", "plain", *options),
                Producing(workspace, broker, "events", EVENTS_MAX, "--producer", "sure", "--mode", "transactional", "--abort-fraction", "0.2", *options),
            ]
            try:
                facts = kill_while_they_write(workspace, broker, chance, kills)
                for producer in producers:
                    producer.stop()
                sent = [producer.wait() for producer in producers]
            finally:
                for producer in producers:
                    producer.end()
            ended = workspace.run("run", "events.yaml", "--once", seconds=END_SECONDS)
            assert ended.code == 0, ended
            again = workspace.run("run", "events.yaml", "--once")
            assert again.code == 0 and "nothing new" in again.out, again
            findings, state = judged(workspace, broker, "events")
            aborted = sum(one["aborted"] for one in sent)
            assert aborted > 0, "no transaction was aborted"
            events = sum(one["committed"] + one["bad"] for one in sent)
            return f"{events} events and {aborted} aborted, {facts}; {state}; {findings.checked['I1']} offsets judged"
    except Exception as error:
        raise AssertionError(f"with WEIR_TEST_SEED={seed}") from error


def kill_while_they_write(workspace, broker, chance, kills):
    """Each process dies a moment after one of its first commits, or before it; the broker goes away in the middle."""
    commits, restarts = 0, []
    for kill in range(kills):
        began = time.monotonic()
        process = workspace.start("run", "events.yaml")
        if kill == kills // 2:
            broker.restart()
        wanted = chance.choice((0, 0, 1, 1, 2, 3))
        if wanted > 0 and kill != kills // 2:
            wait_until(lambda: not process.is_running() or commits_of(process) > 0, "the first commit of a process", seconds=COMMIT_SECONDS)
            restarts.append(time.monotonic() - began)
        wait_until(lambda: not process.is_running() or commits_of(process) >= wanted, f"commit {wanted} of a process", seconds=COMMIT_SECONDS)
        time.sleep(chance.uniform(0, 0.3))
        assert process.is_running(), f"it ended by itself: {process.wait()}"
        process.send(signal.SIGKILL)
        assert process.wait().was_killed
        commits += commits_of(process)
    slowest = max(restarts, default=0)
    return f"{kills} kills, 1 restart of the broker, {commits} commits seen between, the first of a process after {slowest:.1f} s at most"


def commits_of(process):
    return len(set(re.findall(r'"event":"commit.applied".*"table":"t.events","rows":\d+.*"snapshot":(\d+)', process.err())))


def topic_made_again():
    """Offsets begin anew: what the table knows does not fit, and it says so instead of reading on."""
    with Workspace() as workspace, Broker(workspace.path / "broker") as broker:
        broker.topic("events", 1)
        write_pipeline(workspace, broker, "events")
        produce(workspace, broker, "events", 500)
        assert workspace.run("run", "events.yaml", "--once").code == 0
        judge(workspace, broker, "events")
        broker.delete_topic("events")
        time.sleep(1)
        broker.topic("events", 1)
        produce(workspace, broker, "events", 900)
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 1 and "events" in ended.err, ended
        return ended.err.splitlines()[-1]


def retention_was_faster():
    """Records are gone before they were read: halt with the range; an operator's word is needed and remembered."""
    with Workspace() as workspace, Broker(workspace.path / "broker") as broker:
        broker.topic("events", 1)
        write_pipeline(workspace, broker, "events")
        produce(workspace, broker, "events", 300)
        assert workspace.run("run", "events.yaml", "--once").code == 0
        produce(workspace, broker, "events", 400, "--producer", "q")
        truth = from_kafka(broker.bootstrap, ["events"])
        broker.delete_records("events", 0, 500)
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 1 and "offsets 300 to 499 are gone" in ended.err, ended
        assert "weir progress set PIPELINE.yaml --partition events/0 --next 500" in ended.err, ended
        decided = workspace.run("progress", "set", "events.yaml", "--partition", "events/0", "--next", "500", "--reason", "too late")
        assert decided.code == 0, decided
        assert workspace.run("run", "events.yaml", "--once").code == 0
        again = workspace.run("run", "events.yaml", "--once")
        assert again.code == 0 and "nothing new" in again.out, again
        findings = judge(workspace, broker, "events", complete=False, truth=truth)
        assert findings.checked["I1"] == 500, findings.checked  # 300 before, 200 after


def nothing_but_aborted_transactions():
    """They are passed for good: retention that removes them later takes nothing that was to be read."""
    with Workspace() as workspace, Broker(workspace.path / "broker") as broker:
        broker.topic("events", 1)
        write_pipeline(workspace, broker, "events")
        produce(workspace, broker, "events", 300)
        assert workspace.run("run", "events.yaml", "--once").code == 0
        producer = Producer({"bootstrap.servers": broker.bootstrap, "transactional.id": "aborts", "log_level": 0})
        producer.init_transactions(20)
        for _ in range(3):
            producer.begin_transaction()
            for _ in range(20):
                producer.produce("events", "{}", partition=0)
            producer.flush(20)
            producer.abort_transaction(20)
        passed = workspace.run("run", "events.yaml", "--once")
        assert passed.code == 0, passed
        shown = workspace.run("progress", "show", "events.yaml", "--json")
        (position, *_), = json.loads(shown.out)["progress"]["sources"]["source"]["p"].values()
        assert position == 300 + 3 * 21, f"transactions end in a marker each: {shown.out}"
        truth = from_kafka(broker.bootstrap, ["events"])
        broker.delete_records("events", 0, position)
        produce(workspace, broker, "events", 100, "--producer", "q")
        truth.records[("events", 0)].update(from_kafka(broker.bootstrap, ["events"]).records[("events", 0)])
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 0, ended
        findings = judge(workspace, broker, "events", complete=False, truth=truth)
        assert findings.checked["I1"] == 400, findings.checked


def register():
    case("kafka_kills.retention_was_faster", retention_was_faster)
    case("kafka_kills.one_task", lambda: kill_loop(1, KILLS))
    case("kafka_kills.two_tasks_over_tls", lambda: kill_loop(2, 6, secure=True, write=write_secured))
    case("kafka_kills.topic_made_again", topic_made_again)
    case("kafka_kills.nothing_but_aborted_transactions", nothing_but_aborted_transactions)
