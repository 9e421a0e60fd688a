#pragma once

// What crash_writer.cc and the test that kills it agree on.

namespace store {

constexpr int kCrashBatch = 5;

}  // namespace store
