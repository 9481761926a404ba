# Files from PyPI, npm and Maven, fetched by the registries' own clients and checked against the lock before use.

# The many packages of test/py: pip repeats what fails, with growing pauses, about a minute all in all. Single files: see `retry`.
export PIP_RETRIES=8

sha256_of() { sha256sum "$1" | cut -d' ' -f1; }

# check_file FILE SHA256
check_file() {
  local got
  got=$(sha256_of "$1")
  [ "$got" = "$2" ] || die "the registry gave $(basename "$1") with sha256 $got, but tools/deps.lock says $2: refused"
}

# fetched GROUP/COMPONENT REGISTRY: prints the path of each file, in lock order. Call `fetch` first.
fetched() { lines_of "$1" "$2" | while read -r _ _ _ _ file _; do echo "$cache/downloads/$file"; done; }

# fetch GROUP/COMPONENT REGISTRY: downloads what is not there yet. Only what has the right hash comes to stand in downloads.
fetch() {
  local registry name version file sha into
  while read -r _ registry name version file sha; do
    if [ -e "$cache/downloads/$file" ]; then
      [ "$(sha256_of "$cache/downloads/$file")" != "$sha" ] || continue
      note_in_step "$file was kept with another hash than tools/deps.lock has: fetched again"
      rm "$cache/downloads/$file"
    fi
    into=$(mktemp -d "$cache/downloads/part.XXXXXX")
    retry "fetch_$registry" "$into" "$name" "$version" "$file" "$sha"
    [ -e "$into/$file" ] || die "the registry gave $(ls "$into" | tr '\n' ' ')instead of $file"
    check_file "$into/$file" "$sha"
    mv "$into/$file" "$cache/downloads/$file"
    rm -rf "$into"
  done < <(lines_of "$1" "$2")
}

# fetch_REGISTRY FOLDER NAME VERSION FILE SHA256: downloads one file into FOLDER.

fetch_pypi() { # pip checks the hash itself, before it looks into a source archive
  local into=$1 name=$2 version=$3 file=$4 sha=$5 want
  printf '%s==%s --hash=sha256:%s\n' "$name" "$version" "$sha" >"$into/requirement.txt"
  case $file in
    *.whl) want=(--only-binary :all: --python-version 3.11 --implementation cp --abi cp311 --abi abi3 --abi none
                 --platform manylinux_2_28_x86_64 --platform manylinux2014_x86_64 --platform any) ;;
    *) want=(--no-binary "$name") ;;
  esac
  pip_client download -q --retries 2 --no-deps --require-hashes "${want[@]}" -d "$into" -r "$into/requirement.txt"
}

fetch_npm() { npm_client pack --silent --pack-destination "$1" "$2@$3"; }

# maven_jars GROUP/COMPONENT FOLDER: the jars of the lock, each alone (the lock lists the whole closure), into FOLDER. Maven keeps
# its own copies, in $cache/maven: one of them that is damaged is removed and fetched again, once.
maven_jars() {
  local name version file sha rest wrong=0
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
  copy_jars "$2"
  while read -r _ _ name version file sha; do
    [ "$(sha256_of "$2/$file")" != "$sha" ] || continue
    note_in_step "$file has another hash than tools/deps.lock has: fetched again"
    rest=${name%%:*}
    rm -r "$2/$file" "$cache/maven/${rest//.//}/${name#*:}/$version"
    wrong=1
  done < <(lines_of "$1" maven)
  [ $wrong = 0 ] || copy_jars "$2"
  rm "$2/pom.xml"
  while read -r _ _ _ _ file sha; do check_file "$2/$file" "$sha"; done < <(lines_of "$1" maven)
}

# copy_jars FOLDER: what FOLDER/pom.xml names, into FOLDER. Strict: a file that does not fit the registry's own checksum is an error.
copy_jars() {
  retry mvn -B -q -C -f "$1/pom.xml" "-Dmaven.repo.local=$cache/maven" \
    org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies "-DoutputDirectory=$1"
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
