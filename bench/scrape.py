"""Watches a running pipeline over its own HTTP port."""

import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request

import processes

ADDRESS = re.compile(r"http://([\d.]+:\d+)/metrics")


class Watched:
    """`weir run` with metrics on a free port of the loopback interface."""

    def __init__(self, bench, pipeline, environment, *options):
        self.log = bench.path("watched.log")
        self.began = time.monotonic()
        with open(self.log, "w") as err, open(os.devnull) as none:
            self.process = subprocess.Popen(
                [bench.weir, "run", bench.pipeline(pipeline), "--http", "127.0.0.1:0", *options],
                stdin=none,
                stdout=subprocess.DEVNULL,
                stderr=err,
                env={**os.environ, **environment},
            )
        self.address = None

    def _find_address(self):
        with open(self.log) as log:
            found = ADDRESS.search(log.read())
        self.address = found[1] if found else None

    def get(self, path):
        """(status, text) of a page; (0, "") when nobody answers."""
        if self.address is None:
            self._find_address()
        if self.address is None:
            return 0, ""
        try:
            with urllib.request.urlopen(f"http://{self.address}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""
        except OSError:
            return 0, ""

    def metrics(self):
        """Values by name, summed over labels; empty when nobody answers."""
        values = {}
        for line in self.get("/metrics")[1].splitlines():
            if not line.startswith("#") and " " in line:
                series, value = line.rsplit(" ", 1)
                name = series.split("{")[0]
                values[name] = values.get(name, 0) + float(value)
        return values

    def wait_ready(self, seconds=60):
        """Seconds from the start of the process until it is ready."""
        while time.monotonic() < self.began + seconds:
            if self.get("/readyz")[0] == 200:
                return time.monotonic() - self.began
            if self.process.poll() is not None:
                break
            time.sleep(0.005)
        raise processes.Failed(f"weir did not become ready; its log: {self.log}")

    def is_running(self):
        return self.process.poll() is None

    def stop(self):
        """Asks for an orderly stop and waits for it."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise processes.Failed("weir did not stop") from None

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
