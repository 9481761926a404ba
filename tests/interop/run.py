"""Foreign readers and writers of our tables: run.py [WEIR] [--only NAME]

PyIceberg, DuckDB's Iceberg extension and fastavro read tables that the program wrote, and agree with an independent model of
the rows. PyIceberg and Iceberg's Java library write to them too, and the pipeline goes on.
"""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../verify"))

import cases  # noqa: E402
import weir_process  # noqa: E402

import edits  # noqa: E402
import every_type  # noqa: E402
import evolving  # noqa: E402
import foreign_writer  # noqa: E402
import iceberg_java  # noqa: E402
import metrics  # noqa: E402
import partitions  # noqa: E402


def main():
    began = time.monotonic()
    _, only = weir_process.program(__doc__.splitlines()[0])
    for area in (edits, every_type, partitions, foreign_writer, iceberg_java, metrics, evolving):
        area.register()
    notes, failed = cases.run_all(only)
    return cases.closing_line(len(notes) - failed, failed, began)


if __name__ == "__main__":
    sys.exit(main())
