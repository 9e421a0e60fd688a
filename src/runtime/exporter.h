#pragma once

// Tells one receiver over HTTP what rows of the history stand for: in their order, each at least
// once, also over restarts (feed.h). A receiver that is down holds back its own messages alone:
// they are made again from rows when it is back, so nothing grows meanwhile. What is older than a
// day by then is left out, with a line in the log and a count.
// So are rows of which nothing can be made, after some minutes.
//
// Not here: what a row stands for (Maker).
//
// Thread rule: the loop's.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/client.h"
#include "runtime/feed.h"

namespace runtime {

class Exporter {
 public:
  // What one row stands for; each is sent by a request of its own.
  struct Message {
    std::string body;
    base::Time at;  // world time of what it reports
  };
  struct Receiver {
    std::string name;  // of its position, of its part of the health, and in metrics
    http::Url url;
    http::Headers headers;
    base::Duration timeout = base::seconds(10);
    std::function<bool(const model::HistoryRow&)> wants;
    http::ClientOptions http{};  // proxies, and which addresses it may have
  };
  // For a page of rows; on a thread for reads.
  using Maker = std::function<base::Result<std::vector<Message>>(store::Reader& rows,
                                                                 const Feed::Rows& page)>;

  struct Counts {
    int64_t sent = 0;
    int64_t refused = 0;  // by the receiver, for good
    int64_t too_old = 0;
    int64_t not_made = 0;  // rows
    int64_t failed_calls = 0;
    int64_t behind = 0;  // rows of history that were not looked at yet
  };

  // Wall times between tries; so often a page is made before it is made without the rows that
  // cannot be.
  struct Limits {
    base::Duration first_pause = base::seconds(1);
    base::Duration longest_pause = base::minutes(1);
    int makes = 10;
  };

  Exporter(FeedSource source,
           std::function<base::Time()> now,
           Receiver receiver,
           Maker maker,
           const Limits& limits);
  Exporter(FeedSource source, std::function<base::Time()> now, Receiver receiver, Maker maker)
      : Exporter(std::move(source), std::move(now), std::move(receiver), std::move(maker), {}) {}
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  const std::string& name() const { return receiver_.name; }
  Counts counts() const;
  // Why nothing arrives, in a sentence; "" while all is well.
  const std::string& trouble() const { return trouble_; }

 private:
  using Taken = std::function<void(Feed::Records, Feed::Stored)>;
  struct Page;

  void Take(const Feed::Rows& rows, const Taken& taken);
  void Make(const std::shared_ptr<Page>& page);
  void NoteOld(size_t count);
  void NoteUnmade(std::vector<std::string> rows, const std::string& why);
  void SendNext(const std::shared_ptr<Page>& page);
  void OnReply(const std::shared_ptr<Page>& page,
               const tl::expected<http::Response, http::ClientError>& reply);
  // All is well, if it was not.
  void GoOn();
  // `step` once more, after a pause that grows. `what` is wrong, and `why`.
  void Again(std::string_view what, std::string_view why, std::function<void()> step);

  const FeedSource source_;
  const std::function<base::Time()> now_;
  const Receiver receiver_;
  const Limits limits_;
  http::Client client_;
  const Maker maker_;
  Counts counts_;
  std::string trouble_;
  base::Duration pause_{};
  // What is too old is said once an hour.
  std::optional<base::Time> old_said_at_;
  size_t old_unsaid_ = 0;
  http::Timer timer_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  Feed feed_;  // last: it calls what stands above
};

}  // namespace runtime
