"""Runs the program under test: temporary workspaces, bounded time, own processes only."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUN_SECONDS_MAX = 60
EXIT_FENCED = 12


def program(description=""):
    """The binary: first argument of the script, else $WEIR, else the release build. Ends the script when there is none."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("weir", nargs="?", default=os.environ.get("WEIR", ROOT / "build/release/weir"), help="the program under test")
    parser.add_argument("--only", default="", help="run only the cases whose name holds this")
    arguments = parser.parse_args()
    path = Path(arguments.weir).resolve()
    if not os.access(path, os.X_OK):
        sys.exit(f"error: {path} is no program. Build it: tools/build release weir")
    os.environ["WEIR"] = str(path)
    return str(path), arguments.only


@dataclass
class Ended:
    """How a process ended. `code` is negative for a signal, as subprocess has it."""

    code: int
    out: str
    err: str

    @property
    def was_killed(self):
        return self.code == -signal.SIGKILL

    def __str__(self):
        return f"exit code {self.code}\n{self.out[-1000:]}{self.err[-3000:]}"


class Running:
    """A process that was started and not yet waited for. Its output goes to files, so that it never blocks on us."""

    def __init__(self, arguments, folder, faults=""):
        environment = {key: value for key, value in os.environ.items() if key != "WEIR_FAULTS"}
        if faults:
            environment["WEIR_FAULTS"] = faults
        self._out, self._err = (tempfile.NamedTemporaryFile(prefix="weir-test-output-") for _ in range(2))
        with open(self._out.name, "ab") as out, open(self._err.name, "ab") as err:  # descriptions of their own: we read while it writes
            command = [os.environ["WEIR"], *map(str, arguments)]
            self.process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err)

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process.poll() is None

    def is_stopped(self):
        """True when the process was frozen by SIGSTOP."""
        with open(f"/proc/{self.pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "T"

    def send(self, number):
        self.process.send_signal(number)

    def err(self):
        return self._text(self._err)

    def wait(self, seconds=RUN_SECONDS_MAX):
        """Waits for the end; kills it after `seconds` and raises TimeoutError."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise TimeoutError(f"still running after {seconds} s:\n{self.err()[-3000:]}") from None
        return Ended(code, self._text(self._out), self.err())

    def kill(self):
        if self.is_running():
            self.process.kill()
        return self.wait()

    @staticmethod
    def _text(file):
        file.seek(0)
        return file.read().decode(errors="replace")


def wait_until(condition, what, seconds=20, every=0.01):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"after {seconds} s still not: {what}")
        time.sleep(every)


class Workspace:
    """A temporary folder and the processes that run in it. Use with `with`: at the end all are gone."""

    def __init__(self, parent=None):
        self.path = Path(tempfile.mkdtemp(prefix="weir-test-", dir=parent))
        self.started = []

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for process in self.started:
            if process.is_running():
                process.process.kill()
                process.process.wait()
        shutil.rmtree(self.path, ignore_errors=True)

    def write(self, name, content):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def arrive(self, name, content):
        """Puts a file in place as a careful producer does: under another name, then renamed."""
        hidden = self.write(str(Path(name).with_name("." + Path(name).name)), content)
        hidden.rename(self.path / name)

    def start(self, *arguments, faults=""):
        process = Running(arguments, self.path, faults)
        self.started.append(process)
        return process

    def run(self, *arguments, faults="", seconds=RUN_SECONDS_MAX):
        return self.start(*arguments, faults=faults).wait(seconds)
