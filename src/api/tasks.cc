// The tasks of a DAG, as Airflow shows them: those of the version in force.

#include <algorithm>
#include <utility>

#include "api/filters.h"
#include "api/paging.h"
#include "api/resources.h"
#include "api/task_facts.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "model/select.h"

namespace api {

namespace {

// Airflow's form.
json::value DeltaOrNull(const std::optional<base::Duration>& span) {
  constexpr int64_t kDay = int64_t{24} * 3600 * 1'000'000;
  if (!span)
    return nullptr;
  const int64_t micros = span->count();
  return json::object{{"__type", "TimeDelta"},
                      {"days", micros / kDay},
                      {"seconds", micros % kDay / 1'000'000},
                      {"microseconds", micros % 1'000'000}};
}

json::array Downstream(const model::Dag& dag,
                       size_t place,
                       size_t task,
                       const model::Neighbours& next) {
  json::array ids;
  const model::Job& job = dag.jobs[place];
  if (task + 1 < model::TaskCount(job)) {
    ids.emplace_back(model::TaskDisplayId(job, static_cast<int>(task) + 1));
    return ids;
  }
  for (const int below : next[place])
    ids.emplace_back(model::TaskDisplayId(dag.jobs[static_cast<size_t>(below)], 0));
  return ids;
}

json::object TaskJson(const model::Dag& dag,
                      size_t place,
                      size_t task,
                      const model::Neighbours& next) {
  const model::Job& job = dag.jobs[place];
  const std::string id = model::TaskDisplayId(job, static_cast<int>(task));
  const bool is_first = task == 0;
  json::array links;
  for (const std::string_view name : LinkNames(job))
    links.emplace_back(name);
  return {{"task_id", id},
          {"task_display_name", id},
          {"owner", TextOrNull(dag.owner)},
          {"start_date", TimeOrNull(dag.start_date)},
          {"end_date", TimeOrNull(dag.end_date)},
          // Between the two tasks of a job there is nothing but success.
          {"trigger_rule", ToString(is_first ? job.trigger_rule : model::TriggerRule::kAllSuccess)},
          {"depends_on_past", job.depends_on_past || job.wait_for_downstream},
          {"wait_for_downstream", job.wait_for_downstream},
          {"retries", job.retries},
          {"queue", nullptr},
          {"pool", job.pool.str()},
          {"pool_slots", job.capacity.pool_slots},
          {"execution_timeout", DeltaOrNull(job.execution_timeout)},
          {"retry_delay", DeltaOrNull(job.retry_delay)},
          {"retry_exponential_backoff", job.retry_exponential_backoff ? 2 : 0},
          {"priority_weight", job.capacity.priority_weight},
          {"weight_rule", ToString(job.capacity.weight_rule)},
          {"ui_color", nullptr},
          {"ui_fgcolor", nullptr},
          {"template_fields", json::array()},
          {"downstream_task_ids", Downstream(dag, place, task, next)},
          {"doc_md", TextOrNull(job.doc_md)},
          {"operator_name", OperatorOf(job, static_cast<int>(task))},
          {"params", json::object()},
          {"class_ref", nullptr},
          {"is_mapped", job.map_over.has_value()},
          {"extra_links", std::move(links)},
          {"job_id", job.id.str()},
          {"lane_id", TextOrNull(job.lane.str())},
          {"group", TextOrNull(job.group)}};
}

base::Result<json::array> TasksOf(const Reading& reading, const model::DagId& id) {
  ASSIGN_OR_RETURN(const model::DagRow row, FindDag(reading, id));
  ASSIGN_OR_RETURN(const auto dag, reading.Dag(row.version));
  const model::Neighbours next = model::DownstreamOf(*dag);
  json::array tasks;
  for (size_t place = 0; place < dag->jobs.size(); ++place) {
    for (size_t task = 0; task < model::TaskCount(dag->jobs[place]); ++task)
      tasks.push_back(TaskJson(*dag, place, task, next));
  }
  return tasks;
}

std::string_view IdOf(const json::value& task) {
  return task.at("task_id").get_string();
}

}  // namespace

Answer ListTasks(const Reading& reading, const Exchange& exchange) {
  const auto order = ReadOrder(exchange, {"task_id"});
  if (!order)
    return order.error();
  ASSIGN_OR_RETURN(json::array tasks, TasksOf(reading, exchange.dag()));
  if (!order->empty())
    std::ranges::sort(tasks, [&](const json::value& a, const json::value& b) {
      return order->front().is_descending ? IdOf(b) < IdOf(a) : IdOf(a) < IdOf(b);
    });
  const size_t total = tasks.size();
  return json::object{{"tasks", std::move(tasks)}, {"total_entries", total}};
}

Answer GetTask(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const json::array tasks, TasksOf(reading, exchange.dag()));
  const std::string& id = exchange.args.at(1);
  const auto found =
      std::ranges::find_if(tasks, [&](const json::value& task) { return IdOf(task) == id; });
  if (found == tasks.end())
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("the DAG has no task '", base::Excerpt(id), "'"));
  return found->get_object();
}

}  // namespace api
