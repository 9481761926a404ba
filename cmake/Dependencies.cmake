# Everything that Weir links, from .deps (pinned) and Debian. Include it once, from the top level, after project().
#
#   target                                      what, where from
#   weir_openssl_first                          OpenSSL, placed first on the link line; see below
#   ArrowWheel::arrow ::compute ::acero ::parquet   Arrow C++, .deps
#   DuckDB::duckdb                              C API, .deps
#   RdKafka::rdkafka                            C API, .deps
#   simdjson::simdjson                          static, .deps
#   re2::static                                 Debian, static, symbols hidden. The only re2 that may be linked
#   OpenSSL::SSL OpenSSL::Crypto  ZLIB::ZLIB  SQLite::SQLite3  Threads::Threads
#   zstd::zstd  xxhash::xxhash        Debian, shared
#   LibYaml::yaml  CLI11::CLI11  nlohmann_json::nlohmann_json
#   Boost::headers                              Beast and Asio, header only
#   GTest::gtest GTest::gtest_main GTest::gmock GTest::gmock_main  benchmark::benchmark benchmark::benchmark_main
#
# All their headers count as system headers: our warnings do not apply to them.
#
# OpenSSL first: libparquet exports the functions of another OpenSSL, and the dynamic linker takes the first library that
# has a symbol. So every executable and every test links weir_openssl_first before any other library:
#   target_link_libraries(weir PRIVATE weir_openssl_first ...everything else)
# Neither may a static library of ours carry OpenSSL or Arrow to an executable that does not do so. A test checks the
# bindings of the finished program: tools/check_symbols.

set(DEPS_PREFIX "${CMAKE_SOURCE_DIR}/.deps" CACHE PATH "what tools/bootstrap has filled")

# weir_library(target folder file): the library `file`, with the folder of its headers.
function(weir_library target includes file)
  if(file MATCHES "\\.a$")
    add_library(${target} STATIC IMPORTED)
  else()
    add_library(${target} SHARED IMPORTED)
  endif()
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${file}" INTERFACE_INCLUDE_DIRECTORIES "${includes}")
endfunction()

# Shared libraries that no Debian package brings stand beside the programs that need them, as they will when installed: whoever may
# run the program may read them, wherever the cache of the person who built it is. A hard link costs nothing; across disks it is a copy.
set(WEIR_LIBRARY_DIR "${CMAKE_BINARY_DIR}/lib/weir")
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
set(WEIR_LIBRARIES "")
file(MAKE_DIRECTORY "${WEIR_LIBRARY_DIR}")

# weir_prefix_library(target component header file): a library of .deps/component. Nothing is searched for and so nothing is
# cached: a changed lock moves .deps to other folders under the same names. `file` may be a pattern that fits one file.
function(weir_prefix_library target component header file)
  set(prefix "${DEPS_PREFIX}/${component}")
  file(GLOB library "${prefix}/lib/${file}")
  list(LENGTH library count)
  if(NOT EXISTS "${prefix}/.complete" OR NOT EXISTS "${prefix}/include/${header}" OR NOT count EQUAL 1)
    message(FATAL_ERROR "${prefix} is missing, or lacks include/${header} or one lib/${file}. Run tools/bootstrap first.")
  endif()
  if(NOT library MATCHES "\\.a$")
    get_filename_component(name "${library}" NAME)
    file(CREATE_LINK "${library}" "${WEIR_LIBRARY_DIR}/${name}" COPY_ON_ERROR)
    set(library "${WEIR_LIBRARY_DIR}/${name}")
    set(WEIR_LIBRARIES "${WEIR_LIBRARIES};${library}" PARENT_SCOPE)
  endif()
  weir_library(${target} "${prefix}/include" "${library}")
endfunction()
weir_prefix_library(ArrowWheel::arrow arrow arrow/api.h libarrow.so.*)
weir_prefix_library(ArrowWheel::compute arrow arrow/compute/api.h libarrow_compute.so.*)
weir_prefix_library(ArrowWheel::acero arrow arrow/acero/api.h libarrow_acero.so.*)
weir_prefix_library(ArrowWheel::parquet arrow parquet/api/reader.h libparquet.so.*)
target_link_libraries(ArrowWheel::compute INTERFACE ArrowWheel::arrow)
target_link_libraries(ArrowWheel::acero INTERFACE ArrowWheel::compute)
target_link_libraries(ArrowWheel::parquet INTERFACE ArrowWheel::arrow)
set(WEIR_LIBRARIES "") # of the program, which does not use Arrow: it is the oracle of tests
weir_prefix_library(DuckDB::duckdb duckdb duckdb.h libduckdb.so)
weir_prefix_library(RdKafka::rdkafka rdkafka librdkafka/rdkafka.h librdkafka.so.1)
weir_prefix_library(simdjson::simdjson simdjson simdjson.h libsimdjson.a)

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)

# weir_debian_library(target header file): a Debian library that comes without a CMake package.
function(weir_debian_library target header file)
  string(MAKE_C_IDENTIFIER "${target}" id)
  find_path(${id}_INCLUDE_DIR ${header} REQUIRED)
  find_library(${id}_LIBRARY NAMES ${file} REQUIRED)
  mark_as_advanced(${id}_INCLUDE_DIR ${id}_LIBRARY)
  weir_library(${target} "${${id}_INCLUDE_DIR}" "${${id}_LIBRARY}")
endfunction()
weir_debian_library(zstd::zstd zstd.h libzstd.so)
weir_debian_library(xxhash::xxhash xxhash.h libxxhash.so)
weir_debian_library(LibYaml::yaml yaml.h libyaml.so)

# libarrow_compute exports a re2 of its own. A dynamic libre2 beside it crashes or answers wrong, and so does a static one
# whose symbols the program exports, or from which the linker takes nothing because libarrow_compute came first: hence the
# whole archive, which wins in any order.
weir_debian_library(re2::archive re2/re2.h libre2.a)
add_library(re2::static INTERFACE IMPORTED)
target_link_libraries(re2::static INTERFACE "$<LINK_LIBRARY:WHOLE_ARCHIVE,re2::archive>" Threads::Threads)
target_link_options(re2::static INTERFACE "LINKER:--exclude-libs,libre2.a")

# Link options come before all libraries on the link line, which is the point.
add_library(weir_openssl_first INTERFACE)
target_link_options(weir_openssl_first INTERFACE
  "LINKER:--no-as-needed" "${OPENSSL_SSL_LIBRARY}" "${OPENSSL_CRYPTO_LIBRARY}" "LINKER:--as-needed")
