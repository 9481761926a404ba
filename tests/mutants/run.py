"""Mutants: run.py [--only PATTERN] [--list]

Builds a copy of the sources in which each mistake of mutants.py is behind a switch, and runs for each the test that
must notice it. A mutant that no test notices, or not in time, and a line that is not there any more, fail.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from mutants import CANNOT_BE_MADE, MUTANTS

ROOT = Path(__file__).resolve().parents[2]
TREE = ROOT / "build/mutants"
BUILD = TREE / "build/mutants"
COPIED = ("CMakeLists.txt", "CMakePresets.json", "cmake", "src", "tests/CMakeLists.txt", "tests/interop", "tests/simulation", "tests/stack", "bench", "fuzz", "tools", "packaging", "docs/reference")
SECONDS_MAX = 240  # of one run; a mutant is to be noticed within a minute on a machine that has nothing else to do
SWITCH_HEADER = """#pragma once
#include <cstdlib>
#include <cstring>
#include <string_view>
// In this copy alone: WEIR_MUTANT names the mistake that is made.
inline bool weir_mutant(const char* name) {
  static const char* const chosen = std::getenv("WEIR_MUTANT");
  return chosen != nullptr && std::strcmp(chosen, name) == 0;
}
"""


def table():
    """Which test notices which mistake, as a page."""
    lines = ["# Which test notices which mistake", "", "Made by `run.py --list`.", "",
             "| Mutant | Of | What it does | Noticed by |", "|---|---|---|---|"]
    for mutant in MUTANTS:
        lines.append(f"| {mutant.name} | {mutant.of} | {mutant.what} | `{' '.join(mutant.caught_by)}` |")
    lines += ["", "Mistakes of peers that cannot be made here:", ""]
    lines += [f"- {name}: {why}" for name, why in CANNOT_BE_MADE.items()]
    return "\n".join(lines)


def with_switches(path, text):
    """The text of a source with the switches of its mutants. Several mutants may change the same line."""
    mutants = [mutant for mutant in MUTANTS if mutant.file == path]
    for mutant in mutants:
        if text.count(mutant.old) != 1:
            sys.exit(f"error: mutant '{mutant.name}': its line is not in {path}, or more than once; bring mutants.py up to date:\n{mutant.old}")
    for mutant in sorted(mutants, key=lambda mutant: text.index(mutant.old), reverse=True):
        # Of a line with several mutants, the first one keeps the text that the next looks for in its unchanged branch.
        new = mutant.new.replace("SWITCH", f'weir_mutant("{mutant.name}")')
        if text.count(mutant.old) == 1:
            text = text.replace(mutant.old, new)
        else:
            sys.exit(f"error: mutant '{mutant.name}' overlaps another one in {path}")
    return f'#include "mutant_switch.h"\n#line 1\n{text}' if mutants else text


def write_if_changed(path, data):
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def copy_sources():
    """Brings the copy up to date; what has not changed keeps its age, so that only the rest is built again."""
    wanted = {TREE / "src/mutant_switch.h"}
    write_if_changed(TREE / "src/mutant_switch.h", SWITCH_HEADER.encode())
    for top in COPIED:
        source = ROOT / top
        for path in [source] if source.is_file() else sorted(source.rglob("*")):
            if not path.is_file() or "__pycache__" in path.parts:
                continue
            name = path.relative_to(ROOT)
            data = path.read_bytes()
            if path.suffix == ".cc":
                data = with_switches(str(name), data.decode()).encode()
            write_if_changed(TREE / name, data)
            shutil.copymode(path, TREE / name)
            wanted.add(TREE / name)
    for path in (TREE / "src").rglob("*"):
        if path.is_file() and path not in wanted:
            path.unlink()
    link = TREE / ".deps"
    if not link.is_symlink() or os.readlink(link) != os.readlink(ROOT / ".deps"):
        link.unlink(missing_ok=True)
        link.symlink_to(os.readlink(ROOT / ".deps"))


def program(name):
    found = [path for path in BUILD.rglob(name) if path.is_file()]
    if len(found) != 1:
        sys.exit(f"error: no program {name} in {BUILD}")
    return found[0]


def run_test(command, mutant):
    """Exit code, None when it took too long, and the end of the output."""
    environment = {**os.environ, "WEIR_MUTANT": mutant}
    process = subprocess.Popen([program(command[0]), *command[1:]], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, errors="replace", start_new_session=True)
    try:
        output, _ = process.communicate(timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # it, and what it has started
        process.communicate()
        return None, f"it took more than {SECONDS_MAX} s"
    return process.returncode, output[-2000:]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="only the mutants whose name holds this")
    parser.add_argument("--list", action="store_true", help="print the table and do nothing else")
    arguments = parser.parse_args()
    if arguments.list:
        print(table())
        return 0
    chosen = [mutant for mutant in MUTANTS if arguments.only in mutant.name]
    copy_sources()
    targets = sorted({mutant.caught_by[0] for mutant in chosen})
    subprocess.run([TREE / "tools/build", "mutants", *targets], check=True, cwd=TREE)
    failed = 0
    for command in sorted({mutant.caught_by for mutant in chosen}):  # without a mistake all is as it is elsewhere
        code, output = run_test(command, "none")
        if code != 0 or "Running 0 tests" in output or "[==========] 0 tests" in output:
            failed += 1
            print(f"FAILED {' '.join(command)} without any mutant: {code}\n{output}", flush=True)
    for mutant in chosen:
        began = time.monotonic()
        code, _ = run_test(mutant.caught_by, mutant.name)
        if code in (0, None):
            failed += 1
            within = "" if code == 0 else f" within {SECONDS_MAX} s"
            print(f"FAILED {mutant.name} ({mutant.of}: {mutant.what}) is not noticed by {' '.join(mutant.caught_by)}{within}", flush=True)
        else:
            print(f"caught {mutant.name} in {time.monotonic() - began:.1f} s", flush=True)
    print(f"{len(chosen) - failed} mutants caught, {failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
