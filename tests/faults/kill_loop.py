"""kill -9 at random times while files arrive and commits follow each other closely."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import events
from cases import case
from weir_process import Workspace, wait_until

KILLS = 20
ROWS = 50


class Arrivals:
    """Files that arrive one by one in the folder that the pipeline watches."""

    def __init__(self, workspace):
        self.workspace = workspace
        self.count = 0
        (workspace.path / "in").mkdir(exist_ok=True)

    def arrive(self, files=1):
        for _ in range(files):
            self.workspace.arrive(f"in/{self.count:05d}.ndjson", events.lines(self.count * ROWS, ROWS))
            self.count += 1

    def arrive_until(self, condition, what, seconds=30):
        """One file a commit, so that each is an epoch of its own, until `condition` is true."""
        end = time.monotonic() + seconds
        while not condition():
            before = self.workspace.started[-1].err().count('"table":"t.events",')
            self.arrive()
            while not condition() and self.workspace.started[-1].err().count('"table":"t.events",') == before:
                assert time.monotonic() < end, f"after {seconds} s still not: {what}\n{self.workspace.started[-1].err()[-2000:]}"
                time.sleep(0.005)


def kill_loop(tasks):
    seed = int(os.environ.get("WEIR_TEST_SEED", random.randrange(1 << 32)))
    chance = random.Random(seed)
    try:
        with Workspace() as workspace:
            events.write_pipeline(workspace, every="50ms", tasks=tasks)
            arrivals = Arrivals(workspace)
            kills = 0
            while kills < KILLS:
                process = workspace.start("run", "events.yaml")
                end = time.monotonic() + chance.uniform(0.05, 0.7)
                while time.monotonic() < end:
                    arrivals.arrive()
                    time.sleep(chance.uniform(0, 0.04))
                assert process.is_running(), f"it ended by itself: {process.wait()}"
                process.send(signal.SIGKILL)
                assert process.wait().was_killed
                kills += 1
                if kills % 5 == 0:
                    events.judge_partly(workspace)
            ended = workspace.run("run", "events.yaml", "--once")
            assert ended.code == 0, ended
            events.judge(workspace)
            again = workspace.run("run", "events.yaml", "--once")
            assert again.code == 0 and "nothing new" in again.out, again
    except Exception as error:
        raise AssertionError(f"with WEIR_TEST_SEED={seed}") from error


def terminate_loop():
    """SIGTERM at random times: exit 0, what was read is committed, nothing is left to repair."""
    chance = random.Random(7)
    with Workspace() as workspace:
        events.write_pipeline(workspace, every="50ms")
        arrivals = Arrivals(workspace)
        for _ in range(6):
            process = workspace.start("run", "events.yaml")
            wait_until(lambda: '"run.tables"' in process.err(), "the run says what it does")
            end = time.monotonic() + chance.uniform(0, 0.3)
            while time.monotonic() < end:
                arrivals.arrive()
                time.sleep(0.01)
            process.send(signal.SIGTERM)
            ended = process.wait(20)
            assert ended.code == 0, ended
            assert "recovered" not in ended.err and not [path for path in (workspace.path / "wh/.weir/events").rglob("*") if path.is_file()], ended
            events.judge_partly(workspace)
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 0 and "earlier run" not in ended.out + ended.err, ended
        events.judge(workspace)


def terminate_commits_the_open_epoch():
    """With an hour between commits, only the stop can have committed the rows."""
    with Workspace() as workspace:
        events.write_pipeline(workspace, every="1h")
        events.write_files(workspace, 3, ROWS)
        # Each poll takes its time, so that the signal finds work half done.
        process = workspace.start("run", "events.yaml", faults="task.after_fetch=delay:300@2+")
        time.sleep(0.6)
        process.send(signal.SIGTERM)
        ended = process.wait(20)
        assert ended.code == 0, ended
        events.judge(workspace, complete=False)
        assert "rows landed" in ended.out and " 0 rows landed" not in ended.out, ended


def terminate_at_the_start():
    """SIGTERM in the first moments is an orderly stop as soon as the program runs, and never loses anything."""
    with Workspace() as workspace:
        events.write_pipeline(workspace, every="50ms")
        events.write_files(workspace, 3, ROWS)
        codes = []
        for step in range(24):
            process = workspace.start("run", "events.yaml")
            time.sleep(step * 0.01)
            process.send(signal.SIGTERM)
            codes.append(process.wait(20).code)
        # Before its first instruction a process can only be ended by the kernel.
        assert set(codes) <= {0, -signal.SIGTERM} and 0 in codes, codes
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 0, ended
        events.judge(workspace)


def second_terminate_as_the_first_process_of_a_container():
    """There a signal has no default action: the program itself must end."""
    command = ["unshare", "--pid", "--fork", "--kill-child"]
    if subprocess.run([*command, "true"], check=False).returncode != 0:
        print("   (not tried: this system lets nobody make a container)")
        return
    with Workspace() as workspace:
        events.write_pipeline(workspace, every="1h")
        events.write_files(workspace, 3, ROWS)
        environment = os.environ | {"WEIR_FAULTS": "task.before_barrier=delay:20000"}
        with open(workspace.path / "said", "w+b") as said:
            shell = subprocess.Popen([*command, os.environ["WEIR"], "run", "events.yaml"], cwd=workspace.path, env=environment, stderr=said)
            try:
                read = lambda: (workspace.path / "said").read_text()  # noqa: E731
                wait_until(lambda: '"run.tables"' in read(), "the run says what it does")
                inside = int(Path(f"/proc/{shell.pid}/task/{shell.pid}/children").read_text().split()[0])
                os.kill(inside, signal.SIGTERM)
                wait_until(lambda: '"run.stopping"' in read(), "the stop is acknowledged")
                os.kill(inside, signal.SIGTERM)
                assert shell.wait(15) == 128 + signal.SIGTERM, shell.returncode
            finally:
                shell.kill()
                shell.wait()


def second_terminate_ends_at_once():
    with Workspace() as workspace:
        events.write_pipeline(workspace, every="1h")
        events.write_files(workspace, 3, ROWS)
        process = workspace.start("run", "events.yaml", faults="task.before_barrier=delay:20000")
        time.sleep(0.5)
        began = time.monotonic()
        process.send(signal.SIGTERM)
        time.sleep(0.3)
        process.send(signal.SIGTERM)
        ended = process.wait(10)
        assert ended.code == -signal.SIGTERM and time.monotonic() - began < 5, ended
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 0, ended
        events.judge(workspace)


def register():
    case("kill_loop.one_task", lambda: kill_loop(1))
    case("kill_loop.three_tasks", lambda: kill_loop(3))
    case("terminate.at_random_times", terminate_loop)
    case("terminate.commits_the_open_epoch", terminate_commits_the_open_epoch)
    case("terminate.twice_ends_at_once", second_terminate_ends_at_once)
    case("terminate.at_the_start", terminate_at_the_start)
    case("terminate.twice_in_a_container", second_terminate_as_the_first_process_of_a_container)
