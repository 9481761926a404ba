"""A running pipeline shows itself over HTTP, and Prometheus' own client reads what it says."""

import json
import signal
import urllib.request

import events
from cases import case
from prometheus_client.parser import text_string_to_metric_families
from weir_process import Workspace, wait_until

ROWS = 60


def logged(process, event):
    """The first line of the log with this event, or None."""
    lines = (json.loads(line) for line in process.err().splitlines() if line.startswith("{"))
    return next((line for line in lines if line["event"] == event), None)


def get(address, path):
    with urllib.request.urlopen(f"http://{address}{path}", timeout=10) as answer:
        return answer.status, answer.headers["Content-Type"], answer.read().decode()


def scrape(address):
    """{name of a sample: {its labels as sorted pairs: value}}, and the families that had no help or type."""
    _, content_type, text = get(address, "/metrics")
    assert content_type.startswith("text/plain"), content_type
    samples, bare = {}, []
    for family in text_string_to_metric_families(text):
        if not family.documentation or family.type == "unknown":
            bare.append(family.name)
        for sample in family.samples:
            labels = tuple(sorted(sample.labels.items()))
            values = samples.setdefault(sample.name, {})
            assert labels not in values, f"{sample.name}{labels} is there twice"
            values[labels] = sample.value
    return samples, bare


def a_running_pipeline():
    with Workspace() as workspace:
        events.write_pipeline(workspace, every="50ms")
        events.write_files(workspace, 2, ROWS)
        process = workspace.start("run", "events.yaml", "--http", "127.0.0.1:0")
        wait_until(lambda: logged(process, "commit.applied") or not process.is_running(), "the first commit")
        address = logged(process, "http.listening")["address"]
        assert address.startswith("127.0.0.1:"), address
        assert get(address, "/livez")[0] == 200 and get(address, "/readyz")[0] == 200
        ours = (("pipeline", "events"),)
        wait_until(lambda: scrape(address)[0]["weir_events_read_total"][ours] == 2 * ROWS, "all events")
        samples, bare = scrape(address)
        assert not bare, f"without help or type: {bare}"
        rejects = sum(number % events.REJECT_EVERY == 7 for number in range(2 * ROWS))
        assert samples["weir_rejects_total"][ours] == rejects, samples["weir_rejects_total"]
        assert all(name.startswith(("weir_", "process_")) for name in samples), sorted(samples)
        process.send(signal.SIGTERM)
        assert process.wait(20).code == 0


def register():
    case("metrics.a_running_pipeline", a_running_pipeline)
