// The outputs of jobs, as Airflow shows what tasks tell each other: XComs. They are those of the
// job's last task.

#include <algorithm>

#include "api/filters.h"
#include "api/paging.h"
#include "api/resources.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "model/limits.h"

namespace api {

namespace {

struct Told {
  model::RunRow run;
  std::string task_id;
  int index = -1;  // of an instance of a mapped job
  base::Time at;
  json::object outputs;  // none where the task tells nothing
};

// What a task of Airflow has told counts however it ended.
bool MayTell(const model::Job& job, model::TaskState state) {
  const model::CommandWork* command = model::CommandOf(job);
  return state == model::TaskState::kSuccess || (command != nullptr && command->airflow);
}

// Of the job's latest attempt that told something, where that is the latest of all and the job has
// succeeded.
base::Result<Told> Find(const Reading& reading,
                        const model::RunKey& key,
                        const std::string& task_id,
                        int index = -1) {
  Told told;
  told.task_id = task_id;
  told.index = index;
  ASSIGN_OR_RETURN(told.run, reading.rows.Run(key));
  ASSIGN_OR_RETURN(const auto dag, reading.Dag(told.run.version));
  ASSIGN_OR_RETURN(const auto tasks, reading.rows.Tasks(key));
  const model::Job* job = nullptr;
  bool is_last = false;
  for (const model::Job& each : dag->jobs) {
    for (size_t task = 0; task < model::TaskCount(each); ++task) {
      if (model::TaskDisplayId(each, static_cast<int>(task)) != told.task_id)
        continue;
      job = &each;
      is_last = task + 1 == model::TaskCount(each);
    }
  }
  if (job == nullptr)
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("the run '",
                                key.run.str(),
                                "' of '",
                                key.dag.str(),
                                "' has no task '",
                                base::Excerpt(told.task_id),
                                "'"));
  const model::JobKey job_key{key, job->id, job->lane, index};
  for (const model::TaskRow& task : tasks) {
    if (task.job == job_key && !MayTell(*job, task.state))
      return told;
  }
  ASSIGN_OR_RETURN(const auto attempts, reading.rows.Attempts(key));
  int latest = 0;
  for (const model::AttemptRow& attempt : attempts) {
    if (attempt.key.job == job_key)
      latest = std::max(latest, attempt.key.n);
  }
  ASSIGN_OR_RETURN(const auto rows, reading.rows.Outputs(key));
  for (const model::OutputsRow& row : rows) {
    if (!is_last || row.key != model::AttemptKey{job_key, latest})
      continue;
    ASSIGN_OR_RETURN(json::value outputs, base::ParseJson(row.outputs));
    told.at = row.read_at;
    told.outputs = std::move(outputs.as_object());
  }
  return told;
}

// -1, Airflow's default: of a job that is not mapped.
base::Result<int> ReadIndex(const Exchange& exchange) {
  ASSIGN_OR_RETURN(const auto text, ReadOne(exchange, "map_index"));
  const auto index = base::ParseInt(text.value_or("-1"));
  if (!index || *index < -1 || *index > static_cast<int64_t>(model::kInstancesMax))
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      "'map_index' is the number of an instance, or -1");
  return static_cast<int>(*index);
}

json::object EntryJson(const Told& told, std::string_view key) {
  return {{"key", key},
          {"timestamp", TimeOrNull(told.at)},
          {"logical_date", TimeOrNull(told.run.logical_date)},
          {"map_index", told.index},
          {"task_id", told.task_id},
          {"dag_id", told.run.key.dag.str()},
          {"run_id", told.run.key.run.str()},
          {"run_after", TimeOrNull(told.run.run_after)},
          {"dag_display_name", told.run.key.dag.str()},
          {"task_display_name", told.task_id}};
}

}  // namespace

base::Result<json::object> OutputsOf(const Reading& reading,
                                     const model::RunKey& run,
                                     const std::string& task_id) {
  ASSIGN_OR_RETURN(Told told, Find(reading, run, task_id));
  return std::move(told.outputs);
}

Answer ListXcomEntries(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  ASSIGN_OR_RETURN(const int index, ReadIndex(exchange));
  ASSIGN_OR_RETURN(const Told told, Find(reading, exchange.run(), exchange.args.at(2), index));
  const auto patterns = ReadPatterns(exchange, "xcom_key");
  const auto key = exchange.target.Param("xcom_key");
  json::array entries;
  for (const auto& member : told.outputs) {
    if (FitsAll(patterns, member.key()) && (!key || *key == member.key()))
      entries.push_back(EntryJson(told, member.key()));
  }
  return PageOf("xcom_entries", std::move(entries), *paging);
}

Answer GetXcomEntry(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const auto stringify, ReadBool(exchange, "stringify"));
  ASSIGN_OR_RETURN(const int index, ReadIndex(exchange));
  ASSIGN_OR_RETURN(const Told told, Find(reading, exchange.run(), exchange.args.at(2), index));
  const std::string& key = exchange.args.at(3);
  const json::value* value = told.outputs.if_contains(key);
  if (value == nullptr)
    return base::Fail(
        base::ErrorCode::kNotFound,
        base::Cat("the task '", told.task_id, "' tells no '", base::Excerpt(key), "'"));
  json::object entry = EntryJson(told, key);
  entry["value"] = stringify.value_or(false) ? json::value(base::Serialize(*value)) : *value;
  return entry;
}

}  // namespace api
