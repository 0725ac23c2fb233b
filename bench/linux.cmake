# The benchmark's programs of the main target, x86_64-linux.

add_library(halfword_bench STATIC harness.cc machine_linux.cc report.cc statistics.cc)
target_include_directories(halfword_bench PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(halfword_bench PUBLIC halfword_options halfword_base halfword_third_party)
halfword_test(bench SOURCES harness_test.cc machine_test.cc report_test.cc statistics_test.cc LINK halfword_bench)

if(TARGET halfword_shared)
  halfword_bench_program(
    halfword-bench
    main.cc
    program_row_linux.cc
    floors/copy_floor_linux.cc
    floors/far_call_linux.cc
    floors/far_call_x86_64.S
    floors/floor_rows_linux.cc
    peers/peer_rows_linux.cc
    rows/bulk_rows.cc
    rows/call_rows.cc
    rows/open_library_linux.cc
    rows/worker_rows_linux.cc)
  target_link_libraries(halfword-bench PRIVATE halfword_bench halfword_platform halfword_shared Threads::Threads)
endif()
configure_file(peers/msl_peer.py ${HALFWORD_BENCH_DIR}/msl_peer.py COPYONLY)

# gRPC is only for the comparison with it.
find_package(Protobuf QUIET)
find_package(gRPC CONFIG QUIET)
find_program(HALFWORD_GRPC_PLUGIN grpc_cpp_plugin)
if(NOT Protobuf_FOUND OR NOT gRPC_FOUND OR NOT HALFWORD_GRPC_PLUGIN)
  message(STATUS "gRPC is not installed: the benchmark will go without peer.grpc (scripts/setup bench installs it)")
  return()
endif()
set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${generated})
add_custom_command(
  OUTPUT ${generated}/adder.pb.cc ${generated}/adder.pb.h ${generated}/adder.grpc.pb.cc ${generated}/adder.grpc.pb.h
  COMMAND protobuf::protoc --proto_path=${CMAKE_CURRENT_SOURCE_DIR}/peers --cpp_out=${generated}
          --grpc_out=${generated} --plugin=protoc-gen-grpc=${HALFWORD_GRPC_PLUGIN} adder.proto
  DEPENDS peers/adder.proto
  VERBATIM)
# Apart, because generated code is not held to our warnings.
add_library(halfword_bench_adder STATIC ${generated}/adder.pb.cc ${generated}/adder.grpc.pb.cc)
target_include_directories(halfword_bench_adder SYSTEM PUBLIC ${generated})
target_link_libraries(halfword_bench_adder PUBLIC gRPC::grpc++)
set_target_properties(halfword_bench_adder PROPERTIES CXX_CLANG_TIDY "")
halfword_bench_program(grpc_peer peers/grpc_peer.cc)
target_link_libraries(grpc_peer PRIVATE halfword_bench halfword_bench_adder)
