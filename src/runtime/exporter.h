#pragma once

// Tells one receiver over HTTP what rows of the history stand for: in their order, each at least
// once, also over restarts (feed.h). A receiver that is down holds back its own messages alone:
// they are made again from rows when it is back, so nothing grows meanwhile. What is older than a
// day by then is left out, with a line in the log and a count.
//
// Not here: what a row stands for (Maker).
//
// Thread rule: the loop's.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aws/fetch.h"
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
  };
  // For a page of rows; on a thread for reads.
  using Maker = std::function<base::Result<std::vector<Message>>(store::Reader& rows,
                                                                 const Feed::Rows& page)>;

  struct Counts {
    int64_t sent = 0;
    int64_t refused = 0;  // by the receiver, for good
    int64_t too_old = 0;
    int64_t failed_calls = 0;
    int64_t behind = 0;  // rows of history that were not looked at yet
  };

  Exporter(FeedSource source,
           aws::Fetcher& fetcher,
           std::function<base::Time()> now,
           Receiver receiver,
           Maker maker);
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
  void SendNext(const std::shared_ptr<Page>& page);
  void OnReply(const std::shared_ptr<Page>& page,
               const tl::expected<http::Response, http::ClientError>& reply);
  // `step` once more, after a pause that grows.
  void Again(std::string why, std::function<void()> step);

  const FeedSource source_;
  aws::Fetcher& fetcher_;
  const std::function<base::Time()> now_;
  const Receiver receiver_;
  const Maker maker_;
  Counts counts_;
  std::string trouble_;
  base::Duration pause_{};
  http::Timer timer_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  Feed feed_;  // last: it calls what stands above
};

}  // namespace runtime
