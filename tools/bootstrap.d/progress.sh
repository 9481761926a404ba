# What the user sees: one line per step on stderr, with its time; the full output of a step only when it fails.

exec 8>&2 # the user's, also where a step's own output goes to its log

note() { echo "bootstrap: $*" >&2; }
die() { echo "bootstrap: error: $*" >&2; exit 1; }

# note_in_step TEXT: what the user should know though the step goes well.
note_in_step() { printf '\n  %s\n' "$*" >&8; }

# retry COMMAND...: up to four times, with growing pauses; registries have bad moments. Not in a condition: it would ignore set -e.
retry() {
  local pause status
  for pause in 2 6 18; do
    set +e
    (set -e; "$@") </dev/null
    status=$?
    set -e
    [ $status != 0 ] || return 0
    echo "status $status, again in $pause s: $*"
    sleep "$pause"
  done
  "$@" </dev/null
}

# step NAME WHAT COMMAND...: runs COMMAND with its output in $cache/logs/NAME.log.
step() {
  local name=$1 what=$2 log=$cache/logs/$1.log begin=$EPOCHREALTIME status=0
  shift 2
  mkdir -p "$cache/logs"
  printf 'bootstrap: %s ... ' "$what" >&2
  # A subshell of its own, not a condition: inside `||` bash would ignore set -e.
  set +e
  (set -e; "$@") >"$log" 2>&1 </dev/null
  status=$?
  set -e
  if [ $status != 0 ]; then
    echo "failed" >&2
    tail -n 30 "$log" | sed 's/^/  | /' >&2
    die "$what failed (status $status); the whole output is in $log"
  fi
  local spent_ms=$(((${EPOCHREALTIME/./} - ${begin/./}) / 1000))
  printf '%d.%d s\n' $((spent_ms / 1000)) $((spent_ms % 1000 / 100)) >&2
}
