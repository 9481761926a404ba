"""Pipeline files that were changed in ways that would leave gaps or land rows twice: Weir halts until somebody decides."""

from cases import case
from changed_tables import catalog_of
from pipeline_case import OnePipeline
from weir_process import Workspace

CONTRACT = "contract: c\ncolumns: [{name: a, type: string, required: true}]\n"


class Pipeline(OnePipeline):
    """One file an event; sinks and the source's name as each step wants them."""

    def __init__(self, workspace):
        super().__init__(workspace)
        self.count = 0
        workspace.write("c.yaml", CONTRACT)

    def write(self, *tables, source="source"):
        sinks = ", ".join(f"{table}: {{iceberg: t.{table}}}" for table in tables)
        self.workspace.write("p.yaml", f"pipeline: p\nsources: {{{source}: {{files: {{path: in, settle: 0s}}, contract: c.yaml}}}}\nsinks: {{{sinks}}}\n"
                             "dead_letter: t.rejects\ncatalog: {sqlite: wh}\n")

    def event(self):
        self.count += 1
        self.workspace.write(f"in/{self.count}.ndjson", f'{{"a":"{self.count}"}}\n')

    def decide(self, *arguments):
        ended = self.workspace.run("progress", arguments[0], "p.yaml", *arguments[1:], "--reason", "the test says so")
        assert ended.code == 0, ended

    def expect(self, table, *rows):
        landed = catalog_of(self.workspace).load_table(f"t.{table}").scan().to_arrow()["a"].to_pylist()
        assert sorted(map(int, landed)) == sorted(rows), f"{table}: {landed}"


def sink_taken_out_and_put_back():
    with Workspace() as workspace:
        pipeline = Pipeline(workspace)
        pipeline.write("x", "y")
        pipeline.event()
        pipeline.runs()
        pipeline.write("x")
        pipeline.event()
        pipeline.runs()
        pipeline.write("x", "y")
        pipeline.event()
        pipeline.halts("t.y", "lacks", "at most", "progress join")
        pipeline.decide("join", "--table", "t.y")
        pipeline.runs()
        pipeline.expect("x", 1, 2, 3)
        pipeline.expect("y", 1, 3)


def sink_added():
    with Workspace() as workspace:
        pipeline = Pipeline(workspace)
        pipeline.write("x")
        pipeline.event()
        pipeline.runs()
        pipeline.write("x", "y")
        pipeline.event()
        pipeline.halts("t.y", "lacks", "progress join")
        listed = workspace.run("table", "list", "--json")
        assert "t.y" not in listed.out, f"a table was made before anybody decided: {listed}"
        pipeline.decide("join", "--table", "t.y")
        pipeline.runs()
        pipeline.expect("x", 1, 2)
        pipeline.expect("y", 2)


def sinks_changed_before_anything_was_committed():
    with Workspace() as workspace:
        pipeline = Pipeline(workspace)
        pipeline.write("x")
        workspace.write("in/.keep", "")
        pipeline.runs()
        pipeline.write("x", "y")
        pipeline.event()
        pipeline.runs()
        pipeline.expect("y", 1)


def source_renamed():
    with Workspace() as workspace:
        pipeline = Pipeline(workspace)
        pipeline.write("x", source="orders")
        pipeline.event()
        pipeline.runs()
        pipeline.write("x", source="feed")
        pipeline.event()
        pipeline.halts("position_lost", "'orders'", "'feed'", "twice")
        pipeline.write("x", source="orders")
        pipeline.runs()
        pipeline.expect("x", 1, 2)
        pipeline.write("x", source="feed")
        pipeline.decide("forget", "--source", "orders", "--all")
        pipeline.runs()
        pipeline.expect("x", 1, 1, 2, 2)


def register():
    for function in (sink_taken_out_and_put_back, sink_added, sinks_changed_before_anything_was_committed, source_renamed):
        case(f"changed_pipelines.{function.__name__}", function)
