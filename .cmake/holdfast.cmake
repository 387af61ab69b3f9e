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
  cmake_language(EVAL CODE "cmake_language(DEFER CALL holdfast_verify_headers holdfast_${name})")
endfunction()

# A header with a .cpp of its name is that one's first include (tests/arch sees to it), which shows that it
# includes all it needs. Only the others are compiled alone for that.
function(holdfast_verify_headers target)
  get_target_property(headers ${target} HEADER_SET)
  set(alone "")
  foreach(header IN LISTS headers)
    cmake_path(REPLACE_EXTENSION header LAST_ONLY cpp OUTPUT_VARIABLE source)
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    if(NOT EXISTS ${source})
      list(APPEND alone ${header})
    endif()
  endforeach()
  target_sources(${target} PUBLIC FILE_SET alone TYPE HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${alone})
  set_target_properties(${target} PROPERTIES INTERFACE_HEADER_SETS_TO_VERIFY alone)
endfunction()

# holdfast_boost_test(<target> LABEL <label> [TIMEOUT <seconds>] [LINK <libraries>...] [PRECOMPILE <headers>...])
# A Boost.Test executable and its CTest entry. Its sources are added with target_sources, file by file.
function(holdfast_boost_test target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "LINK;PRECOMPILE")
  add_executable(${target})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${target} PRIVATE ${arg_LINK} test_main)
  if(arg_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${arg_PRECOMPILE})
  endif()
  holdfast_boost_run(${target} ${target} LABEL ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
endfunction()

# holdfast_boost_run(<target> <name> LABEL <label> [TIMEOUT <seconds>] [ENVIRONMENT <name=value>...] [ARGUMENTS <words>...])
# A CTest entry <name> that runs the executable, with the report that is counted.
function(holdfast_boost_run target name)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "LABEL;TIMEOUT" "ENVIRONMENT;ARGUMENTS")
  add_test(
    NAME ${name}
    COMMAND
      ${target} --color_output=no
      --logger=HRF,warning,stdout:JUNIT,test_suite,${HOLDFAST_REPORT_DIR}/${name}.xml ${arg_ARGUMENTS}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  set(environment ${HOLDFAST_TEST_ENV} ${arg_ENVIRONMENT})
  # These compute all the time; ./check runs twice as many as there are cores, since most scenarios wait.
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABEL}" TIMEOUT ${arg_TIMEOUT} PROCESSORS 2
                                          ENVIRONMENT "${environment}")
endfunction()
