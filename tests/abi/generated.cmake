# Runs the generator of signatures for this tree. Equal seeds give equal files, so every tree makes its own copy.
# Sets abi_folder, abi_library_sources, abi_native_sources and the target abi_generated.

set(HALFWORD_ABI_SEED 1 CACHE STRING "Seed of the generated signatures; tests/abi/more tries others without a build")
set(HALFWORD_ABI_COUNT 4000 CACHE STRING "How many signatures are generated")
find_package(Python3 3.9 COMPONENTS Interpreter REQUIRED)

set(abi_scripts ${CMAKE_CURRENT_LIST_DIR})
set(abi_folder ${CMAKE_CURRENT_BINARY_DIR}/generated)
set(abi_parts 8) # so that several processors have something to compile
set(abi_library_sources ${abi_folder}/abi_types.c)
set(abi_native_sources ${abi_folder}/abi_types.c ${abi_folder}/abi_calls.c)
math(EXPR last_part "${abi_parts} - 1")
foreach(part RANGE ${last_part})
  list(APPEND abi_library_sources ${abi_folder}/abi_functions_${part}.c)
  list(APPEND abi_native_sources ${abi_folder}/abi_calls_${part}.c)
endforeach()
set(abi_files ${abi_library_sources} ${abi_native_sources} ${abi_folder}/abi_types.h ${abi_folder}/abi_functions.h
              ${abi_folder}/cases.txt)
list(REMOVE_DUPLICATES abi_files)
# Named by the run, so that another seed generates again; the files themselves are only written where they differ.
set(stamp ${abi_folder}/seed_${HALFWORD_ABI_SEED}_count_${HALFWORD_ABI_COUNT}.stamp)
add_custom_command(
  OUTPUT ${stamp}
  BYPRODUCTS ${abi_files}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${abi_folder}
  COMMAND ${CMAKE_COMMAND} -E env PYTHONDONTWRITEBYTECODE=1 ${Python3_EXECUTABLE} ${abi_scripts}/generate.py --seed
          ${HALFWORD_ABI_SEED} --count ${HALFWORD_ABI_COUNT} --parts ${abi_parts} ${abi_folder}
  COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
  DEPENDS ${abi_scripts}/generate.py ${abi_scripts}/signatures.py ${abi_scripts}/c_types.py ${abi_scripts}/c_text.py
  COMMENT "Generating ${HALFWORD_ABI_COUNT} signatures from seed ${HALFWORD_ABI_SEED}"
  VERBATIM)
add_custom_target(abi_generated DEPENDS ${stamp})

# Generated code has parameters that nobody names twice and pointers that nobody follows.
function(halfword_abi_target target)
  add_dependencies(${target} abi_generated)
  target_include_directories(${target} PRIVATE ${abi_scripts} ${abi_folder})
  # A fixed level, whatever the preset: the callee's compiler decides how it takes its arguments.
  target_compile_options(${target} PRIVATE -O1 -g0)
  set_target_properties(${target} PROPERTIES C_EXTENSIONS ON C_CLANG_TIDY "")
endfunction()
