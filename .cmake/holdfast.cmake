# The few functions that every folder's CMakeLists.txt calls. Nothing else in the build is clever.

# holdfast_library(<folder's last name> [INTERNAL <holdfast libraries>...] [EXTERNAL <others>...])
# Declares the static library holdfast_<name>. The folder's own CMakeLists.txt adds the sources
# and the header FILE_SET with target_sources, file by file.
function(holdfast_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "INTERNAL;EXTERNAL")
  add_library(holdfast_${name} STATIC)
  # Includes are spelled from the repository root (store/store.hpp, api/...) or from broker/ (base/topic.hpp).
  target_include_directories(holdfast_${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/broker)
  list(TRANSFORM arg_INTERNAL PREPEND holdfast_)
  target_link_libraries(holdfast_${name} PUBLIC ${arg_INTERNAL} ${arg_EXTERNAL})
endfunction()

# holdfast_boost_test(<target> LABEL <label> [TIMEOUT <seconds>] [LINK <libraries>...])
# A Boost.Test executable and its CTest entry. Its sources are added with target_sources, file by file.
function(holdfast_boost_test target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "LINK")
  add_executable(${target})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${target} PRIVATE ${arg_LINK} test_main)
  add_test(
    NAME ${target}
    COMMAND
      ${target} --color_output=no
      --logger=HRF,warning,stdout:JUNIT,test_suite,${HOLDFAST_REPORT_DIR}/${target}.xml
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  set_tests_properties(${target} PROPERTIES LABELS "${arg_LABEL}" TIMEOUT ${arg_TIMEOUT}
                                              ENVIRONMENT "${HOLDFAST_TEST_ENV}")
endfunction()
