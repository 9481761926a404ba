"""A stop while a thread does not come back from a call: the process ends itself, says which, and the next run goes on."""

import signal

import events
from cases import case
from kill_loop import Arrivals
from weir_process import Workspace

# Where a thread hangs, and the passage of another point right before.
HANGS = {
    "task.after_transform@4": "task.after_fetch@4",
    "commit.before_swap@3": "commit.before_metadata@5",  # the second epoch: the fence has swapped too
}


def armed(passage, action):
    point, number = passage.split("@")
    return f"{point}={action}@{number}"


def ends_though_a_thread_hangs(point):
    with Workspace() as workspace:
        events.write_pipeline(workspace)
        pipeline = workspace.path / "events.yaml"
        pipeline.write_text(pipeline.read_text().replace("stop_deadline: 20s", "stop_deadline: 1s"))
        arrivals = Arrivals(workspace)
        process = workspace.start("run", "events.yaml", faults=f"{armed(HANGS[point], 'log')};{armed(point, 'delay:3600000')}")
        arrivals.arrive_until(lambda: "\npassed " in process.err(), "the call that hangs")
        process.send(signal.SIGTERM)
        ended = process.wait()
        assert ended.code == 1, ended
        assert "stop.stuck" in ended.err and "does not come back" in ended.err, ended
        events.judge_partly(workspace)
        ended = workspace.run("run", "events.yaml", "--once")
        assert ended.code == 0, ended
        events.judge(workspace)


def register():
    for point in HANGS:
        case(f"stops.a_thread_hangs_at.{point}", lambda p=point: ends_though_a_thread_hangs(p))
