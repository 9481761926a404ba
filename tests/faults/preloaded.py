"""Small libraries that stand between the program and the system (LD_PRELOAD)."""

import atexit
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from weir_process import RUN_SECONDS_MAX, Ended


def built_library(source):
    if shutil.which("cc") is None:
        raise SystemExit("error: these tests need a C compiler (cc)")
    folder = tempfile.mkdtemp(prefix="weir-preloaded-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    library = Path(folder) / f"{source.stem}.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", library, source, "-ldl"], check=True)
    return library


def run_preloaded(workspace, library, **variables):
    """`weir run events.yaml --once` with the library before it."""
    environment = os.environ | {"LD_PRELOAD": str(library)} | variables
    command = [os.environ["WEIR"], "run", "events.yaml", "--once"]
    done = subprocess.run(command, cwd=workspace.path, env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=RUN_SECONDS_MAX)
    return Ended(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
