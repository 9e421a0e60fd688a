#pragma once

// CHECK: on in every build, and only for our own bugs — never for input, network or disk. It prints
// the place and the condition, and aborts: nothing may be committed by a process that broke its own
// rules.

#include <cstdio>
#include <cstdlib>

#define CHECK(condition)                                                                 \
  do {                                                                                   \
    if (!(condition)) {                                                                  \
      std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)
