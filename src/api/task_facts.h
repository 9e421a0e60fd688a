#pragma once

// What an answer shows of the tasks of a run: read from rows, and made into Airflow's task
// instances.
//
// Thread rule: a thread for reads.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/reading.h"
#include "base/json.h"
#include "base/result.h"
#include "model/dag.h"
#include "model/rows.h"
#include "store/store.h"

namespace api {

// What is known of a job beside its tasks.
struct JobFacts {
  const model::Job* def = nullptr;
  size_t place = 0;  // of def in its DAG
  model::JobRow row;
  std::string cluster;  // of the latest launch
  std::string reason;   // of the latest attempt, where it failed
  bool failed = false;  // so that what depends on it does not run
};

// Of a mapped job that has instances.
struct MappedFacts {
  bool has_list = false;
  json::array names;                         // by index; empty: it has none
  std::vector<store::InstanceCount> counts;  // by task and state
};

struct RunFacts {
  model::RunRow run;
  std::shared_ptr<const model::Dag> dag;
  // Versions that jobs are of which this one has not any more.
  std::vector<std::shared_ptr<const model::Dag>> earlier;
  std::vector<int> weights;  // by place; 0 of those
  std::map<model::JobKey, JobFacts> jobs;
  std::vector<model::TaskRow> tasks;  // of the jobs themselves
  std::map<model::JobKey, MappedFacts> mapped;
  std::map<model::AttemptKey, std::string> causes;  // why attempts failed, where logs say it
};

// Why this try of the task's job failed; null where that is not known.
json::value CauseOf(const RunFacts& facts, const model::TaskRow& task, int try_number);
// The job that an instance is of.
model::JobKey JobOf(model::JobKey key);

base::Result<RunFacts> ReadRun(const Reading& reading, const model::RunKey& key);
// What is known of the instances among these tasks of the run is read, too.
base::Status AddInstances(const Reading& reading,
                          const std::vector<model::TaskRow>& tasks,
                          RunFacts& facts);

// The task as the job itself has it; null where the run has none.
const model::TaskRow* OfJob(const RunFacts& facts, std::string_view task_id);
// The row of the task, and what is known of its instance; -1: of the job itself. kNotFound where
// the run has no such task.
base::Result<model::TaskRow> FindTask(const Reading& reading,
                                      std::string_view task_id,
                                      int map_index,
                                      RunFacts& facts);
base::Error NoTask(std::string_view task_id);

// Where people look further, of each try ("EMR Cluster").
std::vector<std::string_view> LinkNames(const model::Job& job);
// "EmrStartCluster".
std::string_view OperatorOf(const model::Job& job, int task);

// The tasks of one answer, each with what is known of its run.
struct Shown {
  std::shared_ptr<const RunFacts> facts;
  model::TaskRow task;
};

// As Airflow's task instances.
json::array ShownJson(const std::vector<Shown>& tasks, const runtime::JobViews& now);
// Of those that are not over: what memory knows of these is shown, too.
std::vector<model::JobKey> JobsOf(const std::vector<Shown>& tasks);

}  // namespace api
