"""Faults in the real program, files to tables: run.py [WEIR] [--only NAME]

Named fault points, kill -9 at random times, zombies, full disks, locked catalogs, tables and sources that changed behind
our back. After each fault the verifier of tests/verify judges.
"""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../verify"))

import cases  # noqa: E402
import weir_process  # noqa: E402

import catalog_lock  # noqa: E402
import changed_files  # noqa: E402
import changed_pipelines  # noqa: E402
import changed_tables  # noqa: E402
import evolving_tables  # noqa: E402
import failing_calls  # noqa: E402
import fencing  # noqa: E402
import kill_loop  # noqa: E402
import lost_state  # noqa: E402
import memory  # noqa: E402
import old_format  # noqa: E402
import power_loss  # noqa: E402
import savepoints  # noqa: E402
import shared_state  # noqa: E402
import space  # noqa: E402
import stops  # noqa: E402
import sweep  # noqa: E402


def main():
    began = time.monotonic()
    _, only = weir_process.program(__doc__.splitlines()[0])
    for area in (sweep, kill_loop, fencing, space, catalog_lock, changed_tables, changed_files, changed_pipelines, evolving_tables,
                 lost_state, shared_state, savepoints, stops, old_format, failing_calls, power_loss, memory):
        area.register()
    notes, failed = cases.run_all(only)
    return cases.closing_line(len(notes) - failed, failed, began)


if __name__ == "__main__":
    sys.exit(main())
