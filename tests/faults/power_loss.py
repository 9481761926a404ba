"""The machine loses power at any call: whatever its disk holds then, the next run makes the tables whole.

WEIR_RANDOM_CASES is the number of disks that are tried (300), WEIR_RANDOM_SEED the first of the seeds.
"""

import json
import os
import random
import re
import shutil
from pathlib import Path

import events
from cases import case
from preloaded import built_library, run_preloaded
from simulated_disk import Disk, read_journal
from weir_process import Workspace

IMAGES = int(os.environ.get("WEIR_RANDOM_CASES", 300))
IMAGES_A_CASE = 15
FIRST_SEED = int(os.environ.get("WEIR_RANDOM_SEED", 1))
FILES, ROWS = 4, 60
SHARED_MEMORY = "catalog.db-shm"  # a mapping that SQLite makes anew when nobody has the catalog open


def run_once(workspace, library):
    """Runs to the end. Returns the disk as it was before, and the calls."""
    disk = Disk(workspace.path, "wh")
    journal = workspace.path / "journal"
    journal.unlink(missing_ok=True)
    ended = run_preloaded(workspace, library, DISK_JOURNAL_OF=str(workspace.path), DISK_JOURNAL=str(journal))
    return disk, read_journal(journal), ended


def committed(calls):
    """How many events the program has said are committed."""
    said = b"".join(content for name, rest, content in calls if name == "write" and rest.startswith("0 "))
    lines = [json.loads(line) for line in said.split(b"\n")[:-1]]
    return sum(line["rows"] for line in lines if line["event"] == "commit.applied")


def events_read(ended):
    found = re.match(r"([0-9,]+) events? read", ended.out)
    return int(found[1].replace(",", "")) if found else 0


def lose_power(workspace, disk, calls, dice):
    """Leaves the disk as it may be after some of the calls. Returns how many events were committed by then."""
    end = dice.randint(1, len(calls))
    for call in calls[:end]:
        disk.apply(call)
    disk.lose_power(dice)
    return committed(calls[:end])


def write_input(workspace, has_state):
    """Returns what is to land of it."""
    events.write_pipeline(workspace, epoch_max=events.EACH_BATCH, steps=events.DEDUPE if has_state else "")
    events.write_files(workspace, FILES, ROWS)
    if has_state:
        workspace.write(f"in/{FILES - 1:05d}.ndjson", events.lines(ROWS // 2, ROWS))  # ids of the first two files
    truth = events.from_folder(str(workspace.path / "in"))
    return events.without_repeats(truth) if has_state else truth


def images(library, seed):
    """Several losses of power in each of some runs, every third time one more while the next run mends it."""
    dice = random.Random(seed)
    with Workspace() as workspace:
        truth = write_input(workspace, has_state=seed % 2 == 0)
        _, calls, ended = run_once(workspace, library)
        assert ended.code == 0, ended
        for number in range(IMAGES_A_CASE):
            what = f"seed {seed}, image {number}"
            try:
                done = lose_power(workspace, empty(workspace), calls, dice)
                if number % 3 == 2:
                    disk, recovery, _ = run_once(workspace, library)
                    done = max(done, lose_power(workspace, disk, recovery, dice))
                ended = workspace.run("run", "events.yaml", "--once")
                assert ended.code == 0, f"the run after the loss failed: {ended}"
                events.judge(workspace, truth=truth)
                assert events_read(ended) <= FILES * ROWS - done, f"{done} events were committed, and are read again: {ended}"
            except Exception as error:
                raise AssertionError(f"{what}: {error}") from error


def empty(workspace):
    shutil.rmtree(workspace.path / "wh", ignore_errors=True)
    return Disk(workspace.path, "wh")


def journal_is_whole(library):
    """What the calls say is what stands on the disk: the program changes files by no other calls."""
    with Workspace() as workspace:
        events.write_pipeline(workspace, epoch_max=events.EACH_BATCH)
        events.write_files(workspace, FILES, ROWS)
        for _ in range(2):
            disk, calls, ended = run_once(workspace, library)
            assert ended.code == 0, ended
            for call in calls:
                disk.apply(call)
            found = {str(path.relative_to(workspace.path)): path.read_bytes() for path in (workspace.path / "wh").rglob("*") if path.is_file()}
            expected = disk.as_seen()
            assert found.keys() == expected.keys(), found.keys() ^ expected.keys()
            different = [name for name in found if found[name] != expected[name] and not name.endswith(SHARED_MEMORY)]
            assert not different, different
            events.write_files(workspace, 1, ROWS, first=FILES)


def a_disk_that_lies_is_noticed(library):
    """Where fsync does nothing, these tests must find something."""
    with Workspace() as workspace:
        events.write_pipeline(workspace, epoch_max=events.EACH_BATCH)
        events.write_files(workspace, FILES, ROWS)
        _, calls, _ = run_once(workspace, library)
        lying = [call for call in calls if call[0] != "sync"]
        dice = random.Random(1)
        for _ in range(40):
            done = lose_power(workspace, empty(workspace), lying, dice)
            ended = workspace.run("run", "events.yaml", "--once")
            if ended.code != 0 or events_read(ended) > FILES * ROWS - done:
                return
        raise AssertionError("forty disks without fsync were all well")


def register():
    library = built_library(Path(__file__).with_name("disk_journal.c"))
    case("power_loss.journal_is_whole", lambda: journal_is_whole(library))
    case("power_loss.a_disk_that_lies_is_noticed", lambda: a_disk_that_lies_is_noticed(library))
    for number in range(-(-IMAGES // IMAGES_A_CASE)):
        case(f"power_loss.images.{number + 1}", lambda seed=FIRST_SEED + number: images(library, seed))
