#include "fault_finder/meddlers.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "emr/name.h"

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

Editor::Editor(simulation::Machine& machine, simulation::Checks& checks, const Plan& plan)
    : machine_(machine), checks_(checks), work_(plan.work), agenda_(plan, {Kind::kEdit}) {
  Tell();
}

void Editor::Tell() {
  project_ = {{}, work_.pools};
  for (const simulation::DagSpec& dag : work_.dags)
    project_.dags.push_back(BuildDag(work_, dag));
  checks_.OnProject(project_.dags);
  machine_.SetProject(project_);
}

void Editor::OnTime(base::Time now) {
  while (const Disturbance* edit = agenda_.Take(now)) {
    ++work_.dags[static_cast<size_t>(edit->n) % work_.dags.size()].edition;
    Tell();
  }
}

Outsiders::Outsiders(emulator::Emulator& emr, const Plan& plan, std::string deployment)
    : emr_(emr),
      deployment_(std::move(deployment)),
      agenda_(plan, {Kind::kConsole, Kind::kProtect, Kind::kStranger}) {}

void Outsiders::OnTime(base::Time now) {
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
  json::object request = base::ParseJson(R"({
      "ReleaseLabel": "emr-7.8.0", "ServiceRole": "r", "JobFlowRole": "p",
      "Instances": {"KeepJobFlowAliveWhenNoSteps": true, "InstanceFleets": [
        {"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1,
         "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]}]}})")
                             ->as_object();
  request["Name"] = sort % 3 == 2 ? "ada's notebook" : emr::ClusterName(identity);
  emr_.Handle("RunJobFlow", request, now);
}

ClockKeeper::ClockKeeper(simulation::Clock& clock, const Plan& plan)
    : clock_(clock), agenda_(plan, {Kind::kClock}) {}

void ClockKeeper::OnTime(base::Time now) {
  while (const Disturbance* jump = agenda_.Take(now))
    clock_.SetAhead(jump->span);
}

}  // namespace fault_finder
