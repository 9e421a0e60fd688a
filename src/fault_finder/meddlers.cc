#include "fault_finder/meddlers.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "emr/name.h"
#include "engine/state.h"
#include "fault_finder/staging.h"
#include "model/breaker.h"

namespace fault_finder {

Agenda::Agenda(const Plan& plan, bool (*belongs)(const Disturbance&)) : start_(plan.work.start) {
  for (const Disturbance& d : plan.disturbances) {
    if (belongs(d))
      all_.push_back(&d);
  }
  // Of one moment in the plan's order: they are elements of one vector.
  std::sort(all_.begin(), all_.end(), [](const Disturbance* a, const Disturbance* b) {
    return std::pair(StartOf(*a), a) < std::pair(StartOf(*b), b);
  });
}

std::optional<base::Time> Agenda::NextDue() const {
  return next_ < all_.size() ? std::optional(start_ + StartOf(*all_[next_])) : std::nullopt;
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

// Nothing of another job or DAG names the last job.
bool IsFree(const simulation::Workload& work, size_t dag) {
  const auto last = static_cast<int>(work.dags[dag].jobs.size()) - 1;
  for (const simulation::DagSpec& other : work.dags) {
    for (const simulation::JobSpec& job : other.jobs) {
      for (const simulation::JobSpec::Cross& cross : job.cross) {
        if (static_cast<size_t>(cross.dag) == dag && cross.job == last && !cross.is_whole_run)
          return false;
      }
    }
  }
  return last > 0;
}

// Its jobs are others from now on.
void Reshape(simulation::Workload& work, size_t place, int64_t how) {
  constexpr char kAdded[] = "x";
  simulation::DagSpec& dag = work.dags[place];
  if (how == 1 && dag.jobs.back().id != kAdded) {
    simulation::JobSpec job;
    job.id = kAdded;
    job.upstream = {0};
    job.is_empty = dag.edition % 2 == 0;
    dag.jobs.push_back(std::move(job));
  } else if (how == 2 && IsFree(work, place)) {
    dag.jobs.pop_back();
  } else if (how == 3 && dag.jobs.back().id == kAdded) {
    dag.jobs.back().is_empty = !dag.jobs.back().is_empty;
  }
}

}  // namespace

Editor::Editor(simulation::Machine& machine, simulation::Checks& checks, const Plan& plan)
    : machine_(machine),
      checks_(checks),
      work_(plan.work),
      absent_until_(work_.dags.size(), base::Time::min()),
      agenda_(plan, &IsAnyOf<DagEdit, DagAbsent, FilesVanish, CapsLifted>) {
  Tell(work_.start);
}

void Editor::Tell(base::Time now) {
  project_ = {{}, work_.pools, work_.limits, {}};
  project_.spend_rules.prices = work_.prices;
  if (work_.cap_per_day > 0)
    project_.spend_rules.cap_per_day = work_.cap_per_day;
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

void Editor::Vanish(const FilesVanish& vanish) {
  const auto all = static_cast<int64_t>(work_.dags.size());
  const int64_t count = std::min(vanish.dags, all);
  for (int64_t i = 0; i < count; ++i) {
    base::Time& back = absent_until_[static_cast<size_t>(i)];
    back = std::max(back, work_.start + vanish.from + vanish.lasts * (i + 1) / count);
  }
  if (vanish.is_confirmed)
    confirm_at_ = work_.start + vanish.from + vanish.lasts / 2;
}

void Editor::Edit(const DagEdit& edit) {
  simulation::DagSpec& dag = work_.dags[static_cast<size_t>(edit.dag) % work_.dags.size()];
  ++dag.edition;
  if (edit.fires_more_rarely)
    SlowDown(dag);
  if (edit.fires_later_by > base::Duration(0))
    Move(dag, edit.fires_later_by);
  if (edit.reshapes > 0)
    Reshape(work_, static_cast<size_t>(edit.dag) % work_.dags.size(), edit.reshapes);
}

void Editor::TakeAway(const DagAbsent& absent) {
  base::Time& back = absent_until_[static_cast<size_t>(absent.dag) % work_.dags.size()];
  back = std::max(back, work_.start + absent.from + absent.lasts);
}

void Editor::LiftCaps() {
  work_.cap_per_day = 0;
  for (simulation::DagSpec& dag : work_.dags)
    dag.cap_per_day = dag.cap_per_run = 0;
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
    if (const DagEdit* edit = std::get_if<DagEdit>(change))
      Edit(*edit);
    else if (const FilesVanish* vanish = std::get_if<FilesVanish>(change))
      Vanish(*vanish);
    else if (std::holds_alternative<CapsLifted>(*change))
      LiftCaps();
    else
      TakeAway(std::get<DagAbsent>(*change));
  }
  Tell(now);
  for (base::Time& back : absent_until_) {
    if (back <= now)
      back = base::Time::min();
  }
}

void Caretaker::OnCommitted(base::Time, const std::vector<model::Change>& batch) {
  for (const model::Change& change : batch) {
    const auto* line = std::get_if<model::HistoryRow>(&change);
    if (line == nullptr || line->subject.kind != model::EntityKind::kDag)
      continue;
    if (model::IsPauseByFailures(*line))
      paused_.insert(line->subject.dag);
    else if (line->to == "paused" || line->to == "unpaused")
      paused_.erase(line->subject.dag);
  }
}

void Caretaker::OnTailLost(base::Time now,
                           const std::vector<simulation::Stored>& left,
                           base::Time) {
  paused_.clear();
  for (const simulation::Stored& stored : left)
    OnCommitted(now, stored.batch);
}

// What a person paused is not the caretaker's.
std::vector<Caretaker::Body> Caretaker::Wanted() const {
  std::vector<Body> wanted;
  const engine::State& state = machine_.driver().state();
  for (const auto& [id, entry] : state.dags) {
    if (entry.row.is_paused && entry.row.is_active && paused_.contains(id))
      wanted.emplace_back(model::SetPaused{id, false, "carol"});
  }
  for (const auto& [id, hold] : state.holds) {
    if (hold.placed_by == model::kBreaker)
      wanted.emplace_back(model::ReleaseHold{id, "carol"});
  }
  return wanted;
}

bool Caretaker::IsDone() const {
  return Wanted().empty();
}

std::optional<base::Time> Caretaker::NextDue() const {
  return IsDone() ? std::nullopt : std::optional(next_);
}

void Caretaker::OnTime(base::Time now) {
  constexpr base::Duration kPatience = base::minutes(25);
  if (now < next_)
    return;
  for (Body& body : Wanted())
    machine_.driver().Post(std::move(body), [](const driver::Outcome&) {});
  next_ = now + kPatience;
}

SupervisorKiller::SupervisorKiller(simulation::Processes& processes, const Plan& plan)
    : processes_(processes) {
  for (const SupervisorsDie* death : AllOf<SupervisorsDie>(plan))
    deaths_.emplace_back(plan.work.start + death->at, death);
  std::ranges::sort(deaths_);
}

std::optional<base::Time> SupervisorKiller::NextDue() const {
  return next_ < deaths_.size() ? std::optional(deaths_[next_].first) : std::nullopt;
}

void SupervisorKiller::OnTime(base::Time now) {
  for (; next_ < deaths_.size() && deaths_[next_].first <= now; ++next_) {
    const SupervisorsDie& death = *deaths_[next_].second;
    if (death.all)
      processes_.LoseAll(now);
    else
      processes_.LoseOne(death.process, now);
  }
}

Pauser::Pauser(simulation::Machine& machine, const Plan& plan) : machine_(machine) {
  std::multimap<base::Time, model::SetPaused> in_order;
  for (const DagPause* pause : AllOf<DagPause>(plan)) {
    const size_t place = static_cast<size_t>(pause->dag) % plan.work.dags.size();
    const model::DagId dag(plan.work.dags[place].id);
    const base::Time at = plan.work.start + pause->from;
    in_order.emplace(at, model::SetPaused{dag, true, "bob"});
    in_order.emplace(at + pause->lasts, model::SetPaused{dag, false, "bob"});
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
  for (const CrowdOfClusters* crowd : AllOf<CrowdOfClusters>(plan)) {
    for (int64_t i = 0; i < crowd->clusters; ++i)
      arrivals_.push_back(plan.work.start + crowd->from + crowd->lasts * i / crowd->clusters);
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
      agenda_(plan, &IsAnyOf<ConsoleKill, ConsoleProtect, StrangersCluster>),
      crowd_(emr, plan) {}

std::optional<base::Time> Outsiders::NextDue() const {
  std::optional<base::Time> next = agenda_.NextDue();
  driver::Earlier(next, crowd_.NextDue());
  return next;
}

void Outsiders::OnTime(base::Time now) {
  crowd_.OnTime(now);
  while (const Disturbance* deed = agenda_.Take(now)) {
    if (const StrangersCluster* stranger = std::get_if<StrangersCluster>(deed))
      Launch(stranger->sort, now);
    else if (const ConsoleKill* kill = std::get_if<ConsoleKill>(deed))
      Kill(kill->cluster, now);
    else
      Protect(std::get<ConsoleProtect>(*deed).cluster, now);
  }
}

json::array Outsiders::OneOfOurs(int64_t place) const {
  std::vector<std::string> live;
  for (const emulator::Cluster& cluster : emr_.clusters()) {
    if (!cluster.Ending() && cluster.name.starts_with("sbx-"))
      live.push_back(cluster.id);
  }
  json::array ids;
  if (!live.empty())
    ids.emplace_back(live[static_cast<size_t>(place) % live.size()]);
  return ids;
}

void Outsiders::Kill(int64_t place, base::Time now) {
  if (const json::array ids = OneOfOurs(place); !ids.empty())
    emr_.Handle("TerminateJobFlows", json::object{{"JobFlowIds", ids}}, now);
}

void Outsiders::Protect(int64_t place, base::Time now) {
  if (const json::array ids = OneOfOurs(place); !ids.empty())
    emr_.Handle("SetTerminationProtection",
                json::object{{"JobFlowIds", ids}, {"TerminationProtected", true}},
                now);
}

void Outsiders::Launch(int64_t sort, base::Time now) {
  emr::LaunchIdentity identity;
  identity.deployment = sort % 3 == 0 ? "prod" : deployment_;
  identity.incarnation =
      sort % 3 == 0 ? "0123456789abcdef0123456789abcdef" : "ffffffffffffffffffffffffffffffff";
  identity.attempt = {{{model::DagId("d0"), model::RunId("elsewhere")}, model::JobId("j0"), {}}, 1};
  identity.token =
      emr::ComputeToken(identity.incarnation, identity.attempt, static_cast<int>(sort), 0);
  const std::string name = sort % 3 == 2 ? "ada's notebook" : emr::ClusterName(identity);
  emr_.Handle("RunJobFlow", StrangersRequest(name, true), now);
}

ClockKeeper::ClockKeeper(simulation::Clock& clock, const Plan& plan)
    : clock_(clock), agenda_(plan, &IsAnyOf<ClockSet>) {}

void ClockKeeper::OnTime(base::Time now) {
  while (const Disturbance* jump = agenda_.Take(now))
    clock_.SetAhead(AheadOf(std::get<ClockSet>(*jump)));
}

}  // namespace fault_finder
