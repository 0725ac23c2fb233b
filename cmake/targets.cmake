# The other targets of a checkout: this tree once more for each, in BUILD/TARGET, as part of the main build.

if(NOT HALFWORD_TARGET STREQUAL "x86_64-linux")
  return()
endif()

set(HALFWORD_TARGETS i386-linux;x86_64-windows;i386-windows CACHE STRING "Targets built besides x86_64-linux")
option(HALFWORD_TARGET_TESTS "Build the tests of the targets besides x86_64-linux too" ON)

# A target whose compiler is missing is left out with a word about it, so that a build for one target needs only one.
function(halfword_target_works target result)
  set(${result} TRUE PARENT_SCOPE)
  set(key HALFWORD_WORKS_${target})
  if(${key})
    return()
  endif()
  set(trial ${CMAKE_BINARY_DIR}/CMakeFiles/trial-${target})
  file(REMOVE_RECURSE ${trial})
  file(WRITE ${trial}/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)\nproject(trial LANGUAGES C CXX)\n")
  execute_process(
    COMMAND ${CMAKE_COMMAND} -S ${trial} -B ${trial}/build -G ${CMAKE_GENERATOR}
            -DCMAKE_TOOLCHAIN_FILE=${CMAKE_SOURCE_DIR}/cmake/toolchains/${target}.cmake
    RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
  if(status EQUAL 0)
    set(${key} TRUE CACHE INTERNAL "the compiler of ${target} works")
  else()
    message(WARNING "target ${target} is left out: its compiler is missing or does not work; "
                    "scripts/setup installs it, and ${trial} shows what failed")
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

include(ExternalProject)
include(ProcessorCount)
ProcessorCount(processors)
set(target_tests)
set(HALFWORD_BUILT_TARGETS)
foreach(target IN LISTS HALFWORD_TARGETS)
  halfword_target_works(${target} works)
  if(NOT works)
    continue()
  endif()
  list(APPEND HALFWORD_BUILT_TARGETS ${target})
  set(tests OFF)
  if(HALFWORD_TESTS AND HALFWORD_TARGET_TESTS)
    set(tests ON)
    string(APPEND target_tests "if(EXISTS \"${CMAKE_BINARY_DIR}/${target}/CTestTestfile.cmake\")\n"
                               "  subdirs(\"${CMAKE_BINARY_DIR}/${target}\")\nendif()\n")
  endif()
  ExternalProject_Add(
    target-${target}
    SOURCE_DIR ${CMAKE_SOURCE_DIR}
    BINARY_DIR ${CMAKE_BINARY_DIR}/${target}
    PREFIX ${CMAKE_BINARY_DIR}/CMakeFiles/target-${target}
    STAMP_DIR ${CMAKE_BINARY_DIR}/CMakeFiles/target-${target}
    TMP_DIR ${CMAKE_BINARY_DIR}/CMakeFiles/target-${target}
    DOWNLOAD_COMMAND ""
    UPDATE_COMMAND ""
    INSTALL_COMMAND ""
    BUILD_ALWAYS TRUE
    # One after the other and with its output as it comes: parallel ones would each take all processors.
    USES_TERMINAL_BUILD TRUE
    CMAKE_ARGS -DCMAKE_TOOLCHAIN_FILE=${CMAKE_SOURCE_DIR}/cmake/toolchains/${target}.cmake
               -DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE}
               -DHALFWORD_TARGET=${target}
               -DHALFWORD_ROOT=${CMAKE_BINARY_DIR}
               -DHALFWORD_WERROR=${HALFWORD_WERROR}
               -DHALFWORD_CCACHE=${HALFWORD_CCACHE}
               -DHALFWORD_TESTS=${HALFWORD_TESTS}
               -DHALFWORD_UNIT_TESTS=${tests}
    CMAKE_CACHE_ARGS # which keeps a list in one piece
               -DCMAKE_CXX_CLANG_TIDY:STRING=${CMAKE_CXX_CLANG_TIDY}
               -DCMAKE_DISABLE_PRECOMPILE_HEADERS:BOOL=${CMAKE_DISABLE_PRECOMPILE_HEADERS}
    BUILD_COMMAND ${CMAKE_COMMAND} --build <BINARY_DIR> --parallel ${processors})
endforeach()

file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/target_tests.cmake CONTENT "${target_tests}")
set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${CMAKE_BINARY_DIR}/target_tests.cmake)
