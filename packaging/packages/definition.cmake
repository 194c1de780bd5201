# The packages, once for DEB and RPM: what lies in which, and what each says of itself. `packaging/build-packages` makes them.
#
#   runtime      cortexd                      program, policy, service, schema; Cortex XDR to Elasticsearch or files, whole
#   http         cortexd-modules-http         HTTP inputs as a policy describes them: httpjson, cel, alerts v2 (libxml2)
#   processors   cortexd-modules-processors   the processors that policies of other agents use (libxml2, libpsl)
#   kafka        cortexd-modules-kafka        Kafka (librdkafka), where it was built
#   library      libcortexd1                  the agent inside another program: libcortexd.so.1
#   devel        cortexd-devel                headers, CMake package, pkg-config, what links with libcortexd
#
# A module that no line here names goes to cortexd. The components "modules" and "runtime" of the other rooms stay what they are for
# `cmake --install`; what is said here for packages alone is EXCLUDE_FROM_ALL.
set(http_modules "httpjson|cel|cortex_xdr_v2")
set(processors_modules "fields|decode|enrich")
set(kafka_modules "kafka.*")
set(components runtime library devel)
foreach(module IN LISTS modules)
  string(REGEX REPLACE "_module$" "" name "${module}")
  set(component runtime)
  foreach(group http processors kafka)
    if(name MATCHES "^(${${group}_modules})$")
      set(component ${group})
      list(APPEND components ${group})
    endif()
  endforeach()
  install(TARGETS ${module} LIBRARY DESTINATION ${CXD_MODULE_DIR} COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()
list(REMOVE_DUPLICATES components)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/inputs/cel/programs/" DESTINATION "${CMAKE_INSTALL_DATADIR}/cortexd/programs"
  COMPONENT http EXCLUDE_FROM_ALL FILES_MATCHING PATTERN "*.cel")

# Manual pages and completions, from the program's own words; the time is that of the last change where it is given.
set(here "${CMAKE_CURRENT_SOURCE_DIR}/packages")
string(TIMESTAMP day "%Y-%m-%d" UTC)
add_custom_command(OUTPUT cortexd.1.gz
  COMMAND "${here}/manuals/program" "$<TARGET_FILE:cortexd>" "${day}" > cortexd.1
  COMMAND gzip -9nf cortexd.1
  DEPENDS cortexd packages/manuals/program VERBATIM)
add_custom_command(OUTPUT cortexd-policy.5.gz
  COMMAND "${here}/manuals/policy" "$<TARGET_FILE:cortexd>" "${day}" > cortexd-policy.5
  COMMAND gzip -9nf cortexd-policy.5
  DEPENDS cortexd ${modules} packages/manuals/policy VERBATIM)
add_custom_command(OUTPUT completion.bash completion.zsh completion.fish
  COMMAND cortexd completion bash > completion.bash
  COMMAND cortexd completion zsh > completion.zsh
  COMMAND cortexd completion fish > completion.fish
  DEPENDS cortexd VERBATIM)
add_custom_command(OUTPUT changelog.gz
  COMMAND gzip -9nc "${here}/changelog" > changelog.gz
  DEPENDS packages/changelog VERBATIM)
add_custom_target(package_files
  DEPENDS cortexd.1.gz cortexd-policy.5.gz completion.bash completion.zsh completion.fish changelog.gz)

# Only for /usr do configuration, unit and state lie outside of the prefix.
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(cxd_etc /etc/cortexd)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/cortexd.1.gz" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT runtime)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/cortexd-policy.5.gz" DESTINATION "${CMAKE_INSTALL_MANDIR}/man5" COMPONENT runtime)
  foreach(place bash:bash-completion/completions/cortexd zsh:zsh/vendor-completions/_cortexd zsh:zsh/site-functions/_cortexd
      fish:fish/vendor_completions.d/cortexd.fish)
    string(REGEX MATCH "^([a-z]*):(.*)/(.*)$" place "${place}")
    install(FILES "${CMAKE_CURRENT_BINARY_DIR}/completion.${CMAKE_MATCH_1}"
      DESTINATION "${CMAKE_INSTALL_DATADIR}/${CMAKE_MATCH_2}" RENAME "${CMAKE_MATCH_3}" COMPONENT runtime)
  endforeach()
  install(FILES packages/cortexd.service DESTINATION lib/systemd/system COMPONENT runtime)
  install(DIRECTORY DESTINATION /var/lib/cortexd COMPONENT runtime)
  add_custom_target(package_all ALL DEPENDS package_files)
else()
  set(cxd_etc "${CMAKE_INSTALL_SYSCONFDIR}/cortexd")
endif()

set(CPACK_PACKAGE_NAME cortexd)
set(CPACK_PACKAGE_VENDOR "cortexd maintainers")
set(CPACK_PACKAGE_CONTACT "cortexd maintainers <maintainers@cortexd.example>")
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_DIRECTORY "${CMAKE_BINARY_DIR}/packages")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL ${components})
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_PACKAGE_RELOCATABLE OFF)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PROJECT_CONFIG_FILE "${here}/version.cmake") # what names the version, which cpack -R may change

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_COMPRESSION_TYPE xz)
set(CPACK_RPM_PACKAGE_LICENSE Apache-2.0)
set(CPACK_RPM_PACKAGE_GROUP "System Environment/Daemons")
set(CPACK_RPM_PACKAGE_RELEASE 1)
set(CPACK_RPM_CHANGELOG_FILE "${CMAKE_CURRENT_BINARY_DIR}/changelog.rpm")
# The same bytes from the same source: no name of the machine, no time but SOURCE_DATE_EPOCH. Nothing is stripped or packed twice.
set(CPACK_RPM_SPEC_MORE_DEFINE "%define _buildhost cortexd.example
%define use_source_date_epoch_as_buildtime 1
%define clamp_mtime_to_source_date_epoch 1
%define _build_id_links none
%define packager ${CPACK_PACKAGE_CONTACT}")
set(CPACK_RPM_SPEC_INSTALL_POST "sh '${here}/rpm/settle' %{buildroot}")
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
  /etc /var /var/lib /usr/lib /usr/lib/systemd /usr/lib/systemd/system /usr/share/man /usr/share/man/man1 /usr/share/man/man5
  /usr/share/doc /usr/share/bash-completion /usr/share/bash-completion/completions /usr/share/zsh /usr/share/zsh/vendor-completions
  /usr/share/zsh/site-functions /usr/share/fish /usr/share/fish/vendor_completions.d
  "/usr/${CMAKE_INSTALL_LIBDIR}" "/usr/${CMAKE_INSTALL_LIBDIR}/cmake" "/usr/${CMAKE_INSTALL_LIBDIR}/pkgconfig")

# cxd_package(COMPONENT PACKAGE SUMMARY DESCRIPTION): the names that both formats know it by, and the papers that go with it
macro(cxd_package component package summary description)
  string(TOUPPER "${component}" upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME "${package}")
  set(CPACK_RPM_${upper}_PACKAGE_NAME "${package}")
  set(CPACK_RPM_${upper}_PACKAGE_SUMMARY "${summary}")
  set(CPACK_RPM_${upper}_PACKAGE_DESCRIPTION "${description}")
  set(CPACK_DEBIAN_${upper}_DESCRIPTION "${summary}\n${description}")
  set(docs "${CMAKE_INSTALL_DATAROOTDIR}/doc/${package}")
  if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
    install(FILES packages/copyright "${CMAKE_CURRENT_BINARY_DIR}/changelog.gz" DESTINATION "${docs}" COMPONENT ${component})
  endif()
endmacro()
cxd_package(runtime cortexd "Cortex XDR collection agent"
  "Collects Palo Alto Cortex XDR alerts, incidents and endpoint events, maps each
record to an ECS document and delivers it, at least once and without
duplicates, to Elasticsearch or OpenSearch data streams, or to files.
Runs as a service of its own user, which is not started before its policy is
filled in.")
cxd_package(http cortexd-modules-http "Scripted HTTP inputs for cortexd"
  "Input modules for the collection agent cortexd: httpjson and cel, which read
HTTP APIs as a policy describes them, and the alerts of the Cortex XDR API's
second version.")
cxd_package(processors cortexd-modules-processors "Processors for cortexd"
  "Processor modules for the collection agent cortexd, by the names that policies
of other agents use: fields are added, renamed, dropped, decoded, converted and
enriched.")
cxd_package(kafka cortexd-modules-kafka "Kafka modules for cortexd"
  "Modules for the collection agent cortexd that speak with Apache Kafka. Brings
the client library that agents need which share a bucket (coordination: kafka).")
cxd_package(library libcortexd1 "Cortex XDR collection agent as a library"
  "The collection agent cortexd inside another program, which pulls and
acknowledges the documents in place of an output: a plain C interface of
numbers and byte ranges, for programs in any language, and used by the Go
package that comes with the agent's source.")
cxd_package(devel cortexd-devel "Headers for modules and hosts of cortexd"
  "What it takes to build an input, processor or output module for the collection
agent cortexd: the public headers, a CMake package and a pkg-config file.
A module links nothing of the agent. Also what a program needs that has the
agent inside: cxd/embed.h, and libcortexd for the linker.")

# DEB
foreach(name postinst prerm postrm conffiles triggers)
  list(APPEND CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA "${here}/deb/${name}")
endforeach()
set(CPACK_DEBIAN_RUNTIME_PACKAGE_DEPENDS "adduser")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS "ca-certificates, cortexd-modules-http, cortexd-modules-processors")
set(CPACK_DEBIAN_DEVEL_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVEL_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/library/triggers" "activate-noawait ldconfig\n")
file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/library/shlibs" "libcortexd 1 libcortexd1 (>= ${PROJECT_VERSION})\n")
install(FILES packages/deb/libcortexd1.overrides DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/lintian/overrides" RENAME libcortexd1
  COMPONENT library)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA
  "${CMAKE_CURRENT_BINARY_DIR}/library/triggers" "${CMAKE_CURRENT_BINARY_DIR}/library/shlibs")
foreach(upper HTTP PROCESSORS KAFKA)
  configure_file(packages/deb/modules-postinst "${CMAKE_CURRENT_BINARY_DIR}/modules/postinst" COPYONLY)
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA "${CMAKE_CURRENT_BINARY_DIR}/modules/postinst")
  set(CPACK_RPM_${upper}_POST_INSTALL_SCRIPT_FILE "${here}/rpm/modules-post")
endforeach()

# RPM
set(CPACK_RPM_RUNTIME_PRE_INSTALL_SCRIPT_FILE "${here}/rpm/pre")
set(CPACK_RPM_RUNTIME_POST_INSTALL_SCRIPT_FILE "${here}/rpm/post")
set(CPACK_RPM_RUNTIME_PRE_UNINSTALL_SCRIPT_FILE "${here}/rpm/preun")
set(CPACK_RPM_RUNTIME_POST_UNINSTALL_SCRIPT_FILE "${here}/rpm/postun")
# cpack knows no Recommends for RPM; a line of its own in the place of Requires is one
set(CPACK_RPM_RUNTIME_PACKAGE_REQUIRES "ca-certificates
Recommends: cortexd-modules-http, cortexd-modules-processors")
set(CPACK_RPM_RUNTIME_PACKAGE_REQUIRES_PRE "/usr/sbin/useradd, /usr/sbin/groupadd")
set(CPACK_RPM_DEVEL_PACKAGE_GROUP "Development/Libraries")
set(CPACK_RPM_LIBRARY_PACKAGE_GROUP "System Environment/Libraries")
set(CPACK_RPM_RUNTIME_USER_FILELIST
  "%dir %attr(0750,root,cortexd) /etc/cortexd"
  "%config(noreplace) %attr(0640,root,cortexd) /etc/cortexd/cortexd.yml"
  "%dir %attr(0750,cortexd,cortexd) /var/lib/cortexd")
# The changelog as RPM writes it, from the one that there is.
file(READ packages/changelog text)
string(REGEX REPLACE "\n -- ([^\n]*>)  ([A-Za-z]+), 0?([0-9]+) ([A-Za-z]+) ([0-9]+)[^\n]*" "\n@\\2 \\4 \\3 \\5 \\1" text "${text}")
string(REGEX REPLACE "^cortexd \\(([^)]*)\\)[^\n]*\n(.*)\n@([^\n]*)\n.*$" "* \\3 - \\1-1\n\\2" text "${text}")
string(REGEX REPLACE "\n  \\* " "\n- " text "${text}")
string(REGEX REPLACE "\n+" "\n" text "${text}")
file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/changelog.rpm" "${text}")

include(CPack)
