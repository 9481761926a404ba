"""The Nth call to the system or the allocator fails: an error like others, never an abort, and the next run makes the tables whole."""

from pathlib import Path

import events
from cases import case
from preloaded import built_library, run_preloaded
from weir_process import Workspace

KINDS = ("open", "read", "write", "mmap", "malloc")
CASES_A_KIND = 6  # each tries its part of the positions
POSITIONS_A_KIND = 60
FILTER = "steps: [{name: some, filter: \"length(name) > 0\"}]\n"  # SQL, so that DuckDB is there
# DuckDB 1.5.6 does not survive all of it: a destructor throws while a database is being opened, its allocator follows a null pointer.
# Nobody can catch that; what can be asked is that the next run makes the tables whole.
ENDS_OF_DUCKDB = (-6, -11)


def make_workspace(workspace, has_sql):
    events.write_pipeline(workspace)
    path = workspace.path / "events.yaml"
    if has_sql:
        path.write_text(path.read_text() + FILTER)
    events.write_files(workspace, 2, 60)


def count_calls(library, has_sql):
    """How many calls of each kind a whole run makes."""
    with Workspace() as workspace:
        make_workspace(workspace, has_sql)
        ended = run_preloaded(workspace, library, FAILING_CALL_COUNT=str(workspace.path / "counts"))
        assert ended.code == 0, ended
        lines = (workspace.path / "counts").read_text().split("\n")
        return {line.split()[0]: int(line.split()[1]) for line in lines if line}


def positions(calls):
    """Spread over a whole run; every one when there are few."""
    step = max(1, calls // POSITIONS_A_KIND)
    return list(range(1, calls + 1, step))


def sweep(library, kind, part, has_sql):
    calls = count_calls(library, has_sql)[kind]
    assert calls > 0, f"a run makes no call of {kind}: the sweep would show nothing"
    chosen = positions(calls)[part::CASES_A_KIND]
    failures = 0
    for number in chosen:
        with Workspace() as workspace:
            make_workspace(workspace, has_sql)
            ended = run_preloaded(workspace, library, FAILING_CALL=f"{kind}:{number}")
            expected = (0, 1, 2) + (ENDS_OF_DUCKDB if has_sql else ())
            if "std::bad_alloc" in ended.err:
                expected += (-6,)  # nlohmann::json allocates in its destructor, so memory that runs out there ends the process
            assert ended.code in expected, f"{kind} number {number}: {ended}"
            assert ended.code in (0, *ENDS_OF_DUCKDB) or ended.err.strip(), f"{kind} number {number} ends without a word: {ended}"
            failures += ended.code != 0
            events.judge_partly(workspace)
            again = workspace.run("run", "events.yaml", "--once")
            assert again.code == 0, f"after {kind} number {number}: {again}"
            events.judge(workspace)
    return f"{len(chosen)} positions, {failures} errors"


def register():
    library = built_library(Path(__file__).with_name("failing_calls.c"))
    for kind in KINDS:
        for part in range(1 if kind == "mmap" else CASES_A_KIND):  # without SQL a run maps hardly anything itself
            case(f"failing_calls.{kind}.{part + 1}_of_{CASES_A_KIND}", lambda k=kind, p=part: sweep(library, k, p, False))
        case(f"failing_calls.{kind}.with_sql", lambda k=kind: sweep(library, k, 0, True))
