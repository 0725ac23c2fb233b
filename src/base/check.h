// The end for our own bugs: a broken invariant of this program, never bad input and never the peer's bytes.
#pragma once

#include <cstdio>
#include <cstdlib>

#define HALFWORD_CHECK(condition)                                                                    \
  do {                                                                                               \
    if (!(condition)) {                                                                              \
      std::fprintf(stderr, "halfword: bug: %s is false at %s:%d\n", #condition, __FILE__, __LINE__); \
      std::abort();                                                                                  \
    }                                                                                                \
  } while (false)
