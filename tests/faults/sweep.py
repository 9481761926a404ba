"""Every named fault point of the program, times every action: whatever happens there, the next run makes the tables whole."""

import collections
import functools
import re
import signal

import events
from cases import case
from weir_process import ROOT, Workspace

FILES, ROWS = 4, 60
ACTIONS = ("kill", "error", "full", "delay:50")

# Passed once by a process; the second time is then the second process in a row.
ONCE = ("fence.before_commit", "fence.after_commit", "recover.before_commit", "recover.after_commit", "source.before_open", "source.before_discover",
        "schema.before_commit", "schema.after_commit")
# Passed at each write of a file: the Nth of them fails, for N up to this.
STORAGE_PASSAGES = 24

# What a passing fault ("error") does at each point: it is waited out, or the run ends, says so and loses nothing. A full
# disk ends the run wherever it is met.
WAITED_OUT = ("commit.", "fence.", "prepare.", "prepared.", "schema.", "source.", "storage.")
ENDS_THE_RUN = ("epoch.", "recover.", "task.")
# An error here is the reply that got lost: the commit is found, and nothing is said.
LOST_REPLY = "commit.after_swap"


def fault_points():
    """The names in the sources: a new point is swept without being listed here."""
    names = set()
    for source in (ROOT / "src").rglob("*.cc"):
        if "tests" not in source.parts:
            names.update(re.findall(r'fault_point\("([^"]+)"\)', source.read_text()))
    assert len(names) >= 20, f"only {len(names)} fault points were found in the sources"
    # savepoints.py has its own; no sink of a pipeline file makes a follower yet: the simulator has one.
    return sorted(name for name in names if not name.startswith(("savepoint.", "follower.", "outbox.")))


def table_files(workspace):
    return {path for path in (workspace.path / "wh").rglob("*") if path.is_file() and ".weir" not in path.parts and "catalog.db" not in path.name}


def make_workspace(workspace, point, files=FILES):
    """A pipeline with input that comes to `point` at its next start."""
    if point.startswith("schema."):
        events.write_before_they_grew(workspace)
    events.write_pipeline(workspace, epoch_max=events.EACH_BATCH)
    events.write_files(workspace, files, ROWS)
    if point.startswith("recover."):
        ended = workspace.run("run", "events.yaml", "--once", faults="epoch.after_prepared=kill@2")
        assert ended.was_killed, ended


@functools.cache
def passages(world):
    """How often a clean run in the world of a fault point (its first word) passes each of them."""
    with Workspace() as workspace:
        make_workspace(workspace, f"{world}.")
        ended = workspace.run("run", "events.yaml", "--once", faults=";".join(f"{point}=log@1+" for point in fault_points()))
        assert ended.code == 0, ended
        return collections.Counter(re.findall(r"^passed (\S+)$", ended.err, re.MULTILINE))


def answer(point, action):
    """The exit code of a run that meets a fault once."""
    if action == "kill":
        return -signal.SIGKILL
    assert point.startswith(WAITED_OUT) != point.startswith(ENDS_THE_RUN), f"{point}: say what a fault does there"
    if action.startswith("delay") or point == LOST_REPLY:
        return 0
    return 0 if action == "error" and point.startswith(WAITED_OUT) else 1


def run_into_fault(workspace, point, action, passage):
    ended = workspace.run("run", "events.yaml", "--once", faults=f"{point}={action}@{passage}", seconds=40)
    assert ended.code == answer(point, action), f"{point}={action}@{passage}: {ended}"
    if action in ("error", "full") and point != LOST_REPLY:
        assert "injected" in ended.err, f"it does not say what happened: {ended}"


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


def is_past_after(point, action):
    """True when the first process that meets the fault leaves nothing that brings a second one there."""
    if point in ("recover.after_commit", "schema.after_commit"):
        return True
    return point.startswith(("recover.", "schema.")) and answer(point, action) == 0 or point.startswith("recover.") and action != "kill"


def sweep_last(point, action):
    """At the last passage of a run: no more events follow, and the last epoch is under way."""
    sweep(point, action, passages(point.split(".")[0])[point])


def register():
    for point in fault_points():
        for action in ACTIONS:
            for number in (1, 2):
                passage, processes = (1, number) if point in ONCE else (number, 1)
                if number == 2 and is_past_after(point, action):
                    continue
                case(f"sweep.{point}.{action}@{number}", lambda p=point, a=action, n=passage, times=processes: sweep(p, a, n, times))
            if point not in ONCE and point != "task.before_poll":  # how often a source is asked depends on time
                case(f"sweep.{point}.{action}@last", lambda p=point, a=action: sweep_last(p, a))
        if point.startswith("storage."):
            for passage in range(3, STORAGE_PASSAGES + 1):
                action = ("kill", "full")[passage % 2]
                case(f"sweep.{point}.{action}@{passage}", lambda p=point, a=action, n=passage: sweep(p, a, n))
    for times in (2, 3, 5):
        case(f"sweep.crash_in_recovery.{times}_times", lambda n=times: crash_in_recovery(n))
