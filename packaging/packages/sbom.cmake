# The bill of materials (SPDX 2.3, JSON) of what is built here: each library that pkg-config gave to this configuration, with the
# version that was found. Made from what CMake remembers of pkg_check_modules, so a library that is new shows up by itself.
# packaging/verify holds it against what the packaged programs ask the loader for.

# The licence of each, by the name that pkg-config knows it by. What is missing here says NOASSERTION, which verify refuses.
set(licences
  libcurl=curl openssl=Apache-2.0 zlib=Zlib libbson-1.0=Apache-2.0 libpcre2-8=BSD-3-Clause libisal=BSD-3-Clause
  yaml-0.1=MIT json-c=MIT libxml-2.0=MIT libmaxminddb=Apache-2.0 rdkafka=BSD-2-Clause libnghttp2=MIT
  libprotobuf-c=BSD-2-Clause libmicrohttpd=LGPL-2.1-or-later libzstd=BSD-3-Clause libpsl=MIT)

# cxd_sbom_library(NAME VERSION LINKED): one package and its relation, appended to sbom_packages and sbom_relations
function(cxd_sbom_library name version linked)
  set(licence NOASSERTION)
  foreach(pair IN LISTS licences)
    if(pair MATCHES "^${name}=(.*)$")
      set(licence "${CMAKE_MATCH_1}")
    endif()
  endforeach()
  string(REPLACE ";" " " linked "${linked}")
  string(APPEND sbom_packages ",
    {
      \"SPDXID\": \"SPDXRef-${name}\",
      \"name\": \"${name}\",
      \"versionInfo\": \"${version}\",
      \"downloadLocation\": \"NOASSERTION\",
      \"filesAnalyzed\": false,
      \"licenseConcluded\": \"${licence}\",
      \"licenseDeclared\": \"${licence}\",
      \"copyrightText\": \"NOASSERTION\",
      \"sourceInfo\": \"found by pkg-config, linked dynamically: ${linked}\",
      \"externalRefs\": [
        {
          \"referenceCategory\": \"PACKAGE-MANAGER\",
          \"referenceType\": \"purl\",
          \"referenceLocator\": \"pkg:generic/${name}@${version}\"
        }
      ]
    }")
  string(APPEND sbom_relations ",
    {
      \"spdxElementId\": \"SPDXRef-cortexd\",
      \"relationshipType\": \"DYNAMIC_LINK\",
      \"relatedSpdxElement\": \"SPDXRef-${name}\"
    }")
  set(sbom_packages "${sbom_packages}" PARENT_SCOPE)
  set(sbom_relations "${sbom_relations}" PARENT_SCOPE)
endfunction()

get_cmake_property(names CACHE_VARIABLES)
set(sbom_packages "")
set(sbom_relations "")
set(libraries "")
foreach(variable IN LISTS names)
  if(variable MATCHES "^(.+)_MODULE_NAME$")
    set(prefix "${CMAKE_MATCH_1}")
    set(name "${${variable}}")
    if(${prefix}_FOUND AND NOT name MATCHES "^(cmocka|gnutls)$") # those are of tests alone
      list(APPEND libraries "${name}|${${prefix}_VERSION}|${prefix}")
    endif()
  endif()
endforeach()
list(SORT libraries)
set(last "")
foreach(line IN LISTS libraries)
  string(REPLACE "|" ";" parts "${line}")
  list(GET parts 0 name)
  list(GET parts 1 version)
  list(GET parts 2 prefix)
  if(NOT name STREQUAL last)
    cxd_sbom_library("${name}" "${version}" "${${prefix}_LIBRARIES}")
  endif()
  set(last "${name}")
endforeach()

string(TIMESTAMP created "%Y-%m-%dT%H:%M:%SZ" UTC) # SOURCE_DATE_EPOCH where it is set
string(SHA256 digest "${created}${sbom_packages}")
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/cortexd.spdx.json" @ONLY CONTENT "{
  \"spdxVersion\": \"SPDX-2.3\",
  \"dataLicense\": \"CC0-1.0\",
  \"SPDXID\": \"SPDXRef-DOCUMENT\",
  \"name\": \"cortexd-@PROJECT_VERSION@\",
  \"documentNamespace\": \"https://cortexd.example/spdx/cortexd-@PROJECT_VERSION@-@digest@\",
  \"creationInfo\": {
    \"created\": \"@created@\",
    \"creators\": [\"Tool: packaging/packages/sbom.cmake\"]
  },
  \"packages\": [
    {
      \"SPDXID\": \"SPDXRef-cortexd\",
      \"name\": \"cortexd\",
      \"versionInfo\": \"@PROJECT_VERSION@\",
      \"downloadLocation\": \"NOASSERTION\",
      \"filesAnalyzed\": false,
      \"licenseConcluded\": \"Apache-2.0\",
      \"licenseDeclared\": \"Apache-2.0\",
      \"copyrightText\": \"NOASSERTION\"
    }@sbom_packages@
  ],
  \"relationships\": [
    {
      \"spdxElementId\": \"SPDXRef-DOCUMENT\",
      \"relationshipType\": \"DESCRIBES\",
      \"relatedSpdxElement\": \"SPDXRef-cortexd\"
    }@sbom_relations@
  ]
}
")
