#pragma once

// The last few logs that were read from S3, unpacked, for the pages after the first: S3 has the
// whole object or nothing, and a long log has many pages. A first page is always read again, and
// what is kept is forgotten soon, because the log of a running step grows.
//
// Thread rule: the loop thread; a text never changes and may be read anywhere.

#include <chrono>
#include <deque>
#include <memory>
#include <string>

namespace api {

class LogTexts {
 public:
  using Text = std::shared_ptr<const std::string>;
  static constexpr size_t kBytesMax = size_t{64} << 20;
  static constexpr std::chrono::seconds kKept{20};

  // Null where it was not read lately, or was too large.
  Text Find(const std::string& uri);
  void Keep(const std::string& uri, Text text);

 private:
  struct Kept {
    std::string uri;
    Text text;
    std::chrono::steady_clock::time_point read_at;
  };
  void Forget();

  std::deque<Kept> kept_;  // the newest last
};

}  // namespace api
