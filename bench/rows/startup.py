"""Row 17: from the start of the process to rows in the table, and what it holds while it waits for events."""

import re
import time

import flink
from rows import landing
from scrape import Watched

IDLE_SECONDS = 2


def idle(bench):
    """(seconds until ready, resident bytes when idle) of a pipeline that waits for events after it landed the topic."""
    environment = {"BENCH_BROKERS": bench.brokers(), "BENCH_TOPIC": "tiny", "BENCH_WAREHOUSE": bench.path("idle")}
    watched = Watched(bench, "kafka.yaml", environment)
    try:
        ready = watched.wait_ready()
        time.sleep(IDLE_SECONDS)
        return ready, watched.resident_bytes()
    finally:
        watched.stop()


def measure(bench, row):
    tiny = bench.topic("tiny", landing.TINY)
    bench.fresh_folder("idle")
    used = bench.in_turn({"weir": lambda: landing.land(bench, "tiny", tiny), "idle": lambda: idle(bench)})
    row.add("weir, start to ready", "s", [seconds for seconds, _ in used["idle"]])
    landed = row.add(f"weir, start to {landing.TINY:,} rows committed and exit", "s", [run.wall for run in used["weir"]])
    row.add("weir, CPU of that", "s", [run.cpu for run in used["weir"]])
    resident = row.add("weir, idle RSS", "MB", [held / 1e6 for _, held in used["idle"]])
    if not flink.is_there():
        row.notes.append("Flink is not there: tools/bootstrap bench")
        return
    runs = [flink.land(bench, bench.brokers(), "tiny", tiny) for _ in range(min(bench.runs, 2))]
    their_landed = row.add("Flink, the same rows committed and exit", "s", [run.wall for run in runs])
    row.add("Flink, CPU of that", "s", [run.cpu for run in runs])
    held = [int(re.search(r"VmRSS: (\d+)", run.out)[1]) * 1024 / 1e6 for run in runs]
    their_resident = row.add("Flink, RSS after the job", "MB", held)
    row.compare(landed, their_landed, 1 / 20, "wall")
    row.compare(resident, their_resident, 1 / 10, "resident memory")
    row.notes.append("Flink: MiniCluster in one JVM with a heap of at most 2 GB")
