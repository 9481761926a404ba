#!/usr/bin/env python3
"""Explores the models of the protocol with spin: all of their states, nothing by chance.

    tests/model/run.py [--only PART_OF_A_NAME]

What holds must hold in every state, within the bounds of the variant. A mutant, and a witness (a situation that must be able to come up), must
be found: that shows that the models can fail. WEIR_TEST_VERBOSE=1 prints the steps to what was found. README.md says what is modelled.
"""
import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
MEMORY_MB = 3000
DEPTH = 100_000
SECONDS = 900  # a search that takes this long hangs

SMALL = {"PROCESSES": 2, "POSITIONS": 2, "FAULTS": 1, "FOREIGN": 1, "CRASHES": 0, "WITNESS": 0}


class Variant(NamedTuple):
    name: str
    model: str
    switches: dict
    must_find: bool = False
    acyclic: bool = False  # looks for cycles: with none, each run ends, so what holds at the end of all runs comes about


def protocol(name, *flags, **bounds):
    return Variant(name, "protocol", {**SMALL, **bounds, **dict.fromkeys(flags, "")})


def mutant(name, *flags, **bounds):
    switch = name.split(":")[0].upper().replace(" ", "_")
    return protocol("mutant: " + name, "MUTANT", switch, *flags, **bounds)._replace(must_find=True)


def witness(name, *flags):
    return protocol("witness: " + name, *flags, WITNESS=name.replace(" ", "_"))._replace(must_find=True)


def history(name, *flags):
    return Variant("history: " + name, "history", dict.fromkeys(flags, ""))


def history_mutant(name, *flags):
    return Variant("mutant: " + name, "history", dict.fromkeys([name.upper().replace(" ", "_"), *flags], ""), must_find=True)


def catalogs():
    """Each habit of a catalog: what it compares, and whether it changes several tables at once."""
    for compared in ("exact base", "requirements"):
        for together in ("one by one", "at once"):
            flags = (["REQUIREMENTS"] if compared == "requirements" else []) + (["ATOMIC"] if together == "at once" else [])
            yield f"{compared}, {together}", flags


def variants():
    for name, flags in catalogs():
        yield protocol(f"{name}: two processes, a zombie", *flags, PROCESSES=3, POSITIONS=1, FAULTS=2)
        yield protocol(f"{name}: two epochs, two faults", *flags, FAULTS=2, FOREIGN=2)
        yield protocol(f"{name}: rollback", *flags, "ROLLBACK", FOREIGN=2)
        yield protocol(f"{name}: crash, then all lands", *flags, "PROGRESS", "LOSS", CRASHES=1)
        yield protocol(f"{name}: no run is endless", *flags, "LOSS", CRASHES=1, POSITIONS=1)._replace(acyclic=True)

    yield history("all metadata files are there")
    yield history("metadata files are gone", "LOST_LOG")
    yield history("properties are put back", "PUT_BACK")

    for name in ("a prepared is adopted", "a commit is rebased", "a process is fenced", "an unknown was applied", "another rolls forward"):
        yield witness(name)
    yield witness("a rollback is noticed", "ROLLBACK")
    yield witness("a rollback revives a request", "ROLLBACK", "REQUIREMENTS")

    yield mutant("no fence")
    yield mutant("look first")
    yield mutant("fence by number")
    yield mutant("checked by client")
    yield mutant("prepared on any base")
    yield mutant("adopted on any base", "ROLLBACK", "ATOMIC")
    yield mutant("property fence", "REQUIREMENTS")
    yield mutant("fence on branch", "REQUIREMENTS")
    yield mutant("unknown is refused")
    yield mutant("late refusal is final")
    yield mutant("no own key")
    yield mutant("key in snapshots only")
    yield mutant("new snapshot id")
    yield mutant("prepared afterwards")
    yield mutant("other first")
    yield mutant("no wait for other")
    yield mutant("no proof of history", "ROLLBACK")
    yield mutant("no proof of history: requirements", "ROLLBACK", "REQUIREMENTS")
    yield history_mutant("a cut proves expiry")
    yield history_mutant("no log")
    yield history_mutant("newer marker in the present only", "PUT_BACK")


class Found(NamedTuple):
    states: int
    depth: int
    error: str     # empty: none
    finished: bool # all states were seen, or an error was
    trail: str


def command(words, folder, seconds=SECONDS):
    done = subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=seconds)
    return done.returncode, done.stdout


def explained(error, replay):
    """The property that a failed assertion stands for: what the comment beside it in the model says."""
    place = re.search(r"(\w+\.pml):(\d+), Error: assertion violated", replay)
    if not place:
        return error
    with open(os.path.join(HERE, place[1]), encoding="utf-8") as file:
        line = file.read().splitlines()[int(place[2]) - 1]
    if "witness(" in line:
        return "comes up"
    comment = re.search(r"/\* (.*?) \*/", line)
    return "not so: " + (comment[1] if comment else line.strip())


def explore(variant):
    flags = [f"-D{key}={value}" if value != "" else f"-D{key}" for key, value in variant.switches.items()]
    with tempfile.TemporaryDirectory(prefix="weir-model-") as folder:
        for name in sorted(os.listdir(HERE)):
            if name.endswith(".pml"):
                shutil.copy(os.path.join(HERE, name), folder)
        code, text = command(["spin", "-a", *flags, variant.model + ".pml"], folder, 60)
        if code != 0 or not os.path.exists(os.path.join(folder, "pan.c")):
            raise RuntimeError(f"spin does not understand {variant.name}:\n{text}")
        kind = ["-DNP", "-DNOFAIR"] if variant.acyclic else ["-DSAFETY"]
        code, text = command(["cc", "-O0", "-w", *kind, "-DCOLLAPSE", f"-DMEMLIM={MEMORY_MB}", "-o", "pan", "pan.c"], folder)
        if code != 0:
            raise RuntimeError(f"the verifier of {variant.name} does not compile:\n{text}")
        code, text = command(["./pan", f"-m{DEPTH}", "-w20", *(["-l"] if variant.acyclic else [])], folder)
        summary = re.search(r"depth reached (\d+), errors: (\d+)", text)
        if not summary:
            raise RuntimeError(f"the verifier of {variant.name} failed:\n{text}")
        states = int(re.search(r"(\d+) states, stored", text)[1])
        error = re.search(r"^pan:1: (.*)", text, re.M) if summary[2] != "0" else None
        unfinished = re.search(r"max search depth too small|out of memory|memory limit|resized the hashtable.*failed", text)
        trail = command(["spin", "-t", "-p", *flags, variant.model + ".pml"], folder)[1] if error else ""
        return Found(states, int(summary[1]), explained(error[1], trail) if error else "", not unfinished, trail)


def judge(variant, found):
    """Empty when it is as it must be."""
    if variant.must_find:
        return "" if found.error and "end state" not in found.error else "nothing was found"
    if not found.finished:
        return "not all states were seen"
    return found.error


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", metavar="PART_OF_A_NAME")
    only = parser.parse_args().only
    chosen = [variant for variant in variants() if only in variant.name]

    def timed(variant):
        began = time.monotonic()
        return explore(variant), time.monotonic() - began

    failed = states = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for variant, (found, seconds) in zip(chosen, pool.map(timed, chosen)):
            problem = judge(variant, found)
            failed += problem != ""
            states += found.states
            said = f"FAILED: {problem}" if problem else found.error or "holds"
            print(f"{variant.name:52} {found.states:10,} states, depth {found.depth:5,}, {seconds:5.1f} s  {said}", flush=True)
            if problem or os.environ.get("WEIR_TEST_VERBOSE"):
                print(found.trail)
    print(f"{len(chosen) - failed} of {len(chosen)} as they must be, {states:,} states")
    sys.exit(1 if failed or not chosen else 0)


if __name__ == "__main__":
    main()
