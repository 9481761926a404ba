"""One *.test file: a pipeline, what it reads, and what must come of it. See README.md for the sections."""

import gzip
import re
from dataclasses import dataclass, field

import pyarrow

GIVEN = ("pipeline", "contract", "file", "input", "remove", "env", "command", "kills")
EXPECTED = ("exit", "error", "warnings", "output", "rows", "rejects", "summary", "schema", "partitions", "snapshots")
INPUT_OPTIONS = ("gzip", "zstd", "escaped", "append", "cut", "encoding")
ANYTHING = "<...>"

_HEADER = re.compile(r"=== (\w+)(?: (.*))?$")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|\{(\d+):(.*?)\}|(\n|.|$))", re.DOTALL)
_CHARACTERS = {"n": b"\n", "r": b"\r", "t": b"\t", "0": b"\0", "\\": b"\\", "\n": b"", "": b""}


@dataclass
class Section:
    kind: str
    argument: str
    lines: list


@dataclass
class Stage:
    """What is put in place before one run, and what must come of it."""

    sections: list = field(default_factory=list)

    def find(self, kind, argument=None):
        return next((s for s in self.sections if s.kind == kind and argument in (None, s.argument)), None)

    def of(self, *kinds):
        return [section for section in self.sections if section.kind in kinds]


@dataclass
class CaseFile:
    purpose: list
    stages: list


def parse(text, name):
    """Errors: ValueError with file and line."""
    case = CaseFile([], [Stage()])
    lines = text.split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    body = case.purpose
    for number, line in enumerate(lines, 1):
        header = _HEADER.match(line)
        if not header:
            body.append(line)
            continue
        kind, argument = header[1], header[2] or ""
        if body and body[-1] == "":
            body.pop()  # the blank line above a section is layout
        if kind == "then":
            case.stages.append(Stage())
            body = []
            continue
        if kind not in GIVEN + EXPECTED:
            raise ValueError(f"{name}:{number}: there is no section '{kind}'; there are {', '.join(GIVEN + EXPECTED)}, then")
        body = []
        case.stages[-1].sections.append(Section(kind, argument, body))
    for stage in case.stages:
        _read_exit(stage)
    return case


def _read_exit(stage):
    """`exit` has its line in the header, and 0 is meant when there is none."""
    section = stage.find("exit")
    if section is None:
        stage.sections.append(Section("exit", "", ["0"]))
    else:
        section.argument, section.lines = "", [section.argument]


def as_text(case):
    blocks = ["\n".join(case.purpose)] if case.purpose else []
    for number, stage in enumerate(case.stages):
        if number:
            blocks.append("=== then")
        for section in stage.sections:
            if section.kind == "exit":
                blocks += [f"=== exit {section.lines[0]}"] if section.lines != ["0"] else []
            else:
                blocks.append("\n".join([f"=== {section.kind} {section.argument}".rstrip(), *section.lines]))
    return "\n\n".join(blocks) + "\n"


def _unescape(text):
    def one(match):
        if match[1]:
            return bytes([int(match[1], 16)])
        if match[2]:
            return _unescape(match[3]) * int(match[2])
        if match[4] not in _CHARACTERS:
            raise ValueError(f"there is no escape \\{match[4]}")
        return _CHARACTERS[match[4]]

    out, at = [], 0
    for match in _ESCAPE.finditer(text):
        out += [text[at : match.start()].encode(), one(match)]
        at = match.end()
    return b"".join([*out, text[at:].encode()])


@dataclass
class Input:
    name: str
    plain: bytes  # before compression
    stored: bytes
    append: bool


def input_of(section):
    """The file that an `input` section describes."""
    name, *options = section.argument.split()
    known = {option.split("=")[0]: option.partition("=")[2] for option in options}
    unknown = set(known) - set(INPUT_OPTIONS)
    if not name or unknown:
        raise ValueError(f"input {section.argument}: unknown options {unknown}; there are {', '.join(INPUT_OPTIONS)}")
    text = "".join(line + "\n" for line in section.lines)
    plain = _unescape(text) if "escaped" in known else text.encode()
    stored = plain.decode().encode(known["encoding"]) if "encoding" in known else plain
    if "gzip" in known:
        stored = gzip.compress(stored, mtime=0)
    if "zstd" in known:
        stored = pyarrow.compress(stored, codec="zstd", asbytes=True)
    if "cut" in known:
        stored = stored[: -int(known["cut"])]
    return Input(name, plain, stored, "append" in known)


def matches(wanted, found):
    """True when `found` is `wanted`, in which `<...>` stands for anything."""
    if ANYTHING not in wanted:
        return wanted == found
    return re.fullmatch(".*".join(re.escape(part) for part in wanted.split(ANYTHING)), found, re.DOTALL) is not None
