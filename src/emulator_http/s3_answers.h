#pragma once

// What S3 answers, in the shapes of the S3 API reference: an object or a part of it, a list, an
// error. Pure: where objects lie is the caller's business (service.cc).

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace emulator_http {

// Neither codes nor our messages hold what XML would have to escape.
http::Response S3Error(int status, std::string_view code, std::string_view message);

// `range`: the header, of which S3 takes one range; what is no range is passed over.
http::Response S3Object(std::string body,
                        const std::string& last_modified,
                        const std::optional<std::string>& range);

struct S3Item {
  std::string key;
  size_t size = 0;
  std::string written_at;  // RFC 3339
};
struct S3ListAsked {
  std::string bucket, prefix, delimiter;
  std::string start_after, token;  // the later of both counts
  size_t most = 0;                 // keys and common prefixes together
};
// Of the bucket's items that begin with the prefix, by key.
http::Response S3List(const S3ListAsked& asked, const std::vector<S3Item>& items);

}  // namespace emulator_http
