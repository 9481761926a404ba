"""The whole judgement over one pipeline's tables."""

from collections import Counter
from dataclasses import dataclass, field

from pyiceberg.table import StaticTable

from . import progress, rows
from .catalog import metadata_locations
from .findings import Findings
from .history import HistoryCheck
from .manifests import ManifestCheck
from .table import Table
from .truth import Truth


@dataclass
class PipelineRule:
    catalog_db: str
    pipeline: str
    tables: list  # of rows.TableRule
    dead_letter: str = ""
    source: str = "source"
    catalog_name: str = "weir"
    complete: bool = True  # progress must have reached the end of the truth
    truth: Truth = field(default_factory=Truth)


def check_pipeline(rule, findings=None):
    findings = findings or Findings()
    locations = metadata_locations(rule.catalog_db, rule.catalog_name)
    names = [table.name for table in rule.tables] + ([rule.dead_letter] if rule.dead_letter else [])
    missing = [name for name in names if name not in locations]
    for name in missing:
        findings.add("I7.missing_table", f"{name} is not in the catalog")
    if missing:
        return findings
    tables = {name: Table(name, locations[name]) for name in names}
    for table in tables.values():
        check_table(findings, table, rule.pipeline)
    if not any(code.startswith(("I7.", "I6.unreadable")) for code in findings.codes()):
        check_rows(findings, rule, tables)
        for table in tables.values():
            check_as_pyiceberg(findings, table)
    return findings


def check_table(findings, table, pipeline):
    """Everything that needs no truth."""
    HistoryCheck(findings, table, pipeline).run()
    ManifestCheck(findings, table).run()


def check_rows(findings, rule, tables):
    states = {}
    for name, table in tables.items():
        text = table.properties.get("weir.pipeline." + rule.pipeline)
        if text is not None:
            states[name] = progress.parse_state(text)
    first = check_states(findings, rule, tables, states)
    if first is None:
        return
    source = first.progress.get(rule.source, progress.SourceProgress())
    rejected = Counter()
    if rule.dead_letter:
        rejected = rows.check_dead_letter(findings, tables[rule.dead_letter], rule.truth, rule.pipeline)
    decided = [entry for entry in first.decided if entry.get("source") == rule.source]
    check = rows.RowCheck(findings, rule.truth, source, rejected, len(rule.tables) > 1, decided)
    for table_rule in rule.tables:
        check.check_table(table_rule, tables[table_rule.name])
    if rule.complete:
        unread = len(rule.truth.positions()) - len(check.expected())
        findings.require(unread == 0, "I10.behind", f"progress leaves {unread} records of the source unread")


def check_states(findings, rule, tables, states):
    """The state that speaks for the pipeline; None when there is none to go by."""
    leads = [name for name, state in states.items() if state.role == "lead"]
    if not leads:  # of version 1: every table has all of it
        if not findings.require(len(states) == len(tables), "I5.property", f"not all tables know the pipeline {rule.pipeline}"):
            return None
        first = next(iter(states.values()))
        for name, state in states.items():
            same = (state.progress, state.commit_key, state.fence) == (first.progress, first.commit_key, first.fence)
            findings.require(same, "I5.tables", f"{name} and {next(iter(states))} hold different states of the pipeline")
        return first
    findings.require(len(leads) == 1, "I5.tables", f"{leads} all lead the pipeline {rule.pipeline}")
    lead = states[leads[0]]
    for name, table in tables.items():
        if name == leads[0]:
            continue
        entry = lead.tables.get(name)
        if not findings.require(entry is not None, "I5.tables", f"the lead {leads[0]} does not know {name}"):
            continue
        last = (states[name].last_key, states[name].snapshot_id) if name in states else ("", 0)
        decided = (entry.get("commit", ""), entry.get("snapshot", 0))
        findings.require(last == decided, "I5.tables", f"{name} is at {last}, the lead {leads[0]} says {decided}")
        uuid = table.metadata["table-uuid"]
        findings.require(entry["uuid"] == uuid, "I5.tables", f"{name} is {uuid}, the lead {leads[0]} says {entry['uuid']}")
    return lead


def check_as_pyiceberg(findings, table):
    """PyIceberg, which knows nothing of the above, counts the same rows."""
    snapshot = table.current_snapshot
    if snapshot is None:
        return
    ours = sum(entry["data_file"]["record_count"] for _, entry in table.live_entries(snapshot))
    try:
        theirs = StaticTable.from_metadata(table.location).scan().count()
    except Exception as error:  # noqa: BLE001 - whatever PyIceberg raises means that it cannot read the table
        findings.add("I6.pyiceberg", f"{table.name}: PyIceberg cannot read it: {error}")
        return
    findings.require(ours == theirs, "I6.pyiceberg", f"{table.name}: PyIceberg counts {theirs} rows, the manifests state {ours}")
