#include "runtime/feed.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/json.h"
#include "base/text.h"

namespace runtime {

namespace {

// A timer that is due as it is set never fires under libfaketime, which the tests of clocks use.
constexpr base::Duration kLeastWait = base::milliseconds(1);

}  // namespace

Feed::Feed(FeedSource source, Consumer consumer, const Limits& limits)
    : source_(std::move(source)),
      consumer_(std::move(consumer)),
      limits_(limits),
      listener_(source_.tail.Listen([this] { GoOnAfter(limits_.pause); })) {
  GoOnAfter({});
}

std::optional<int64_t> Feed::StoredPosition() const {
  const model::RecordRow* row = source_.record({model::RecordKind::kPosition, consumer_.name});
  if (row == nullptr)
    return std::nullopt;
  const auto body = base::ParseJson(row->body);
  const json::value* seq = body ? base::Find(*body, "seq") : nullptr;
  return seq != nullptr && seq->is_int64() ? std::optional(seq->get_int64()) : std::nullopt;
}

void Feed::GoOnAfter(base::Duration wall) {
  if (is_busy_ || std::exchange(is_due_, true))
    return;
  timer_ = source_.loop.After(std::max(wall, kLeastWait), [this] {
    is_due_ = false;
    GoOn();
  });
}

void Feed::GoOn() {
  if (is_busy_)
    return;
  if (!position_)
    position_ = StoredPosition();
  const int64_t newest = source_.tail.newest();
  // It is new; or a backup was restored, and what it has taken since then never happened.
  if (!position_ || *position_ > newest)
    return Store(newest, {}, [](const base::Status&) {});
  if (*position_ == newest)
    return;
  is_busy_ = true;
  if (!source_.tail.Holds(*position_))
    return ReadPage();
  Rows page = source_.tail.After(*position_);
  if (page.size() > static_cast<size_t>(limits_.page_rows))
    page.resize(static_cast<size_t>(limits_.page_rows));
  TakePage(page);
}

void Feed::ReadPage() {
  auto page = std::make_shared<base::Result<std::vector<model::HistoryRow>>>();
  source_.reads.Run(
      ReadPool::Turn::kUsual,
      [page, after = *position_, limit = limits_.page_rows](store::Reader& reader) {
        *page = reader.History({.after = after, .limit = limit});
      },
      [this, page, alive = std::weak_ptr(alive_)](const base::Status& read) {
        if (alive.expired())
          return;
        if (!read || !*page || (*page)->empty()) {
          is_busy_ = false;
          return GoOnAfter(limits_.pause_after_error);
        }
        Rows rows;
        for (model::HistoryRow& row : **page)
          rows.push_back(std::make_shared<const model::HistoryRow>(std::move(row)));
        TakePage(rows);
      });
}

void Feed::TakePage(const Rows& page) {
  const int64_t last = page.back()->seq;
  Rows wanted;
  std::ranges::copy_if(
      page, std::back_inserter(wanted), [&](const auto& row) { return consumer_.wants(*row); });
  if (wanted.empty())
    return PassBy(last, [](const base::Status&) {});
  consumer_.take(
      wanted, [this, last, alive = std::weak_ptr(alive_)](Records records, const Stored& stored) {
        if (alive.expired())
          return;
        if (records.empty())
          PassBy(last, stored);
        else
          Store(last, std::move(records), stored);
      });
}

void Feed::PassBy(int64_t up_to, const Stored& stored) {
  if (up_to - StoredPosition().value_or(0) >= limits_.rows_unstored)
    return Store(up_to, {}, stored);
  position_ = up_to;
  is_busy_ = false;
  stored({});
  StoreWhenIdle();
  GoOnAfter({});
}

// So that a restart looks at few rows again: it would look by the rules of then.
void Feed::StoreWhenIdle() {
  idle_timer_ = source_.loop.After(limits_.idle, [this] {
    if (is_busy_)
      return StoreWhenIdle();
    if (position_ && position_ != StoredPosition())
      Store(*position_, {}, [](const base::Status&) {});
  });
}

void Feed::Store(int64_t up_to, Records records, const Stored& stored) {
  is_busy_ = true;
  const model::RecordKey key{model::RecordKind::kPosition, consumer_.name};
  const model::RecordRow* row = source_.record(key);
  // Nobody else writes it: another revision means that memory was loaded again, behind our back.
  records.push_back({key, base::Cat(R"({"seq":)", up_to, "}"), row == nullptr ? 0 : row->revision});
  source_.write({.records = std::move(records), .is_quiet = true},
                [this, up_to, stored, alive = std::weak_ptr(alive_)](const base::Status& written) {
                  if (alive.expired())
                    return;
                  is_busy_ = false;
                  // After an error the store alone knows what happened.
                  position_ = written ? std::optional(up_to) : std::nullopt;
                  stored(written);
                  GoOnAfter(written ? base::Duration() : limits_.pause_after_error);
                });
}

}  // namespace runtime
