"""The real program against a real Kafka broker: run.py [WEIR] [--only NAME]

Each case has a broker of its own. After each one the verifier of tests/verify judges, by a consumer of its own.
"""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../verify"))

import cases  # noqa: E402
import weir_process  # noqa: E402

import kafka_errors  # noqa: E402
import kafka_init  # noqa: E402
import kafka_kills  # noqa: E402
import kafka_rejects  # noqa: E402
import kafka_state  # noqa: E402


def main():
    began = time.monotonic()
    _, only = weir_process.program(__doc__.splitlines()[0])
    for area in (kafka_kills, kafka_state, kafka_errors, kafka_init, kafka_rejects):
        area.register()
    notes, failed = cases.run_all(only)
    for name, note in notes.items():
        if note:
            print(f"{name}: {note}")
    return cases.closing_line(len(notes) - failed, failed, began)


if __name__ == "__main__":
    sys.exit(main())
