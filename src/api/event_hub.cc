#include "api/event_hub.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "api/exchange.h"
#include "api/history.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

constexpr int kPageRows = 1000;
// Until a client that catches up has taken what it was sent.
constexpr base::Duration kDrainPause = base::milliseconds(20);

std::string IdLine(int64_t seq) {
  return base::Cat("id: ", seq, "\n");
}

std::string EventText(const EventHub::Asked& asked, const model::HistoryRow& row) {
  const json::object data = HistoryJson(Seen(asked.exchange->sight, row));
  return base::Cat(IdLine(row.seq), "data: ", base::ValidUtf8(base::Serialize(data)), "\n\n");
}

// An id without data is no event: it only moves the place from which the client goes on.
std::string PlaceText(int64_t seq) {
  return IdLine(seq) + "\n";
}

std::string ResetText(int64_t asked, int64_t newest) {
  const json::object data{{"asked", asked}, {"newest", newest}};
  return base::Cat("event: reset\n", IdLine(newest), "data: ", base::Serialize(data), "\n\n");
}

constexpr std::string_view kImportErrorsText = "event: import-errors\ndata: {}\n\n";

bool IsWanted(const EventHub::Asked& asked, const model::HistoryRow& row) {
  return Fits(asked.filters, row) && asked.exchange->MaySee(row);
}

}  // namespace

// What of one page concerns the client.
struct EventHub::Page {
  std::string text;
  int64_t last = 0;  // of its rows
};

EventHub::EventHub(const runtime::Views& views, const ReadDesk& desk, const EventLimits& limits)
    : views_(views),
      desk_(desk),
      limits_(limits),
      import_errors_(views.Publish().import_errors),
      looked_(views.History().newest()),
      listener_(views.History().Listen([this] { OnNews(); })) {}

base::Result<StreamReply> EventHub::Open(Asked asked) {
  // Clients that went are noticed at the next heartbeat, or when they are in the way.
  if (readers_.size() >= limits_.streams)
    DropDead();
  if (readers_.size() >= limits_.streams)
    return base::Fail(base::ErrorCode::kUnavailable,
                      base::Cat("there are ",
                                limits_.streams,
                                " streams of events, and no more at once; ask again later, or ask "
                                "for /api/v2/history"));
  const std::string& caller = asked.exchange->identity.name;
  const auto own = static_cast<size_t>(std::ranges::count_if(readers_, [&](const auto& reader) {
    return reader.second.asked.exchange->identity.name == caller;
  }));
  const bool is_local_admin = caller == accounts::kLocalAdmin;
  if (!is_local_admin && own >= std::max<size_t>(limits_.streams / 4, 1))
    return base::Fail(base::ErrorCode::kUnavailable,
                      base::Cat("'", caller, "' has ", own, " streams of events, and no more"));
  StreamReply reply;
  reply.head.headers.Set("Content-Type", "text/event-stream");
  reply.head.headers.Set("Cache-Control", "no-store");
  reply.head.headers.Set("X-Accel-Buffering", "no");  // a proxy must not keep events back
  reply.begin = [hub = weak_from_this(), asked = std::move(asked)](http::Stream stream) mutable {
    if (const auto self = hub.lock())
      self->Add(std::move(asked), std::move(stream));
  };
  return reply;
}

void EventHub::Add(Asked asked, http::Stream stream) {
  const int64_t newest = views_.History().newest();
  const int64_t after = asked.after.value_or(newest);
  std::string begin = "retry: 1000\n";
  // A backup was restored: what the client has seen last never happened here.
  begin += after > newest ? ResetText(after, newest) : PlaceText(after);
  if (!stream.Write(begin))
    return;
  const uint64_t id = ++last_reader_;
  Reader reader{
      .asked = std::move(asked), .stream = std::move(stream), .position = std::min(after, newest)};
  const bool is_behind = !views_.History().Holds(reader.position);
  readers_.emplace(id, std::move(reader));
  if (readers_.size() == 1)
    beat_timer_ = views_.After(limits_.heartbeat, [this] { Beat(); });
  if (is_behind)
    WaitForTurn(id);
  else
    OnNews();
}

void EventHub::OnNews() {
  if (readers_.empty() || std::exchange(is_telling_, true))
    return;
  tell_timer_ = views_.After(limits_.pause, [this] { TellAll(); });
}

bool EventHub::LookAt(Reader& reader) const {
  if (look_again_)
    reader.asked.exchange = look_again_(reader.asked.exchange);
  if (reader.asked.exchange != nullptr)
    return true;
  reader.stream.End();
  return false;
}

void EventHub::LookAtAll(int64_t newest) {
  const runtime::Tail& tail = views_.History();
  bool is_for_all = !tail.Holds(looked_);
  if (!is_for_all)
    is_for_all = std::ranges::any_of(tail.After(looked_), [](const auto& row) {
      return row->subject.kind == model::EntityKind::kRecord;
    });
  looked_ = newest;
  for (auto reader = readers_.begin(); reader != readers_.end();) {
    const bool is_asked = is_for_all || reader->second.asked.exchange->IsScoped();
    reader = is_asked && !LookAt(reader->second) ? readers_.erase(reader) : std::next(reader);
  }
}

void EventHub::TellAll() {
  is_telling_ = false;
  const runtime::Tail& tail = views_.History();
  const int64_t newest = tail.newest();
  LookAtAll(newest);
  const auto import_errors = views_.Publish().import_errors;
  if (std::exchange(import_errors_, import_errors) != import_errors) {
    for (auto& [id, reader] : readers_)
      reader.stream.Write(kImportErrorsText);
  }
  int64_t from = newest;
  for (auto& [id, reader] : readers_) {
    if (!reader.is_behind && tail.Holds(reader.position))
      from = std::min(from, reader.position);
  }
  const auto rows = tail.After(from);
  std::vector<std::string> texts(rows.size());  // made once for all who see everything
  std::vector<uint64_t> lost;
  for (auto& [id, reader] : readers_) {
    if (reader.is_behind || reader.position >= newest)
      continue;
    if (!tail.Holds(reader.position)) {
      lost.push_back(id);
      continue;
    }
    std::string text;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (rows[i]->seq <= reader.position || !IsWanted(reader.asked, *rows[i]))
        continue;
      if (reader.asked.exchange->IsScoped()) {
        text += EventText(reader.asked, *rows[i]);
        continue;
      }
      if (texts[i].empty())
        texts[i] = EventText(reader.asked, *rows[i]);
      text += texts[i];
    }
    reader.position = newest;
    if (!text.empty())
      reader.stream.Write(text);  // where it fails the next heartbeat drops it
  }
  for (const uint64_t id : lost)
    WaitForTurn(id);
}

void EventHub::Beat() {
  for (auto reader = readers_.begin(); reader != readers_.end();) {
    Reader& each = reader->second;
    if (!LookAt(each)) {
      reader = readers_.erase(reader);
      continue;
    }
    const bool is_over = ++each.heartbeats >= limits_.longest_in_heartbeats;
    // Events that were not for the client are not looked at again when it comes back.
    const bool is_read = each.stream.Write(base::Cat(": heartbeat\n", PlaceText(each.position)));
    if (is_over && is_read)
      each.stream.End();
    reader = is_over || !is_read ? readers_.erase(reader) : std::next(reader);
  }
  if (!readers_.empty())
    beat_timer_ = views_.After(limits_.heartbeat, [this] { Beat(); });
}

void EventHub::DropDead() {
  std::erase_if(readers_, [](const auto& reader) { return !reader.second.stream.Write(""); });
}

void EventHub::WaitForTurn(uint64_t reader) {
  readers_.at(reader).is_behind = true;
  behind_.push_back(reader);
  ReadNext();
}

void EventHub::ReadNext() {
  if (is_reading_)
    return;
  // Those who have not taken their last page yet let the others go first.
  for (size_t left = behind_.size(); left > 0; --left) {
    const uint64_t id = behind_.front();
    behind_.pop_front();
    const auto reader = readers_.find(id);
    if (reader == readers_.end())
      continue;
    if (!reader->second.stream.Write("")) {
      readers_.erase(reader);
      continue;
    }
    if (reader->second.stream.waiting() == 0)
      return ReadPage(id);
    behind_.push_back(id);
  }
  if (!behind_.empty())
    read_timer_ = views_.After(kDrainPause, [this] { ReadNext(); });
}

void EventHub::ReadPage(uint64_t id) {
  is_reading_ = true;
  const Reader& reader = readers_.at(id);
  desk_.Read<Page>(
      ReadDesk::Turn::kUsual,
      nullptr,  // IsWanted looks at each row
      [asked = reader.asked,
       position = reader.position](const Reading& reading) -> base::Result<Page> {
        ASSIGN_OR_RETURN(const auto rows,
                         reading.rows.History({.after = position, .limit = kPageRows}));
        Page page{.text = "", .last = rows.empty() ? position : rows.back().seq};
        for (const model::HistoryRow& row : rows) {
          if (IsWanted(asked, row))
            page.text += EventText(asked, row);
        }
        return page;
      },
      [hub = weak_from_this(), id](const base::Result<Page>& page) {
        if (const auto self = hub.lock())
          self->TakePage(id, page);
      });
}

void EventHub::TakePage(uint64_t id, const base::Result<Page>& page) {
  is_reading_ = false;
  if (const auto found = readers_.find(id); found != readers_.end()) {
    Reader& reader = found->second;
    // What cannot be read is not left out: the stream is cut, and its client comes back.
    if (!page || !reader.stream.Write(page->text)) {
      readers_.erase(found);
    } else {
      reader.position = page->last;
      reader.is_behind = !views_.History().Holds(reader.position);
      if (reader.is_behind)
        behind_.push_back(id);
      else
        OnNews();
    }
  }
  ReadNext();
}

}  // namespace api
