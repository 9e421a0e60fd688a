#include "runtime/exporter.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace runtime {

namespace {

using base::Cat;

constexpr base::Duration kOldest = base::hours(24);  // world time
// Wall times between tries.
constexpr base::Duration kFirstPause = base::seconds(1);
constexpr base::Duration kLongestPause = base::minutes(1);
// What was sent of a page is sent again if the process dies before its position is stored.
constexpr int kPageRows = 50;

// It will not take this one, however often it comes.
bool IsFinal(int status) {
  constexpr int kRequestTimeout = 408, kTooManyRequests = 429;
  // A wrong key is the receiver's to accept later: nothing is lost meanwhile.
  constexpr int kUnauthorized = 401, kForbidden = 403, kNotFound = 404;
  return status >= 400 && status < 500 && status != kRequestTimeout && status != kTooManyRequests &&
         status != kUnauthorized && status != kForbidden && status != kNotFound;
}

}  // namespace

struct Exporter::Page {
  Feed::Rows rows;
  Taken taken;
  std::vector<Message> messages;
  size_t next = 0;
};

Exporter::Exporter(FeedSource source,
                   aws::Fetcher& fetcher,
                   std::function<base::Time()> now,
                   Receiver receiver,
                   Maker maker)
    : source_(source),
      fetcher_(fetcher),
      now_(std::move(now)),
      receiver_(std::move(receiver)),
      maker_(std::move(maker)),
      feed_(std::move(source),
            {.name = receiver_.name,
             .wants = receiver_.wants,
             .take = [this](const Feed::Rows& rows, const Taken& taken) { Take(rows, taken); }},
            {.page_rows = kPageRows, .rows_unstored = kPageRows}) {}

Exporter::Counts Exporter::counts() const {
  Counts out = counts_;
  if (const auto position = feed_.position())
    out.behind = source_.tail.newest() - *position;
  return out;
}

void Exporter::Take(const Feed::Rows& rows, const Taken& taken) {
  auto page = std::make_shared<Page>();
  page->taken = taken;
  for (const auto& row : rows) {
    if (row->at + kOldest >= now_())
      page->rows.push_back(row);
  }
  if (const size_t old = rows.size() - page->rows.size(); old > 0) {
    counts_.too_old += static_cast<int64_t>(old);
    base::LogWarning("export_too_old",
                     {{"to", receiver_.name},
                      {"rows", old},
                      {"message", "rows of history older than a day are not sent any more"}});
  }
  Make(page);
}

void Exporter::Make(const std::shared_ptr<Page>& page) {
  if (page->rows.empty())
    return SendNext(page);
  auto made = std::make_shared<base::Result<std::vector<Message>>>();
  source_.reads.Run(
      ReadPool::Turn::kUsual,
      [made, maker = maker_, rows = page->rows](store::Reader& reader) {
        *made = maker(reader, rows);
      },
      [this, page, made, alive = std::weak_ptr(alive_)](const base::Status& read) {
        if (alive.expired())
          return;
        if (!read || !*made)
          return Again(read ? made->error().message : read.error().message,
                       [this, page] { Make(page); });
        page->messages = **std::move(made);
        SendNext(page);
      });
}

void Exporter::SendNext(const std::shared_ptr<Page>& page) {
  if (page->next == page->messages.size())
    return page->taken({}, [](const base::Status&) {});
  const Message& message = page->messages[page->next];
  if (message.at + kOldest < now_()) {
    ++counts_.too_old;
    base::LogWarning("export_too_old", {{"to", receiver_.name}, {"messages", 1}});
    ++page->next;
    return SendNext(page);
  }
  aws::Exchange exchange{.url = receiver_.url,
                         .make =
                             [this, page] {
                               return http::Request{.method = "POST",
                                                    .target = receiver_.url.Target(),
                                                    .headers = receiver_.headers,
                                                    .body = page->messages[page->next].body};
                             },
                         .timeout = receiver_.timeout};
  fetcher_.Start(std::move(exchange),
                 [this, page, alive = std::weak_ptr(alive_)](
                     const tl::expected<http::Response, http::ClientError>& reply) {
                   if (!alive.expired())
                     OnReply(page, reply);
                 });
}

void Exporter::OnReply(const std::shared_ptr<Page>& page,
                       const tl::expected<http::Response, http::ClientError>& reply) {
  const auto again = [this, page] { SendNext(page); };
  if (!reply)
    return Again(reply.error().error.message, again);
  const bool is_taken = reply->status >= 200 && reply->status < 300;
  if (!is_taken && !IsFinal(reply->status))
    return Again(Cat("it answered ", reply->status, " ", base::Excerpt(reply->body)), again);
  if (is_taken) {
    ++counts_.sent;
  } else {
    ++counts_.refused;
    base::LogWarning("export_refused",
                     {{"to", receiver_.name},
                      {"status", reply->status},
                      {"message", base::Excerpt(reply->body)}});
  }
  if (!std::exchange(trouble_, "").empty())
    base::LogInfo("export_goes_on", {{"to", receiver_.name}});
  pause_ = {};
  ++page->next;
  SendNext(page);
}

void Exporter::Again(std::string why, std::function<void()> step) {
  ++counts_.failed_calls;
  if (trouble_.empty())
    base::LogWarning("export_waits", {{"to", receiver_.name}, {"message", why}});
  trouble_ = Cat("the receiver ",
                 receiver_.url.HostHeader(),
                 " takes nothing, and what it is to be told waits: ",
                 why);
  pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
  timer_ = source_.loop.After(pause_, std::move(step));
}

}  // namespace runtime
