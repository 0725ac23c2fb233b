# Test programs, the libraries that they call, and the environment that ctest gives them.

function(halfword_test)
endfunction()
function(halfword_test_library)
endfunction()
function(halfword_fuzz)
endfunction()
if(NOT HALFWORD_TESTS)
  return()
endif()
include(GoogleTest)
enable_testing()

set(HALFWORD_WINE_PREFIX ${HALFWORD_ROOT}/wine)
set(HALFWORD_RUN_WITH_WINE ${CMAKE_SOURCE_DIR}/cmake/run_windows ${HALFWORD_WINE_PREFIX})
if(HALFWORD_OS STREQUAL "windows")
  set(CMAKE_CROSSCOMPILING_EMULATOR ${HALFWORD_RUN_WITH_WINE})
endif()

# Set in ctest's own process, so that it holds for the listing of the tests too.
file(
  CONFIGURE
  OUTPUT ${CMAKE_BINARY_DIR}/test_environment.cmake
  CONTENT [[set(ENV{WINEPREFIX} "@HALFWORD_WINE_PREFIX@")
set(ENV{WINEDEBUG} "-all")
unset(ENV{DISPLAY}) # no windows on the screen of whoever runs the tests
set(ENV{HALFWORD_WORKERS} "@HALFWORD_WORKER_DIR@")
]]
  @ONLY)
set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${CMAKE_BINARY_DIR}/test_environment.cmake)

# The last one: it waits until Wine has ended, and fails if a program was left running in it.
if(HALFWORD_ROOT STREQUAL CMAKE_BINARY_DIR)
  add_test(NAME wine/NothingIsLeftRunning COMMAND ${CMAKE_SOURCE_DIR}/cmake/await_wine_end ${HALFWORD_WINE_PREFIX})
  set_tests_properties(wine/NothingIsLeftRunning PROPERTIES FIXTURES_CLEANUP wine TIMEOUT 60)
endif()

# Where tests find what the build made, in a form that the target's programs understand.
set(HALFWORD_DRIVE "")
if(HALFWORD_OS STREQUAL "windows")
  set(HALFWORD_DRIVE "Z:") # the root directory in every Wine prefix
endif()
configure_file(${CMAKE_SOURCE_DIR}/cmake/test_paths.h.in ${CMAKE_BINARY_DIR}/generated/test_paths.h @ONLY)

# One precompiled header serves every test program; parsing GoogleTest is most of the time that a test file takes.
file(WRITE ${CMAKE_BINARY_DIR}/generated/test_header.cc.new "int main() { return 0; }\n")
file(COPY_FILE ${CMAKE_BINARY_DIR}/generated/test_header.cc.new ${CMAKE_BINARY_DIR}/generated/test_header.cc
     ONLY_IF_DIFFERENT)
add_executable(halfword_test_header EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/generated/test_header.cc)
set_target_properties(halfword_test_header PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/CMakeFiles)
target_link_libraries(halfword_test_header PRIVATE halfword_options halfword_gtest)
target_precompile_headers(halfword_test_header PRIVATE <gmock/gmock.h> <gtest/gtest.h> <expected> <map> <string>
                          <thread> <vector>)
set(HALFWORD_PCH_OPTIONS)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(HALFWORD_PCH_OPTIONS -fpch-preprocess) # or ccache refuses the file
endif()

# halfword_test(NAME SOURCES a_test.cc … [LINK libraries…] [TIMEOUT seconds] [WINE] [SERIAL] [LABELS …])
#
# The GoogleTest program NAME_test; each of its tests is one of ctest's, named TARGET/NAME/SUITE.TEST.
# WINE says that a Linux program starts Wine itself; SERIAL that a test runs with nothing beside it.
function(halfword_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "WINE;SERIAL" "TIMEOUT" "SOURCES;LINK;LABELS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "halfword_test(${name}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  halfword_select_sources(sources ${arg_SOURCES})
  if(NOT sources OR NOT HALFWORD_UNIT_TESTS)
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  add_executable(${name}_test ${sources})
  target_include_directories(${name}_test PRIVATE ${CMAKE_BINARY_DIR}/generated ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${name}_test PRIVATE ${arg_LINK} halfword_options halfword_gtest halfword_gtest_main)
  target_precompile_headers(${name}_test REUSE_FROM halfword_test_header)
  target_compile_options(${name}_test PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${HALFWORD_PCH_OPTIONS}>)
  set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${HALFWORD_TEST_DIR})
  set(properties TIMEOUT ${arg_TIMEOUT} LABELS ${HALFWORD_TARGET})
  if(arg_SERIAL)
    list(APPEND properties RUN_SERIAL TRUE)
  endif()
  if(arg_WINE OR HALFWORD_OS STREQUAL "windows")
    list(APPEND properties FIXTURES_REQUIRED wine)
    set_target_properties(${name}_test PROPERTIES CROSSCOMPILING_EMULATOR "${HALFWORD_RUN_WITH_WINE}")
  endif()
  gtest_discover_tests(
    ${name}_test
    TEST_PREFIX "${HALFWORD_TARGET}/${name}/"
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 120 # the first start under Wine makes the prefix
    PROPERTIES ${properties})
endfunction()

# halfword_test_library(NAME SOURCES … [LINK other test libraries or libraries] [OPTIONS compiler options]
#                       [LINK_OPTIONS …] [TARGETS target…] [ALL_TARGETS])
#
# A tiny library for the tests to load, ROOT/tests/libs/TARGET/NAME.so or NAME.dll, built for i386-linux and
# i386-windows unless TARGETS or ALL_TARGETS says otherwise. The CMake target is test_library_NAME.
function(halfword_test_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ALL_TARGETS" "" "SOURCES;LINK;OPTIONS;LINK_OPTIONS;TARGETS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "halfword_test_library(${name}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_TARGETS)
    set(arg_TARGETS i386-linux i386-windows)
  endif()
  if(NOT arg_ALL_TARGETS AND NOT HALFWORD_TARGET IN_LIST arg_TARGETS)
    return()
  endif()
  halfword_select_sources(sources ${arg_SOURCES})
  set(library test_library_${name})
  add_library(${library} SHARED ${sources})
  set(links)
  foreach(link IN LISTS arg_LINK)
    if(TARGET test_library_${link})
      list(APPEND links test_library_${link})
    else()
      list(APPEND links ${link})
    endif()
  endforeach()
  target_link_libraries(${library} PRIVATE ${links})
  target_include_directories(${library} PRIVATE ${CMAKE_SOURCE_DIR}/include)
  target_compile_options(${library} PRIVATE -Wall ${arg_OPTIONS})
  target_link_options(${library} PRIVATE ${arg_LINK_OPTIONS})
  set_target_properties(
    ${library}
    PROPERTIES OUTPUT_NAME ${name} PREFIX ""
               LIBRARY_OUTPUT_DIRECTORY ${HALFWORD_TEST_LIBRARY_DIR}/${HALFWORD_TARGET}
               RUNTIME_OUTPUT_DIRECTORY ${HALFWORD_TEST_LIBRARY_DIR}/${HALFWORD_TARGET}
               ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}
               # Exported as a vendor's library would be: all that is not static.
               C_VISIBILITY_PRESET default
               CXX_VISIBILITY_PRESET default
               VISIBILITY_INLINES_HIDDEN OFF
               CXX_STANDARD 17)
endfunction()

# halfword_fuzz(NAME SOURCES … [LINK libraries…])
#
# LLVMFuzzerTestOneInput of SOURCES. With HALFWORD_FUZZ the libFuzzer program fuzz_NAME; always the program
# replay_NAME and the test fuzz/NAME, which runs every file of the folder corpus/NAME.
function(halfword_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  if(NOT HALFWORD_UNIT_TESTS)
    return()
  endif()
  set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
  add_executable(replay_${name} ${arg_SOURCES} ${CMAKE_SOURCE_DIR}/cmake/replay_corpus.cc)
  target_link_libraries(replay_${name} PRIVATE ${arg_LINK} halfword_options)
  set_target_properties(replay_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${HALFWORD_TEST_DIR})
  add_test(NAME ${HALFWORD_TARGET}/fuzz/${name} COMMAND replay_${name} ${corpus})
  set_tests_properties(${HALFWORD_TARGET}/fuzz/${name} PROPERTIES TIMEOUT 120 LABELS ${HALFWORD_TARGET})
  if(HALFWORD_OS STREQUAL "windows")
    set_tests_properties(${HALFWORD_TARGET}/fuzz/${name} PROPERTIES FIXTURES_REQUIRED wine)
  endif()
  if(HALFWORD_FUZZ)
    add_executable(fuzz_${name} ${arg_SOURCES})
    target_link_libraries(fuzz_${name} PRIVATE ${arg_LINK} halfword_options)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  endif()
endfunction()
