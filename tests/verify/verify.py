"""Judges the tables of a pipeline from the outside: verify.py CATALOG_DB PIPELINE --table NS.NAME ... (see --help).

Prints what is wrong, one line each with a code, and how much was looked at. Exit code 1 when anything is wrong.
"""

import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lakecheck import truth as truths  # noqa: E402
from lakecheck.check import PipelineRule, check_pipeline  # noqa: E402
from lakecheck.rows import TableRule  # noqa: E402


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("catalog_db")
    parser.add_argument("pipeline")
    parser.add_argument("--table", action="append", required=True, help="data table, NAMESPACE.NAME; can be given again")
    parser.add_argument("--dead-letter", default="")
    parser.add_argument("--position", default="src_topic,src_partition,src_offset", help="columns that hold $topic, $partition and $offset")
    parser.add_argument("--checksum", default="", help="COLUMN=COLUMN,COLUMN...: where the checksum is and what it is over")
    parser.add_argument("--source", default="source", help="name of the source in the pipeline file")
    parser.add_argument("--catalog", default="weir", help="name of the catalog")
    parser.add_argument("--partial", action="store_true", help="do not require that the whole source was read")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--files", help="folder that the source reads")
    where.add_argument("--kafka", help="host:port of the broker; with --topic")
    where.add_argument("--positions", help="JSON list of [topic, partition, offset, checksum]")
    parser.add_argument("--csv", action="store_true", help="the files are CSV")
    parser.add_argument("--topic", action="append", default=[])
    parser.add_argument("--filtered", help="JSON list of [topic, partition, offset, null] that the pipeline leaves out on purpose")
    return parser.parse_args()


def read_truth(arguments):
    if arguments.files:
        return truths.from_folder(arguments.files, arguments.csv)
    if arguments.kafka:
        return truths.from_kafka(arguments.kafka, arguments.topic)
    return truths.from_positions(arguments.positions)


def main():
    arguments = parse_arguments()
    column, _, over = arguments.checksum.partition("=")
    filtered = truths.from_positions(arguments.filtered).positions() if arguments.filtered else set()
    tables = [
        TableRule(name, tuple(arguments.position.split(",")), column, tuple(over.split(",")) if over else (), filtered) for name in arguments.table
    ]
    rule = PipelineRule(
        catalog_db=arguments.catalog_db,
        pipeline=arguments.pipeline,
        tables=tables,
        dead_letter=arguments.dead_letter,
        source=arguments.source,
        catalog_name=arguments.catalog,
        complete=not arguments.partial,
        truth=read_truth(arguments),
    )
    findings = check_pipeline(rule)
    if not findings.ok:
        print(findings.text())
    print(f"{sum(findings.checked.values())} facts checked, {sum(findings.counts.values())} wrong")
    return 0 if findings.ok else 1


if __name__ == "__main__":
    sys.exit(main())
