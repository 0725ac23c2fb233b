# The client library as programs link it: one shared and one static library, made of the modules below src/client.

if(NOT TARGET halfword_client)
  return()
endif()

halfword_module_closure(client modules)
set(objects)
foreach(module IN LISTS modules)
  get_target_property(type halfword_${module} TYPE)
  if(NOT type STREQUAL "INTERFACE_LIBRARY")
    list(APPEND objects $<TARGET_OBJECTS:halfword_${module}>)
  endif()
  get_property(links GLOBAL PROPERTY HALFWORD_MODULE_${module}_LINK)
  list(APPEND client_links ${links})
endforeach()
list(REMOVE_DUPLICATES client_links)

add_library(halfword_shared SHARED ${objects})
add_library(halfword_static STATIC ${objects})
add_library(halfword::halfword ALIAS halfword_shared)
add_library(halfword::halfword_static ALIAS halfword_static)
foreach(library halfword_shared halfword_static)
  target_include_directories(${library} INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>
                                                  $<INSTALL_INTERFACE:include>)
  target_compile_features(${library} INTERFACE c_std_11)
  set_target_properties(${library} PROPERTIES OUTPUT_NAME halfword LINKER_LANGUAGE CXX)
endforeach()
set_target_properties(
  halfword_shared
  PROPERTIES VERSION ${PROJECT_VERSION}
             # Numbers the stable C interface: it grows within a number, with new version nodes in the map.
             SOVERSION 0
             EXPORT_NAME halfword)
target_link_libraries(halfword_shared PRIVATE ${client_links} Threads::Threads)
target_compile_definitions(halfword_static INTERFACE HALFWORD_STATIC)
# The same holds for what is linked with the module itself: the command and the tests.
target_compile_definitions(halfword_client INTERFACE HALFWORD_STATIC)

# A static library brings what it needs of the system along, by names that hold on every machine.
if(HALFWORD_OS STREQUAL "linux")
  set(HALFWORD_PRIVATE_LIBRARIES stdc++ m pthread dl)
  set(map ${CMAKE_SOURCE_DIR}/cmake/halfword.map)
  target_link_options(halfword_shared PRIVATE -Wl,--version-script=${map} -Wl,-z,defs)
  set_target_properties(halfword_shared PROPERTIES LINK_DEPENDS ${map})
else()
  set(HALFWORD_PRIVATE_LIBRARIES stdc++ ${client_links})
endif()
target_link_libraries(halfword_static INTERFACE ${HALFWORD_PRIVATE_LIBRARIES})
