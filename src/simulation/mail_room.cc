#include "simulation/mail_room.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "engine/state.h"
#include "notify/facts.h"

namespace simulation {

namespace {

const model::RecordKey kPosition{model::RecordKind::kPosition, "notifications"};
constexpr int kPageRows = 50;
constexpr base::Duration kPause = base::milliseconds(100);
constexpr base::Duration kPauseAfterError = base::seconds(2);

}  // namespace

MailRoom::MailRoom(Parts parts, Post post, std::function<notify::Estate()> estate)
    : parts_(parts), post_(std::move(post)), estate_(std::move(estate)) {}

void MailRoom::OnDeath() {
  alive_.reset();
  desk_.reset();
  answers_.clear();
  position_ = std::nullopt;
  is_busy_ = false;
  look_at_ = {};
  refused_until_ = {};
}

int64_t MailRoom::Newest() const {
  return parts_.machine.driver().state().last_seq;
}

std::optional<int64_t> MailRoom::StoredPosition() const {
  const auto& records = parts_.machine.driver().state().records;
  const auto found = records.find(kPosition);
  if (found == records.end())
    return std::nullopt;
  return base::GetInt(base::ParseJson(found->second.body)->as_object(), "seq");
}

bool MailRoom::IsIdle() const {
  return desk_ != nullptr && !is_busy_ && answers_.empty() && position_ == Newest() &&
         std::ranges::all_of(desk_->outbox().matters(),
                             [](const auto& each) { return each.second.notices.empty(); });
}

std::optional<base::Time> MailRoom::NextDue() const {
  if (!parts_.machine.Lives())
    return std::nullopt;
  if (desk_ == nullptr)
    return parts_.machine.Now();
  std::optional<base::Time> next;
  if (!is_busy_ && position_ != Newest())
    next = look_at_;
  for (const Answer& answer : answers_)
    driver::Earlier(next, answer.due);
  if (const auto wake = desk_->NextWake())
    driver::Earlier(next, std::max(parts_.clock.WhenOurs(*wake), refused_until_));
  return next;
}

void MailRoom::Open() {
  alive_ = std::make_shared<const bool>(true);
  desk_ = std::make_unique<notify::Desk>(
      *this, std::make_shared<const notify::Routes>(estate_()), /*seed=*/17);
}

void MailRoom::OnTime(base::Time now) {
  if (parts_.machine.driver().fatal())
    return;
  if (desk_ == nullptr)
    Open();
  for (size_t i = 0; i < answers_.size();) {
    if (answers_[i].due > now) {
      ++i;
      continue;
    }
    const Answer answer = std::move(answers_[i]);
    answers_.erase(answers_.begin() + static_cast<long>(i));
    answer.done(answer.failure);
  }
  if (!is_busy_ && look_at_ <= now)
    TakePage();
  desk_->Wake();
}

void MailRoom::TakePage() {
  look_at_ = parts_.machine.Now() + kPause;
  if (!position_)
    position_ = StoredPosition();
  if (!position_ || *position_ > Newest()) {
    is_busy_ = true;
    return StorePage(Newest(), {}, [](const base::Status&) {});
  }
  store::Reader& reader = parts_.machine.disk().reader();
  const auto rows = reader.History({.after = *position_, .limit = kPageRows});
  if (!rows || rows->empty())
    return;
  std::vector<notify::Happening> happenings;
  for (const model::HistoryRow& row : *rows) {
    auto facts = notify::NeedsFacts(row) ? notify::FactsOf(reader, row) : notify::Facts();
    if (!facts)
      return;
    if (auto happening = notify::HappeningOf(row, *facts))
      happenings.push_back(*std::move(happening));
  }
  is_busy_ = true;
  desk_->Take(
      std::move(happenings),
      [this, last = rows->back().seq](notify::Records records, notify::Desk::Stored stored) {
        if (!records.empty())
          return StorePage(last, std::move(records), std::move(stored));
        position_ = last;
        is_busy_ = false;
        stored({});
      });
}

void MailRoom::StorePage(int64_t last, notify::Records records, notify::Desk::Stored stored) {
  const auto& known = parts_.machine.driver().state().records;
  const auto found = known.find(kPosition);
  records.push_back({kPosition,
                     base::Cat(R"({"seq":)", last, "}"),
                     found == known.end() ? 0 : found->second.revision});
  post_({.records = std::move(records), .is_quiet = true},
        [this, last, stored = std::move(stored), alive = std::weak_ptr(alive_)](
            const driver::Outcome& outcome) {
          if (alive.expired())
            return;
          is_busy_ = false;
          position_ = outcome ? std::optional(last) : std::nullopt;
          if (!outcome)
            look_at_ = parts_.machine.Now() + kPauseAfterError;
          stored(outcome ? base::Status() : base::Fail(outcome.error()));
        });
}

std::vector<const model::RecordRow*> MailRoom::Stored() {
  std::vector<const model::RecordRow*> rows;
  for (const auto& [key, row] : parts_.machine.driver().state().records) {
    if (key.kind == model::RecordKind::kNotice)
      rows.push_back(&row);
  }
  return rows;
}

void MailRoom::Write(notify::Records records, Written done) {
  post_({.records = std::move(records), .is_quiet = true},
        [this, done = std::move(done), alive = std::weak_ptr(alive_)](
            const driver::Outcome& outcome) {
          if (alive.expired())
            return;
          if (!outcome)
            refused_until_ = parts_.machine.Now() + kPauseAfterError;
          done(outcome ? base::Status() : base::Fail(outcome.error()));
        });
}

// Nobody reads logs here; a cause that is known is said.
void MailRoom::FindError(const notify::Part& part, std::function<void(notify::StepError)> done) {
  notify::StepError error;
  const auto causes = parts_.machine.disk().reader().Causes(part.job.run);
  for (const model::CauseRow& cause : causes ? *causes : std::vector<model::CauseRow>()) {
    if (cause.key == model::AttemptKey{part.job, part.try_number})
      error = {.text = cause.text, .has_cause = true};
  }
  done(error);
}

// A bundle says in words what it reports; here its notices are looked up.
std::vector<Told> MailRoom::WhatIsTold(const notify::Message& message) const {
  std::vector<Told> told;
  for (const auto& [key, matter] : desk_->outbox().matters()) {
    for (const notify::Notice& notice : matter.notices) {
      if (notice.id == message.id || notice.bundle == message.id)
        told.push_back({.about = key.about,
                        .occasion = notice.occasion,
                        .is_over = notice.is_over,
                        .is_cause = notice.is_cause,
                        .at = notice.parts.front().at,
                        .times = notice.count});
    }
  }
  return told;
}

void MailRoom::Send(const notify::Notifier& notifier,
                    const notify::Message& message,
                    const std::vector<std::string>&,
                    Sent done) {
  PostOffice::Reply reply;
  parts_.effects.Around([&] {
    reply = parts_.office.Take({.at = parts_.machine.Now(),
                                .notifier = notifier.name,
                                .id = message.id,
                                .told = WhatIsTold(message),
                                .has_cause = !message.error.empty()});
  });
  answers_.push_back({parts_.machine.Now() + reply.after, reply.failure, std::move(done)});
}

}  // namespace simulation
