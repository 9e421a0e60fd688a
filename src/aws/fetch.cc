#include "aws/fetch.h"

#include <algorithm>
#include <utility>

namespace aws {

struct Fetcher::Run {
  Exchange exchange;
  Done done;
  http::Timer pause;
};

void Fetcher::Start(Exchange exchange, Done done) {
  Try(std::make_shared<Run>(Run{std::move(exchange), std::move(done), {}}));
}

void Fetcher::Try(const std::shared_ptr<Run>& run) {
  constexpr base::Duration kConnect = base::seconds(3);
  constexpr size_t kMaxBody = 64 << 20;
  Exchange& exchange = run->exchange;
  --exchange.tries;
  client_.Send(exchange.url,
               exchange.make(),
               {.timeout = exchange.timeout,
                .connect_timeout = std::min(kConnect, exchange.timeout),
                .max_body = kMaxBody},
               [this, alive = std::weak_ptr(alive_), run](
                   tl::expected<http::Response, http::ClientError> result) {
                 if (alive.expired())
                   return;
                 // The tries come first: `again` may remember what it learns.
                 const bool again = run->exchange.tries > 0 &&
                                    (result ? run->exchange.again && run->exchange.again(*result)
                                            : run->exchange.again_without_reply);
                 if (!again) {
                   run->done(std::move(result));
                   return;
                 }
                 run->pause = loop_.After(run->exchange.pause, [this, alive, run] {
                   if (!alive.expired())
                     Try(run);
                 });
               });
}

bool IsServersTrouble(const http::Response& response) {
  return response.status == 429 || response.status >= 500;
}

}  // namespace aws
