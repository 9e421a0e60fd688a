# Precompiled headers (clang alone): what nearly every file includes is parsed once, and its templates
# are instantiated once. Only headers of others: a change of ours rebuilds what includes it, no more.
#
# A file still includes what it uses: the presets `dev` and `gcc-pure` have no precompiled headers.
#
# They are made by a command of our own: target_precompile_headers writes the path of the build folder
# into them, and then ccache would miss in each new copy of the tree. Nothing below names that path.
#
# An option that changes the language or the code of a header (-std, -fsanitize, -D of its macros) has
# to stand in signalbox_flags; clang refuses a header that was made with others.

# signalbox_add_pch(NAME signalbox_pch HEADERS string vector DEFINITIONS A=1)
function(signalbox_add_pch)
  cmake_parse_arguments(P "" "NAME" "HEADERS;DEFINITIONS" ${ARGN})
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}")
  list(TRANSFORM P_HEADERS PREPEND "-include;")
  list(TRANSFORM P_DEFINITIONS PREPEND "-D")
  set(pch "${CMAKE_BINARY_DIR}/${P_NAME}.pch")
  add_custom_command(OUTPUT "${pch}"
    COMMAND ${CMAKE_CXX_COMPILER} ${flags} -std=c++${CMAKE_CXX_STANDARD} "$<TARGET_PROPERTY:signalbox_flags,INTERFACE_COMPILE_OPTIONS>"
      ${P_DEFINITIONS} -w -Xclang -fno-pch-timestamp -fpch-instantiate-templates ${P_HEADERS}
      -x c++-header "${Boost_INCLUDE_DIRS}/boost/json.hpp" -o "${pch}" -MD -MF "${pch}.d"
    DEPFILE "${pch}.d" COMMENT "Precompiling ${P_NAME}" COMMAND_EXPAND_LISTS VERBATIM)
  add_custom_target(${P_NAME} DEPENDS "${pch}")
endfunction()

# Lets a target with these sources use a precompiled header, if there are any.
function(signalbox_use_pch target pch)
  if(NOT TARGET ${pch})
    return()
  endif()
  add_dependencies(${target} ${pch})
  target_compile_options(${target} PRIVATE "SHELL:-include-pch ${CMAKE_BINARY_DIR}/${pch}.pch" "SHELL:-Xclang -fno-pch-timestamp")
  get_target_property(sources ${target} SOURCES)
  set_property(SOURCE ${sources} APPEND PROPERTY OBJECT_DEPENDS "${CMAKE_BINARY_DIR}/${pch}.pch")
endfunction()

if(SIGNALBOX_PCH AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  set(usual algorithm array chrono cstdint deque filesystem functional map memory optional set string string_view tuple utility
    variant vector)
  signalbox_add_pch(NAME signalbox_pch HEADERS ${usual})
  signalbox_add_pch(NAME signalbox_test_pch HEADERS ${usual} gmock/gmock.h gtest/gtest.h DEFINITIONS GTEST_HAS_PTHREAD=1)
  if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE}")
  endif()
endif()
