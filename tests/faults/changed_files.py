"""Input files that change or vanish under us: a clear error instead of lost or doubled records."""

import gzip
import json
import os
import signal

import events
import zstandard
from cases import case
from weir_process import Workspace, wait_until

ROWS = 20_000  # several batches of one file
POSITION_LOST = "position_lost"

PACK = {"ndjson": lambda data: data, "ndjson.gz": gzip.compress, "ndjson.zst": zstandard.ZstdCompressor().compress}


def half_read(workspace, ending="ndjson"):
    """Leaves one file behind that is committed up to its middle: an epoch holds no more. Returns its path."""
    events.write_pipeline(workspace, every="1h", epoch_max=events.EACH_BATCH)
    path = workspace.write(f"in/big.{ending}", PACK[ending](events.lines(0, ROWS).encode()))
    ended = workspace.run("run", "events.yaml", "--once", faults="epoch.after_commit=kill@1")
    assert ended.was_killed, ended
    events.judge(workspace, complete=False)
    return path


def half_read_file_goes_on(ending):
    with Workspace() as workspace:
        half_read(workspace, ending)
        assert workspace.run("run", "events.yaml", "--once").code == 0
        events.judge(workspace)


def half_read_file_removed():
    with Workspace() as workspace:
        path = half_read(workspace)
        kept = path.with_name("_kept")
        path.rename(kept)
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 1, ended
        for word in (POSITION_LOST, "big.ndjson", "up to record", "Put it back"):
            assert word in ended.err, f"the error does not say {word!r}: {ended}"
        kept.rename(path)
        assert workspace.run("run", "events.yaml", "--once").code == 0
        events.judge(workspace)


def half_read_file_changed(change):
    with Workspace() as workspace:
        path = half_read(workspace)
        content, times = path.read_bytes(), os.stat(path)
        change(path, content)
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 1 and POSITION_LOST in ended.err and "big.ndjson" in ended.err, ended
        path.write_bytes(content)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert workspace.run("run", "events.yaml", "--once").code == 0
        events.judge(workspace)


def decided_by_hand():
    """The half-read file is lost for good: an operator says so, the pipeline goes on, and the tables remember it."""
    with Workspace() as workspace:
        path = half_read(workspace)
        truth = events.from_folder(str(workspace.path / "in"))
        path.unlink()
        workspace.write("in/next.ndjson", events.lines(ROWS, 50))
        assert workspace.run("run", "events.yaml", "--once").code == 1
        forget = ("progress", "forget", "events.yaml", "--partition", "big.ndjson")
        refused = workspace.run(*forget)
        assert refused.code == 2 and "reason" in refused.err, refused
        done = workspace.run(*forget, "--reason", "the disk died")
        assert done.code == 0 and "big.ndjson" in done.out, done
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 0, ended
        shown = workspace.run("progress", "show", "events.yaml")
        assert "the disk died" in shown.out and "forgotten" in shown.out, shown
        truth.records.update(events.from_folder(str(workspace.path / "in")).records)
        findings = events.judge(workspace, truth=truth, complete=False)
        assert 50 < findings.checked["I1"] < ROWS, findings.checked


def position_set_by_hand(ending):
    """What lies between is left out, and nothing is read twice."""
    with Workspace() as workspace:
        path = half_read(workspace, ending)
        shown = json.loads(workspace.run("progress", "show", "events.yaml", "--json").out)
        (position, *_), = shown["progress"]["sources"]["source"]["p"].values()
        done = workspace.run("progress", "set", "events.yaml", "--partition", path.name, "--next", str(position + 100), "--reason", "known to be bad")
        assert done.code == 0, done
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 0, ended
        findings = events.judge(workspace, complete=False)
        assert findings.checked["I1"] == ROWS - 100, findings.checked


def finished_file_changed(change):
    with Workspace() as workspace:
        events.write_pipeline(workspace)
        events.write_files(workspace, 2, 50)
        assert workspace.run("run", "events.yaml", "--once").code == 0
        path = workspace.path / "in/00001.ndjson"
        content, times = path.read_bytes(), os.stat(path)
        change(path, content)
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 1 and POSITION_LOST in ended.err and "00001.ndjson" in ended.err, ended
        path.write_bytes(content)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        again = workspace.run("run", "events.yaml", "--once")
        assert again.code == 0 and "nothing new" in again.out, again
        events.judge(workspace)


def finished_file_changed_while_watching():
    with Workspace() as workspace:
        events.write_pipeline(workspace, every="50ms")
        events.write_files(workspace, 2, 50)
        process = workspace.start("run", "events.yaml")
        wait_until(lambda: "committed" in process.err(), "the first commit")
        append(workspace.path / "in/00001.ndjson", b"")
        ended = process.wait(20)
        assert ended.code == 1 and POSITION_LOST in ended.err, ended


def finished_file_removed():
    """That is how folders are cleaned up: no error."""
    with Workspace() as workspace:
        events.write_pipeline(workspace)
        events.write_files(workspace, 2, 50)
        truth = events.from_folder(str(workspace.path / "in"))
        assert workspace.run("run", "events.yaml", "--once").code == 0
        os.remove(workspace.path / "in/00000.ndjson")
        assert workspace.run("run", "events.yaml", "--once").code == 0
        events.judge(workspace, truth=truth)


def grows_while_it_is_read():
    with Workspace() as workspace:
        events.write_pipeline(workspace)
        path = workspace.write("in/big.ndjson", events.lines(0, ROWS))
        process = workspace.start("run", "events.yaml", "--once", faults="task.after_fetch=stop@1")
        wait_until(process.is_stopped, "frozen")
        append(path, b"")
        process.send(signal.SIGCONT)
        ended = process.wait()
        assert ended.code == 1 and POSITION_LOST in ended.err and "changed while it was being read" in ended.err, ended


def cut_off(ending):
    """A compressed file that ends too early: the others land, and it does once it is whole."""
    with Workspace() as workspace:
        events.write_pipeline(workspace)
        events.write_files(workspace, 1, 50)
        whole = PACK[ending](events.lines(100, ROWS).encode())
        workspace.write(f"in/cut.{ending}", whole[: len(whole) // 2])
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 0 and f"cut.{ending}" in ended.err and "bad_file" in ended.out, ended
        assert decided(workspace) == 50 + 1, decided(workspace)
        workspace.write(f"in/cut.{ending}", whole)
        assert workspace.run("run", "events.yaml", "--once").code == 0
        assert decided(workspace) == 50 + ROWS + 1, decided(workspace)


def decided(workspace):
    """How many events landed or were rejected; a bad file counts as one."""
    both = "select (select count(*) from t.events) + (select count(*) from t.events_dead_letter) as n"
    return int(workspace.run("query", "--warehouse", "wh", both).out.split()[-1])


def moved_touched_and_linked():
    """None of it reads anything twice, or halts."""
    with Workspace() as workspace:
        events.write_pipeline(workspace)
        events.write_files(workspace, 3, 50)
        truth = events.from_folder(str(workspace.path / "in"))
        assert workspace.run("run", "events.yaml", "--once").code == 0
        folder = workspace.path / "in"
        (folder / "00000.ndjson").rename(folder / "moved.ndjson")
        os.utime(folder / "00001.ndjson", (1, 1))
        os.link(folder / "00002.ndjson", folder / "hard.ndjson")
        os.symlink(folder / "00002.ndjson", folder / "soft.ndjson")
        os.symlink(folder / "loop.ndjson", folder / "loop.ndjson")
        for _ in range(2):
            ended = workspace.run("run", "events.yaml", "--once")
            assert ended.code == 0 and "nothing new" in ended.out, ended
        events.judge(workspace, truth=truth)


def append(path, _):
    with open(path, "ab") as file:
        file.write(events.lines(0, 1).encode())


def alter_the_head(path, content):
    path.write_bytes(b" " + content[1:])


def cut(path, content):
    path.write_bytes(content[: len(content) // 2])


def register():
    for ending in PACK:
        case(f"changed_files.half_read_file_goes_on.{ending}", lambda e=ending: half_read_file_goes_on(e))
        case(f"changed_files.position_set_by_hand.{ending}", lambda e=ending: position_set_by_hand(e))
    for change in (append, alter_the_head, cut):
        case(f"changed_files.half_read.{change.__name__}", lambda c=change: half_read_file_changed(c))
        case(f"changed_files.finished.{change.__name__}", lambda c=change: finished_file_changed(c))
    for ending in ("ndjson.gz", "ndjson.zst"):
        case(f"changed_files.cut_off.{ending}", lambda e=ending: cut_off(e))
    for function in (moved_touched_and_linked, half_read_file_removed, decided_by_hand, finished_file_changed_while_watching, finished_file_removed, grows_while_it_is_read):
        case(f"changed_files.{function.__name__}", function)
