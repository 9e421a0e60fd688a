#pragma once

// A response that goes out in pieces while it is being made: chunked, so that its length need not
// be known. What the client has not taken yet is kept, up to a bound: a client that reads too
// slowly is closed, so that the writer never waits for it.
//
// Thread rule: the loop thread.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace http {

// Of one stream, not yet handed to the socket.
inline constexpr size_t kStreamBufferMax = size_t{1} << 20;

// A handle; copies share the stream. If the last one goes without End(), the connection is closed,
// so that the client sees that the end is missing. May outlive the client and the server.
class Stream {
 public:
  struct State;
  explicit Stream(std::shared_ptr<State> state);

  // False: nobody reads (any more), and the piece is dropped.
  bool Write(std::string_view piece) const;
  // Bytes that the socket has not taken yet.
  size_t waiting() const;
  // All is written. Later calls are no-ops.
  void End() const;

 private:
  struct Handle;
  std::shared_ptr<Handle> handle_;
};

}  // namespace http
