"""Flink SQL in a MiniCluster of one JVM, as tools/bootstrap bench fetched it."""

import glob
import os
import subprocess

import processes
import tables
import workbench

HERE = os.path.join(workbench.HERE, "peers/flink")
JARS = os.path.join(workbench.ROOT, ".deps/flink")
CLASSES = os.path.join(workbench.BUILD, "flink")
OPENED = (
    "java.lang java.net java.io java.nio sun.nio.ch java.lang.reflect java.text java.time java.util "
    "java.util.concurrent java.util.concurrent.atomic java.util.concurrent.locks"
).split()
SETTINGS = [
    "execution.checkpointing.interval=10s",
    "taskmanager.memory.managed.size=256m",
    "restart-strategy.type=none",
]


def is_there():
    return bool(glob.glob(os.path.join(JARS, "iceberg-flink-runtime-*.jar")))


def compile_runner():
    os.makedirs(CLASSES, exist_ok=True)
    command = ["javac", "-cp", f"{JARS}/*", "-d", CLASSES, os.path.join(HERE, "SqlRun.java")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise processes.Failed(f"javac: {done.stderr[-1000:]}")


def run(bench, job, brokers, topic, heap="2g", settings=()):
    """Runs peers/flink/JOB.sql over a topic into a fresh warehouse; its folder, and the process's usage, whose `out` has
    VmRSS and VmHWM at the end."""
    compile_runner()
    warehouse = bench.fresh_folder("flink")
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
    usage = processes.run(
        ["java", f"-Xmx{heap}", "-XX:+UseG1GC", *opened, f"-Dlog4j2.configurationFile={HERE}/log4j2.properties"]
        + ["-cp", f"{CLASSES}:{JARS}/*", "SqlRun", f"{HERE}/{job}.sql", "2", *SETTINGS, *settings],
        {"P_BROKERS": brokers, "P_TOPIC": topic, "P_WAREHOUSE": warehouse},
    )
    return warehouse, usage


def land(bench, brokers, topic, facts):
    """Lands a topic in a fresh table; checks it; the process's usage as run() has it."""
    warehouse, usage = run(bench, "append", brokers, topic)
    tables.require_all_events("Flink", tables.newest_metadata(f"{warehouse}/bench/events"), facts)
    return usage
