#pragma once

// Bodies that a session takes piece by piece, each piece once the one before has been written.
// Internal to this module.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "http/message.h"
#include "http/stream.h"

namespace http {

class PiecedBody {
 public:
  enum class Next {
    kPiece,
    kLater,   // there is none yet: `on_news` is called once that has changed
    kEnd,     // all was taken
    kBroken,  // the rest will never come
  };

  virtual ~PiecedBody() = default;
  // Nothing: it is not known, and the body is chunked.
  virtual std::optional<uint64_t> length() const = 0;
  virtual Next Take(std::string& piece) = 0;
  virtual void OnNews(std::function<void()>) {}
  // The connection is to be closed at once, whatever is under way.
  virtual bool IsBroken() const { return false; }
  // Nobody reads it any more.
  virtual void Close() {}
};

// What a handler answers: `body` replaces the head's own where it is not null.
struct Outgoing {
  Response head;
  std::shared_ptr<PiecedBody> body;
};

// The file as it is now: what it grows by later is left out.
base::Result<std::shared_ptr<PiecedBody>> OpenFileBody(const std::string& path);

// The stream's two ends.
struct StreamEnds {
  Stream in;
  std::shared_ptr<PiecedBody> out;
};
StreamEnds NewStream();

}  // namespace http
