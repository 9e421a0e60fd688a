#pragma once

// What a handler answers, and what of it is left to send once it was made into bytes.

#include <functional>
#include <string>
#include <variant>

#include "base/json.h"
#include "base/result.h"
#include "http/message.h"
#include "http/stream.h"

namespace api {

// The bytes of a file after `head`.
struct FileReply {
  http::Response head;
  std::string path;
};

// What `begin` writes, then or later, after `head`. It is called on the loop thread.
struct StreamReply {
  http::Response head;
  std::function<void(http::Stream)> begin;
};

// JSON is 200; a Response is any status, headers and bytes.
using Reply = std::variant<json::object, http::Response, FileReply, StreamReply>;
using Answer = base::Result<Reply>;

// 204.
http::Response NoContent();

using Outgoing = std::variant<http::Response, FileReply, StreamReply>;
// On any thread. An error becomes {"detail": …} with its status.
Outgoing Finish(Answer answer);

int StatusOf(const Outgoing& outgoing);

}  // namespace api
