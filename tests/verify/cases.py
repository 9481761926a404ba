"""Runs named cases side by side and counts them. A case is a function that raises when something is wrong."""

import multiprocessing
import os
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor

WORKERS = min(4, os.cpu_count())
_cases = {}


def case(name, function):
    if name in _cases:
        raise ValueError(f"two cases are called {name}")
    _cases[name] = function


def _run(name):
    began = time.monotonic()
    try:
        note = _cases[name]()
    except Exception:  # noqa: BLE001 - whatever a case raises is its failure
        return name, traceback.format_exc(limit=-6), time.monotonic() - began, None
    return name, None, time.monotonic() - began, note


def run_all(only=""):
    """Runs the registered cases whose name holds `only`; ends the script when there is none.

    Returns {name: what the case returned} and the number of failures.
    """
    names = [name for name in _cases if only in name]
    if not names:
        sys.exit(f"error: no case has '{only}' in its name")
    notes, failed = {}, 0
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(WORKERS, mp_context=context) as pool:
        for name, problem, seconds, note in pool.map(_run, names):
            notes[name] = note
            if problem is not None:
                failed += 1
                print(f"FAILED {name} ({seconds:.1f} s)\n{problem}", flush=True)
            elif seconds > 5 or os.environ.get("WEIR_TEST_VERBOSE"):
                print(f"ok {name} ({seconds:.1f} s)", flush=True)
    return notes, failed


def closing_line(passed, failed, began):
    print(f"took {time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0
