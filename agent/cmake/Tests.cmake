# cxd_add_test(NAME test_x SOURCES test_x.c LIBS .. [LABELS unit] [ENV A=1])  one ctest entry, one process, 120 s at most.
function(cxd_add_test)
  cmake_parse_arguments(T "" "NAME;TIMEOUT" "SOURCES;LIBS;LABELS;ENV;ARGS" ${ARGN})
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 120)
  endif()
  add_executable(${T_NAME} ${T_SOURCES})
  target_link_libraries(${T_NAME} PRIVATE ${T_LIBS} cxd_flags cmocka)
  set_target_properties(${T_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  add_test(NAME ${T_NAME} COMMAND ${T_NAME} ${T_ARGS})
  set_tests_properties(${T_NAME} PROPERTIES TIMEOUT ${T_TIMEOUT} LABELS "${T_LABELS}"
    ENVIRONMENT "${T_ENV};CXD_SOURCE_DIR=${CMAKE_SOURCE_DIR};CXD_BUILD_DIR=${CMAKE_BINARY_DIR}")
endfunction()
