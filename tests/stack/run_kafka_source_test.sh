#!/usr/bin/env bash
# Runs weir_kafka_stack_test against a broker of its own, with every listener.
#
#   run_kafka_source_test.sh TEST_BINARY [GTEST ARGUMENTS...]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/weir-kafka.XXXXXX")
trap '"$here/kafka.sh" stop "$work" || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# The log cleaner looks twice a second: a test waits for compaction.
KAFKA_PROPERTIES="log.cleaner.backoff.ms=500" "$here/kafka.sh" start "$work" --secure >/dev/null
WEIR_KAFKA_ENV=$work/env "$@"
