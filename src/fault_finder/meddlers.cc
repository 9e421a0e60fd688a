#include "fault_finder/meddlers.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "emr/name.h"
#include "engine/state.h"
#include "fault_finder/staging.h"

namespace fault_finder {

using Kind = Disturbance::Kind;

Agenda::Agenda(const Plan& plan, std::vector<Kind> kinds) : start_(plan.work.start) {
  for (const Disturbance& d : plan.disturbances) {
    if (std::find(kinds.begin(), kinds.end(), d.kind) != kinds.end())
      all_.push_back(&d);
  }
  // Of one moment in the plan's order: they are elements of one vector.
  std::sort(all_.begin(), all_.end(), [](const Disturbance* a, const Disturbance* b) {
    return std::pair(a->at, a) < std::pair(b->at, b);
  });
}

std::optional<base::Time> Agenda::NextDue() const {
  return next_ < all_.size() ? std::optional(start_ + all_[next_]->at) : std::nullopt;
}

const Disturbance* Agenda::Take(base::Time now) {
  auto due = NextDue();
  return due && *due <= now ? all_[next_++] : nullptr;
}

namespace {

// It fires at some of its ticks from now on.
void SlowDown(simulation::DagSpec& dag) {
  constexpr int kMostMinutes = 240;
  if (dag.every_minutes > 0 && dag.every_minutes < kMostMinutes)
    dag.every_minutes = dag.every_minutes < 60 ? 60 : 2 * dag.every_minutes;
}

// It fires that much later in each period from now on.
void Move(simulation::DagSpec& dag, base::Duration by) {
  if (dag.every_minutes > 0)
    dag.minute =
        (dag.minute + static_cast<int>(by / base::minutes(1))) % std::min(60, dag.every_minutes);
}

}  // namespace

Editor::Editor(simulation::Machine& machine, simulation::Checks& checks, const Plan& plan)
    : machine_(machine),
      checks_(checks),
      work_(plan.work),
      absent_until_(work_.dags.size(), base::Time::min()),
      agenda_(plan, {Kind::kEdit, Kind::kAbsent, Kind::kVanish}) {
  Tell(work_.start);
}

void Editor::Tell(base::Time now) {
  project_ = {{}, work_.pools};
  for (size_t i = 0; i < work_.dags.size(); ++i) {
    if (absent_until_[i] <= now)
      project_.dags.push_back(BuildDag(work_, work_.dags[i]));
  }
  checks_.OnProject(now, project_.dags);
  checks_.OnWork(work_);
  machine_.SetProject(project_);
}

std::optional<base::Time> Editor::NextDue() const {
  std::optional<base::Time> next = agenda_.NextDue();
  for (base::Time back : absent_until_) {
    if (back != base::Time::min())
      driver::Earlier(next, back);
  }
  driver::Earlier(next, confirm_at_);
  return next;
}

void Editor::Vanish(const Disturbance& vanish) {
  const auto all = static_cast<int64_t>(work_.dags.size());
  const int64_t count = std::min(vanish.n, all);
  for (int64_t i = 0; i < count; ++i) {
    base::Time& back = absent_until_[static_cast<size_t>(i)];
    back = std::max(back, work_.start + vanish.at + vanish.span * (i + 1) / count);
  }
  if (vanish.after)
    confirm_at_ = work_.start + vanish.at + vanish.span / 2;
}

void Editor::Confirm() {
  model::DeactivateDags request{{}, "ada"};
  for (const auto& [id, entry] : machine_.driver().state().dags) {
    if (entry.row.missing_since)
      request.dags.push_back(id);
  }
  machine_.driver().Post(std::move(request));
}

void Editor::OnTime(base::Time now) {
  if (confirm_at_ && *confirm_at_ <= now) {
    confirm_at_ = std::nullopt;
    Confirm();
  }
  while (const Disturbance* change = agenda_.Take(now)) {
    const size_t dag = static_cast<size_t>(change->n) % work_.dags.size();
    if (change->kind == Kind::kEdit) {
      ++work_.dags[dag].edition;
      if (change->after)
        SlowDown(work_.dags[dag]);
      if (change->span > base::Duration(0))
        Move(work_.dags[dag], change->span);
    } else if (change->kind == Kind::kVanish) {
      Vanish(*change);
    } else {
      absent_until_[dag] = std::max(absent_until_[dag], work_.start + change->at + change->span);
    }
  }
  Tell(now);
  for (base::Time& back : absent_until_) {
    if (back <= now)
      back = base::Time::min();
  }
}

Pauser::Pauser(simulation::Machine& machine, const Plan& plan) : machine_(machine) {
  std::multimap<base::Time, model::SetPaused> in_order;
  for (const Disturbance& d : plan.disturbances) {
    if (d.kind != Kind::kPause)
      continue;
    const model::DagId dag(plan.work.dags[static_cast<size_t>(d.n) % plan.work.dags.size()].id);
    const base::Time at = plan.work.start + d.at;
    in_order.emplace(at, model::SetPaused{dag, true, "bob"});
    in_order.emplace(at + d.span, model::SetPaused{dag, false, "bob"});
  }
  for (const simulation::DagSpec& dag : plan.work.dags) {
    if (dag.paused_for > base::Duration(0))
      in_order.emplace(plan.work.start + dag.paused_for,
                       model::SetPaused{model::DagId(dag.id), false, "bob"});
  }
  for (auto& [due, what] : in_order)
    requests_.push_back({due, std::move(what)});
}

std::optional<base::Time> Pauser::NextDue() const {
  return IsDone() || is_asked_ ? std::nullopt : std::optional(requests_[next_].due);
}

void Pauser::OnTime(base::Time now) {
  is_asked_ = true;
  machine_.driver().Post(requests_[next_].what, [this, now](const driver::Outcome& outcome) {
    is_asked_ = false;
    if (outcome)
      ++next_;
    else
      requests_[next_].due = now + base::seconds(30);
  });
}

namespace {

// A cluster of somebody else's, as small as can be.
json::object StrangersRequest(std::string name, bool stays) {
  const json::array fleets{json::object{
      {"InstanceFleetType", "MASTER"},
      {"TargetOnDemandCapacity", 1},
      {"InstanceTypeConfigs", json::array{json::object{{"InstanceType", "m5.xlarge"}}}}}};
  return {{"Name", std::move(name)},
          {"ReleaseLabel", "emr-7.8.0"},
          {"ServiceRole", "r"},
          {"JobFlowRole", "p"},
          {"Instances",
           json::object{{"KeepJobFlowAliveWhenNoSteps", stays}, {"InstanceFleets", fleets}}}};
}

}  // namespace

Crowd::Crowd(emulator::Emulator& emr, const Plan& plan) : emr_(emr) {
  for (const Disturbance& d : plan.disturbances) {
    if (d.kind != Kind::kCrowd)
      continue;
    for (int64_t i = 0; i < d.n; ++i)
      arrivals_.push_back(plan.work.start + d.at + d.span * i / d.n);
  }
  std::sort(arrivals_.begin(), arrivals_.end());
}

std::optional<base::Time> Crowd::NextDue() const {
  return next_ < arrivals_.size() ? std::optional(arrivals_[next_]) : std::nullopt;
}

// One that EMR throttles never comes.
void Crowd::OnTime(base::Time now) {
  for (; next_ < arrivals_.size() && arrivals_[next_] <= now; ++next_)
    emr_.Handle("RunJobFlow", StrangersRequest(base::Cat("nightly report ", next_), false), now);
}

Outsiders::Outsiders(emulator::Emulator& emr, const Plan& plan, std::string deployment)
    : emr_(emr),
      deployment_(std::move(deployment)),
      agenda_(plan, {Kind::kConsole, Kind::kProtect, Kind::kStranger}),
      crowd_(emr, plan) {}

std::optional<base::Time> Outsiders::NextDue() const {
  std::optional<base::Time> next = agenda_.NextDue();
  driver::Earlier(next, crowd_.NextDue());
  return next;
}

void Outsiders::OnTime(base::Time now) {
  crowd_.OnTime(now);
  while (const Disturbance* deed = agenda_.Take(now)) {
    if (deed->kind == Kind::kStranger) {
      Launch(deed->n, now);
      continue;
    }
    std::vector<std::string> live;
    for (const emulator::Cluster& cluster : emr_.clusters()) {
      if (!cluster.Ending() && cluster.name.starts_with("sbx-"))
        live.push_back(cluster.id);
    }
    if (live.empty())
      continue;
    json::array ids{live[static_cast<size_t>(deed->n) % live.size()]};
    if (deed->kind == Kind::kConsole)
      emr_.Handle("TerminateJobFlows", json::object{{"JobFlowIds", ids}}, now);
    else
      emr_.Handle("SetTerminationProtection",
                  json::object{{"JobFlowIds", ids}, {"TerminationProtected", true}},
                  now);
  }
}

void Outsiders::Launch(int64_t sort, base::Time now) {
  emr::LaunchIdentity identity;
  identity.deployment = sort % 3 == 0 ? "prod" : deployment_;
  identity.incarnation =
      sort % 3 == 0 ? "0123456789abcdef0123456789abcdef" : "ffffffffffffffffffffffffffffffff";
  identity.attempt = {{{model::DagId("d0"), model::RunId("elsewhere")}, model::JobId("j0"), {}}, 1};
  identity.token =
      emr::ComputeToken(identity.incarnation, identity.attempt, static_cast<int>(sort));
  const std::string name = sort % 3 == 2 ? "ada's notebook" : emr::ClusterName(identity);
  emr_.Handle("RunJobFlow", StrangersRequest(name, true), now);
}

ClockKeeper::ClockKeeper(simulation::Clock& clock, const Plan& plan)
    : clock_(clock), agenda_(plan, {Kind::kClock}) {}

void ClockKeeper::OnTime(base::Time now) {
  while (const Disturbance* jump = agenda_.Take(now))
    clock_.SetAhead(AheadOf(*jump));
}

}  // namespace fault_finder
