# What `cmake --install` puts where. Everything finds its neighbours relative to itself, so a prefix can be moved.
include(CMakePackageConfigHelpers)

# Fixed names, not GNUInstallDirs: the client looks for its workers at ../libexec from where it lies.
set(config_dir lib/cmake/halfword)

if(TARGET halfword-worker)
  install(TARGETS halfword-worker RUNTIME DESTINATION libexec/halfword/${HALFWORD_TARGET})
endif()
foreach(target IN LISTS HALFWORD_BUILT_TARGETS)
  if(target MATCHES "^i386-")
    set(worker ${HALFWORD_WORKER_DIR}/${target}/halfword-worker)
    if(target MATCHES "windows$")
      string(APPEND worker .exe)
    endif()
    install(PROGRAMS ${worker} DESTINATION libexec/halfword/${target})
  endif()
endforeach()

if(TARGET halfword)
  set_target_properties(halfword PROPERTIES INSTALL_RPATH "")
  install(TARGETS halfword RUNTIME DESTINATION bin)
endif()
foreach(folder man completions)
  if(EXISTS ${CMAKE_SOURCE_DIR}/docs/${folder})
    install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs/${folder}/ DESTINATION share/${folder})
  endif()
endforeach()

if(NOT TARGET halfword_shared)
  return()
endif()
install(
  TARGETS halfword_shared halfword_static
  EXPORT halfword
  RUNTIME DESTINATION bin
  LIBRARY DESTINATION lib
  ARCHIVE DESTINATION lib)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/halfword DESTINATION include)
install(EXPORT halfword NAMESPACE halfword:: FILE halfwordTargets.cmake DESTINATION ${config_dir})
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/halfwordConfig.cmake.in ${CMAKE_BINARY_DIR}/halfwordConfig.cmake
                              INSTALL_DESTINATION ${config_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/halfwordConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/halfwordConfig.cmake ${CMAKE_BINARY_DIR}/halfwordConfigVersion.cmake
        DESTINATION ${config_dir})

list(TRANSFORM HALFWORD_PRIVATE_LIBRARIES PREPEND -l OUTPUT_VARIABLE HALFWORD_PRIVATE_FLAGS)
list(JOIN HALFWORD_PRIVATE_FLAGS " " HALFWORD_PRIVATE_FLAGS)
configure_file(${CMAKE_SOURCE_DIR}/cmake/halfword.pc.in ${CMAKE_BINARY_DIR}/halfword.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/halfword.pc DESTINATION lib/pkgconfig)
