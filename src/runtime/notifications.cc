#include "runtime/notifications.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "runtime/core.h"
#include "runtime/step_error.h"

namespace runtime {

namespace {

constexpr std::string_view kOwnPart = "notifiers";  // no notifier reports it
// World time that a part is not well, or well again, before anybody is told.
constexpr base::Duration kHealthRest = base::minutes(1);
// Wall times.
constexpr base::Duration kWakeMin = base::milliseconds(1);
constexpr base::Duration kWakeMax = base::seconds(30);
constexpr base::Duration kReadPause = base::seconds(2);

uint64_t SeedOf(const model::Identity& identity) {
  return std::hash<std::string>()(identity.incarnation);
}

}  // namespace

Notifications::Notifications(Core& core, SendNotice send) : core_(core), send_(std::move(send)) {
  desk_ =
      std::make_unique<notify::Desk>(*this, RoutesNow(), SeedOf(core_.driver->state().identity));
  feed_ = std::make_unique<Feed>(
      core_.SourceOfFeeds(),
      Feed::Consumer{.name = "notifications",
                     .wants = notify::IsOfInterest,
                     .take = [this](const Rows& rows, auto taken) { Take(rows, taken); }});
}

std::shared_ptr<const notify::Routes> Notifications::RoutesNow() const {
  const dagfile::Project& project = core_.watch.project();
  return std::make_shared<const notify::Routes>(
      notify::Estate{.deployment = project.deployment,
                     .url = project.server.url,
                     .dags = core_.watch.LoadedEvent(core_.driver->state()).dags,
                     .deadlines = project.deadlines,
                     .rules = project.notifications,
                     .notifiers = project.notifiers});
}

void Notifications::OnProject() {
  desk_->SetRoutes(RoutesNow());
  Arm();
}

// Facts are read where rows are read; a read that fails is tried again, for a row without them
// would tell less.
void Notifications::Take(const Rows& rows, std::function<void(Feed::Records, Feed::Stored)> taken) {
  auto happenings = std::make_shared<base::Result<std::vector<notify::Happening>>>();
  const auto work = [happenings, rows](store::Reader& reader) {
    std::vector<notify::Happening> found;
    for (const auto& row : rows) {
      notify::Facts facts;
      if (notify::NeedsFacts(*row)) {
        auto read = notify::FactsOf(reader, *row);
        if (!read) {
          *happenings = base::Fail(read.error());
          return;
        }
        facts = *std::move(read);
      }
      if (auto happening = notify::HappeningOf(*row, facts))
        found.push_back(*std::move(happening));
    }
    *happenings = std::move(found);
  };
  core_.reads->Run(
      ReadPool::Turn::kUsual,
      work,
      [this, rows, taken, happenings, alive = std::weak_ptr(alive_)](const base::Status& read) {
        if (alive.expired())
          return;
        if (!read || !*happenings) {
          again_ = core_.loop.After(kReadPause, [this, rows, taken] { Take(rows, taken); });
          return;
        }
        desk_->Take(**happenings,
                    [this, taken](notify::Records records, notify::Desk::Stored stored) {
                      taken(std::move(records), [this, stored](const base::Status& written) {
                        NoteWritten(written);
                        stored(written);
                      });
                    });
        Arm();
      });
}

void Notifications::OnHealth(const std::vector<Component>& parts, base::Time now) {
  std::vector<notify::Happening> happenings;
  for (const Component& part : parts) {
    if (part.name != kOwnPart && now - part.since >= kHealthRest)
      happenings.push_back(notify::HealthHappening(part.name, part.message, part.since));
  }
  desk_->Take(std::move(happenings));
  desk_->Wake();
  Arm();
}

// Why messages are not stored is said once, and for as long as it lasts.
void Notifications::NoteWritten(const base::Status& written) {
  std::string why = written ? "" : written.error().message;
  if (!why.empty() && why != store_error_)
    base::LogError("notifications_not_stored", {{"message", why}});
  store_error_ = std::move(why);
}

std::string Notifications::Trouble() const {
  std::vector<std::string> sentences;
  if (!store_error_.empty())
    sentences.push_back(base::Cat("messages cannot be stored: ", store_error_));
  for (const auto& [name, state] : States()) {
    if (state.failing_since && state.pending > 0)
      sentences.push_back(base::Cat("the notifier '",
                                    name,
                                    "' fails since ",
                                    base::FormatRfc3339(*state.failing_since),
                                    ", and ",
                                    state.pending,
                                    state.pending == 1 ? " message waits" : " messages wait",
                                    " for it ('signalbox notifiers list' says why)"));
  }
  return base::Join(sentences, "; ");
}

std::vector<NotifierView> Views::Notifiers() const {
  std::map<std::string, notify::NotifierState> states;
  if (core_.notifications != nullptr)
    states = core_.notifications->States();
  std::vector<NotifierView> views;
  for (const notify::Notifier& notifier : core_.watch.project().notifiers) {
    const notify::NotifierState& state = states[notifier.name];
    views.push_back({.name = notifier.name,
                     .type = ToString(notifier.type),
                     .sent = state.sent,
                     .failed = state.failed,
                     .given_up = state.given_up,
                     .pending = state.pending,
                     .last_success = state.last_success,
                     .failing_since = state.failing_since,
                     .last_error = state.last_error});
  }
  return views;
}

void Notifications::Arm() {
  const bool is_refused = !store_error_.empty();
  base::Duration wait = is_refused ? kReadPause : kWakeMax;
  if (const auto due = desk_->NextWake(); due && !is_refused)
    wait = std::clamp(core_.world->WaitFor(*due) + base::Duration(1), kWakeMin, kWakeMax);
  wake_ = core_.loop.After(wait, [this] {
    desk_->Wake();
    Arm();
  });
}

base::Time Notifications::Now() {
  return core_.world->Now();
}

std::vector<const model::RecordRow*> Notifications::Stored() {
  std::vector<const model::RecordRow*> rows;
  const auto& records = core_.driver->state().records;
  for (auto at = records.lower_bound({model::RecordKind::kNotice, ""});
       at != records.end() && at->first.kind == model::RecordKind::kNotice;
       ++at)
    rows.push_back(&at->second);
  return rows;
}

void Notifications::Write(notify::Records records, Written done) {
  core_.Post(model::ChangeRecords{.records = std::move(records), .is_quiet = true},
             [this, done = std::move(done), alive = std::weak_ptr(alive_)](const Outcome& outcome) {
               if (alive.expired())
                 return;
               NoteWritten(outcome ? base::Status() : base::Fail(outcome.error()));
               done(outcome ? base::Status() : base::Fail(outcome.error()));
               Arm();
             });
}

void Notifications::FindError(const notify::Part& part,
                              std::function<void(notify::StepError)> done) {
  FindStepError(core_, {part.job, part.try_number}, std::move(done));
}

void Notifications::Send(const notify::Notifier& notifier,
                         const notify::Message& message,
                         const std::vector<std::string>& emails,
                         Sent done) {
  send_(notifier,
        message,
        emails,
        [this, done = std::move(done), alive = std::weak_ptr(alive_)](
            const std::optional<notify::SendFailure>& failure) {
          if (alive.expired())
            return;
          done(failure);
          Arm();
        });
}

}  // namespace runtime
