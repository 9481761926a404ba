"""Several processes of one pipeline: the newest goes on, the older ones exit with their own code, lose nothing, double nothing."""

import signal
import time

import events
from cases import case
from kill_loop import Arrivals
from pyiceberg.catalog.sql import SqlCatalog
from sweep import FILES, ONCE, fault_points, make_workspace, table_files
from weir_process import EXIT_FENCED, Workspace

# The process freezes at this passage, so that it is in its second or third epoch; at the first of what each passes once.
FREEZE_AT_PASSAGE = {
    "commit.before_manifest_list": 3,
    "commit.before_metadata": 5,
    "commit.before_swap": 3,
    "prepare.before_manifest": 3,
    "storage.append": 14,
    "storage.create": 14,
    "storage.sync": 14,
    **{point: 1 for point in ONCE},
}
# It has not taken the pipeline yet: when it wakes up it does, and is then the newest.
BEFORE_THE_FENCE = ("fence.before_commit", "schema.before_commit", "schema.after_commit")

RACES = 100  # half of them of two processes, half of three


def feed(arrivals, until, seconds=20):
    """Lets files arrive until `until` is true."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, f"not within {seconds} s"
        arrivals.arrive()
        time.sleep(0.02)


def finish(workspace, **arguments):
    ended = workspace.run("run", "events.yaml", "--once")
    assert ended.code == 0, ended
    events.judge(workspace, **arguments)
    again = workspace.run("run", "events.yaml", "--once")
    assert again.code == 0 and "nothing new" in again.out, again
    events.judge(workspace, **arguments)


def newer_process_takes_over(processes):
    with Workspace() as workspace:
        events.write_pipeline(workspace, every="50ms")
        arrivals = Arrivals(workspace)
        arrivals.arrive(3)
        older = workspace.start("run", "events.yaml")
        for _ in range(processes - 1):
            feed(arrivals, lambda: "committed" in older.err())
            newer = workspace.start("run", "events.yaml")
            feed(arrivals, lambda: not older.is_running())
            ended = older.wait()
            assert ended.code == EXIT_FENCED and "newer process" in ended.err, ended
            assert newer.is_running(), newer.wait()
            older = newer
        older.send(signal.SIGTERM)
        assert older.wait().code == 0
        finish(workspace)


def race(processes):
    """All started at once: one survives."""
    with Workspace() as workspace:
        events.write_pipeline(workspace, every="50ms")
        arrivals = Arrivals(workspace)
        arrivals.arrive(3)
        running = [workspace.start("run", "events.yaml") for _ in range(processes)]
        feed(arrivals, lambda: sum(process.is_running() for process in running) <= 1)
        survivors = [process for process in running if process.is_running()]
        assert len(survivors) == 1, [str(process.wait()) for process in running]
        for process in running:
            if process not in survivors:
                ended = process.wait()
                assert ended.code == EXIT_FENCED, ended
        survivors[0].send(signal.SIGTERM)
        assert survivors[0].wait().code == 0
        finish(workspace)


def zombie(point, newer_crashes):
    """A process is frozen at `point`, a newer one does its work, the old one wakes up."""
    with Workspace() as workspace:
        make_workspace(workspace, point, files=FILES if point.startswith("recover.") else 0)
        arrivals = Arrivals(workspace)
        arrivals.count = len(list((workspace.path / "in").iterdir()))
        old = workspace.start("run", "events.yaml", faults=f"{point}=stop@{FREEZE_AT_PASSAGE.get(point, 2)}")
        arrivals.arrive_until(old.is_stopped, f"frozen at {point}")
        if newer_crashes:
            arrivals.arrive()
            ended = workspace.run("run", "events.yaml", "--once", faults="epoch.after_prepared=kill@1")
            assert ended.was_killed, ended
        else:
            ended = workspace.run("run", "events.yaml", "--once")
            assert ended.code == 0, ended
            events.judge(workspace)
        before = table_files(workspace)
        old.send(signal.SIGCONT)
        arrivals.arrive()
        if point in BEFORE_THE_FENCE:
            arrivals.arrive_until(lambda: '"table":"t.events",' in old.err() or not old.is_running(), "a commit of the process that woke up")
            old.send(signal.SIGTERM)
        ended = old.wait(30)
        assert ended.code == (0 if point in BEFORE_THE_FENCE else EXIT_FENCED), f"the old process, frozen at {point}: {ended}"
        assert before <= table_files(workspace), f"the old process deleted {before - table_files(workspace)}"
        events.judge_partly(workspace)
        finish(workspace)


def foreign_commit(point, change):
    """Somebody else commits while ours is on its way: we go on top of it."""
    with Workspace() as workspace:
        events.write_pipeline(workspace)
        arrivals = Arrivals(workspace)
        passage = {"commit.before_swap": 4, "commit.before_manifest_list": 5}.get(point, 3)  # in the third epoch
        process = workspace.start("run", "events.yaml", faults=f"{point}=stop@{passage}")
        arrivals.arrive_until(process.is_stopped, f"frozen at {point}")
        warehouse = workspace.path / "wh"
        catalog = SqlCatalog("weir", uri=f"sqlite:///{warehouse}/catalog.db", warehouse=f"file://{warehouse}")
        table = catalog.load_table("t.events")
        change(table)
        process.send(signal.SIGCONT)
        seen = process.err().count('"table":"t.events",')
        arrivals.arrive_until(lambda: process.err().count('"table":"t.events",') >= seen + 2 or not process.is_running(), "two more commits")
        process.send(signal.SIGTERM)
        ended = process.wait(30)
        assert ended.code == 0, ended
        events.judge(workspace, complete=False, foreign=["elsewhere"])
        finish(workspace, foreign=["elsewhere"])
        snapshots = [snapshot.snapshot_id for snapshot in catalog.load_table("t.events").snapshots()]
        assert table.current_snapshot().snapshot_id in snapshots, "the foreign snapshot is gone"


def append_foreign(table):
    row = table.scan(limit=1).to_arrow()
    at = row.column_names.index("src_topic")
    table.append(row.set_column(at, row.schema.field(at), [["elsewhere"]]))


def rewrite(table):
    """What a compaction does to us: all files are others, the rows are the same."""
    table.overwrite(table.scan().to_arrow())


def set_property(table):
    with table.transaction() as transaction:
        transaction.set_properties({"owner": "somebody"})


def expire_old_snapshots(table):
    table.maintenance.expire_snapshots().by_id(table.snapshots()[0].snapshot_id).commit()


def register():
    case("fencing.two_processes", lambda: newer_process_takes_over(2))
    case("fencing.four_processes_one_after_another", lambda: newer_process_takes_over(4))
    for number in range(RACES):
        case(f"fencing.race.{number}", lambda processes=2 + number % 2: race(processes))
    for point in fault_points():
        case(f"fencing.zombie.{point}", lambda p=point: zombie(p, False))
        case(f"fencing.zombie.{point}.and_crash", lambda p=point: zombie(p, True))
    for point in ("epoch.after_prepared", "commit.before_manifest_list", "commit.before_swap"):
        for change in (append_foreign, rewrite, set_property, expire_old_snapshots):
            case(f"foreign.{change.__name__}.{point}", lambda p=point, c=change: foreign_commit(p, c))
