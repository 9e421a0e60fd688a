#include <utility>

#include "api/exchange.h"
#include "api/job_names.h"
#include "api/task_facts.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/uuid.h"

namespace api {

std::string_view OperatorOf(const model::Job& job, int task) {
  if (model::EmrOf(job) != nullptr)
    return task == 0 ? "EmrStartCluster" : "EmrWaitClusterTermination";
  if (const model::CommandWork* command = model::CommandOf(job))
    return command->airflow ? std::string_view(command->airflow->operator_class) : "BashOperator";
  return model::TriggerOf(job) != nullptr ? "TriggerDagRunOperator" : "EmptyOperator";
}

json::value CauseOf(const RunFacts& facts, const model::TaskRow& task, int try_number) {
  const auto found = facts.causes.find({task.job, try_number});
  return found == facts.causes.end() ? json::value() : json::value(found->second);
}

namespace {

// Airflow's task instances have a UUID: ours is made of the key.
std::string Uuid(const model::RunKey& run, const std::string& task_id) {
  return base::UuidText(base::Sha256Hex(base::Cat(ToString(run), "/", task_id)));
}

json::array LaneIds(const std::vector<model::LaneId>& lanes) {
  json::array ids;
  for (const model::LaneId& lane : lanes)
    ids.emplace_back(lane.str());
  return ids;
}

void PutInterval(json::object& out, const std::optional<base::Interval>& interval) {
  std::optional<base::Time> start, end;
  if (interval) {
    start = interval->start;
    end = interval->end;
  }
  out["data_interval_start"] = TimeOrNull(start);
  out["data_interval_end"] = TimeOrNull(end);
}

// The runs of other DAGs that it was to wait for.
json::array WaitsFor(const std::vector<model::UpstreamWait>& waits) {
  json::array out;
  for (const model::UpstreamWait& wait : waits) {
    json::object item{{"dag_id", wait.dag.str()},
                      {"job_id", wait.job.str()},
                      {"lane_ids", LaneIds(wait.lanes)},
                      {"basis", ToString(wait.basis)}};
    PutInterval(item, wait.interval);
    if (!wait.run.empty())  // of its own DAG: depends_on_past
      item["dag_run_id"] = wait.run.str();
    if (wait.edge >= 0) {
      item["rule"] = ToString(wait.rule);
      item["verdict"] = ToString(wait.verdict);
    }
    out.push_back(std::move(item));
  }
  return out;
}

// Of these, what is missing still.
json::array MissingUpstream(const std::vector<model::MissingUpstream>& missing) {
  json::array out;
  for (const model::MissingUpstream& item : missing) {
    json::object row{{"dag_id", item.dag.str()},
                     {"job_id", item.job.str()},
                     {"lane_ids", LaneIds(item.lanes)},
                     {"because", item.because ? json::value(ToString(*item.because)) : nullptr},
                     {"message", item.sentence}};
    PutInterval(row, item.interval);
    out.push_back(std::move(row));
  }
  return out;
}

// Why the task is where it is; "" unless it failed, is skipped, is up for retry or was never begun
// because of others: why an earlier try died says nothing about a later one.
std::string ReasonOf(const RunFacts& facts, const JobFacts& job, const model::TaskRow& task) {
  using model::TaskState;
  if (task.state == TaskState::kFailed || task.state == TaskState::kUpForRetry ||
      task.state == TaskState::kSkipped)
    return job.reason;
  if (task.state != TaskState::kUpstreamFailed || job.place >= facts.dag->jobs.size())
    return "";
  std::vector<std::string> failed;
  for (int index : job.def->upstream) {
    const model::Job& up = facts.dag->jobs[static_cast<size_t>(index)];
    if (facts.jobs.at({facts.run.key, up.id, up.lane}).failed)
      failed.push_back(model::DisplayName(up.id, up.lane));
  }
  return failed.empty() ? job.reason : base::Cat(base::Join(failed, ", "), " did not succeed");
}

// What was taken of the memory may be newer than the row: it counts for a task only while both
// agree.
json::array BlockedBy(const runtime::JobView* now, const model::TaskRow& task) {
  json::array out;
  const auto place = static_cast<size_t>(task.task);
  if (now == nullptr || IsTerminal(task.state) || place >= now->states.size() ||
      now->states[place] != task.state)
    return out;
  for (const runtime::Blocker& blocker : now->blockers)
    out.push_back(json::object{{"kind", blocker.kind},
                               {"message", blocker.sentence},
                               {"until", TimeOrNull(blocker.until)}});
  return out;
}

json::value NameOf(const RunFacts& facts, const model::JobKey& key) {
  const auto mapped = facts.mapped.find(JobOf(key));
  const auto place = static_cast<size_t>(key.index);
  if (key.index < 0 || mapped == facts.mapped.end() || place >= mapped->second.names.size())
    return nullptr;
  return mapped->second.names[place];
}

// Of a mapped job with instances: how many of them have this task in which state.
json::value CountsOf(const RunFacts& facts, const model::TaskRow& task) {
  const auto mapped = facts.mapped.find(task.job);
  if (task.job.index >= 0 || mapped == facts.mapped.end())
    return nullptr;
  json::object counts;
  for (const store::InstanceCount& count : mapped->second.counts) {
    if (count.task == task.task)
      counts[ToString(count.state)] = count.instances;
  }
  return counts;
}

json::object TaskJson(const runtime::JobView* now,
                      const RunFacts& facts,
                      const model::TaskRow& task) {
  const model::RunRow& run = facts.run;
  const JobFacts& job = facts.jobs.at(task.job);
  const model::Job& def = *job.def;
  std::string id = TaskDisplayId(def, task.task);
  const int map_index = task.job.index;
  json::value state = nullptr;
  if (task.state != model::TaskState::kNone)
    state = ToString(task.state);
  std::string_view op = OperatorOf(def, task.task);
  return {
      {"id", Uuid(run.key, InstanceName(id, map_index))},
      {"task_id", id},
      {"task_display_name", id},
      {"dag_id", run.key.dag.str()},
      {"dag_display_name", run.key.dag.str()},
      {"dag_run_id", run.key.run.str()},
      {"map_index", map_index},
      {"logical_date", TimeOrNull(run.logical_date)},
      {"run_after", TimeOrNull(run.run_after)},
      {"start_date", TimeOrNull(task.start_date)},
      {"end_date", TimeOrNull(task.end_date)},
      {"duration", DurationOrNull(task.start_date, task.end_date)},
      {"state", std::move(state)},
      {"try_number", task.try_number},
      {"max_tries", def.retries},
      {"hostname", nullptr},
      {"unixname", nullptr},
      {"pool", def.pool.str()},
      {"pool_slots", def.capacity.pool_slots},
      {"queue", nullptr},
      {"priority_weight", facts.weights[job.place]},
      {"operator", op},
      {"operator_name", op},
      {"queued_when", TimeOrNull(task.queued_at)},
      {"scheduled_when", nullptr},
      {"pid", nullptr},
      {"executor", nullptr},
      {"executor_config", "{}"},
      {"note", TextOrNull(task.note)},
      {"rendered_map_index", NameOf(facts, task.job)},
      {"rendered_fields", json::object()},
      {"trigger", nullptr},
      {"triggerer_job", nullptr},
      {"dag_version", nullptr},
      {"job_id", def.id.str()},
      {"lane_id", TextOrNull(def.lane.str())},
      {"display_name", model::DisplayName(task.job)},
      {"mapped_states", CountsOf(facts, task)},
      {"cluster_id", TextOrNull(job.cluster)},
      {"next_try_at", TimeOrNull(job.row.next_try_at)},
      {"waits_for", WaitsFor(job.row.waits_for)},
      {"missing_upstream", now == nullptr ? json::array() : MissingUpstream(now->missing)},
      {"blocked_by", BlockedBy(now, task)},
      {"reason", TextOrNull(ReasonOf(facts, job, task))},
      {"cause", CauseOf(facts, task, task.try_number)},
  };
}

}  // namespace

json::array ShownJson(const std::vector<Shown>& tasks, const runtime::JobViews& now) {
  json::array out;
  for (const auto& [facts, task] : tasks) {
    const auto job = now.find(task.job);
    out.push_back(TaskJson(job == now.end() ? nullptr : &job->second, *facts, task));
  }
  return out;
}

std::vector<model::JobKey> JobsOf(const std::vector<Shown>& tasks) {
  std::vector<model::JobKey> jobs;
  for (const Shown& shown : tasks) {
    if (!IsTerminal(shown.task.state))
      jobs.push_back(shown.task.job);
  }
  return jobs;
}

}  // namespace api
