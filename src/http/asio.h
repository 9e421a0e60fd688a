#pragma once

// The Asio side of a Loop. For .cc files alone: no header that other modules include may include
// it.

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <optional>
#include <vector>

#include "http/loop.h"

namespace http {

namespace asio = boost::asio;
using boost::system::error_code;

class Loop::Impl {
 public:
  asio::io_context context{1};
  std::optional<asio::signal_set> signals;
  std::function<void(int)> on_signal;
  std::optional<asio::signal_set> hangups;
  std::vector<std::function<void()>> on_hangup;

  void WaitForSignal();
  void WaitForHangup();
};

inline asio::io_context& ContextOf(Loop& loop) {
  return loop.impl().context;
}

}  // namespace http
