"""weir init looks at a topic, and what it writes runs."""

from cases import case
from kafka_events import Broker, produce
from weir_process import Workspace


def init_from_a_topic():
    with Workspace() as workspace, Broker(workspace.path / "broker") as broker:
        broker.topic("clicks", 2)
        produce(workspace, broker, "clicks", 500)
        made = workspace.run("init", "--brokers", broker.bootstrap, "--topic", "clicks")
        assert made.code == 0 and "looked at 500 events" in made.out and "0 rejects" in made.out, made
        ran = workspace.run("run", "clicks.yaml", "--once", "--json")
        assert ran.code == 0 and '"rows_landed":500' in ran.out and '"rejected":0' in ran.out, ran
        why = workspace.run("why", "clicks.yaml", "clicks/0:5")
        assert why.code == 0 and "committed" in why.out and "not rejected" in why.out, why
        ahead = workspace.run("why", "clicks.yaml", "clicks/0:99999")
        assert ahead.code == 0 and "not committed yet" in ahead.out, ahead
        missing = workspace.run("init", "--brokers", broker.bootstrap, "--topic", "click", "--name", "x")
        assert missing.code == 2 and "'click'" in missing.err and not (workspace.path / "x.yaml").exists(), missing


def register():
    case("kafka_init.from_a_topic", init_from_a_topic)
