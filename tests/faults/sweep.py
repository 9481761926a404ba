"""Every named fault point of the program, times every action: whatever happens there, the next run makes the tables whole."""

import re

import events
from cases import case
from weir_process import ROOT, Workspace

FILES, ROWS = 4, 60
ACTIONS = ("kill", "error", "full", "delay:50")

# Passed once by a process; the second time is then the second process in a row.
ONCE = ("fence.before_commit", "fence.after_commit", "recover.before_commit", "recover.after_commit", "source.before_open", "source.before_discover",
        "schema.before_commit", "schema.after_commit")
# Passed at each write of a file: the Nth of them fails, for N up to this or to the end of the run.
STORAGE_PASSAGES = 24


def fault_points():
    """The names in the sources: a new point is swept without being listed here."""
    names = set()
    for source in (ROOT / "src").rglob("*.cc"):
        if "tests" not in source.parts:
            names.update(re.findall(r'fault_point\("([^"]+)"\)', source.read_text()))
    assert len(names) >= 20, f"only {len(names)} fault points were found in the sources"
    return sorted(name for name in names if not name.startswith("savepoint."))  # savepoints.py has its own


def table_files(workspace):
    return {path for path in (workspace.path / "wh").rglob("*") if path.is_file() and ".weir" not in path.parts and "catalog.db" not in path.name}


def make_workspace(workspace, point):
    if point.startswith("schema."):
        events.write_before_they_grew(workspace)
    events.write_pipeline(workspace, epoch_max=events.EACH_BATCH)
    events.write_files(workspace, FILES, ROWS)
    if point.startswith("recover."):
        ended = workspace.run("run", "events.yaml", "--once", faults="epoch.after_intent=kill@2")
        assert ended.was_killed, ended


def run_into_fault(workspace, point, action, passage):
    ended = workspace.run("run", "events.yaml", "--once", faults=f"{point}={action}@{passage}", seconds=40)
    if action == "kill":
        beyond_the_end = point.startswith("storage.") and passage > 16 and ended.code == 0
        assert ended.was_killed or beyond_the_end, f"{point} was not passed {passage} times: {ended}"
    elif action.startswith("delay"):
        assert ended.code == 0, ended
    else:
        assert ended.code in (0, 1), ended
        assert ended.code == 0 or "injected" in ended.err, f"the error does not say what happened: {ended}"


def finish(workspace):
    """Runs without faults: everything lands, nothing is deleted, nothing is left to do."""
    before = table_files(workspace)
    ended = workspace.run("run", "events.yaml", "--once")
    assert ended.code == 0, f"the run after the fault failed: {ended}"
    gone = before - table_files(workspace)
    assert not gone, f"recovery deleted {gone}"
    events.judge(workspace)
    left = [path.name for path in (workspace.path / "wh/.weir/events").rglob("*") if path.is_file()]
    assert not left, f"prepared epochs are left behind: {left}"


def sweep(point, action, passage, processes=1):
    with Workspace() as workspace:
        make_workspace(workspace, point)
        for _ in range(processes):
            run_into_fault(workspace, point, action, passage)
            events.judge_partly(workspace)
        finish(workspace)


def crash_in_recovery(times):
    """Each run dies in the recovery from the one before, every time a little later."""
    # The fence is the first commit of a process: it writes a metadata file and swaps once before recovery does.
    steps = [
        ("recover.before_commit", 1),
        ("commit.before_manifest_list", 1),
        ("commit.before_metadata", 2),
        ("commit.before_swap", 2),
        ("commit.after_swap", 2),
    ]
    with Workspace() as workspace:
        make_workspace(workspace, "recover.before_commit")
        for point, passage in steps[:times]:
            run_into_fault(workspace, point, "kill", passage)
            events.judge_partly(workspace)
        finish(workspace)


def register():
    for point in fault_points():
        for action in ACTIONS:
            for number in (1, 2):
                passage, processes = (1, number) if point in ONCE else (number, 1)
                if number == 2 and (point in ("recover.after_commit", "schema.after_commit") or point.startswith("recover.") and action != "kill"):
                    continue  # the first process brings the epoch to its end: there is nothing to recover for the second
                case(f"sweep.{point}.{action}@{number}", lambda p=point, a=action, n=passage, times=processes: sweep(p, a, n, times))
        if point.startswith("storage."):
            for passage in range(3, STORAGE_PASSAGES + 1):
                action = ("kill", "full")[passage % 2]
                case(f"sweep.{point}.{action}@{passage}", lambda p=point, a=action, n=passage: sweep(p, a, n))
    for times in (2, 3, 5):
        case(f"sweep.crash_in_recovery.{times}_times", lambda n=times: crash_in_recovery(n))
