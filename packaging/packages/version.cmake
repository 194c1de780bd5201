# Read by cpack when it makes the packages: what depends on the version, which `cpack -R` may set, and on the format.
foreach(upper HTTP PROCESSORS KAFKA LIBRARY)
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "cortexd (= ${CPACK_PACKAGE_VERSION})")
  set(CPACK_RPM_${upper}_PACKAGE_REQUIRES "cortexd = ${CPACK_PACKAGE_VERSION}")
endforeach()
# the linker's name of the library is a link to the library itself
set(CPACK_DEBIAN_DEVEL_PACKAGE_DEPENDS "libcortexd1 (= ${CPACK_PACKAGE_VERSION})")
set(CPACK_RPM_DEVEL_PACKAGE_REQUIRES "libcortexd1 = ${CPACK_PACKAGE_VERSION}")
# each package says its own; what the project says of itself is not put before it
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
