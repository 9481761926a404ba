"""Disks that are full and folders that cannot be written."""

import os
import shutil
import subprocess

import events
from cases import case
from weir_process import Workspace


class SmallDisk:
    """A file system of a few hundred kilobytes at `path`. `real` is false where mounting is not allowed."""

    def __init__(self, path, size):
        self.path = path
        path.mkdir()
        self.real = self._mount(f"size={size}")

    def _mount(self, options):
        if os.geteuid() != 0 or shutil.which("mount") is None:
            return False
        return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.path], capture_output=True).returncode == 0

    def grow(self, size):
        subprocess.run(["mount", "-o", f"remount,size={size}", self.path], check=True)

    def close(self):
        if self.real:
            subprocess.run(["umount", "-l", self.path], check=True)


def says_full(ended):
    assert ended.code == 1, ended
    assert any(text in ended.err for text in ("No space left", "full disk", "disk is full")), f"the error does not say that the disk is full: {ended}"


def full_disk(size):
    """The warehouse's disk fills up while data arrives; with more space, everything lands."""
    with Workspace() as workspace:
        disk = SmallDisk(workspace.path / "wh", size)
        try:
            events.write_pipeline(workspace, epoch_max=events.EACH_BATCH)
            events.write_files(workspace, 12, 2000)
            faults = "" if disk.real else "storage.append=full@30+"
            ended = workspace.run("run", "events.yaml", "--once", faults=faults)
            says_full(ended)
            events.judge_partly(workspace)
            if disk.real:
                again = workspace.run("run", "events.yaml", "--once")  # still full: the same error, nothing worse
                says_full(again)
                events.judge_partly(workspace)
                disk.grow("64m")
            ended = workspace.run("run", "events.yaml", "--once")
            assert ended.code == 0, ended
            events.judge(workspace)
        finally:
            disk.close()
        return "tmpfs" if disk.real else "injected"


def full_for_good(point):
    """The same error at each attempt from some point on."""
    with Workspace() as workspace:
        events.write_pipeline(workspace, epoch_max=events.EACH_BATCH)
        events.write_files(workspace, 4, 100)
        for passage in (8, 8, 6):
            says_full(workspace.run("run", "events.yaml", "--once", faults=f"{point}=full@{passage}+"))
            events.judge_partly(workspace)
        assert workspace.run("run", "events.yaml", "--once").code == 0
        events.judge(workspace)


def warehouse_is_a_file():
    with Workspace() as workspace:
        events.write_pipeline(workspace)
        events.write_files(workspace, 1, 10)
        workspace.write("wh", "not a folder")
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code in (1, 2) and "wh" in ended.err, ended


def warehouse_is_read_only(what):
    """A mount that may not be written, before the first run or after it."""
    with Workspace() as workspace:
        disk = SmallDisk(workspace.path / "wh", "64m")
        try:
            if not disk.real:
                return "not tried: mounting is not allowed here"
            events.write_pipeline(workspace)
            events.write_files(workspace, 2, 100)
            if what == "after":
                assert workspace.run("run", "events.yaml", "--once").code == 0
                events.write_files(workspace, 1, 100, first=2)
            subprocess.run(["mount", "-o", "remount,ro", disk.path], check=True)
            ended = workspace.run("run", "events.yaml", "--once")
            assert ended.code == 1, ended
            assert "wh" in ended.err and ("permission" in ended.err.lower() or "read-only" in ended.err.lower() or "readonly" in ended.err), ended
            subprocess.run(["mount", "-o", "remount,rw", disk.path], check=True)
            assert workspace.run("run", "events.yaml", "--once").code == 0
            events.judge(workspace)
        finally:
            disk.close()
        return None


def register():
    for size in ("120k", "200k", "300k", "400k"):
        case(f"space.full_disk.{size}", lambda s=size: full_disk(s))
    for point in ("storage.append", "storage.create", "storage.sync"):
        case(f"space.full_for_good.{point}", lambda p=point: full_for_good(p))
    case("space.warehouse_is_a_file", warehouse_is_a_file)
    for what in ("before", "after"):
        case(f"space.read_only_warehouse.{what}_the_first_run", lambda w=what: warehouse_is_read_only(w))
