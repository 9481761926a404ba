#!/usr/bin/env python3
"""Measures Weir beside its peers.

    tools/bench [ROW...] [--runs N] [--json FILE] [--events N] [--work FOLDER] [--list]

Without rows: all of them. bench/README.md says what they mean and how to read the output. Exit code 0: all rows ran,
whether or not their goals are met; 1: something failed or wrote wrong results.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import machine  # noqa: E402
import processes  # noqa: E402
import report  # noqa: E402
import workbench  # noqa: E402
from rows import checkpoints, commits, consume, decode, fused, landing  # noqa: E402
from rows import memory, pages, rejects, scaling, small_files, startup, windows  # noqa: E402

ROWS = {
    "1": (decode, "JSON to columns against the On-Demand loop"),
    "2": (fused, "JSON file to Parquet table against a fused hand loop"),
    "bad": (rejects, "a file of bad events against the same events when good"),
    "parquet": (pages, "columns to Parquet against Arrow's writer"),
    "4": (consume, "Kafka consumption against bare librdkafka"),
    "5": (landing, "Kafka to Iceberg against a pyarrow loop, DuckDB and Flink SQL"),
    "5b": (windows, "each id once, 1-minute windows, against Flink SQL on the heap and in RocksDB"),
    "10": (checkpoints, "a checkpoint of 500 MB each 10 s against none before the end"),
    "13": (commits, "commit 2,000 against commit 10"),
    "13b": (small_files, "commit 2,000 against commit 100, of 100 small files each"),
    "15": (scaling, "two tasks against one, beside two hand loops against one"),
    "17": (startup, "start-up and idle memory against Flink's MiniCluster"),
    "memory": (memory, "memory and speed over 10 million events"),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--runs", type=int, default=5, help="rounds in which the sides take turns (5)")
    parser.add_argument("--json", help="file for the results")
    parser.add_argument("--events", type=int, default=5_000_000, help="how many (5,000,000); row memory: twice")
    parser.add_argument("--work", help="keep generated events and the broker's data in this folder and use them again")
    parser.add_argument("--list", action="store_true", help="say what rows there are")
    found = parser.parse_args()
    unknown = [row for row in found.rows if row not in ROWS]
    if unknown:
        parser.error(f"there is no row {', '.join(unknown)}; there are {', '.join(ROWS)}")
    if found.runs < 1 or found.events < 100_000:
        parser.error("at least 1 run and 100,000 events")
    return found


def measure(bench, keys):
    """Yields (key, row); row is None when it failed."""
    for key in keys:
        module, title = ROWS[key]
        workbench.say(f"row {key}: {title}")
        row = report.Row(key, title)
        try:
            module.measure(bench, row)
        except processes.Failed as error:
            print(f"\n== {key}: {title}\n  FAILED: {error}", flush=True)
            yield key, None
            continue
        report.print_row(row)
        sys.stdout.flush()
        yield key, row


def main():
    options = arguments()
    if options.list:
        for key, (_, title) in ROWS.items():
            print(f"{key:8}{title}")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # through `finally`: the broker must not stay behind
    facts = machine.describe(workbench.ROOT)
    machine.print_facts(facts)
    folder = options.work or tempfile.mkdtemp(prefix="weir-bench.")
    bench = workbench.Workbench(folder, options.runs, options.events)
    began = time.monotonic()
    try:
        rows = dict(measure(bench, options.rows or list(ROWS)))
    finally:
        bench.close()
        if not options.work:
            shutil.rmtree(folder, ignore_errors=True)
    done = {key: row for key, row in rows.items() if row is not None}
    verdicts = [verdict for row in done.values() for verdict in row.verdicts]
    missed = sum(not verdict.is_met() for verdict in verdicts)
    took, failed = time.monotonic() - began, len(rows) - len(done)
    print(f"\n{len(done)} rows in {took:.0f} s; {len(verdicts) - missed} goals met, {missed} missed, {failed} rows failed")
    if options.json:
        with open(options.json, "w") as out:
            json.dump({"machine": facts, "rows": {key: row.data() for key, row in done.items()}}, out, indent=1)
    return 0 if len(done) == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
