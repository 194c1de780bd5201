# What a builder may choose, and the one interface target (cxd_flags) that carries it.
option(CXD_TESTS "Build the tests, simulators and benchmarks" ON)
option(CXD_WERROR "Treat warnings as errors" ON)
option(CXD_ISAL "Use ISA-L for gzip where it is found (else zlib)" ON)
set(CXD_SANITIZE "" CACHE STRING "Sanitizer build: address (with undefined), thread, or empty")
set(CXD_PROFILE "" CACHE STRING "What packaging/build-profiled sets: record, use, or empty")
option(CXD_FUZZ "Build the fuzzers (needs clang)" OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
find_package(PkgConfig REQUIRED)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

# Where installed modules and data lie; the agent is compiled with the same words.
set(CXD_MODULE_DIR "${CMAKE_INSTALL_LIBDIR}/cortexd/modules")

add_library(cxd_flags INTERFACE)
target_compile_definitions(cxd_flags INTERFACE _GNU_SOURCE)
target_compile_options(cxd_flags INTERFACE
  -fvisibility=hidden -fno-strict-aliasing -fstack-protector-strong
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla -Wformat=2
  -Wundef -Wwrite-strings -Wno-missing-field-initializers
  $<$<BOOL:${CXD_WERROR}>:-Werror>)
target_link_options(cxd_flags INTERFACE -Wl,-z,relro -Wl,-z,now)
if(CXD_SANITIZE STREQUAL "address")
  target_compile_options(cxd_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(cxd_flags INTERFACE -fsanitize=address,undefined)
elseif(CXD_SANITIZE STREQUAL "thread")
  target_compile_options(cxd_flags INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(cxd_flags INTERFACE -fsanitize=thread)
elseif(CXD_SANITIZE)
  message(FATAL_ERROR "CXD_SANITIZE=${CXD_SANITIZE}: use address, thread or nothing")
else()
  target_compile_definitions(cxd_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()

# What an event passes through is compiled with the branches that events take known to the compiler. The sample covers the path
# from text to document; functions that it never enters are compiled as without it.
add_library(cxd_profile INTERFACE)
if(CXD_PROFILE STREQUAL "record")
  target_compile_options(cxd_profile INTERFACE -fprofile-generate -fprofile-update=atomic)
  target_link_options(cxd_profile INTERFACE -fprofile-generate)
elseif(CXD_PROFILE STREQUAL "use")
  # warnings are judged in the other builds: what is inlined here shows the compiler paths that nobody takes
  target_compile_options(cxd_profile INTERFACE -fprofile-use -fprofile-partial-training -Wno-missing-profile -Wno-error)
elseif(CXD_PROFILE)
  message(FATAL_ERROR "CXD_PROFILE=${CXD_PROFILE}: use record, use or nothing")
endif()
if(CXD_PROFILE AND (CXD_SANITIZE OR NOT CMAKE_C_COMPILER_ID STREQUAL "GNU"))
  message(FATAL_ERROR "CXD_PROFILE is for GCC, without CXD_SANITIZE")
endif()
