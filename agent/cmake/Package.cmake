# What a module's author installs: headers, find_package(cortexd), pkg-config. Prefixes are found from where the files lie, so a
# moved or staged tree works as it is.
include(CMakePackageConfigHelpers)
file(STRINGS agent/include/cxd/abi.h lines REGEX "^#define CXD_ABI_(MAJOR|MINOR) [0-9]+u$")
string(REGEX REPLACE "[^0-9;]" "" CXD_ABI_TEXT "${lines}")
string(REPLACE ";" "." CXD_ABI_TEXT "${CXD_ABI_TEXT}")
if(NOT CXD_ABI_TEXT MATCHES "^[0-9]+\\.[0-9]+$")
  message(FATAL_ERROR "agent/include/cxd/abi.h: no version of the ABI found")
endif()
set(CXD_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/cortexd")

configure_package_config_file(agent/cmake/package/cortexd-config.cmake.in "${CMAKE_BINARY_DIR}/cortexd-config.cmake"
  INSTALL_DESTINATION "${CXD_PACKAGE_DIR}" PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_BINDIR)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/cortexd-config-version.cmake" VERSION "${PROJECT_VERSION}"
  COMPATIBILITY SameMajorVersion)
install(FILES "${CMAKE_BINARY_DIR}/cortexd-config.cmake" "${CMAKE_BINARY_DIR}/cortexd-config-version.cmake"
  agent/cmake/package/cortexd-module.cmake DESTINATION "${CXD_PACKAGE_DIR}" COMPONENT devel)
