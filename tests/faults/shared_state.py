"""Two pipelines with state whose file names the same folder for it: each finds its own there, whatever dies."""

import events
from cases import case
from weir_process import Workspace

POINTS = ("epoch.after_state", "epoch.after_prepared", "commit.after_swap", "epoch.after_commit")
NAMES = ("events", "others")


def write_pipelines(workspace):
    """`others` is `events` over the same files, with tables of its own in a catalog of its own."""
    events.write_pipeline(workspace, epoch_max=events.EACH_BATCH, steps=events.DEDUPE + "state: store\n")
    text = (workspace.path / "events.yaml").read_text()
    workspace.write("others.yaml", text.replace("pipeline: events", "pipeline: others").replace("sqlite: wh", "sqlite: other_wh"))


def run(workspace, name, faults=""):
    return workspace.run("run", f"{name}.yaml", "--once", faults=faults)


def judge(workspace, name, complete):
    truth = events.without_repeats(events.from_folder(str(workspace.path / "in")))
    events.judge(workspace, truth=truth, complete=complete, pipeline=name, warehouse="wh" if name == "events" else "other_wh")


def both_die_and_go_on(point):
    with Workspace() as workspace:
        write_pipelines(workspace)
        for number in range(3):
            workspace.write(f"in/{number:05d}.ndjson", events.lines(0, 60))  # ids that came before: only the state knows
            workspace.write(f"in/{number:05d}x.ndjson", events.lines(60 * number, 60))
        for name in NAMES:
            assert run(workspace, name, f"{point}=kill@2").was_killed
        for name in reversed(NAMES):  # each finds what it had prepared, and not the other's
            assert run(workspace, name, f"{point}=kill@2").was_killed
            judge(workspace, name, complete=False)
        for name in NAMES:
            ended = run(workspace, name)
            assert ended.code == 0, ended
        for name in NAMES:
            again = run(workspace, name)
            assert again.code == 0 and "nothing new" in again.out, again
            judge(workspace, name, complete=True)
        left = [path for path in (workspace.path / "store").rglob("prepared/*") if path.is_file()]
        assert not left, f"prepared epochs are left behind: {left}"


def register():
    for point in POINTS:
        case(f"shared_state.both_die_at.{point}", lambda p=point: both_die_and_go_on(p))
