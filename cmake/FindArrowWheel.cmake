# Arrow C++ out of the pyarrow wheel: ${DEPS_PREFIX}/arrow/{include,lib}. No Python.
# Targets: ArrowWheel::arrow, ArrowWheel::compute, ArrowWheel::acero, ArrowWheel::parquet.
set(_aw_root "${DEPS_PREFIX}/arrow")
find_path(ArrowWheel_INCLUDE_DIR arrow/util/config.h PATHS "${_aw_root}/include" NO_DEFAULT_PATH)
if(ArrowWheel_INCLUDE_DIR)
  file(STRINGS "${ArrowWheel_INCLUDE_DIR}/arrow/util/config.h" _aw_lines REGEX "define ARROW_(VERSION_STRING|SO_VERSION|PACKAGE_KIND) ")
  foreach(_l IN LISTS _aw_lines)
    if(_l MATCHES "define ARROW_([A-Z_]+) \"([^\"]*)\"")
      set(_aw_${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
    endif()
  endforeach()
  set(ArrowWheel_VERSION "${_aw_VERSION_STRING}")
  set(ArrowWheel_SO_VERSION "${_aw_SO_VERSION}")
  if(NOT _aw_PACKAGE_KIND STREQUAL "python-wheel-manylinux228")
    message(FATAL_ERROR "ArrowWheel: package kind is '${_aw_PACKAGE_KIND}', want python-wheel-manylinux228")
  endif()
endif()

set(_aw_vars "")
foreach(_n IN ITEMS arrow arrow_compute arrow_acero parquet)
  find_file(ArrowWheel_${_n}_LIBRARY "lib${_n}.so.${ArrowWheel_SO_VERSION}" PATHS "${_aw_root}/lib" NO_DEFAULT_PATH)
  mark_as_advanced(ArrowWheel_${_n}_LIBRARY)
  list(APPEND _aw_vars ArrowWheel_${_n}_LIBRARY)
endforeach()
mark_as_advanced(ArrowWheel_INCLUDE_DIR)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ArrowWheel REQUIRED_VARS ${_aw_vars} ArrowWheel_INCLUDE_DIR VERSION_VAR ArrowWheel_VERSION)

# _aw_target(name library [targets it needs...])
function(_aw_target name library)
  add_library(ArrowWheel::${name} SHARED IMPORTED)
  set_target_properties(ArrowWheel::${name} PROPERTIES
    IMPORTED_LOCATION "${ArrowWheel_${library}_LIBRARY}"
    IMPORTED_SONAME "lib${library}.so.${ArrowWheel_SO_VERSION}"
    INTERFACE_INCLUDE_DIRECTORIES "${ArrowWheel_INCLUDE_DIR}"
    INTERFACE_COMPILE_FEATURES cxx_std_20
    INTERFACE_LINK_LIBRARIES "${ARGN}")
endfunction()
if(ArrowWheel_FOUND AND NOT TARGET ArrowWheel::arrow)
  _aw_target(arrow arrow)
  _aw_target(compute arrow_compute ArrowWheel::arrow)
  _aw_target(acero arrow_acero ArrowWheel::compute)
  _aw_target(parquet parquet ArrowWheel::arrow)
endif()
