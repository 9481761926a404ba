"""Runs the commands that the documentation shows: run.py [WEIR] [FILE...]

Of README.md and docs/**.md (or the files given), each in a folder of its own with `weir` on the PATH, blocks in their order:

    ```sh run              every line is a command that must succeed
    ```console             lines with `$ ` are commands; what stands below one is its output, in which a line `...` stands for any lines and
                           `...` inside a line for anything; a last line `[2]` is the exit code
    ```yaml file=NAME      is written to NAME (any language)
    <!-- run: COMMAND -->  a command that readers do not see; $ROOT is the repository

Other blocks are left alone.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECONDS_MAX = 120
DONE = "\x1edone "  # a line of the shell that no command prints

_FENCE = re.compile(r"^(```+|~~~+)\s*(.*)$")
_HIDDEN = re.compile(r"^<!-- run: (.*) -->$")
_EXIT = re.compile(r"^\[(\d+)\]$")


@dataclass
class Step:
    """A command, or a file to write."""

    line: int
    command: str = ""
    wanted: list = None  # lines of output; None: not shown
    code: int = 0
    file: str = ""
    content: str = ""


@dataclass
class Block:
    line: int
    info: list
    lines: list = field(default_factory=list)


def blocks_of(text):
    """Fenced blocks and hidden commands, in order."""
    block, fence = None, ""
    for number, line in enumerate(text.splitlines(), 1):
        if block is not None:
            if line.strip() == fence:
                yield block
                block = None
            else:
                block.lines.append(line)
        elif hidden := _HIDDEN.match(line):
            yield Block(number - 1, ["sh", "run"], [hidden[1]])
        elif opened := _FENCE.match(line):
            block, fence = Block(number, opened[2].split()), opened[1]


def steps_of(text):
    steps = []
    for block in blocks_of(text):
        files = [word[5:] for word in block.info if word.startswith("file=")]
        if files:
            steps.append(Step(block.line, file=files[0], content="".join(line + "\n" for line in block.lines)))
        elif block.info == ["sh", "run"]:
            steps += [Step(block.line + i, line) for i, line in enumerate(block.lines, 1) if line.strip() and not line.startswith("#")]
        elif block.info == ["console"]:
            steps += console_steps(block)
    return steps


def console_steps(block):
    steps = []
    for number, line in enumerate(block.lines, block.line + 1):
        if line.startswith("$ "):
            steps.append(Step(number, line[2:], []))
        elif steps:
            steps[-1].wanted.append(line)
        else:
            raise ValueError(f"line {number}: output before the first command")
    for step in steps:
        if step.wanted and (code := _EXIT.match(step.wanted[-1])):
            step.code = int(code[1])
            step.wanted.pop()
    return steps


def fits(wanted, found):
    """True when the lines `found` are what is wanted."""
    pattern = ""
    for line in wanted:
        pattern += r"(?:.*\n)*?" if line == "..." else ".*".join(re.escape(part) for part in line.rstrip().split("...")) + r"[ ]*\n"
    return re.fullmatch(pattern, "".join(line.rstrip() + "\n" for line in found)) is not None


class Shell:
    """One bash for all commands of a file, so that `cd` and `export` last."""

    def __init__(self, weir, folder):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("WEIR_")}
        environment |= {"PATH": f"{weir.parent}:{environment['PATH']}", "ROOT": str(ROOT), "NO_COLOR": "1"}
        self._process = subprocess.Popen(
            ["timeout", str(SECONDS_MAX), "bash", "--noprofile", "--norc"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )

    def run(self, command):
        """(exit code, lines of output). Errors: RuntimeError when the shell has ended."""
        self._process.stdin.write(f"{{ {command}\n}} </dev/null\nprintf '\\n{DONE}%s\\n' $?\n")
        self._process.stdin.flush()
        lines = []
        for line in self._process.stdout:
            if line.startswith(DONE):
                if lines and lines[-1] == "":
                    lines.pop()  # the line end in front of the mark
                return int(line[len(DONE) :]), lines
            lines.append(line.rstrip("\n"))
        raise RuntimeError("the shell ended, or took too long:\n" + "\n".join(lines[-20:]))

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def take(step, shell, folder):
    """What is wrong with a step, or None."""
    if step.file:
        path = folder / step.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step.content)
        return None
    code, lines = shell.run(step.command)
    if code != step.code:
        return f"exit code {code}, not {step.code}:\n" + "\n".join(lines[-20:])
    if step.wanted is not None and not fits(step.wanted, lines):
        return "the output is not what is shown, but:\n" + "\n".join(lines)
    return None


def run_file(path, weir):
    """(number of commands, failures) of one file; a failed command ends it, because what follows builds on it."""
    steps = steps_of(path.read_text())
    commands = sum(1 for step in steps if step.command)
    if not commands:
        return 0, []
    with tempfile.TemporaryDirectory(prefix="weir-docs-") as folder:
        shell = Shell(weir, folder)
        try:
            for step in steps:
                problem = take(step, shell, Path(folder))
                if problem:
                    return commands, [f"{os.path.relpath(path, ROOT)}:{step.line}: {step.command}\n{problem}"]
        except RuntimeError as error:
            return commands, [f"{os.path.relpath(path, ROOT)}:{step.line}: {step.command}\n{error}"]
        finally:
            shell.close()
    return commands, []


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weir", nargs="?", default=os.environ.get("WEIR", ROOT / "build/release/weir"), help="the program under test")
    parser.add_argument("files", nargs="*", type=Path, help="README.md and docs/**.md by default")
    arguments = parser.parse_args()
    weir = Path(arguments.weir).resolve()
    if weir.name != "weir" or not os.access(weir, os.X_OK):
        sys.exit(f"error: {weir} is no weir. Build it: tools/build release weir")
    commands, failures = 0, []
    for path in arguments.files or [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        count, failed = run_file(path.resolve(), weir)
        if not count and arguments.files:
            failed = [f"{path}: no command stands in it"]
        commands += count
        failures += failed
    print("\n".join(f"FAILED {failure}" for failure in failures), end="\n" if failures else "")
    print(f"{commands} commands; {len(failures)} files failed")
    return 1 if failures or not commands else 0


if __name__ == "__main__":
    sys.exit(main())
