"""What the figures were measured on."""

import os
import platform
import re
import subprocess


def first_match(path, pattern):
    with open(path) as lines:
        for line in lines:
            found = re.match(pattern, line)
            if found:
                return found[1].strip()
    return "unknown"


def git(root, *arguments):
    done = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def describe(root):
    """Facts by name, in the order in which they are printed."""
    memory_kb = int(first_match("/proc/meminfo", r"MemTotal:\s+(\d+)"))
    commit = git(root, "rev-parse", "--short=12", "HEAD")
    changed = git(root, "status", "--porcelain", "--untracked-files=no", "--", "src", "bench", "cmake")
    return {
        "cpu": first_match("/proc/cpuinfo", r"model name\s*: (.*)"),
        "cores": os.cpu_count(),
        "memory_gib": round(memory_kb / 1024**2, 1),
        "kernel": platform.release(),
        "load_before": [round(load, 2) for load in os.getloadavg()],
        "commit": commit + (" with changes" if changed else ""),
        "build": "preset bench: -O2 -DNDEBUG, hardened as released",
    }


def print_facts(facts):
    print(f"machine   {facts['cpu']}, {facts['cores']} cores, {facts['memory_gib']} GiB, Linux {facts['kernel']}")
    print(f"load      {' '.join(map(str, facts['load_before']))} before the first run")
    print(f"commit    {facts['commit']}; {facts['build']}")
