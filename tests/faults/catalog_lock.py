"""The catalog's SQLite file is locked by somebody else."""

import signal
import sqlite3
import time

import events
from cases import case
from weir_process import Workspace, wait_until


class Lock:
    """Holds the write lock of a catalog."""

    def __init__(self, workspace):
        self.connection = sqlite3.connect(workspace.path / "wh/catalog.db", timeout=10, isolation_level=None)
        self.connection.execute("BEGIN IMMEDIATE")

    def release(self):
        self.connection.execute("ROLLBACK")
        self.connection.close()


def first_run(workspace):
    events.write_pipeline(workspace, every="50ms")
    events.write_files(workspace, 2, 60)
    ended = workspace.run("run", "events.yaml", "--once")
    assert ended.code == 0, ended


def start_while_locked():
    """A start waits for a lock that is let go in time."""
    with Workspace() as workspace:
        first_run(workspace)
        events.write_files(workspace, 1, 60, first=2)
        lock = Lock(workspace)
        process = workspace.start("run", "events.yaml", "--once")
        time.sleep(2)
        assert process.is_running(), process.wait()
        lock.release()
        ended = process.wait(20)
        assert ended.code == 0, ended
        events.judge(workspace)


def start_while_locked_for_good():
    """A start gives up with a clear error."""
    with Workspace() as workspace:
        first_run(workspace)
        lock = Lock(workspace)
        began = time.monotonic()
        ended = workspace.run("run", "events.yaml", "--once", seconds=30)
        took = time.monotonic() - began
        lock.release()
        assert ended.code == 1 and "lock" in ended.err and "catalog" in ended.err, ended
        assert 3 < took < 20, took
        assert workspace.run("run", "events.yaml", "--once").code == 0
        events.judge(workspace)


def locked_while_running():
    """A running pipeline holds its commit until the lock is gone, and says so."""
    with Workspace() as workspace:
        first_run(workspace)
        process = workspace.start("run", "events.yaml")
        time.sleep(0.5)
        lock = Lock(workspace)
        events.write_files(workspace, 2, 60, first=2)
        wait_until(lambda: '"event":"commit.retry"' in process.err() or not process.is_running(), "it says that it tries again", 20)
        assert process.is_running(), process.wait()
        lock.release()
        wait_until(lambda: '"event":"commit.applied"' in process.err(), "the commit", 20)
        process.send(signal.SIGTERM)
        ended = process.wait(30)
        assert ended.code == 0, ended
        events.judge(workspace)


def removed_while_running():
    """The catalog vanishes under a running pipeline: it says so and ends; once it is back nothing is missing."""
    with Workspace() as workspace:
        first_run(workspace)
        process = workspace.start("run", "events.yaml")
        events.write_files(workspace, 1, 60, first=2)
        wait_until(lambda: '"event":"commit.applied"' in process.err() or not process.is_running(), "a commit", 20)
        warehouse = workspace.path / "wh"
        away = workspace.path / "away"
        away.mkdir()
        for file in warehouse.glob("catalog.db*"):
            file.rename(away / file.name)
        events.write_files(workspace, 2, 60, first=3)
        ended = process.wait(30)
        assert ended.code == 1 and "was removed or replaced while it was in use" in ended.err, ended
        for file in warehouse.glob("catalog.db*"):
            file.unlink()
        for file in away.iterdir():
            file.rename(warehouse / file.name)
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 0, ended
        events.judge(workspace)


def terminated_while_locked():
    """SIGTERM while the commit cannot be brought to an end: the stop deadline holds, the next start repairs."""
    with Workspace() as workspace:
        first_run(workspace)
        pipeline = workspace.path / "events.yaml"
        pipeline.write_text(pipeline.read_text().replace("stop_deadline: 20s", "stop_deadline: 1s"))
        process = workspace.start("run", "events.yaml")
        time.sleep(0.5)
        lock = Lock(workspace)
        events.write_files(workspace, 2, 60, first=2)
        time.sleep(1)
        process.send(signal.SIGTERM)
        ended = process.wait(8)  # the deadline, and the five seconds that one attempt waits for the lock
        assert ended.code == 0, ended
        assert "stopped before" in ended.out, ended
        lock.release()
        events.judge(workspace, complete=False)
        assert workspace.run("run", "events.yaml", "--once").code == 0
        events.judge(workspace)


def register():
    for function in (start_while_locked, start_while_locked_for_good, locked_while_running, removed_while_running, terminated_while_locked):
        case(f"catalog_lock.{function.__name__}", function)
