# Files from PyPI, npm and Maven, fetched by the registries' own clients and checked against the lock before use.

# check_file FILE SHA256
check_file() {
  local got
  got=$(sha256sum "$1" | cut -d' ' -f1)
  [ "$got" = "$2" ] || die "$(basename "$1") has sha256 $got, but tools/deps.lock says $2: refused. Delete it to fetch it again: $1"
}

# fetched GROUP/COMPONENT REGISTRY: prints the path of each file, in lock order. Call `fetch` first.
fetched() { lines_of "$1" "$2" | while read -r _ _ _ _ file _; do echo "$cache/downloads/$file"; done; }

# fetch GROUP/COMPONENT REGISTRY: downloads what is not there yet, then checks every file.
fetch() {
  local registry name version file sha
  while read -r _ registry name version file sha; do
    [ -e "$cache/downloads/$file" ] || "fetch_$registry" "$name" "$version" "$file" "$sha"
    check_file "$cache/downloads/$file" "$sha"
  done < <(lines_of "$1" "$2")
}

# keep FOLDER FILE: moves a finished download into place.
keep() {
  [ -e "$1/$2" ] || die "the registry gave $(ls "$1" | tr '\n' ' ')instead of $2"
  mv "$1/$2" "$cache/downloads/$2"
  rm -rf "$1"
}

fetch_pypi() { # pip checks the hash itself, before it looks into a source archive
  local name=$1 version=$2 file=$3 sha=$4 into want
  into=$(mktemp -d "$cache/downloads/part.XXXXXX")
  printf '%s==%s --hash=sha256:%s\n' "$name" "$version" "$sha" >"$into/requirement.txt"
  case $file in
    *.whl) want=(--only-binary :all: --python-version 3.11 --implementation cp --abi cp311 --abi abi3 --abi none
                 --platform manylinux_2_28_x86_64 --platform manylinux2014_x86_64 --platform any) ;;
    *) want=(--no-binary "$name") ;;
  esac
  pip_client download -q --no-deps --require-hashes "${want[@]}" -d "$into" -r "$into/requirement.txt"
  keep "$into" "$file"
}

fetch_npm() {
  local into
  into=$(mktemp -d "$cache/downloads/part.XXXXXX")
  npm_client pack --silent --pack-destination "$into" "$1@$2"
  keep "$into" "$3"
}

# maven_jars GROUP/COMPONENT FOLDER: the jars of the lock, each alone (the lock lists the whole closure), into FOLDER.
maven_jars() {
  local name version file sha rest
  {
    echo '<project><modelVersion>4.0.0</modelVersion><groupId>weir</groupId><artifactId>jars</artifactId><version>1</version>'
    echo '<packaging>pom</packaging><dependencies>'
    while read -r _ _ name version file _; do
      rest=${file#"${name#*:}-$version"}; rest=${rest%.jar}
      echo "<dependency><groupId>${name%%:*}</groupId><artifactId>${name#*:}</artifactId><version>$version</version>"
      [ -z "$rest" ] || echo "<classifier>${rest#-}</classifier>"
      echo '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>'
    done < <(lines_of "$1" maven)
    echo '</dependencies></project>'
  } >"$2/pom.xml"
  mvn -B -q -f "$2/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies "-DoutputDirectory=$2"
  rm "$2/pom.xml"
  while read -r _ _ _ _ file sha; do check_file "$2/$file" "$sha"; done < <(lines_of "$1" maven)
}

# python_311: a Python 3.11 (Debian 12's, or the first on PATH), for which the lock pins wheels.
python_311() {
  local candidate
  for candidate in python3 python3.11 /usr/bin/python3.11; do
    "$candidate" -c 'import sys, venv; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && { echo "$candidate"; return 0; }
  done
  die "no Python 3.11 found; on Debian 12: apt-get install python3 python3-venv"
}

pip_client() {
  if ! python3 -m pip --version >/dev/null 2>&1; then
    [ -e "$cache/tools/venv/.complete" ] || {
      rm -rf "$cache/tools/venv"
      python3 -m venv "$cache/tools/venv"
      touch "$cache/tools/venv/.complete"
    }
    "$cache/tools/venv/bin/python" -m pip --disable-pip-version-check "$@"
    return
  fi
  python3 -m pip --disable-pip-version-check "$@"
}

npm_client() { # Debian's npm pulls in hundreds of packages; the one on PyPI is a single file
  if command -v npm >/dev/null; then
    npm "$@"
  else
    make_component npm >&2
    local node
    node=$(component_dir npm)
    PATH=$node/bin:$PATH "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" "$@"
  fi
}
