# librdkafka, the C API: ${DEPS_PREFIX}/rdkafka/{include,lib}. Target: RdKafka::rdkafka.
find_path(RdKafka_INCLUDE_DIR librdkafka/rdkafka.h PATHS "${DEPS_PREFIX}/rdkafka/include" NO_DEFAULT_PATH)
find_file(RdKafka_LIBRARY librdkafka.so.1 PATHS "${DEPS_PREFIX}/rdkafka/lib" NO_DEFAULT_PATH)
mark_as_advanced(RdKafka_INCLUDE_DIR RdKafka_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RdKafka REQUIRED_VARS RdKafka_LIBRARY RdKafka_INCLUDE_DIR)

if(RdKafka_FOUND AND NOT TARGET RdKafka::rdkafka)
  add_library(RdKafka::rdkafka SHARED IMPORTED)
  set_target_properties(RdKafka::rdkafka PROPERTIES
    IMPORTED_LOCATION "${RdKafka_LIBRARY}"
    IMPORTED_SONAME librdkafka.so.1
    INTERFACE_INCLUDE_DIRECTORIES "${RdKafka_INCLUDE_DIR}")
endif()
