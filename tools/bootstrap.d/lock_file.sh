# Reads tools/deps.lock. Afterwards lock_lines holds every line that is not a comment.

read_lock() {
  local line fields
  lock_lines=()
  while IFS= read -r line; do
    [[ $line = '' || $line = '#'* ]] && continue
    read -ra fields <<<"$line"
    [ ${#fields[@]} = 6 ] || die "$1: want 6 columns, got ${#fields[@]}: $line"
    [[ ${fields[1]} = apt || ${fields[5]} =~ ^[0-9a-f]{64}$ ]] || die "$1: no sha256 in: $line"
    lock_lines+=("$line")
  done <"$1"
}

# lines_of GROUP[/COMPONENT] [REGISTRY]: the lines whose first (and second) column match.
lines_of() {
  local line fields
  for line in "${lock_lines[@]}"; do
    read -ra fields <<<"$line"
    [[ ${fields[0]} = "$1" && (-z ${2:-} || ${fields[1]} = "$2") ]] && echo "$line"
  done
  return 0
}

# components_of GROUP...: component names in lock order.
components_of() {
  local line fields group last=
  for group in "$@"; do
    for line in "${lock_lines[@]}"; do
      fields=${line%% *}
      [[ $fields = "$group"/* && $fields != "$last" ]] && { last=$fields; echo "${fields#*/}"; }
    done
  done
  return 0
}

# owner_of COMPONENT: its GROUP/COMPONENT.
owner_of() {
  local line
  for line in "${lock_lines[@]}"; do
    [[ ${line%% *} = */"$1" ]] && { echo "${line%% *}"; return 0; }
  done
  die "no component '$1' in the lock file"
}
