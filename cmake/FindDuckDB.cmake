# DuckDB's C API: ${DEPS_PREFIX}/duckdb/{include,lib}. Target: DuckDB::duckdb.
find_path(DuckDB_INCLUDE_DIR duckdb.h PATHS "${DEPS_PREFIX}/duckdb/include" NO_DEFAULT_PATH)
find_file(DuckDB_LIBRARY libduckdb.so PATHS "${DEPS_PREFIX}/duckdb/lib" NO_DEFAULT_PATH)
mark_as_advanced(DuckDB_INCLUDE_DIR DuckDB_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(DuckDB REQUIRED_VARS DuckDB_LIBRARY DuckDB_INCLUDE_DIR)

if(DuckDB_FOUND AND NOT TARGET DuckDB::duckdb)
  add_library(DuckDB::duckdb SHARED IMPORTED)
  set_target_properties(DuckDB::duckdb PROPERTIES
    IMPORTED_LOCATION "${DuckDB_LIBRARY}"
    IMPORTED_SONAME libduckdb.so
    INTERFACE_INCLUDE_DIRECTORIES "${DuckDB_INCLUDE_DIR}")
endif()
