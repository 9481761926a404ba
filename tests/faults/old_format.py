"""Warehouses that the release before wrote (tests/faults/format_1): this one reads them, goes on, and loses nothing.

Each archive holds a pipeline, its input and its warehouse, as that release left them: at the end of a run and after a
decision by hand, or killed with an intent stored, before or after its commit. Tables name their files by absolute
paths, so they are unpacked where they were written.
"""

import fcntl
import shutil
import tarfile
from pathlib import Path

import events
from cases import case
from weir_process import ROOT, Workspace

FOLDER = Path("/tmp/weir-format-1")
ARCHIVES = ROOT / "tests/faults/format_1"


class Unpacked(Workspace):
    """One at a time: the path is fixed."""

    def __init__(self, name):  # noqa: super().__init__() would make another folder
        self.lock = open(f"{FOLDER}.lock", "w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir()
        with tarfile.open(ARCHIVES / f"{name}.tar.xz") as archive:
            archive.extractall(FOLDER)
        self.path = FOLDER
        self.started = []

    def __exit__(self, *error):
        super().__exit__(*error)
        self.lock.close()


def intents(workspace):
    return [path.name for path in (workspace.path / "wh/.weir/events").glob("intent-*")]


def goes_on(name):
    with Unpacked(name) as workspace:
        had_intent = bool(intents(workspace))
        assert had_intent == (name != "finished"), intents(workspace)
        events.judge(workspace, complete=False)
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 0, ended
        assert ("of an earlier run" in ended.out) == had_intent, ended
        events.judge(workspace)
        assert not intents(workspace), "an intent is left behind"
        events.write_files(workspace, 1, 60, first=9)
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 0 and "of an earlier run" not in ended.out, ended
        events.judge(workspace)


def is_killed(name, point):
    """The first run of this release dies in the middle of taking over."""
    with Unpacked(name) as workspace:
        assert workspace.run("run", "events.yaml", "--once", faults=f"{point}=kill").was_killed
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 0, ended
        events.judge(workspace)
        assert not intents(workspace), "an intent is left behind"


def decisions_are_shown():
    with Unpacked("decided_by_hand") as workspace:
        for _ in range(2):
            shown = workspace.run("progress", "show", "events.yaml")
            assert shown.code == 0 and "delivered again" in shown.out, shown
            assert workspace.run("run", "events.yaml", "--once").code == 0


def register():
    for name in ("finished", "undecided", "decided", "first_epoch_undecided"):
        case(f"old_format.{name}", lambda n=name: goes_on(n))
    for point in ("fence.after_commit", "recover.before_commit", "recover.after_commit", "commit.after_swap"):
        case(f"old_format.undecided.{point}", lambda p=point: is_killed("undecided", p))
    case("old_format.decisions_are_shown", decisions_are_shown)
