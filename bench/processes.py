"""Runs a command and says what it cost, as the operating system accounts it."""

import dataclasses
import os
import subprocess
import tempfile
import time


class Failed(Exception):
    """A command of a benchmark did not do its work."""


@dataclasses.dataclass
class Usage:
    wall: float  # seconds
    cpu: float  # seconds, user and system, of the process and its threads
    peak_rss: int  # bytes
    out: str


def run(command, environment=None, timeout=1800):
    """Runs `command` to its end. Raises Failed unless it exits with 0."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, **(environment or {})})
        usage = wait(process, began + timeout)
        wall = time.monotonic() - began
        out.seek(0)
        text = out.read().decode(errors="replace")
        if process.returncode != 0:
            err.seek(0)
            end = (text + err.read().decode(errors="replace"))[-2000:]
            raise Failed(f"{' '.join(command)}: exit code {process.returncode}\n{end}")
    return Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, text)


def wait(process, deadline):
    """The resource usage of a child, exactly its own. Kills it when the deadline passes."""
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid != 0:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage
        if time.monotonic() > deadline:
            process.kill()
            deadline = float("inf")
        time.sleep(0.002)
