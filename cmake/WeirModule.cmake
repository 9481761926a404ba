# weir_module(NAME [LIBRARIES third-party targets...])
#
# Makes src/NAME into the library weir_NAME (a/b becomes weir_a_b). What it may link to comes from cmake/layers and from nowhere
# else. Sources are the .cc files of the folder but main.cc; tests/*.cc become one binary, weir_NAME_test; bench/*.cc weir_NAME_bench.
file(STRINGS ${CMAKE_SOURCE_DIR}/cmake/layers _weir_layers REGEX "^module ")
set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/layers)

# Every unit test and nothing else.
add_custom_target(unit_tests)

function(weir_module_dependencies name out)
  foreach(line IN LISTS _weir_layers)
    if(line MATCHES "^module +([a-z/]+) +[0-9]+:(.*)$" AND CMAKE_MATCH_1 STREQUAL name)
      string(STRIP "${CMAKE_MATCH_2}" deps)
      string(REPLACE "/" "_" deps "${deps}")
      string(REGEX REPLACE " +" ";" deps "${deps}")
      set(${out} "${deps}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "cmake/layers does not name the module '${name}'")
endfunction()

function(weir_module module)
  cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
  string(REPLACE "/" "_" name ${module})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cc)
  list(FILTER sources EXCLUDE REGEX "/(tests|bench)/|/main\\.cc$")
  add_library(weir_${name} STATIC ${sources})
  target_include_directories(weir_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  weir_module_dependencies(${module} deps)
  list(TRANSFORM deps PREPEND weir_)
  target_link_libraries(weir_${name} PUBLIC ${deps})
  target_link_libraries(weir_${name} PRIVATE weir_flags ${ARG_LIBRARIES})

  file(GLOB_RECURSE tests CONFIGURE_DEPENDS tests/*.cc)
  if(WEIR_TESTS AND tests)
    add_executable(weir_${name}_test ${tests})
    set_target_properties(weir_${name}_test PROPERTIES UNITY_BUILD OFF) # tests of one module use the same names
    target_link_libraries(weir_${name}_test PRIVATE weir_openssl_first weir_${name} weir_flags ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main)
    target_compile_definitions(weir_${name}_test PRIVATE WEIR_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    if(WEIR_SANITIZER STREQUAL "address") # half the time of the tier is their compilation; undefined behaviour is looked for in what they test
      target_compile_options(weir_${name}_test PRIVATE -fno-sanitize=undefined)
    endif()
    add_dependencies(unit_tests weir_${name}_test)
    add_test(NAME unit.${name} COMMAND weir_${name}_test --gtest_brief=1)
    set_tests_properties(unit.${name} PROPERTIES LABELS unit TIMEOUT $<IF:$<BOOL:${WEIR_SANITIZER}>,900,300>)
  endif()

  file(GLOB benches CONFIGURE_DEPENDS bench/*.cc)
  if(WEIR_BENCHES AND benches)
    add_executable(weir_${name}_bench ${benches})
    target_link_libraries(weir_${name}_bench PRIVATE weir_openssl_first weir_${name} weir_flags ${ARG_LIBRARIES} benchmark::benchmark_main)
  endif()
endfunction()
