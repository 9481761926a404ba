"""Savepoints, and the checkpoints that are kept: what a start needs is there whatever happened, and nothing else piles up."""

import json
import shutil

from cases import case
from lost_state import PIPELINE, Pipeline
from pipeline_case import refuses
from weir_process import Workspace


def plan(pipeline):
    shown = pipeline.workspace.run("plan", "p.yaml", "--json")
    return shown, json.loads(shown.out)


def take(pipeline, *arguments):
    taken = pipeline.workspace.run("savepoint", "p.yaml", "--json", *arguments)
    assert taken.code == 0, taken
    return json.loads(taken.out)


def begun(workspace):
    """One hour has landed, the next is open."""
    pipeline = Pipeline(workspace)
    pipeline.events("10:00", "10:20", "11:00")
    pipeline.runs()
    return pipeline


def lost_state_comes_back():
    """The tables are where the savepoint was taken: nothing is lost, nothing comes twice."""
    with Workspace() as workspace:
        pipeline = begun(workspace)
        taken = take(pipeline)
        assert taken["steps"] == ["timed", "hours"] and taken["state_bytes"] > 0, taken
        shutil.rmtree(workspace.path / "store/state")
        pipeline.events("11:30", "12:00")
        pipeline.halts("is missing", "--from SAVEPOINT")
        pipeline.runs("--from", taken["savepoint"])
        assert pipeline.counts() == [(10, 2), (11, 2)], pipeline.counts()
        assert pipeline.record()["decided"][-1]["state"].endswith(taken["savepoint"]), pipeline.record()
        pipeline.events("12:30", "13:00")
        pipeline.runs()
        assert pipeline.counts() == [(10, 2), (11, 2), (12, 2)], pipeline.counts()


def a_crash_leaves_none_that_could_be_used():
    with Workspace() as workspace:
        pipeline = begun(workspace)
        killed = workspace.run("savepoint", "p.yaml", "--to", "kept", faults="savepoint.before_name=kill@1")
        assert killed.was_killed, killed
        refuses(pipeline.run("--from", "kept"), "is not a savepoint")
        taken = take(pipeline, "--to", "kept")
        pipeline.runs("--from", taken["savepoint"])
        assert pipeline.counts() == [(10, 2)], pipeline.counts()


def tables_that_are_further_are_left_alone():
    with Workspace() as workspace:
        pipeline = begun(workspace)
        taken = take(pipeline, "--to", "kept")
        again = workspace.run("savepoint", "p.yaml", "--to", "kept")
        refuses(again, "already_exists", "name another folder")
        pipeline.events("11:30", "12:00")
        pipeline.runs()
        before = pipeline.record(), pipeline.counts()
        refuses(pipeline.run("--from", taken["savepoint"]), "position_lost", "would land twice: 1 whole file", "Leave --from out")
        assert (pipeline.record(), pipeline.counts()) == before, "a refusal changed something"
        workspace.write("p.yaml", PIPELINE.replace("pipeline: p", "pipeline: q"))
        refuses(pipeline.run("--from", taken["savepoint"]), "table_changed", "rows of the pipeline 'p'")


def another_pipeline_begins_there():
    """Under a new name, in new tables and a new store, with another number of tasks."""
    with Workspace() as workspace:
        pipeline = begun(workspace)
        folder = take(pipeline)["savepoint"]
        moved = shutil.move(folder, workspace.path / "moved")
        shutil.rmtree(workspace.path / "store")
        shutil.rmtree(workspace.path / "wh")
        workspace.write("p.yaml", PIPELINE.replace("pipeline: p", "pipeline: q") + "resources: {tasks: 3}\n")
        pipeline.events("11:30", "12:00")
        pipeline.runs("--from", moved)
        assert pipeline.counts() == [(11, 2)], f"10:00 went to the old tables, 11:00 began in the state: {pipeline.counts()}"


def steps_that_changed():
    with Workspace() as workspace:
        pipeline = begun(workspace)
        folder = take(pipeline)["savepoint"]
        before = pipeline.record()
        shown, found = plan(pipeline)
        assert shown.code == 0 and {one["match"] for one in found["state"]} == {"restored"} and not found["stops"], found

        workspace.write("p.yaml", PIPELINE.replace("tumble: 1h", "tumble: 30m"))
        shown, found = plan(pipeline)
        refused = [one for one in found["state"] if one["match"] == "refused"]
        assert shown.code == 1 and refused[0]["step"] == "hours" and "mean something else" in refused[0]["why"], found
        assert "cannot go on" in found["stops"]["text"], found
        refuses(pipeline.run("--from", folder), "step 'hours'", "another name")
        assert pipeline.record() == before, "a refusal changed something"

        workspace.write("p.yaml", PIPELINE.replace("name: hours, window: {tumble: 1h}", "name: halves, window: {tumble: 30m}")
                        .replace("from: hours", "from: halves"))
        shown, found = plan(pipeline)
        matches = {one["step"]: one["match"] for one in found["state"]}
        assert matches == {"timed": "restored", "halves": "new", "hours": "left_behind"} and not found["stops"], found
        detailed = workspace.run("plan", "p.yaml", "--detailed-exitcode")
        assert detailed.code == 2 and "is left behind" in detailed.out, detailed
        pipeline.runs("--from", folder)

        for path in pipeline.state_files()[1]:
            path.unlink()
        pipeline.state_files_manifest().unlink()
        shown, found = plan(pipeline)
        assert shown.code == 1 and "is missing" in found["stops"]["text"], found


def damaged_savepoint():
    with Workspace() as workspace:
        pipeline = Pipeline(workspace)
        refuses(workspace.run("savepoint", "p.yaml"), "there is no catalog")
        pipeline.events("10:00", "10:20", "11:00")
        pipeline.runs()
        folder = workspace.path / "kept"
        take(pipeline, "--to", folder)
        before = pipeline.record()
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            content = path.read_bytes()
            path.write_bytes(content[:-1])
            refuses(pipeline.run("--from", folder), path.name, "damaged")
            path.unlink()
            refuses(pipeline.run("--from", folder), path.name)
            path.write_bytes(content)
        assert pipeline.record() == before, "a refusal changed something"
        refuses(pipeline.run("--from", "nowhere"), "is not a savepoint")
        pipeline.runs("--from", folder)


def taken_while_it_runs():
    """Each is whole and of one commit, though the pipeline commits, and removes what is older, all the time."""
    with Workspace() as workspace:
        pipeline = Pipeline(workspace)
        workspace.write("p.yaml", PIPELINE.replace("settle: 0s", "settle: 0s, scan_every: 50ms") + "commit: {every: 10ms}\n")
        pipeline.events("10:00")
        pipeline.runs()
        running = workspace.start("run", "p.yaml")
        for number in range(8):
            pipeline.events(f"{11 + number}:00", f"{11 + number}:30")
            taken = take(pipeline, "--to", f"kept{number}")
            files = {path.relative_to(workspace.path / f"kept{number}") for path in (workspace.path / f"kept{number}").rglob("*.part")}
            assert files and taken["progress"]["sources"], taken
        assert running.is_running(), running.kill()
        running.send(15)
        assert running.wait().code == 0
        last = take(pipeline, "--to", "last")
        pipeline.runs("--from", last["savepoint"])


# At each, a process is killed: some leave an epoch that is decided, some one that is void or adopted.
KILLS = ("epoch.after_prepared", "epoch.after_commit", "fence.before_commit", "fence.after_commit", "recover.before_commit",
         "recover.after_commit")


def twenty_starts():
    """With kills in every other one: what the record names is whole after each, and of the rest nothing stays."""
    with Workspace() as workspace:
        pipeline = Pipeline(workspace)
        for start in range(20):
            pipeline.events(f"{start:02d}:00", f"{start:02d}:30")
            faults = f"{KILLS[start // 2 % len(KILLS)]}=kill@1" if start % 2 else ""
            ended = workspace.run("run", "p.yaml", "--once", faults=faults)
            assert ended.code == 0 or ended.was_killed, ended
            record = pipeline.record()
            named = ([record["state"]] if "state" in record else []) + record.get("older_states", [])
            for place in named[:3]:
                manifest = pipeline.path_of(place)
                assert manifest.is_file() and manifest.stat().st_size == place["size"], f"start {start}: {place} is gone"
                assert len(list(manifest.parent.glob("*.part"))) >= 2, f"start {start}: parts of {place} are gone"
        pipeline.events("20:00")
        pipeline.runs()
        left = [path for path in (workspace.path / "store/state").rglob("*") if path.is_file()]
        each = len([path for path in left if path.parent == pipeline.state_files_manifest().parent])
        assert len(left) == 3 * each, f"{len(left)} objects are left, {each} a checkpoint:\n" + "\n".join(map(str, left))
        assert not list((workspace.path / "store/prepared").iterdir()), "a prepared epoch is left"
        assert pipeline.counts() == [(hour, 2) for hour in range(20)], pipeline.counts()


def register():
    for function in (lost_state_comes_back, a_crash_leaves_none_that_could_be_used, tables_that_are_further_are_left_alone, another_pipeline_begins_there, steps_that_changed,
                     damaged_savepoint, taken_while_it_runs, twenty_starts):
        case(f"savepoints: {function.__name__}", function)
