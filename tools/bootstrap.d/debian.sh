# Debian packages: installs what is missing when we are root, else prints the one command that does it.

debian_packages() {
  command -v dpkg-query >/dev/null || die "this needs Debian 12 or a relative of it (dpkg-query not found)"
  local group name wanted=() missing=()
  for group in "$@"; do
    while read -r _ _ name _; do wanted+=("$name"); done < <(lines_of "$group" apt)
  done
  local installed
  installed=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' "${wanted[@]}" 2>/dev/null || true)"
  for name in "${wanted[@]}"; do
    [[ $installed = *" installed:$name "* ]] || missing+=("$name")
  done
  [ ${#missing[@]} != 0 ] || return 0
  local command="apt-get install -y --no-install-recommends ${missing[*]}"
  if [ "$(id -u)" != 0 ]; then
    printf 'bootstrap: %d Debian packages are missing. Run this, then tools/bootstrap again:\n\n  sudo apt-get update && sudo %s\n\n' \
      ${#missing[@]} "$command" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  step apt "${#missing[@]} Debian packages" retry update_and $command
}

# update_and COMMAND...: with fresh package lists; an index that could not be fetched is only a warning, until a package is missing.
# Another apt at work is waited for.
update_and() {
  local patient=(-o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  apt-get update -q "${patient[@]}"
  "$@" "${patient[@]}"
}
