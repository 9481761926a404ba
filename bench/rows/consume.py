"""Row 4: what reading a topic costs, beside the least that a program can do with librdkafka."""

import json
import os

import processes
import workbench

CASES = {"our Kafka source": "kafka_source", "bare librdkafka loop": "plain_loop"}


def one(bench, case, events):
    binary = os.path.join(workbench.BUILD, "src/connector/kafka/weir_connector_kafka_bench")
    target = {"WEIR_KAFKA_BENCH": f"{bench.brokers()} events 2 {events}"}
    done = processes.run([binary, f"--benchmark_filter=^{case}", "--benchmark_format=json"], target)
    result = json.loads(done.out)["benchmarks"][0]
    if result.get("error_occurred"):
        raise processes.Failed(f"{case}: {result['error_message']}")
    return result


def measure(bench, row):
    facts = bench.topic("events", bench.events)
    events = facts["events"]
    cases = {name: (lambda case=case: one(bench, case, events)) for name, case in CASES.items()}
    bench.in_turn(cases, 2)  # the broker's caches and compiler warm up; these rounds do not count
    found = bench.in_turn(cases)
    sides = []
    for name, results in found.items():
        note = f"peak RSS {max(result['rss_mib'] for result in results):.0f} MiB"
        sides.append(row.add(name, "ns of CPU an event", [result["cpu_ns_per_event"] for result in results], note))
    row.compare(sides[0], sides[1], 1.0, "CPU")
    row.notes.append("the source checks CRCs, reads committed records only, copies them with positions and keys, and keeps")
    row.notes.append("progress; the loop counts bytes")
