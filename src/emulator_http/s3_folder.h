#pragma once

// A folder that stands for S3: ROOT/bucket/key. What steps that ran here have left is read from it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace emulator_http {

struct S3File {
  std::string key;
  size_t size = 0;
  base::Time written_at;  // by the wall clock
};

struct S3Text {
  std::string body;
  base::Time written_at;  // by the wall clock
};
// Nothing where there is none, or the key leads elsewhere ("..").
std::optional<S3Text> ReadS3File(const std::string& root,
                                 const std::string& bucket,
                                 const std::string& key);
// By key: those that begin with the prefix.
std::vector<S3File> ListS3Files(const std::string& root,
                                const std::string& bucket,
                                const std::string& prefix);

}  // namespace emulator_http
