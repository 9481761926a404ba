# simdjson, static: ${DEPS_PREFIX}/simdjson/{include,lib}. Target: simdjson::simdjson.
find_path(Simdjson_INCLUDE_DIR simdjson.h PATHS "${DEPS_PREFIX}/simdjson/include" NO_DEFAULT_PATH)
find_file(Simdjson_LIBRARY libsimdjson.a PATHS "${DEPS_PREFIX}/simdjson/lib" NO_DEFAULT_PATH)
mark_as_advanced(Simdjson_INCLUDE_DIR Simdjson_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Simdjson REQUIRED_VARS Simdjson_LIBRARY Simdjson_INCLUDE_DIR)

if(Simdjson_FOUND AND NOT TARGET simdjson::simdjson)
  add_library(simdjson::simdjson STATIC IMPORTED)
  set_target_properties(simdjson::simdjson PROPERTIES
    IMPORTED_LOCATION "${Simdjson_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Simdjson_INCLUDE_DIR}")
endif()
