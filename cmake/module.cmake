# How a folder of src/ becomes a module.

# Leaves out the sources of other targets: a name whose stem ends in _linux, _windows, _i386 or _x86_64, also before
# _test, belongs to that system or processor only, so that a module lists all its files in one list.
function(halfword_select_sources output)
  set(selected)
  foreach(source IN LISTS ARGN)
    get_filename_component(stem ${source} NAME_WE)
    string(REGEX REPLACE "_test$" "" stem ${stem})
    set(fits TRUE)
    while(stem MATCHES "^(.*)_(linux|windows|i386|x86_64)$")
      set(stem ${CMAKE_MATCH_1})
      if(NOT CMAKE_MATCH_2 STREQUAL HALFWORD_OS AND NOT CMAKE_MATCH_2 STREQUAL HALFWORD_ARCHITECTURE)
        set(fits FALSE)
      endif()
    endwhile()
    if(fits)
      list(APPEND selected ${source})
    endif()
  endforeach()
  set(${output} ${selected} PARENT_SCOPE)
endfunction()

# halfword_module(NAME SOURCES a.cc a_linux.cc … [DEPENDS base wire …] [LINK libraries…]
#                 [TESTS a_test.cc …] [TEST_LINK libraries…] [TEST_TIMEOUT seconds])
#
# The static library halfword_NAME of this folder, without sources a header-only one, and the test program NAME_test.
# DEPENDS names modules, LINK anything else; both are seen by the module's users.
function(halfword_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TEST_TIMEOUT" "SOURCES;DEPENDS;LINK;TESTS;TEST_LINK")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "halfword_module(${name}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  foreach(module IN LISTS arg_DEPENDS)
    if(NOT TARGET halfword_${module})
      message(WARNING "module ${name} is left out: it needs module ${module}, which is not there")
      return()
    endif()
  endforeach()
  list(TRANSFORM arg_DEPENDS PREPEND halfword_)

  halfword_select_sources(sources ${arg_SOURCES})
  if(sources)
    add_library(halfword_${name} STATIC ${sources})
    target_link_libraries(halfword_${name} PUBLIC halfword_options ${arg_DEPENDS} ${arg_LINK})
  else()
    add_library(halfword_${name} INTERFACE)
    target_link_libraries(halfword_${name} INTERFACE halfword_options ${arg_DEPENDS} ${arg_LINK})
  endif()

  halfword_select_sources(tests ${arg_TESTS})
  if(tests)
    if(NOT arg_TEST_TIMEOUT)
      set(arg_TEST_TIMEOUT 60)
    endif()
    halfword_test(${name} SOURCES ${tests} LINK halfword_${name} ${arg_TEST_LINK} TIMEOUT ${arg_TEST_TIMEOUT})
  endif()
endfunction()
