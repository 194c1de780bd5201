# Read by cpack when it makes the packages: what depends on the version, which `cpack -R` may set, and on the format.
foreach(upper HTTP KAFKA)
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "cortexd (= ${CPACK_PACKAGE_VERSION})")
  set(CPACK_RPM_${upper}_PACKAGE_REQUIRES "cortexd = ${CPACK_PACKAGE_VERSION}")
endforeach()
