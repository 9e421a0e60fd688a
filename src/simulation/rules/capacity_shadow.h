#pragma once

// The queue and those who hold slots, as the stored rows say: what capacity_rules.h judges by. It
// shares no arithmetic with the engine.
//
// A job holds its slots while a launch of it is not settled, a cluster of it is not seen terminal,
// or a process of it is not over.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "model/dag.h"
#include "model/rows.h"
#include "simulation/rules/versions.h"

namespace simulation {

class CapacityShadow {
 public:
  explicit CapacityShadow(const Versions& versions) : stored_(&versions) {}

  struct Run {
    model::VersionId version;
    bool is_backfill = false;
    std::string conf;
  };
  struct Job {
    std::map<int, model::TaskRow> tasks;
    std::set<std::string> live;             // launches, clusters and processes
    std::optional<base::Time> slots_since;  // as its row says
  };
  // What a definition means for the order.
  struct Ranks {
    std::shared_ptr<const model::Dag> dag;
    std::vector<int64_t> weights;
    std::map<std::pair<model::JobId, model::LaneId>, int> places;
  };
  // A turn that the batch has given: a launch, or a process of our own machine.
  struct Turn {
    model::JobKey job;
    std::string what;  // its token
    base::Time at;
  };
  // Slots that came back in the batch.
  struct Returned {
    model::DagId dag;
    int slots = 0;
    base::Time since;
  };

  // Takes the batch. `turns`: those that it gives, in its order. `returned`: those that
  // hold nothing any more. `wrong`: those whose row does not say what the launches and clusters
  // say.
  void TakeBatch(const std::vector<model::Change>& batch,
                 std::vector<Turn>& turns,
                 std::vector<Returned>& returned,
                 std::map<model::JobKey, std::string>& wrong);

  bool IsQueued(const Job& job) const;
  const Ranks* RanksOf(const model::RunKey& run) const;
  const model::Job* DefOf(const model::JobKey& key) const;
  int PlaceOf(const model::JobKey& key) const;
  // The DAG as its file says now.
  const model::Dag* CurrentOf(const model::DagId& dag) const;
  // Its DAG is paused, or a person holds its launches.
  bool IsStopped(const model::JobKey& key) const;
  // The most that may hold slots, and of vCPUs; 0: any number.
  struct Bound {
    int jobs = 0;
    int64_t vcpus = 0;
    model::Market market = model::Market::kAny;
  };
  // What the limits make of the job: "lane.id = 2 in d0".
  std::map<std::string, Bound> LimitsOf(const model::JobKey& key) const;

  // What is spent at a moment, in USD, by the rows of clusters.
  struct Spent {
    std::map<model::RunKey, double> of_run;
    std::map<model::DagId, double> of_dag;  // on that day, as below
    double of_all = 0;
  };
  Spent CountSpent(base::Time at) const;
  std::optional<double> CapPerDay() const;  // of all DAGs

  // The longest way from the job to the end of its DAG, by the medians of what is kept, in seconds.
  double WayOf(const model::JobKey& key) const;

  const std::map<model::JobKey, Job>& jobs() const { return jobs_; }
  const std::map<model::PoolId, int>& pools() const { return pools_; }
  const std::map<model::DagId, model::PoolTimeRow>& times() const { return times_; }
  const std::vector<model::JobLimit>& limits() const { return limits_; }
  const model::SpendRulesRow& spend_rules() const { return spend_rules_; }
  // Whose launch it is; null if none is stored.
  const model::JobKey* JobOfToken(std::string_view token) const;
  const Run& run(const model::RunKey& key) const { return runs_.at(key); }

 private:
  void Take(const model::TaskRow& row) { jobs_[row.job].tasks[row.task] = row; }
  void Take(const model::JobRow& row) { since_[row.key] = row.slots_since; }
  void Take(const model::RunRow& row);
  void Take(const model::DagRow& row) { dags_[row.dag] = row; }
  void Take(const model::DagVersionRow& row);
  void Take(const model::PoolRow& row) { pools_[row.id] = row.slots; }
  void Take(const model::LimitRow& row);
  void Take(const model::SpendRulesRow& row) { spend_rules_ = row; }
  void Take(const model::PoolTimeRow& row) { times_[row.dag] = row; }
  void Take(const model::DurationsRow& row) { took_[{row.dag, row.job, row.lane}] = row; }
  void Take(const model::HoldRow& row);
  bool IsHeld(const model::JobKey& key) const;
  void Take(const model::LaunchRow& row);
  void Take(const model::ClusterRow& row);
  void Take(const model::ProcessRow& row);
  void Release(const model::JobKey& key, Job& job, const std::string& what);
  double TakesOf(const model::DagId& dag, const model::Job& job) const;
  std::optional<std::string> ValueOf(const std::string& by, const model::JobKey& key) const;

  const Versions* stored_;
  std::map<model::RunKey, Run> runs_;
  std::map<model::JobKey, Job> jobs_;
  std::map<model::DagId, model::DagRow> dags_;
  std::map<model::VersionId, Ranks> versions_;
  std::map<model::PoolId, int> pools_;
  std::vector<model::JobLimit> limits_;
  model::SpendRulesRow spend_rules_;
  std::map<model::ClusterId, model::ClusterRow> clusters_;      // of attempts
  std::map<std::string, model::JobKey, std::less<>> by_token_;  // launches
  std::map<int64_t, model::HoldRow> holds_;                     // in force
  std::map<model::DagId, model::PoolTimeRow> times_;
  std::map<std::tuple<model::DagId, model::JobId, model::LaneId>, model::DurationsRow> took_;
  std::set<std::string> seen_;  // launches, clusters and processes
  std::vector<Turn>* turns_ = nullptr;
  std::vector<Returned>* returned_ = nullptr;
  // What the batch's last rows say: for what came back in it, what was said before counts.
  std::map<model::JobKey, std::optional<base::Time>> since_;
  std::map<model::JobKey, base::Time> begun_;  // held nothing before the batch's launch
};

}  // namespace simulation
