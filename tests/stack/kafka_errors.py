"""What a user sees when Kafka is not as the pipeline file says: a clear error, soon, and never a secret."""

import os
import signal
import socket

from cases import case
from kafka_events import Broker, judge, produce, secured, write_pipeline
from weir_process import Workspace, wait_until


def refused(workspace, *parts, code=1, seconds=160, command=("run", "events.yaml", "--once")):
    ended = workspace.run(*command, seconds=seconds)
    assert ended.code == code, ended
    for part in parts:
        assert part in ended.err, f"'{part}' is not in: {ended}"
    return ended


def settings_that_do_not_fit():
    with Workspace() as workspace, Broker(workspace.path / "broker", "--secure") as broker:
        broker.topic("events", 2)
        produce(workspace, broker, "events", 100)

        os.environ["WRONG_PASSWORD"] = "not-the-password"
        write_pipeline(workspace, broker, "events", **secured(broker, password="${WRONG_PASSWORD}"))
        ended = refused(workspace, "SCRAM-SHA-512", "'weir'")
        assert "not-the-password" not in ended.err + ended.out, ended

        write_pipeline(workspace, broker, "events", **secured(broker, ca=broker.env["KAFKA_CLIENT_CERT"]))
        refused(workspace, "TLS", "security.ca")

        write_pipeline(workspace, broker, "event")
        refused(workspace, "'event'", "'events'", "cannot be read now", seconds=400)  # it may be made within a minute

        write_pipeline(workspace, broker, "events", **secured(broker))
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 0 and broker.env["KAFKA_PASSWORD"] not in ended.out + ended.err, ended
        judge(workspace, broker, "events")


def nobody_listens():
    with Workspace() as workspace, socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # bound and not listening: the port stays nobody's
        address = f"127.0.0.1:{bound.getsockname()[1]}"

        class Nobody:
            bootstrap = address

        write_pipeline(workspace, Nobody, "events")
        process = workspace.start("run", "events.yaml", "--once")
        wait_until(lambda: "cannot be read now" in process.err(), "that it waits is said", seconds=60)
        process.send(signal.SIGTERM)
        ended = process.wait(60)
        assert ended.code == 0 and address in ended.err, ended


def a_broker_that_comes_later_is_waited_for():
    with Workspace() as workspace, Broker(workspace.path / "broker") as broker:
        broker.topic("events", 2)
        produce(workspace, broker, "events", 100)
        write_pipeline(workspace, broker, "events")
        broker.stop()
        process = workspace.start("run", "events.yaml", "--once")
        wait_until(lambda: "cannot be read now" in process.err(), "that it waits is said", seconds=60)
        broker.start()
        ended = process.wait(120)
        assert ended.code == 0, ended
        judge(workspace, broker, "events")


def register():
    case("kafka_errors.settings_that_do_not_fit", settings_that_do_not_fit)
    case("kafka_errors.nobody_listens", nobody_listens)
    case("kafka_errors.a_broker_that_comes_later_is_waited_for", a_broker_that_comes_later_is_waited_for)
