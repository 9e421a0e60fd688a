#pragma once

// One exchange over HTTP that may take several tries. A caller whose request must not happen
// twice allows a further try after certain refusals alone.
//
// Thread rule: the loop thread. `done` is called there exactly once, never from inside Start(); the
// exception is a destroyed Fetcher or http::Client, which drops its exchanges without a word.

#include <functional>
#include <memory>
#include <tl/expected.hpp>

#include "base/time.h"
#include "http/client.h"
#include "http/loop.h"

namespace aws {

struct Exchange {
  http::Url url;
  std::function<http::Request()> make;         // called for each try: a signature is of its moment
  base::Duration timeout = base::seconds(10);  // of each try
  int tries = 1;
  base::Duration pause{};  // before a further try
  // Whether a further try can help after this reply; empty: never.
  std::function<bool(const http::Response&)> again;
  bool again_without_reply = false;
};

class Fetcher {
 public:
  using Done = std::function<void(tl::expected<http::Response, http::ClientError>)>;

  // Borrowed: both outlive this.
  Fetcher(http::Loop& loop, http::Client& client) : loop_(loop), client_(client) {}
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  void Start(Exchange exchange, Done done);

 private:
  struct Run;
  void Try(const std::shared_ptr<Run>& run);

  http::Loop& loop_;
  http::Client& client_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);  // held by runs, weakly
};

// True for a server's own trouble, after which the same question may be answered.
bool IsServersTrouble(const http::Response& response);

}  // namespace aws
