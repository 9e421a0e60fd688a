#include "simulation/ledger.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace simulation {

using emulator::Cluster;
using emulator::ClusterState;
using emulator::Step;
using emulator::StepState;

std::string LabelOf(const model::RunKey& run) {
  return base::Cat(run.dag.str(), " ", run.run.str());
}

std::string LabelOf(const model::JobKey& job) {
  return base::Cat(LabelOf(job.run), " ", model::DisplayName(job));
}

std::string LabelOf(const model::AttemptKey& attempt) {
  return base::Cat(LabelOf(attempt.job), " try ", attempt.n);
}

NameParts ReadName(std::string_view name) {
  NameParts out;
  const size_t head = name.find(' ');
  const size_t tried = name.rfind(" try ");
  if (head == std::string_view::npos || tried == std::string_view::npos || tried <= head)
    return out;
  const std::string_view job = name.substr(head + 1, tried - head - 1);
  const size_t of_job = job.rfind(' ');
  const auto n = base::ParseInt(name.substr(tried + 5));
  if (of_job == std::string_view::npos || !n)
    return out;
  out.head = name.substr(0, head);
  out.run = job.substr(0, of_job);
  out.job = job;
  out.attempt = name.substr(head + 1);
  out.n = static_cast<int>(*n);
  return out;
}

bool HasDoneItsWork(const Cluster& cluster) {
  return !cluster.steps.empty() &&
         std::all_of(cluster.steps.begin(), cluster.steps.end(), [](const Step& step) {
           return step.state == StepState::kCompleted;
         });
}

bool Succeeded(const Cluster& cluster) {
  return cluster.state == ClusterState::kTerminated && cluster.reason.code != "USER_REQUEST" &&
         HasDoneItsWork(cluster);
}

Ledger::Ledger(const emulator::Emulator& emr, std::string prefix)
    : emr_(emr), prefix_(std::move(prefix)) {}

void Ledger::Add(const Cluster& cluster) {
  LedgerEntry entry;
  entry.cluster = &cluster;
  entry.name = ReadName(cluster.name);
  entry.ours = cluster.name.starts_with(prefix_) && !entry.name.attempt.empty();
  by_id_[cluster.id] = entries_.size();
  entries_.push_back(entry);
}

bool Ledger::Update(LedgerEntry& entry) {
  const bool worked = entry.worked || std::any_of(entry.cluster->steps.begin(),
                                                  entry.cluster->steps.end(),
                                                  [](const Step& s) { return !!s.started_at; });
  const bool settled = entry.cluster->Terminal();
  const bool is_news = worked != entry.worked || settled != entry.settled;
  entry.worked = worked;
  entry.settled = settled;
  return is_news;
}

const LedgerEntry* Ledger::Find(std::string_view cluster_id) const {
  const auto found = by_id_.find(cluster_id);
  return found == by_id_.end() ? nullptr : &entries_[found->second];
}

Bill Ledger::Count(base::Time now) const {
  Bill bill;
  for (const LedgerEntry& entry : entries_) {
    double hours = 0;
    for (const emulator::Fleet& fleet : entry.cluster->fleets)
      hours += fleet.InstanceSeconds(now) / 3600;
    (!entry.ours                      ? bill.strange_hours
     : HasDoneItsWork(*entry.cluster) ? bill.useful_hours
                                      : bill.retried_hours) += hours;
  }
  return bill;
}

}  // namespace simulation
