# cmake -DSOURCE=... -DVERSION=... -DOUTPUT=... -P build_info.cmake
#
# Writes OUTPUT from build_info.cc.in, with the revision that is checked out now. Runs in every build; a file that would
# not change is not touched, so nothing is compiled again.
set(REVISION "")
if(EXISTS "${SOURCE}/.git")  # an exported tree may lie in somebody else's repository
  execute_process(COMMAND git rev-parse --short=12 HEAD WORKING_DIRECTORY "${SOURCE}" OUTPUT_VARIABLE REVISION
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
endif()
if(failed OR REVISION STREQUAL "")
  set(REVISION unknown)
endif()
configure_file("${CMAKE_CURRENT_LIST_DIR}/build_info.cc.in" "${OUTPUT}" @ONLY)
