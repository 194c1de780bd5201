# cxd_add_fuzzer(NAME fuzz_x SOURCES fuzz_x.c LIBS ..)
#
# The source defines LLVMFuzzerTestOneInput. Its corpus is tests/fuzz/corpus/NAME/. In a normal build NAME is linked with
# replay.c and is a test: it runs the corpus, then mutations of it for a few seconds. With -DCXD_FUZZ=ON (clang) it is linked
# with libFuzzer and run by tests/fuzz/run.
if(CXD_FUZZ AND NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "CXD_FUZZ=ON needs clang: -DCMAKE_C_COMPILER=clang")
endif()

add_custom_target(fuzz_targets)

function(cxd_add_fuzzer)
  cmake_parse_arguments(F "" "NAME" "SOURCES;LIBS" ${ARGN})
  set(corpus "${CMAKE_CURRENT_SOURCE_DIR}/corpus/${F_NAME}")
  add_executable(${F_NAME} ${F_SOURCES})
  target_link_libraries(${F_NAME} PRIVATE ${F_LIBS} cxd_flags)
  set_target_properties(${F_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
  add_dependencies(fuzz_targets ${F_NAME})
  if(CXD_FUZZ)
    target_link_options(${F_NAME} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${F_NAME} PRIVATE replay.c)
    add_test(NAME ${F_NAME} COMMAND ${F_NAME} ${corpus} 200000 2)
    set_tests_properties(${F_NAME} PROPERTIES TIMEOUT 60 LABELS fuzz)
  endif()
endfunction()
