#include "fault_finder/remover.h"

#include <algorithm>

#include "base/text.h"
#include "store/store.h"

namespace fault_finder {

namespace {

constexpr base::Duration kAskAgain = base::seconds(45);
constexpr base::Duration kPatience = base::hours(2);
constexpr base::Duration kWhole = base::hours(14);

}  // namespace

Remover::Remover(simulation::Machine& machine, const Plan& plan)
    : machine_(machine), gives_up_at_(plan.work.start + kWhole) {
  for (const RunsDeleted* asked : AllOf<RunsDeleted>(plan)) {
    const auto place = static_cast<size_t>(asked->dag) % plan.work.dags.size();
    const base::Time at = plan.work.start + asked->at;
    errands_.push_back({.asked = asked,
                        .run = {model::DagId(plan.work.dags[place].id),
                                model::RunId(base::Cat("again_", asked->at.count()))},
                        .due = at,
                        .patient_until = at + kPatience,
                        .left = asked->times});
  }
}

std::optional<base::Time> Remover::NextDue() const {
  std::optional<base::Time> next;
  for (const Errand& errand : errands_) {
    if (errand.left > 0 && !errand.is_asked)
      driver::Earlier(next, errand.due);
  }
  return next;
}

bool Remover::IsDone() const {
  return std::ranges::all_of(errands_, [](const Errand& errand) { return errand.left == 0; });
}

void Remover::OnDeath() {
  for (Errand& errand : errands_)
    errand.is_asked = false;
}

void Remover::OnTime(base::Time now) {
  for (Errand& errand : errands_) {
    if (errand.left == 0 || errand.is_asked || errand.due > now)
      continue;
    errand.due = now + kAskAgain;
    if (now > gives_up_at_)
      errand.left = 0;
    std::optional<Body> body = errand.left == 0 ? std::nullopt : BodyOf(errand, now);
    if (!body)
      continue;
    errand.is_asked = true;
    machine_.driver().Post(*std::move(body), [&errand](const driver::Outcome&) {
      errand.is_asked = false;  // it looks again
    });
  }
}

std::optional<Remover::Body> Remover::BodyOf(Errand& errand, base::Time now) {
  const auto run = machine_.disk().reader().Run(errand.run);
  if (!run && errand.is_there) {
    errand.is_there = false;
    --errand.left;
    return std::nullopt;
  }
  if (!run) {
    errand.patient_until = now + kPatience;
    return model::TriggerRun{
        .dag = errand.run.dag, .run_id = errand.run.run, .logical_date = now, .by = "ada"};
  }
  errand.is_there = true;
  if (IsTerminal(run->state))
    return now < *run->end_date + errand.asked->waits ? std::nullopt
                                                      : std::optional(DeleteOf(errand));
  if (now < errand.patient_until)
    return std::nullopt;
  errand.patient_until = now + kPatience;
  simulation::People::Granted ends;
  ends.deed.act = simulation::Act::kAbort;
  ends.asked_at = now;
  ends.run = errand.run;
  on_aborts_(ends);
  model::MarkRun abort;
  abort.run = errand.run;
  abort.by = "ada";
  abort.state = model::RunState::kFailed;
  return abort;
}

Remover::Body Remover::DeleteOf(const Errand& errand) const {
  model::DeleteRun asked;
  asked.run = errand.run;
  asked.by = "ada";
  if (!machine_.driver().state().runs.contains(errand.run)) {
    if (auto rows = store::ReadRun(machine_.disk().reader(), errand.run))
      asked.rows = std::make_shared<const model::Snapshot>(*std::move(rows));
  }
  return asked;
}

}  // namespace fault_finder
