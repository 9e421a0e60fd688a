#pragma once

// The board: the browser's user interface, as files that were built from web/ and stand in the
// program. They are the same for everybody and hold nothing of the estate, so they are served to
// anyone who asks; what they show comes from the API, which asks who they are. Pure.
//
// Not here: the Host that may be asked for, and the policy that browsers get (api).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace board {

struct File {
  std::string_view path;                 // "/assets/index-B1c2.js"
  std::string_view type;                 // of its content
  std::string_view tag;                  // the ETag, with its quotes
  std::string_view plain, gzip, brotli;  // the last two are empty where they save nothing
};

// Those that this program was built with; none where it was built without Node.
const std::vector<File>& Files();

class Board {
 public:
  // With "/index.html" among them, or empty.
  explicit Board(const std::vector<File>& files) : files_(files) {}

  // Whether the request is for a file or, from a browser, for a screen: any path but those of the
  // API and the logins, because screens have addresses of their own.
  bool Serves(const http::Request& request) const;
  // REQUIRES: Serves(request).
  http::Response Answer(const http::Request& request) const;

 private:
  const File* Find(std::string_view path) const;

  const std::vector<File>& files_;
};

}  // namespace board
