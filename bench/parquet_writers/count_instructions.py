"""count_instructions.py BINARY [--update]: instructions that our Parquet writer needs for an event, against those that are written down.

Counted by callgrind inside of the writer only, so that it is the same on a busy machine. Exit code 1 when an encoding of a data set needs over 5 %
more than instructions.txt beside this file says; --update writes what was counted.
"""

import os
import re
import subprocess
import sys
import tempfile

NOTED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "instructions.txt")
EVENTS = 20_000
MORE_AT_MOST = 1.05
SETS = ("ads", "clicks", "sparse")
ENCODINGS = ("compatible", "modern")


def count(binary, name, encodings):
    """Instructions an event."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", "--collect-atstart=no", "--toggle-collect=*write_once*"]
        command += [binary, "--only", name, "--ours", encodings, "--events", str(EVENTS), "--rounds", "1"]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found or int(found[1]) == 0:
        sys.exit(f"error: callgrind counted nothing:\n{done.stderr[-2000:]}")
    return round(int(found[1]) / EVENTS)


def main(binary, *options):
    counts = {(name, encodings): count(binary, name, encodings) for name in SETS for encodings in ENCODINGS}
    if "--update" in options:
        with open(NOTED, "w") as out:
            out.writelines(f"{name} {encodings} {number}\n" for (name, encodings), number in counts.items())
        return 0
    failed = 0
    for line in open(NOTED):
        name, encodings, number = line.split()
        now = counts[name, encodings]
        is_more = now > int(number) * MORE_AT_MOST
        failed += is_more
        print(f"{name} {encodings}: {now} instructions an event, {number} are noted{' - MORE' if is_more else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
