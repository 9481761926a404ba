"""Runs one case in a folder of its own: puts files in place, starts the program, looks at what came of it."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import case_file
import table_text

RUN_SECONDS_MAX = 60
FIRST_MTIME = 1_767_225_600  # 2026-01-01T00:00:00Z; each stage is an hour later
LAND = "run pipeline.yaml --once"
# A poll takes longer than the time between two commits (10 ms in most cases), so that each batch becomes an epoch of its own.
SLOW = "task.before_poll=delay:15@1+"

_EXCERPT = re.compile(r"^ +\d* \| ")  # the line of the file under a diagnostic, and its caret


@dataclass
class Ended:
    code: int  # negative for a signal
    out: str
    err: str

    @property
    def was_killed(self):
        return self.code == -signal.SIGKILL


@dataclass(frozen=True)
class Surroundings:
    """What a process finds around it, and no result may depend on."""

    name: str
    variables: dict
    umask: int
    is_elsewhere: bool = False  # runs in another folder, so files of the case are named by absolute paths


# ICU takes the zone from TZ and the calendar from the locale (Buddhist, Persian), whether or not the locale is installed.
PLAIN = Surroundings("plain", {"LC_ALL": "C.UTF-8"}, 0o022)
NEW_YORK = {"TZ": "America/New_York", "LC_ALL": "th_TH.UTF-8", "LANG": "th_TH.UTF-8", "HOME": "/nonexistent"}
KATHMANDU = {"TZ": "Asia/Kathmandu", "LC_ALL": "fa_IR.UTF-8", "LC_NUMERIC": "de_DE.UTF-8", "TMPDIR": "/nonexistent", "COLUMNS": "40"}
SURROUNDINGS = (
    PLAIN,
    Surroundings("in New York, elsewhere", NEW_YORK, 0o077, is_elsewhere=True),
    Surroundings("in Kathmandu", KATHMANDU, 0o000),
)
_OF_SURROUNDINGS = {"TZ", "LANG", "LANGUAGE", "HOME", "TMPDIR", "COLUMNS"}


def _is_free(key):
    return not key.startswith(("WEIR_", "LC_")) and key not in _OF_SURROUNDINGS


def _fast_folder():
    """tmpfs when there is one: these cases are not about the disk."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Folder:
    """A temporary folder and the environment of the processes in it. Use with `with`."""

    def __init__(self, weir, surroundings=PLAIN):
        self.weir = weir
        self.surroundings = surroundings
        self.elsewhere = Path(tempfile.mkdtemp(prefix="weir-elsewhere-", dir=_fast_folder()))
        self.path = Path(tempfile.mkdtemp(prefix="weir-pipelines-", dir=_fast_folder()))
        self.environment = {key: value for key, value in os.environ.items() if _is_free(key)}
        self.plain = b""  # all inputs, decompressed

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        shutil.rmtree(self.path, ignore_errors=True)
        shutil.rmtree(self.elsewhere, ignore_errors=True)

    def put(self, stage, number):
        for section in stage.of("pipeline", "contract", "file", "env", "input", "remove"):
            text = "\n".join(section.lines) + "\n"
            if section.kind == "env":
                self.environment.update(line.split("=", 1) for line in section.lines)
            elif section.kind == "remove":
                (self.path / section.argument).unlink()
            elif section.kind == "input":
                self._put_input(case_file.input_of(section), FIRST_MTIME + 3600 * number)
            else:
                default = {"pipeline": "pipeline.yaml", "contract": "contract.yaml"}.get(section.kind, "")
                self._write(section.argument or default, text.encode())

    def _put_input(self, given, mtime):
        self.plain += given.plain
        path = self._write("in/" + given.name, given.stored, "ab" if given.append else "wb")
        os.utime(path, (mtime, mtime))

    def _write(self, name, content, mode="wb"):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, mode) as file:
            file.write(content)
        return path

    def run(self, command, faults="", surroundings=None):
        around = surroundings or self.surroundings
        environment = self.environment | around.variables | ({"WEIR_FAULTS": faults} if faults else {})
        arguments = shlex.split(command)
        cwd = self.path
        if around.is_elsewhere and any(self._is_pipeline(argument) for argument in arguments):
            cwd = self.elsewhere
            arguments = [str(self.path / argument) if self._is_pipeline(argument) else argument for argument in arguments]
        quiet = {"stdin": subprocess.DEVNULL, "capture_output": True, "timeout": RUN_SECONDS_MAX, "umask": around.umask}
        done = subprocess.run([self.weir, *arguments], cwd=cwd, env=environment, **quiet)
        return Ended(done.returncode, self._text(done.stdout), self._text(done.stderr))

    @staticmethod
    def _is_pipeline(argument):
        return argument.endswith(".yaml")

    def _text(self, output):
        return output.decode(errors="replace").replace(str(self.path), "DIR")


def command_of(stage):
    section = stage.find("command")
    return section.argument if section else LAND


def _split_stderr(text):
    """(lines for people, messages of warnings in the log)"""
    lines, warnings = [], []
    for line in text.splitlines():
        if line.startswith('{"ts"'):
            entry = json.loads(line)
            if entry["level"] == "warn":
                warnings.append(entry["msg"])
        elif not _EXCERPT.match(line):
            lines.append(line)
    return lines, warnings


@dataclass
class Seen:
    """What came of a stage."""

    texts: dict  # (kind, argument) -> lines
    landed: dict  # table -> rows and rejects as text, with everything that a restart must not change
    snapshots: list
    problems: list


def look(folder, ended):
    """Reads everything that a case may say something about."""
    errors, warnings = _split_stderr(ended.err)
    texts = {("exit", ""): [str(ended.code)], ("error", ""): errors, ("warnings", ""): warnings, ("output", ""): ended.out.splitlines()}
    seen = Seen(texts, {}, [], [])
    for name, table in table_text.open_tables(folder.path).items():
        if table_text.is_dead_letter(table):
            rejects = sorted(table_text.rows_of(table), key=lambda row: (row["source"], row["topic"], row["offset"]))
            texts["rejects", name] = table_text.rejects_text(rejects)
            seen.landed[name] = [_whole_reject(row) for row in rejects]
            strange = [row for row in rejects if not _is_given(row, folder)]
            seen.problems += [f"the raw bytes of {row['topic']}#{row['offset']} stand in no input" for row in strange]
        else:
            texts["rows", name] = seen.landed[name] = table_text.rows_text(table)
        texts["summary", name] = table_text.counts_text(table)
        texts["schema", name] = table_text.schema_text(table)
        texts["partitions", name] = table_text.partitions_text(table)
        texts["snapshots", name] = [str(len(table.snapshots))]
        seen.snapshots += [snapshot["snapshot-id"] for snapshot in table.snapshots]
    return seen


def _whole_reject(row):
    return json.dumps({key: value.hex() if isinstance(value, bytes) else str(value) for key, value in row.items()})


def _is_given(row, folder):
    if row["error_class"] == "expression_row":  # behind a step with state: the row stands for itself
        return isinstance(json.loads(bytes(row["raw"])), dict)
    return row["raw"] is None or bytes(row["raw"]) in folder.plain
