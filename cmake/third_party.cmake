# Libraries of the system that tests and the command use. Header-only ones are reached through links of their own, since
# a cross compiler must not see the rest of /usr/include.

set(third_party ${CMAKE_BINARY_DIR}/third_party)
file(MAKE_DIRECTORY ${third_party})
foreach(package CLI nlohmann fmt)
  find_path(HALFWORD_${package}_PATH ${package} PATHS /usr/include NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH)
  if(HALFWORD_${package}_PATH)
    file(CREATE_LINK ${HALFWORD_${package}_PATH}/${package} ${third_party}/${package} SYMBOLIC)
  endif()
endforeach()
add_library(halfword_third_party INTERFACE) # <CLI/CLI.hpp>, <nlohmann/json.hpp>, <fmt/format.h>
target_include_directories(halfword_third_party SYSTEM INTERFACE ${third_party})
target_compile_definitions(halfword_third_party INTERFACE FMT_HEADER_ONLY)

find_package(Threads REQUIRED)
if(NOT HALFWORD_TESTS)
  return()
endif()

# Compiled from source, because the package has it for one target only and without the sanitizers.
find_path(HALFWORD_GOOGLETEST googletest/src/gtest-all.cc PATHS /usr/src/googletest NO_CMAKE_FIND_ROOT_PATH)
if(NOT HALFWORD_GOOGLETEST)
  message(FATAL_ERROR "the sources of GoogleTest are missing; scripts/setup installs them (Debian: googletest)")
endif()
add_library(halfword_gtest STATIC EXCLUDE_FROM_ALL ${HALFWORD_GOOGLETEST}/googletest/src/gtest-all.cc
                                                   ${HALFWORD_GOOGLETEST}/googlemock/src/gmock-all.cc)
target_include_directories(halfword_gtest PRIVATE ${HALFWORD_GOOGLETEST}/googletest ${HALFWORD_GOOGLETEST}/googlemock)
target_include_directories(halfword_gtest SYSTEM PUBLIC ${HALFWORD_GOOGLETEST}/googletest/include
                                                        ${HALFWORD_GOOGLETEST}/googlemock/include)
target_link_libraries(halfword_gtest PUBLIC Threads::Threads)
add_library(halfword_gtest_main STATIC EXCLUDE_FROM_ALL ${HALFWORD_GOOGLETEST}/googlemock/src/gmock_main.cc)
target_link_libraries(halfword_gtest_main PUBLIC halfword_gtest)
set_target_properties(halfword_gtest halfword_gtest_main PROPERTIES CXX_CLANG_TIDY "")
