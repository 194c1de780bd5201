# Read by cpack when it makes the packages: what depends on the version, which `cpack -R` may set, and on the format.
foreach(upper HTTP PROCESSORS KAFKA)
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "cortexd (= ${CPACK_PACKAGE_VERSION})")
  set(CPACK_RPM_${upper}_PACKAGE_REQUIRES "cortexd = ${CPACK_PACKAGE_VERSION}")
endforeach()
# each package says its own; what the project says of itself is not put before it
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
