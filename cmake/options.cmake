# What can be chosen at configure time, and the compiler flags that all of halfword's own code shares.

set(HALFWORD_TARGET x86_64-linux CACHE STRING "The target that this tree is built for")
set(HALFWORD_ROOT ${CMAKE_BINARY_DIR} CACHE PATH "The main build tree, which collects the workers of all targets")
set(HALFWORD_SANITIZE "" CACHE STRING "Sanitizers of this target, as -fsanitize takes them")
option(HALFWORD_WERROR "Warnings in halfword's own code are errors" OFF)
option(HALFWORD_TESTS "Build the tests and the libraries that they load" ON)
option(HALFWORD_UNIT_TESTS "With the tests: those of this target itself, not only the libraries for other targets" ON)
option(HALFWORD_FUZZ "Build the fuzz targets with libFuzzer (clang) instead of as replays of their corpora" OFF)
option(HALFWORD_CCACHE "Compile through ccache when it is there" ON)

if(NOT HALFWORD_TARGET MATCHES "^(i386|x86_64)-(linux|windows)$")
  message(FATAL_ERROR "HALFWORD_TARGET is '${HALFWORD_TARGET}'; "
                      "known are x86_64-linux, i386-linux, x86_64-windows and i386-windows")
endif()
set(HALFWORD_ARCHITECTURE ${CMAKE_MATCH_1})
set(HALFWORD_OS ${CMAKE_MATCH_2})
set(HALFWORD_BITS 64)
if(HALFWORD_ARCHITECTURE STREQUAL "i386")
  set(HALFWORD_BITS 32)
endif()
math(EXPR pointer_bits "${CMAKE_SIZEOF_VOID_P} * 8")
if(NOT pointer_bits EQUAL HALFWORD_BITS)
  message(FATAL_ERROR "the compiler makes ${pointer_bits}-bit code, which is not ${HALFWORD_TARGET}; "
                      "give -DCMAKE_TOOLCHAIN_FILE=cmake/toolchains/${HALFWORD_TARGET}.cmake")
endif()

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_C_STANDARD 11)
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
# Not CMake's -O3: the worker should stay small, and its work is bound by memory rather than by loops.
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(HALFWORD_TEST_DIR ${CMAKE_BINARY_DIR}/tests)
set(HALFWORD_TEST_LIBRARY_DIR ${HALFWORD_ROOT}/tests/libs)
set(HALFWORD_WORKER_DIR ${HALFWORD_ROOT}/libexec/halfword)

if(HALFWORD_CCACHE)
  find_program(HALFWORD_CCACHE_PROGRAM ccache)
  if(HALFWORD_CCACHE_PROGRAM)
    # ccache takes a precompiled header only with these two relaxations (its manual, "Precompiled headers"). With the
    # base directory it finds in one checkout what another one compiled.
    set(launcher env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_ABSSTDERR=1
                 ${HALFWORD_CCACHE_PROGRAM})
    set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  endif()
endif()

if(HALFWORD_SANITIZE)
  add_compile_options(-fsanitize=${HALFWORD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${HALFWORD_SANITIZE})
endif()

# No path of the build machine in what is installed: __FILE__ and debug information start at the source tree.
# The relative path is how ccache spells the source tree. GCC takes the last option that matches.
cmake_path(RELATIVE_PATH CMAKE_SOURCE_DIR BASE_DIRECTORY ${CMAKE_BINARY_DIR} OUTPUT_VARIABLE relative_source)
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/= -ffile-prefix-map=${CMAKE_BINARY_DIR}/=build/
                    -ffile-prefix-map=${relative_source}/=)

add_library(halfword_options INTERFACE)
target_include_directories(halfword_options INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include)
target_compile_options(
  halfword_options INTERFACE $<$<COMPILE_LANGUAGE:C,CXX>:-Wall -Wextra -Wconversion -Wshadow>
                             # clang counts it to -Wconversion, GCC does not
                             $<$<COMPILE_LANGUAGE:C,CXX>:-Wno-sign-conversion>
                             $<$<AND:$<COMPILE_LANGUAGE:C,CXX>,$<BOOL:${HALFWORD_WERROR}>>:-Werror>)
if(HALFWORD_OS STREQUAL "windows")
  # GCC bug 110572: from C++23 on the header defines std::type_info::operator== inline, and mingw-w64's static libstdc++
  # has it again, outside any group that the linker would fold. Both are the same function.
  target_link_options(halfword_options INTERFACE -Wl,--allow-multiple-definition)
  # WaitOnAddress and the placement arguments of VirtualAlloc2 are declared from Windows 10 on.
  target_compile_definitions(halfword_options INTERFACE _WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN NOMINMAX)
endif()
