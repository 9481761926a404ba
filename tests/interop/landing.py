"""Lands rows of the model in a table, and holds what foreign readers see against the model."""

import canonical
import model
import readers
from lakecheck.check import check_table
from lakecheck.findings import Findings
from lakecheck.table import Table

PIPELINE = """\
pipeline: model
source:
  files: {{path: in, settle: 0s}}
  contract: model.yaml
{steps}sink:
  iceberg:
    table: t.model
    partition: [{partition}]
    properties: {{{properties}}}
catalog: {{sqlite: wh}}
commit: {{every: 1h, target_file_size: {file_size}}}
resources: {{writer_memory: {memory}, tasks: {tasks}}}
"""


class Landing:
    """A pipeline over rows of the model, in a workspace."""

    def __init__(self, workspace, fields, partition=(), file_size="64MiB", memory="64MiB", tasks=1, steps="", properties=""):
        self.workspace = workspace
        self.fields = fields
        self.schema = {"fields": fields}
        self.rows = []
        self.snapshots = []  # (snapshot id, number of rows so far)
        columns = "".join(f"  - {model.as_contract(f['name'], f['type'], f['required'])}\n" for f in fields)
        workspace.write("model.yaml", f"contract: model\nversion: 1.0.0\ncolumns:\n{columns}")
        quoted = ", ".join(f'"{field}"' for field in partition)
        workspace.write("pipeline.yaml", PIPELINE.format(
            partition=quoted, properties=properties, file_size=file_size, memory=memory, tasks=tasks, steps=steps))

    def land(self, rows):
        """One more file, one more run, one more snapshot."""
        text = "".join(model.event_text(row, self.fields) + "\n" for row in rows)
        self.workspace.write(f"in/{len(self.snapshots):05d}.ndjson", text)
        ended = self.workspace.run("run", "pipeline.yaml", "--once")
        assert ended.code == 0, ended
        self.rows += rows
        self.snapshots.append((self.table().current_snapshot["snapshot-id"], len(self.rows)))

    def location(self, name="t.model"):
        return readers.location(self.workspace, name)

    def table(self, name="t.model"):
        return Table(name, self.location(name))

    def rejects(self):
        return readers.with_fastavro(self.location("t.model_dead_letter"))

    def check(self, snapshot_id=None, rows=None, only=tuple(readers.READERS)):
        """All readers agree with the model."""
        for name in only:
            # PyIceberg 0.12 gives empty lists and maps for null ones where it looks inside, in tables that it wrote itself, too.
            form = canonical.empty_for_null if name == "pyiceberg" else None
            wanted = canonical.rows_text(self.rows if rows is None else rows, self.schema, form)
            assert_same(name, canonical.rows_text(readers.READERS[name](self.location(), snapshot_id), self.schema, form), wanted)

    def verify(self, names=("t.model", "t.model_dead_letter")):
        findings = Findings()
        for name in names:
            check_table(findings, self.table(name), "model")
        assert findings.ok, "the verifier found:\n" + findings.text()
        return findings


def assert_same(name, found, wanted):
    if found == wanted:
        return
    missing, extra = set(wanted) - set(found), set(found) - set(wanted)
    text = f"{name} gives {len(found)} rows, the model has {len(wanted)}"
    for what, rows in (("only in the model", missing), ("only in the table", extra)):
        for row in sorted(rows)[:3]:
            text += f"\n{what}: {row}"
    raise AssertionError(text)
