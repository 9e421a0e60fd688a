# Compiler flags, sanitizers, the linker and the Debian libraries that modules may name.

find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(tl-expected REQUIRED)
find_package(Threads REQUIRED)
find_package(GTest REQUIRED)
find_library(RAPIDCHECK_LIBRARY rapidcheck REQUIRED)

# Debian has these as archives; linking them statically leaves one binary that needs glibc alone.
find_library(CRYPTO_ARCHIVE libcrypto.a REQUIRED)
find_library(SSL_ARCHIVE libssl.a REQUIRED)
find_library(SQLITE_ARCHIVE libsqlite3.a REQUIRED)
find_library(YAML_ARCHIVE libyaml-cpp.a REQUIRED)
find_library(ZLIB_ARCHIVE libz.a REQUIRED)
find_library(SODIUM_ARCHIVE libsodium.a REQUIRED)
find_library(RE2_ARCHIVE libre2.a REQUIRED)
find_library(BOOST_JSON_ARCHIVE libboost_json.a REQUIRED)
find_library(BOOST_URL_ARCHIVE libboost_url.a REQUIRED)

add_library(signalbox_flags INTERFACE)
target_include_directories(signalbox_flags INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(signalbox_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wno-missing-field-initializers -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough -Werror=switch
  -Werror=return-type -fno-strict-aliasing)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(signalbox_flags INTERFACE -Wthread-safety -Wno-missing-designated-field-initializers)
else()
  # g++ 12 reports false positives inside std::string and std::variant at -O2, and complains of
  # GoogleTest's macros (EXPECT in an if; the parameter of INSTANTIATE_TEST_SUITE_P).
  target_compile_options(signalbox_flags INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-dangling-pointer -Wno-dangling-else -Wno-shadow)
endif()
if(SIGNALBOX_WERROR)
  target_compile_options(signalbox_flags INTERFACE -Werror)
endif()
if(SIGNALBOX_SANITIZE)
  target_compile_options(signalbox_flags INTERFACE
    -fsanitize=${SIGNALBOX_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(signalbox_flags INTERFACE -fsanitize=${SIGNALBOX_SANITIZE})
endif()
target_link_options(signalbox_flags INTERFACE -static-libstdc++ -static-libgcc)
if(SIGNALBOX_SANITIZE)
  set_target_properties(signalbox_flags PROPERTIES INTERFACE_LINK_OPTIONS
    "-fsanitize=${SIGNALBOX_SANITIZE}")
endif()
find_program(MOLD mold)
if(MOLD)
  target_link_options(signalbox_flags INTERFACE -fuse-ld=mold)
endif()
find_program(CCACHE ccache)
if(CCACHE)
  # Paths count from the source folder: a clone in another place finds what this one has built.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${CCACHE}")
endif()
