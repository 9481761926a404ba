"""I1 and I3: each position once, each record whole."""

import json
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow.parquet as pq

from .catalog import local_path


def record_checksum(values):
    """Checksum of a record's own values, in the order of the columns: how events carry it and how rows must give it again."""
    return zlib.crc32(json.dumps(values, ensure_ascii=False, default=str, separators=(",", ":")).encode())


@dataclass
class TableRule:
    """How to read positions and checksums out of a data table."""

    name: str
    position: tuple = ("src_topic", "src_partition", "src_offset")
    checksum: str = ""  # column that holds it; empty for none
    checksum_of: tuple = ()  # columns that it is over
    checksum_by: Callable = record_checksum  # of a record's own values
    filtered: set = field(default_factory=set)  # positions that the pipeline leaves out on purpose
    foreign: set = field(default_factory=set)  # topics of rows that others wrote into the table


DEAD_LETTER_POSITION = ("topic", "partition", "offset")


def read_rows(table, columns):
    """Rows of the current snapshot, as tuples, straight from the Parquet files."""
    snapshot = table.current_snapshot
    if snapshot is None:
        return
    for _, entry in table.live_entries(snapshot):
        data = pq.ParquetFile(local_path(entry["data_file"]["file_path"])).read(columns=list(columns))
        yield from zip(*(data.column(name).to_pylist() for name in columns))


class RowCheck:
    """One data table and the dead letter against the truth, as far as progress says that it was read."""

    def __init__(self, findings, truth, progress, dead_letter_positions, shares_dead_letter, decided=()):
        self.findings = findings
        self.truth = truth
        self.progress = progress
        self.dead_letter = dead_letter_positions
        self.decided = decided  # by an operator, about partitions of this source
        self.shares_dead_letter = shares_dead_letter  # with other data tables: a reject may be of one of them only

    def expected(self):
        names = {partition: self.truth.progress_name(partition) for partition in self.truth.records}
        return {
            (topic, number, offset)
            for (topic, number), records in self.truth.records.items()
            for offset in records
            if self.covers(names[(topic, number)], offset)
        }

    def covers(self, name, offset):
        """True when the record must have been read: what was read before an operator's word, and what progress says after it."""
        for entry in self.decided:
            if entry.get("partition") != name or "was" not in entry:
                continue
            if offset < entry["was"][0]:
                return True
            if "next" in entry and offset < entry["next"]:
                return False  # left out on purpose
        return self.progress.covers(name, offset)

    def check_table(self, rule, table):
        found = Counter()
        width = len(rule.position)
        columns = rule.position + ((rule.checksum,) + rule.checksum_of if rule.checksum else ())
        for row in read_rows(table, columns):
            position = row[:width]
            if position[0] in rule.foreign:
                continue
            found[position] += 1
            if rule.checksum:
                self.check_record(rule, position, row[width], row[width + 1 :])
        self.check_positions(rule, found)

    def check_record(self, rule, position, stated, values):
        self.findings.looked_at("I3")
        if rule.checksum_by(values) != stated:
            self.findings.add("I3.checksum", f"{rule.name}: the row of {position} has not its own checksum: {values}")
        topic, number, offset = position
        body = self.truth.records.get((topic, number), {}).get(offset)
        if body is None:
            return
        try:
            wanted = json.loads(body).get("crc")
        except (ValueError, AttributeError):
            wanted = None
        if wanted is None or int(wanted) != stated:
            self.findings.add("I3.swapped", f"{rule.name}: the row of {position} has the checksum {stated}, the source {wanted}")

    def check_positions(self, rule, found):
        expected = self.expected()
        self.findings.looked_at("I1", len(expected))
        everywhere = found + self.dead_letter
        filtered = rule.filtered
        for position, count in everywhere.items():
            twice = found[position] > 1 or self.dead_letter[position] > 1 or (count > 1 and not self.shares_dead_letter)
            if twice:
                self.findings.add("I1.duplicate", f"{rule.name}: {position} is there {count} times")
            if position not in expected:
                known = position[2] in self.truth.records.get(position[:2], {})
                code = "I1.beyond_progress" if known else "I1.unknown"
                self.findings.add(code, f"{rule.name}: {position} is in the table, but " + ("progress says it was not read" if known else "not in the source"))
            if position in filtered:
                self.findings.add("I1.not_filtered", f"{rule.name}: {position} should have been left out")
        for position in expected - filtered - everywhere.keys():
            self.findings.add("I1.gap", f"{rule.name}: {position} is missing")


def check_dead_letter(findings, table, truth, pipeline):
    """Reads the dead letter; its rows carry the event as it came. Returns how often each position is there."""
    found = Counter()
    columns = DEAD_LETTER_POSITION + ("raw", "raw_truncated", "pipeline")
    for topic, number, offset, raw, truncated, owner in read_rows(table, columns):
        if owner != pipeline:
            continue
        position = (topic, number, offset)
        found[position] += 1
        records = truth.records.get(position[:2], {})
        if offset not in records:
            continue
        whole = records[offset]
        same = raw == whole if not truncated else whole is not None and whole.startswith(raw)
        findings.require(same, "I3.raw", f"{table.name}: the raw event of {position} is not the source's: {raw!r}")
    return found
