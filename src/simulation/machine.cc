#include "simulation/machine.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace simulation {

namespace {
constexpr base::Duration kRestart = base::seconds(20);
constexpr base::Duration kTellAgain = base::seconds(30);
}  // namespace

Machine::Machine(Clock& clock,
                 emulator::Emulator& emr,
                 Effects& effects,
                 Network& network,
                 store::Store& disk,
                 Witness& witness,
                 const schedule::ZoneSet& zones,
                 driver::Options options)
    : clock_(clock),
      emr_(emr),
      effects_(effects),
      network_(network),
      disk_(disk),
      witness_(witness),
      zones_(zones),
      options_(std::move(options)) {}

Machine::~Machine() = default;

void Machine::SetProject(Project project) {
  project_ = std::move(project);
  project_due_ = clock_.Now();
}

void Machine::TellProjectIfDue() {
  if (!project_due_ || *project_due_ > clock_.Now())
    return;
  project_due_ = std::nullopt;
  driver_->Post(
      model::ProjectLoaded{project_.dags, project_.pools, project_.limits, project_.spend_rules},
      [this](const driver::Outcome& outcome) {
        if (!outcome)
          project_due_ = clock_.Now() + kTellAgain;
      });
}

bool Machine::Start() {
  clock_.Restart();
  auto driver = driver::Driver::Create(options_, network_, disk_, zones_);
  if (!driver) {
    fatal_ = driver.error().message;
    return false;
  }
  driver_ = std::move(*driver);
  witness_.OnBirth(clock_.Now());
  project_due_ = clock_.Now();
  return true;
}

void Machine::Kill() {
  driver_.reset();
  network_.DropReplies();
  effects_.OnDeath();
  for (Actor* actor : actors_)
    actor->OnDeath();
  witness_.OnDeath(clock_.Now());
}

void Machine::Run(base::Time until, const std::function<bool()>& done) {
  while (!fatal_) {
    try {
      if (driver_ == nullptr && !Start())
        return;
      while (true) {
        Turn();
        if (fatal_ || (done && done()))
          return;
        const base::Time next = NextMoment(until);
        clock_.AdvanceTo(next);
        if (next >= until) {
          emr_.AdvanceTo(until);
          return;
        }
      }
    } catch (const Crash&) {
      Kill();
      clock_.AdvanceTo(clock_.Now() + kRestart);
      emr_.AdvanceTo(clock_.Now());
    } catch (const Endless&) {
      fatal_ = base::Cat("no end of effects at ", base::FormatRfc3339(clock_.Now()));
    }
  }
}

void Machine::Turn() {
  ++turns_;
  effects_.OnTurn();
  network_.Deliver(*driver_);
  for (Actor* actor : actors_) {
    if (auto due = actor->NextDue(); due && *due <= clock_.Now())
      actor->OnTime(clock_.Now());
    // What the editor, who comes first, says at one moment is read at once; and a process that
    // starts has read its files before anybody can ask something of it.
    TellProjectIfDue();
  }
  TellProjectIfDue();
  driver_->Pump();
  if (driver_->fatal() && driver_->fatal()->code != base::ErrorCode::kStale)
    fatal_ = driver_->fatal()->message;
  emr_.AdvanceTo(clock_.Now());
  witness_.OnTurn(clock_.Now());
  // A process that was fenced gives up, and is started again like any process that ends.
  if (driver_->fatal() && driver_->fatal()->code == base::ErrorCode::kStale)
    throw Crash{};
}

base::Time Machine::NextMoment(base::Time until) {
  std::optional<base::Time> next = network_.NextArrival();
  if (auto wake = driver_->NextWake())
    driver::Earlier(next, clock_.WhenOurs(*wake));
  for (const Actor* actor : actors_)
    driver::Earlier(next, actor->NextDue());
  driver::Earlier(next, project_due_);
  // Whatever is due at once happens a little later: time must pass.
  return std::min(until, std::max(next.value_or(until), clock_.Now() + base::milliseconds(1)));
}

}  // namespace simulation
