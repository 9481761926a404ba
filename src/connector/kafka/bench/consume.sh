#!/usr/bin/env bash
# CPU per event of the Kafka source and of the plain librdkafka loop, each run in a process of its own, in turn.
#
#   consume.sh BENCH_BINARY [RUNS=7] [EVENTS=3000000] [VALUE_BYTES=292]
#
# With WEIR_KAFKA_BENCH="brokers topic partitions events", that topic is read instead of a fresh one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../../.." && pwd)
binary=$1 runs=${2:-7} events=${3:-3000000} bytes=${4:-292}
python=${WEIR_DEPS:-$root/.deps}/py/bin/python
work=$(mktemp -d "${TMPDIR:-/tmp}/weir-kafka-bench.XXXXXX")
trap '"$root/tests/stack/kafka.sh" stop "$work" || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

if [ -z "${WEIR_KAFKA_BENCH:-}" ]; then
  KAFKA_HEAP=1g "$root/tests/stack/kafka.sh" start "$work" >/dev/null
  source "$work/env"
  "$root/tests/stack/kafka.sh" topic "$work" create events 2
  "$python" "$root/tests/stack/produce.py" "$KAFKA_BOOTSTRAP" events "$events" --value-bytes "$bytes" --property batch.size=1000000 \
    --property batch.num.messages=10000 --property linger.ms=50 >/dev/null
  export WEIR_KAFKA_BENCH="$KAFKA_BOOTSTRAP events 2 $events"
fi

for ((run = 0; run <= runs; run++)); do # the first warms the page cache and does not count
  for case in plain_loop kafka_source; do
    "$binary" --benchmark_filter="^$case" --benchmark_format=json 2>/dev/null >"$work/$case.$run.json"
  done
done
"$python" - "$work" "$runs" <<'P'
import json, pathlib, statistics, sys

work, runs = pathlib.Path(sys.argv[1]), int(sys.argv[2])
cost = {}
for case in ("plain_loop", "kafka_source"):
    found = [json.loads((work / f"{case}.{run}.json").read_text())["benchmarks"][0] for run in range(1, runs + 1)]
    for result in found:
        if result.get("error_occurred"):
            sys.exit(f"{case}: {result['error_message']}")
    cost[case] = sorted(result["cpu_ns_per_event"] for result in found)
    wall = statistics.median(result["real_time"] for result in found)
    print(f"{case:13} CPU ns/event best {cost[case][0]:6.1f} median {statistics.median(cost[case]):6.1f} worst {cost[case][-1]:6.1f}"
          f"   wall {wall:6.0f} ms   peak RSS {max(r['rss_mib'] for r in found):5.0f} MiB   {found[0]['bytes_per_event']:.1f} bytes/event")
best, median = (choose(cost["kafka_source"]) / choose(cost["plain_loop"]) for choose in (min, statistics.median))
print(f"source / plain loop: best {best:.3f}, median {median:.3f} ({runs} runs each, in turn)")
P
