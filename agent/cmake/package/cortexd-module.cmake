# cortexd_add_module(NAME acme KIND input SOURCES a.c [FIELDS fields.yml] [LIBS lib..])
#
# One .so, named KIND-NAME.so as the agent's own are, in the build folder and by `install` in the agent's module folder. C or C++;
# every symbol but the entry is hidden, warnings are errors (CORTEXD_WERROR=OFF: not), and what is used must be linked. FIELDS is
# the list of fields that an input's documents have: it goes beside the .so as KIND-NAME.fields.yml.
option(CORTEXD_WERROR "Treat warnings as errors in modules" ON)

function(cortexd_add_module)
  cmake_parse_arguments(M "" "NAME;KIND;FIELDS" "SOURCES;LIBS" ${ARGN})
  if(NOT M_KIND MATCHES "^(input|processor|output)$")
    message(FATAL_ERROR "cortexd_add_module(${M_NAME}): KIND must be input, processor or output")
  endif()
  if(NOT M_NAME MATCHES "^[a-z0-9_-]+$" OR NOT M_SOURCES OR M_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "cortexd_add_module(${M_NAME}): NAME (a-z 0-9 - _) and SOURCES are needed, and nothing unknown")
  endif()
  add_library(${M_NAME} MODULE ${M_SOURCES})
  target_link_libraries(${M_NAME} PRIVATE cortexd::sdk ${M_LIBS})
  target_compile_options(${M_NAME} PRIVATE -Wall -Wextra $<$<BOOL:${CORTEXD_WERROR}>:-Werror>)
  target_link_options(${M_NAME} PRIVATE -Wl,--no-undefined -Wl,-z,relro -Wl,-z,now)
  set_target_properties(${M_NAME} PROPERTIES PREFIX "" SUFFIX ".so" OUTPUT_NAME "${M_KIND}-${M_NAME}"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  install(TARGETS ${M_NAME} LIBRARY DESTINATION "${cortexd_MODULE_DIR}")
  if(M_FIELDS)
    set(fields "${M_KIND}-${M_NAME}.fields.yml")
    configure_file("${M_FIELDS}" "${CMAKE_CURRENT_BINARY_DIR}/${fields}" COPYONLY)
    install(FILES "${M_FIELDS}" DESTINATION "${cortexd_MODULE_DIR}" RENAME "${fields}")
  endif()
endfunction()

# cortexd_add_check(MODULE acme [NAME test_acme] [OPTIONS options.yml] [EVENTS events.ndjson] [EXPECT documents.ndjson]
#   [WORDS word..])
#
# A test that loads the module into the installed agent's checks: options as a policy would give them, records for a processor, and
# the documents that must come of it, line by line. Left out with a message where the program is not installed.
function(cortexd_add_check)
  cmake_parse_arguments(C "" "MODULE;NAME;OPTIONS;EVENTS;EXPECT" "WORDS" ${ARGN})
  if(NOT C_NAME)
    set(C_NAME "check_${C_MODULE}")
  endif()
  if(NOT TARGET cortexd::cortexd)
    message(STATUS "${C_NAME}: no cortexd here, so the module is built but not checked")
    return()
  endif()
  set(words "$<TARGET_FILE:${C_MODULE}>")
  foreach(word OPTIONS EVENTS EXPECT)
    if(C_${word})
      string(TOLOWER "--${word}" option)
      get_filename_component(file "${C_${word}}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
      list(APPEND words "${option}" "${file}")
    endif()
  endforeach()
  add_test(NAME "${C_NAME}" COMMAND cortexd::cortexd check-module ${words} ${C_WORDS})
  set_tests_properties("${C_NAME}" PROPERTIES TIMEOUT 60 WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
endfunction()
