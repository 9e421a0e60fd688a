# Precompiled headers: what nearly every file includes is parsed once, and its templates are
# instantiated once. Only headers of others: a change of ours rebuilds what includes it, no more.
#
# A file still includes what it uses: the preset `dev` has no precompiled headers.
#
# They are made by a command of our own: target_precompile_headers writes the path of the build folder
# into them, and then ccache would miss in each new copy of the tree. Nothing below names that path.
#
# An option that changes the language or the code of a header (-std, -fsanitize, -O0, -D of its macros)
# has to stand in signalbox_flags or with the header; compilers refuse a header that was made with others.

# signalbox_add_pch(NAME signalbox_pch HEADERS string vector DEFINITIONS A=1 OPTIONS -O0)
function(signalbox_add_pch)
  cmake_parse_arguments(P "" "NAME" "HEADERS;DEFINITIONS;OPTIONS" ${ARGN})
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}")
  list(TRANSFORM P_HEADERS PREPEND "-include;")
  list(TRANSFORM P_DEFINITIONS PREPEND "-D")
  set(input "${Boost_INCLUDE_DIRS}/boost/json.hpp")
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    set(pch "${CMAKE_BINARY_DIR}/${P_NAME}.pch")
    set(made_so -Xclang -fno-pch-timestamp -fpch-instantiate-templates)
  else()
    set(pch "${CMAKE_BINARY_DIR}/${P_NAME}.h.gch")
    # g++ looks for it beside a header of that name; it reads the header itself only if it refuses that one.
    file(WRITE "${CMAKE_BINARY_DIR}/${P_NAME}.h" "#error g++ has refused the precompiled header\n")
  endif()
  add_custom_command(OUTPUT "${pch}"
    COMMAND ${CMAKE_CXX_COMPILER} ${flags} ${P_OPTIONS} -std=c++${CMAKE_CXX_STANDARD}
      "$<TARGET_PROPERTY:signalbox_flags,INTERFACE_COMPILE_OPTIONS>" ${P_DEFINITIONS} -w ${made_so} ${P_HEADERS}
      -x c++-header "${input}" -o "${pch}" -MD -MF "${pch}.d"
    DEPFILE "${pch}.d" COMMENT "Precompiling ${P_NAME}" COMMAND_EXPAND_LISTS VERBATIM)
  add_custom_target(${P_NAME} DEPENDS "${pch}")
endfunction()

# Lets a target with these sources use a precompiled header, if there are any.
function(signalbox_use_pch target pch)
  if(NOT TARGET ${pch})
    return()
  endif()
  add_dependencies(${target} ${pch})
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    set(file "${CMAKE_BINARY_DIR}/${pch}.pch")
    target_compile_options(${target} PRIVATE "SHELL:-include-pch ${file}" "SHELL:-Xclang -fno-pch-timestamp")
  else()
    set(file "${CMAKE_BINARY_DIR}/${pch}.h.gch")
    target_compile_options(${target} PRIVATE "SHELL:-include ${CMAKE_BINARY_DIR}/${pch}.h")
  endif()
  get_target_property(sources ${target} SOURCES)
  set_property(SOURCE ${sources} APPEND PROPERTY OBJECT_DEPENDS "${file}")
endfunction()

if(SIGNALBOX_PCH)
  set(usual algorithm array chrono cstdint deque filesystem functional map memory optional set string string_view tuple utility
    variant vector)
  signalbox_add_pch(NAME signalbox_pch HEADERS ${usual})
  # Under the release build's tests; see AddModule.cmake.
  signalbox_add_pch(NAME signalbox_test_pch HEADERS ${usual} gmock/gmock.h gtest/gtest.h DEFINITIONS GTEST_HAS_PTHREAD=1
    OPTIONS $<$<CONFIG:Release>:-O0>)
  if(CCACHE)
    list(INSERT CMAKE_CXX_COMPILER_LAUNCHER 1 CCACHE_SLOPPINESS=pch_defines,time_macros)
  endif()
endif()
