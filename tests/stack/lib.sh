# Shared by the server scripts in this folder; sourced, never run.
#
# A server listens on 127.0.0.1 only, on ports that were free when it first started. Its state, logs, pid files and `env`
# (how to reach it, as shell assignments) live in the WORKDIR that the caller names.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
deps=${WEIR_DEPS:-$root/.deps}

die() { echo "$(basename "$0"): error: $*" >&2; exit 1; }
need() { [ -e "$deps/$1" ] || die "$deps/$1 is missing. Run tools/bootstrap test first."; }
absolute() { mkdir -p "$1" && (cd "$1" && pwd); }

# free_ports COUNT: that many ports nobody uses, below the range from which the kernel gives ports to outgoing connections:
# a stopped server finds its port free again.
free_ports() {
  "$deps/py/bin/python" - "$1" <<'P'
import random, socket, sys
low_end = int(open("/proc/sys/net/ipv4/ip_local_port_range").read().split()[0])
wanted, held = int(sys.argv[1]), []
for port in random.sample(range(10240, max(low_end, 20480)), 4000):
    s = socket.socket()
    try:
        s.bind(("127.0.0.1", port))
    except OSError:
        continue
    held.append(s)
    if len(held) == wanted:
        print(*(s.getsockname()[1] for s in held))
        sys.exit()
sys.exit("no free ports")
P
}

# running WORKDIR NAME: prints the pid when the server lives and is the one we started (pids are used again).
running() {
  local pid
  [ -s "$1/$2.pid" ] || return 1
  pid=$(<"$1/$2.pid")
  grep -qzxF "WEIR_STACK=$1/$2" "/proc/$pid/environ" 2>/dev/null && echo "$pid"
}

# spawn WORKDIR NAME COMMAND...: in the background and in a session of its own.
spawn() {
  local work=$1 name=$2
  shift 2
  running "$work" "$name" >/dev/null && die "$name in $work runs already (pid $(<"$work/$name.pid"))"
  WEIR_STACK=$work/$name setsid nohup "$@" >>"$work/$name.log" 2>&1 </dev/null &
  echo $! >"$work/$name.pid"
  # Until the new process has become COMMAND, `running` does not know it.
  until running "$work" "$name" >/dev/null || ! kill -0 $! 2>/dev/null; do sleep 0.01; done
}

# halt WORKDIR NAME [SECONDS]: TERM, and KILL if it is still there after SECONDS (20).
halt() {
  local pid i
  if pid=$(running "$1" "$2"); then
    kill "$pid" 2>/dev/null || true
    for ((i = 0; i < ${3:-20} * 20; i++)); do kill -0 "$pid" 2>/dev/null || break; sleep 0.05; done
    kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f "$1/$2.pid"
}

# crash WORKDIR NAME: KILL, and wait until the process is gone.
crash() {
  local pid
  pid=$(running "$1" "$2") || die "$2 in $1 does not run"
  kill -9 "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
  rm -f "$1/$2.pid"
}

# ready WORKDIR NAME SECONDS COMMAND...: polls until COMMAND succeeds. Returns 1, with the end of the log on stderr, at
# once when the server died or when the time is over.
ready() {
  local work=$1 name=$2 end=$((SECONDS + $3))
  shift 3
  until "$@" >/dev/null 2>&1; do
    # Twice: in the moment of an exec the environment is empty.
    if ! running "$work" "$name" >/dev/null && sleep 0.2 && ! running "$work" "$name" >/dev/null; then tail -n 20 "$work/$name.log" >&2; echo "$name died" >&2; return 1; fi
    if ((SECONDS >= end)); then tail -n 20 "$work/$name.log" >&2; echo "$name was not ready in time" >&2; return 1; fi
    sleep 0.1
  done
}
