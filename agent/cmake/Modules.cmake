# cxd_add_module(NAME gcs KIND input SOURCES a.c b.c [LIBS lib..])
#
# One folder, one .so; the build tree has the same layout as the installed one. A module sees the public
# headers alone (cxd_sdk); outside sanitizer builds an undefined symbol is a link error, so a forbidden use does not link.
# The same sources are also a static library NAME_parts, with hidden symbols visible, for the unit tests of its pure half.
function(cxd_add_module)
  cmake_parse_arguments(M "" "NAME;KIND" "SOURCES;LIBS;DEPENDS" ${ARGN})
  if(NOT M_KIND MATCHES "^(input|processor|output)$")
    message(FATAL_ERROR "cxd_add_module(${M_NAME}): KIND must be input, processor or output")
  endif()
  add_library(${M_NAME}_parts STATIC ${M_SOURCES})
  target_include_directories(${M_NAME}_parts PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${M_NAME}_parts PUBLIC cxd_sdk cxd_flags ${M_LIBS})
  add_library(${M_NAME}_module MODULE $<TARGET_OBJECTS:${M_NAME}_parts>)
  target_link_libraries(${M_NAME}_module PRIVATE cxd_sdk cxd_flags ${M_LIBS})
  set_target_properties(${M_NAME}_module PROPERTIES PREFIX "" OUTPUT_NAME "${M_KIND}-${M_NAME}"
    LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/${CXD_MODULE_DIR}")
  if(NOT CXD_SANITIZE)
    target_link_options(${M_NAME}_module PRIVATE -Wl,--no-undefined)
  endif()
  if(M_DEPENDS)
    add_dependencies(${M_NAME}_parts ${M_DEPENDS})
  endif()
  set_property(GLOBAL APPEND PROPERTY CXD_MODULES ${M_NAME}_module)
  install(TARGETS ${M_NAME}_module LIBRARY DESTINATION ${CXD_MODULE_DIR} COMPONENT modules)
endfunction()
