#include "runtime/exporter.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace runtime {

namespace {

using base::Cat;

constexpr base::Duration kOldest = base::hours(24);  // world time
// What was sent of a page is sent again if the process dies before its position is stored.
constexpr int kPageRows = 50;
constexpr size_t kMostNamed = 10;  // rows, in a line of the log
constexpr base::Duration kOldSaid = base::hours(1);
constexpr base::Duration kConnectMax = base::seconds(3);
constexpr size_t kMaxAnswer = size_t{64} << 10;

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
  int makes = 0;
  std::vector<Message> messages;
  size_t next = 0;
};

namespace {

// What came of a page: what was made, and of which rows nothing could be.
struct Made {
  std::vector<Exporter::Message> messages;
  std::vector<std::string> unmade;  // numbers of rows
  std::string why;
};

Made MakeEach(const Exporter::Maker& maker, store::Reader& reader, const Feed::Rows& rows) {
  Made made;
  for (const auto& row : rows) {
    auto one = maker(reader, {row});
    if (one) {
      std::ranges::move(*one, std::back_inserter(made.messages));
      continue;
    }
    made.unmade.push_back(Cat(row->seq));
    made.why = one.error().message;
  }
  return made;
}

}  // namespace

Exporter::Exporter(FeedSource source,
                   std::function<base::Time()> now,
                   Receiver receiver,
                   Maker maker,
                   const Limits& limits)
    : source_(source),
      now_(std::move(now)),
      receiver_(std::move(receiver)),
      limits_(limits),
      client_(source_.loop, receiver_.http),
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
  if (const size_t old = rows.size() - page->rows.size(); old > 0)
    NoteOld(old);
  Make(page);
}

void Exporter::NoteOld(size_t count) {
  counts_.too_old += static_cast<int64_t>(count);
  old_unsaid_ += count;
  const base::Time now = now_();
  if (old_said_at_ && now < *old_said_at_ + kOldSaid)
    return;
  old_said_at_ = now;
  base::LogWarning("export_too_old",
                   {{"to", receiver_.name},
                    {"count", std::exchange(old_unsaid_, 0)},
                    {"message", "what is older than a day is not sent any more"}});
}

void Exporter::Make(const std::shared_ptr<Page>& page) {
  if (page->rows.empty())
    return SendNext(page);
  const bool is_last = ++page->makes >= limits_.makes;
  auto made = std::make_shared<base::Result<Made>>();
  source_.reads.Run(
      ReadPool::Turn::kUsual,
      [made, maker = maker_, rows = page->rows, is_last](store::Reader& reader) {
        if (is_last)
          *made = MakeEach(maker, reader, rows);
        else if (auto all = maker(reader, rows))
          *made = Made{.messages = *std::move(all)};
        else
          *made = base::Fail(std::move(all.error()));
      },
      [this, page, made, alive = std::weak_ptr(alive_)](const base::Status& read) {
        if (alive.expired())
          return;
        if (!read || !*made)
          return Again("what it is to be told cannot be read",
                       read ? made->error().message : read.error().message,
                       [this, page] { Make(page); });
        GoOn();
        if (!(*made)->unmade.empty())
          NoteUnmade((*made)->unmade, (*made)->why);
        page->messages = std::move((*made)->messages);
        SendNext(page);
      });
}

void Exporter::NoteUnmade(std::vector<std::string> rows, const std::string& why) {
  const size_t count = rows.size();
  counts_.not_made += static_cast<int64_t>(count);
  rows.resize(std::min(count, kMostNamed));
  base::LogError("export_not_made",
                 {{"to", receiver_.name},
                  {"count", count},
                  {"rows", base::Join(rows, ", ")},
                  {"message", why}});
}

void Exporter::SendNext(const std::shared_ptr<Page>& page) {
  if (page->next == page->messages.size())
    return page->taken({}, [](const base::Status&) {});
  const Message& message = page->messages[page->next];
  if (message.at + kOldest < now_()) {
    NoteOld(1);
    ++page->next;
    return SendNext(page);
  }
  client_.Send(receiver_.url,
               {.method = "POST",
                .target = receiver_.url.Target(),
                .headers = receiver_.headers,
                .body = message.body},
               {.timeout = receiver_.timeout,
                .connect_timeout = std::min(kConnectMax, receiver_.timeout),
                .max_body = kMaxAnswer,
                .head_is_enough = true},
               [this, page](const tl::expected<http::Response, http::ClientError>& reply) {
                 OnReply(page, reply);
               });
}

void Exporter::OnReply(const std::shared_ptr<Page>& page,
                       const tl::expected<http::Response, http::ClientError>& reply) {
  const bool is_taken = reply && reply->status >= 200 && reply->status < 300;
  if (!is_taken && !(reply && IsFinal(reply->status)))
    return Again("it takes nothing, and what it is to be told waits",
                 reply ? Cat("it answered ", reply->status, " ", base::Excerpt(reply->body))
                       : reply.error().error.message,
                 [this, page] { SendNext(page); });
  if (is_taken) {
    ++counts_.sent;
  } else {
    ++counts_.refused;
    base::LogWarning("export_refused",
                     {{"to", receiver_.name},
                      {"status", reply->status},
                      {"message", base::Excerpt(reply->body)}});
  }
  GoOn();
  ++page->next;
  SendNext(page);
}

void Exporter::GoOn() {
  if (!std::exchange(trouble_, "").empty())
    base::LogInfo("export_goes_on", {{"to", receiver_.name}});
  pause_ = {};
}

void Exporter::Again(std::string_view what, std::string_view why, std::function<void()> step) {
  ++counts_.failed_calls;
  if (trouble_.empty())
    base::LogWarning("export_waits", {{"to", receiver_.name}, {"message", why}});
  trouble_ = Cat("the receiver ", receiver_.url.HostHeader(), ": ", what, ": ", why);
  pause_ = std::clamp(pause_ * 2, limits_.first_pause, limits_.longest_pause);
  timer_ = source_.loop.After(pause_, std::move(step));
}

}  // namespace runtime
