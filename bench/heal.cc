// How fast a lost cluster is replaced, in virtual time: 200 clusters of one estate, of which each
// loses all its core nodes once, at a drawn moment; once with every event lost, once with EMR's
// events. Measured at EMR's side and in the store's rows:
//   seen      from the loss to the kill (ZERO_CORE confirmed). ListClusters shows a cluster that
//             waits; one that seems to run is found by an event, or by a look at its nodes, for
//             which 200 clusters take turns at half of ListInstanceFleets' quota: 13 minutes at
//             worst
//   replaced  from the moment at which the replacement may start (the retry's delay is over and the
//             old cluster was seen dead) to its launch; wanted: p50 at most 10 s

#include <algorithm>
#include <cstdio>
#include <map>

#include "../tests/sim/account.h"
#include "base/draw.h"
#include "base/text.h"
#include "model/dag_json.h"
#include "store/memory_store.h"

namespace {

constexpr int kClusters = 200;
constexpr base::Duration kDelay = base::minutes(10);
constexpr base::Duration kSpan = base::hours(3);

emulator::Options Losses() {
  emulator::Options options;
  options.events = true;
  options.plan.timing.step = base::minutes(30);
  for (int lane = 0; lane < kClusters; ++lane) {
    emulator::Fault fault;
    fault.kind = emulator::FaultKind::kLoseFleet;
    fault.name = base::Cat("* job0_", lane, " try 1");
    uint64_t seconds = base::Draw(7, "loss", static_cast<uint64_t>(lane)) % 1200;
    fault.after = base::minutes(6) + base::seconds(static_cast<int64_t>(seconds));
    fault.outcome =
        lane % 2 == 0 ? emulator::Fault::Outcome::kRunning : emulator::Fault::Outcome::kWaiting;
    options.plan.faults.push_back(fault);
  }
  return options;
}

simulation::Project Project() {
  auto dag = std::make_shared<model::Dag>(*sim::LanesDag(kClusters, 1));
  for (model::Job& job : dag->jobs)
    job.infra_retry_delay = kDelay;
  dag->version = model::ComputeVersion(*dag);
  return sim::Lanes(std::move(dag));
}

void Print(const char* what, std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  auto at = [&](double share) {
    return seconds[static_cast<size_t>(share * static_cast<double>(seconds.size() - 1))];
  };
  std::printf("%-22s p50 %6.1f s   p95 %6.1f s   max %6.1f s   (%zu clusters)\n",
              what,
              at(0.5),
              at(0.95),
              seconds.back(),
              seconds.size());
}

double Seconds(base::Duration span) {
  return static_cast<double>(span.count()) / 1e6;
}

// The half second to a second that EventBridge takes.
simulation::EventOptions EventOptions() {
  simulation::EventOptions options;
  options.late_at_least = base::milliseconds(300);
  options.late_at_most = base::seconds(1);
  options.seed = 1;
  return options;
}

bool Measure(bool with_events) {
  const base::Time start = base::ParseTime("2026-01-05T00:00:00Z").value();
  store::MemoryStore store({"bench", "0123456789abcdef0123456789abcdef", 0});
  sim::Account account(start, Losses());
  account.Start(store, {}, Project());
  if (with_events)
    account.SendEvents(EventOptions());
  account.Trigger("many", "r");
  account.RunFor(kSpan);
  std::map<model::ClusterId, base::Time> lost;
  for (const emulator::Cluster& cluster : account.emr().clusters()) {
    for (const emulator::Fleet& fleet : cluster.fleets) {
      if (fleet.lost_at)
        lost[model::ClusterId(cluster.id)] = *fleet.lost_at;
    }
  }

  const model::RunKey run{model::DagId("many"), model::RunId("r")};
  std::map<model::AttemptKey, base::Time> verdicts, launches, kills;
  std::map<model::AttemptKey, model::ClusterId> clusters;
  auto attempts = store.reader().Attempts(run);
  for (const model::AttemptRow& attempt : *attempts) {
    if (attempt.ended_at && attempt.verdict == model::VerdictClass::kInfrastructure)
      verdicts[attempt.key] = *attempt.ended_at;
  }
  auto launch_rows = store.reader().Launches(run);
  for (const model::LaunchRow& launch : *launch_rows) {
    launches.try_emplace(launch.attempt, launch.created_at);
    clusters[launch.attempt] = launch.cluster;
  }
  auto cluster_rows = store.reader().ClustersOf(run);
  for (const model::ClusterRow& cluster : *cluster_rows) {
    if (cluster.attempt && cluster.terminate_requested_at)
      kills[*cluster.attempt] = *cluster.terminate_requested_at;
  }
  std::map<std::string, base::Time> dead;  // when it was seen
  auto history = store.reader().History({.after = 0, .limit = 1'000'000});
  for (const model::HistoryRow& row : *history) {
    if (row.subject.text.starts_with("cluster ") && row.to.starts_with("TERMINATED"))
      dead.try_emplace(row.subject.text.substr(8), row.at);
  }

  std::vector<double> seen_waiting, seen_running, replaced;
  for (const auto& [attempt, verdict] : verdicts) {
    const model::ClusterId& cluster = clusters.at(attempt);
    auto next = launches.find({attempt.job, attempt.n + 1});
    if (!lost.contains(cluster) || next == launches.end() || !dead.contains(cluster.str()) ||
        !kills.contains(attempt))
      continue;
    bool waits = std::stoi(attempt.job.lane.str()) % 2 == 1;
    (waits ? seen_waiting : seen_running).push_back(Seconds(kills.at(attempt) - lost.at(cluster)));
    base::Time may_start = std::max(verdict + kDelay, dead.at(cluster.str()));
    replaced.push_back(Seconds(next->second - may_start));
  }
  if (replaced.size() < kClusters * 9 / 10) {
    std::fprintf(stderr, "only %zu of %d losses were healed\n", replaced.size(), kClusters);
    return false;
  }
  std::puts(with_events ? "with events" : "every event lost");
  Print("seen, cluster WAITING", std::move(seen_waiting));
  Print("seen, cluster RUNNING", std::move(seen_running));
  Print("replaced", std::move(replaced));
  return true;
}

}  // namespace

int main() {
  const bool without = Measure(false);
  return Measure(true) && without ? 0 : 1;
}
