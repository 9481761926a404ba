"""Looks into tables that a side wrote, with foreign readers: PyIceberg names the files, DuckDB reads them."""

import glob
import json
import os
import subprocess

import processes
import workbench

# In a process of its own: what the readers load must not weigh on the bench's own memory and start-up.
READER = """
import glob, json, sys
import duckdb
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.table import StaticTable
where, columns, clauses = sys.argv[1:]
if where.endswith(".parquet"):
    files = [where]
elif where.endswith(".json"):
    files = [task.file.file_path for task in StaticTable.from_metadata(where).scan().plan_files()]
else:
    catalog = SqlCatalog("weir", uri=f"sqlite:///{where}/catalog.db", warehouse=f"file://{where}")
    files = [task.file.file_path for task in catalog.load_table("bench.events").scan().plan_files()]
files = [file.removeprefix("file://").removeprefix("file:") for file in files]
duckdb.sql("set enable_progress_bar=false")
rows = duckdb.sql(f"select {columns} from read_parquet({files}) {clauses}").fetchall()
print(json.dumps(rows, default=str))
"""
EVENTS = "count(*), count(distinct event_id), sum(user_id)::bigint, round(sum(price), 2)"


def read(where, columns):
    """One row of SQL aggregates over the table of a warehouse, a metadata file or a Parquet file."""
    return rows(where, columns)[0]


def rows(where, columns, clauses=""):
    """Rows of SQL over the same, `clauses` being what follows `from`."""
    command = [workbench.PYTHON, "-c", READER, where, columns, clauses]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise processes.Failed(f"cannot read what was written to {where}: {done.stderr[-1000:]}")
    return json.loads(done.stdout)


def require_all_events(who, where, facts):
    """Raises Failed unless the table holds exactly the events of `facts`."""
    found = read(where, EVENTS)
    wanted = [facts["events"], facts["distinct_event_id"], facts["sum_user_id"], round(facts["sum_price"], 2)]
    if found[:3] != wanted[:3] or abs(found[3] - wanted[3]) > 0.02:
        raise processes.Failed(f"{who} landed {found}, not {wanted}")


def newest_metadata(table_folder):
    """The metadata file of a table that has no catalog but its folder."""
    return max(glob.glob(os.path.join(table_folder, "metadata/*.metadata.json")), key=os.path.getmtime)
