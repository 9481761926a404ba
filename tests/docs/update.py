"""Writes the real output of the commands into pages: update.py PAGE... (of docs/guide, say)

Runs a page as run.py does, and puts what each console command printed below it. What differs from run to run (times, ids, sizes of files)
becomes `...`, as run.py understands it. Output that is shown with a whole line `...`, and still fits, stays.
"""

import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import run  # noqa: E402

VARYING = [
    (re.compile(r"\b\d{15,}\b"), "..."),  # snapshot ids
    (re.compile(r" in \d+(\.\d+)? (ms|s)\b"), " in ..."),
    (re.compile(r"(?<=committed )\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "..."),
    (re.compile(r"/tmp/weir-docs-[a-z0-9_]+"), "..."),
    (re.compile(r"\d+(\.\d)? (k|M)?B\b"), "..."),
    (re.compile(r"bytes +snapshot"), "bytes...snapshot"),  # the columns are as wide as the ids below
]


def steady(line):
    for pattern, replacement in VARYING:
        line = pattern.sub(replacement, line)
    return line.rstrip()


def updated(path, weir):
    text = path.read_text()
    lines = text.splitlines()
    out, at = [], 0
    with tempfile.TemporaryDirectory(prefix="weir-docs-") as folder:
        shell = run.Shell(weir, folder)
        try:
            for step in run.steps_of(text):
                if step.file:
                    run.take(step, shell, Path(folder))
                    continue
                code, found = shell.run(step.command)
                if step.wanted is None or ("..." in step.wanted and code == step.code and run.fits(step.wanted, found)):
                    if step.wanted is None and code != 0:
                        raise RuntimeError(f"{path}:{step.line}: {step.command}\n" + "\n".join(found))
                    continue
                end = step.line  # lines below the command
                while end < len(lines) and not lines[end].startswith(("$ ", "```")):
                    end += 1
                out += lines[at : step.line] + [steady(line) for line in found] + ([f"[{code}]"] if code else [])
                at = end
        finally:
            shell.close()
    return "\n".join(out + lines[at:]) + "\n"


def main():
    for name in sys.argv[1:]:
        path = Path(name).resolve()
        path.write_text(updated(path, run.ROOT / "build/release/weir"))


if __name__ == "__main__":
    main()
