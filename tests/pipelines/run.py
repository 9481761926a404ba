"""Pipelines as data: run.py [WEIR] [--only PATTERN] [--update]

Runs every case of cases/*.test straight, in several surroundings, and with kills and restarts; see README.md.
"""

import argparse
import collections
import difflib
import multiprocessing
import os
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[1:1] = [str(HERE.parent / "interop"), str(HERE.parent / "verify")]

import case_file  # noqa: E402
import case_run  # noqa: E402

WORKERS = min(4, os.cpu_count() + 1)  # processes of these cases wait for syncs and delays more than they compute
# Where the first and the second process die, NAME@N being the Nth passage. The pairs are dealt out to the cases in turn, some to each.
# The first swap and the first two metadata files of a process are those of the fence.
PAIRS_A_CASE = 3
KILLS = (
    ("epoch.after_prepared@1", "recover.before_commit@1"),
    ("commit.before_swap@2", "recover.after_commit@1"),
    ("commit.after_swap@2", "commit.before_swap@2"),
    ("task.after_transform@1", "epoch.after_prepared@1"),
    ("task.after_transform@2", "epoch.after_commit@1"),
    ("prepared.before_store@1", "task.before_barrier@1"),
    ("fence.after_commit@1", "epoch.after_prepared@2"),
    ("commit.before_metadata@3", "commit.before_swap@2"),
    ("epoch.after_commit@1", "task.after_fetch@1"),
    ("epoch.after_barrier@1", "prepare.before_manifest@1"),
    ("commit.before_manifest_list@1", "fence.before_commit@1"),
)


@dataclass
class Outcome:
    name: str
    problems: list = field(default_factory=list)
    kills: list = field(default_factory=list)  # fault points that killed a process
    seconds: float = 0


def diff(title, wanted, found):
    lines = [line for line in difflib.unified_diff(wanted, found, n=1, lineterm="") if not line.startswith(("---", "+++", "@@"))]
    return "\n".join([f"{title} (- expected, + found)", *("  " + line for line in lines)])


def compared(stage, seen):
    """What a stage is held against: exit code and errors, after a run all rows and rejects, and what else it has a section for."""
    keys = [("exit", ""), ("error", "")]
    if case_run.command_of(stage) == case_run.LAND:
        keys += [key for key in seen.texts if key[0] == "rows" or (key[0] == "rejects" and seen.texts[key])]
    keys += [(section.kind, section.argument) for section in stage.of(*case_file.EXPECTED)]
    return list(dict.fromkeys(keys))


def without_folder(lines):
    """A path is printed as it was given: relative here, absolute when the process ran elsewhere."""
    return [line.replace("DIR/", "") for line in lines]


def differences(stage, seen, surroundings=case_run.PLAIN):
    """Problems, each a small diff."""
    problems = list(seen.problems)
    for kind, argument in compared(stage, seen):
        title = f"{kind} {argument}".strip()
        section, found = stage.find(kind, argument), seen.texts.get((kind, argument))
        if found is None:
            problems.append(f"{title}: there is no such table")
            continue
        wanted = section.lines if section else []
        if surroundings.is_elsewhere:
            wanted, found = without_folder(wanted), without_folder(found)
        wanted = with_placeholders_filled(wanted, found)
        if wanted != found:
            problems.append(diff(title if surroundings is case_run.PLAIN else f"{surroundings.name}: {title}", wanted, found))
    return problems


def with_placeholders_filled(wanted, found):
    """The wanted lines; those that fit one that was found (`<...>` stands for anything) as they were found."""
    filled = []
    for number, line in enumerate(wanted):
        candidates = found[number : number + 1] + found
        filled.append(next((candidate for candidate in candidates if case_file.matches(line, candidate)), line))
    return filled


def update(stage, seen):
    """Writes into the stage what was found, keeping lines whose placeholders still fit."""
    for kind, argument in compared(stage, seen):
        found = seen.texts.get((kind, argument), [])
        section = stage.find(kind, argument)
        if section is None:
            if found or kind == "rows":
                stage.sections.append(case_file.Section(kind, argument, found))
            continue
        kept = {new: old for old, new in zip(section.lines, with_placeholders_filled(section.lines, found)) if old != new}
        section.lines = [kept.get(line, line) for line in found]


def is_landing(stage):
    return case_run.command_of(stage) == case_run.LAND and stage.find("exit").lines == ["0"]


def changes(title, before, after):
    """Problems when tables differ that must not."""
    problems = []
    for name in sorted(before.landed.keys() | after.landed.keys()):
        was, now = before.landed.get(name, []), after.landed.get(name, [])
        if was != now:
            problems.append(diff(f"{title} changes {name}", was, now))
    return problems


def run_again(folder, before, title):
    """A run that finds nothing new adds nothing."""
    ended = folder.run(case_run.LAND)
    after = case_run.look(folder, ended)
    problems = changes(title, before, after)
    if ended.code != 0:
        problems.append(f"{title} fails: {ended.err}")
    if sorted(after.snapshots) != sorted(before.snapshots):
        problems.append(f"{title} makes a snapshot")
    return problems


def run_straight(weir, case, outcome, surroundings=case_run.PLAIN, rewrite=False):
    """Runs the stages as they stand. Returns what was seen after each."""
    all_seen = []
    with case_run.Folder(weir, surroundings) as folder:
        for number, stage in enumerate(case.stages):
            folder.put(stage, number)
            seen = case_run.look(folder, folder.run(case_run.command_of(stage)))
            all_seen.append(seen)
            if rewrite:
                update(stage, seen)
            outcome.problems += differences(stage, seen, surroundings)
            if surroundings is case_run.PLAIN and is_landing(stage):
                outcome.problems += run_again(folder, seen, "running again")
    return all_seen


def run_killed(weir, case, outcome, straight, kills):
    """Runs the stages with two kills each; what lands must be what landed without. Each process is in other surroundings."""
    with case_run.Folder(weir) as folder:
        for number, stage in enumerate(case.stages):
            folder.put(stage, number)
            if is_landing(stage):
                for kill, surroundings in zip(kills, case_run.SURROUNDINGS[1:]):
                    point, _, passage = kill.partition("@")
                    if folder.run(case_run.LAND, f"{case_run.SLOW};{point}=kill@{passage}", surroundings).was_killed:
                        outcome.kills.append(kill)
            ended = folder.run(case_run.command_of(stage))
            seen = case_run.look(folder, ended)
            outcome.problems += seen.problems
            if is_landing(stage):
                outcome.problems += changes(f"kill at {' and '.join(kills)}", straight[number], seen)
                outcome.problems += run_again(folder, seen, "running again after kills")
                if ended.code != 0:
                    outcome.problems.append(f"the run after kills at {' and '.join(kills)} fails: {ended.err}")


def run_case(arguments):
    path, weir, pairs, rewrite = arguments
    began = time.monotonic()
    outcome = Outcome(path.stem)
    try:
        text = path.read_text()
        case = case_file.parse(text, path.name)
        straight = run_straight(weir, case, outcome, rewrite=rewrite)
        if rewrite and case_file.as_text(case) != text:
            path.write_text(case_file.as_text(case))
        for surroundings in case_run.SURROUNDINGS[1:] if not outcome.problems else ():
            run_straight(weir, case, outcome, surroundings)
        if not outcome.problems and any(is_landing(stage) for stage in case.stages):
            for kills in KILLS if case.stages[0].find("kills", "all") else pairs:
                run_killed(weir, case, outcome, straight, kills)
    except Exception:  # noqa: BLE001 - whatever a case raises is its failure
        outcome.problems.append(traceback.format_exc(limit=-4))
    outcome.seconds = time.monotonic() - began
    return outcome


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weir", nargs="?", default=os.environ.get("WEIR", HERE.parents[1] / "build/release/weir"), help="the program under test")
    parser.add_argument("--only", default="", help="run only the cases whose name holds this")
    parser.add_argument("--update", action="store_true", help="write what was found into the cases, for review")
    arguments = parser.parse_args()
    arguments.weir = Path(arguments.weir).resolve()
    if not os.access(arguments.weir, os.X_OK):
        sys.exit(f"error: {arguments.weir} is no program. Build it: tools/build release weir")
    return arguments


def pairs_of(number):
    """The kills of one case: the same in every run of the same cases, also with --only."""
    return [KILLS[(number * PAIRS_A_CASE + i) % len(KILLS)] for i in range(PAIRS_A_CASE)]


def kills_missed(outcomes):
    """Fault points that no case of a whole run reached: the list above would promise what is not tested."""
    reached = collections.Counter(kill for outcome in outcomes for kill in outcome.kills)
    return sorted({kill for pair in KILLS for kill in pair} - set(reached))


def main():
    began = time.monotonic()
    arguments = parse_arguments()
    paths = sorted((HERE / "cases").glob("*.test"))
    chosen = [(i, path) for i, path in enumerate(paths) if arguments.only in path.stem]
    if not chosen:
        sys.exit(f"error: no case has '{arguments.only}' in its name")
    jobs = [(path, str(arguments.weir), pairs_of(i), arguments.update) for i, path in chosen]
    outcomes = []
    with ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("fork")) as pool:
        for outcome in pool.map(run_case, jobs):
            outcomes.append(outcome)
            for problem in outcome.problems:
                print(f"FAILED {outcome.name}: {problem}", flush=True)
            if os.environ.get("WEIR_TEST_VERBOSE"):
                print(f"{outcome.name}: {outcome.seconds:.1f} s, killed at {', '.join(outcome.kills) or 'nothing'}")
    failed = sum(1 for outcome in outcomes if outcome.problems)
    if not arguments.only and not failed and kills_missed(outcomes):
        print(f"FAILED: no case was killed at {', '.join(kills_missed(outcomes))}")
        failed = 1
    print(f"killed {sum(len(outcome.kills) for outcome in outcomes)} processes; took {time.monotonic() - began:.0f} s")
    print(f"{len(outcomes) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
