#pragma once

// Which jobs of a DAG a person means. Pure; also for dry runs, which ask without changing anything.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/dag.h"

namespace model {

// For each job of a DAG the indices of its neighbours on one side.
using Neighbours = std::vector<std::vector<int>>;
Neighbours UpstreamOf(const Dag& dag);
Neighbours DownstreamOf(const Dag& dag);
// What can be reached from these jobs, ascending; of themselves only what another one leads to.
std::vector<int> Reachable(const Neighbours& next, const std::vector<int>& from);

// What is taken beside the named jobs, within the DAG.
struct Reach {
  bool upstream = false;    // what they depend on
  bool downstream = false;  // what depends on them
};

// Indices into dag.jobs, ascending; all of them if `jobs` is empty. kNotFound if a named job is not
// in the DAG.
base::Result<std::vector<int>> SelectJobs(const Dag& dag,
                                          const std::vector<JobKey>& jobs,
                                          Reach reach);

// The names under which a job's `when` knows the jobs before it, with their indices: the display
// name of each, and its id if it has no lane or the job's own.
std::map<std::string, int> UpstreamNames(const Dag& dag, const Job& job);

// The name under which it knows a job of another DAG, or a whole run: "dag/job", "dag".
std::string CrossName(const DagId& dag, const JobId& job);

// The same for all jobs before it, also those further up: under these names its texts know the
// outputs of jobs that have some.
std::map<std::string, int> OutputNames(const Dag& dag, const Job& job);

// What a trigger may set: those with a value, then those that have only a schema.
std::vector<std::string> ParamNames(const Dag& dag);

// What must run again together with these jobs, ascending, themselves included: the setups around
// them, and the teardowns of those setups.
std::vector<int> WithSetups(const Dag& dag, const std::vector<int>& jobs);

// What a request names, with what it reaches: jobs as a whole, and instances of mapped jobs that
// are not among them.
struct Selection {
  std::vector<int> jobs;
  std::vector<JobKey> instances;
};
base::Result<Selection> SelectInstances(const Dag& dag,
                                        const std::vector<JobKey>& named,
                                        Reach reach);
// With the setups around them (WithSetups): the keys of jobs first.
std::vector<JobKey> KeysToClear(const Dag& dag, const RunKey& run, const Selection& selection);

// Whether Airflow calls the job so. Of a native job: its id is the one that the reader of Airflow's
// files makes of the task's (airflow/signalbox_airflow/natives.py).
bool IsCalled(const Job& job, std::string_view task_id);

}  // namespace model
