#include "api/map_rows.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "api/exchange.h"
#include "api/map_ids.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "model/dag_json.h"

namespace api {

namespace {

using base::Cat;
using model::TaskState;

// More live clusters than EMR gives an account.
constexpr int kClustersMost = 10'000;

std::string Text(const json::object& object) {
  return base::ValidUtf8(base::Serialize(object));
}

// A job of several tasks is where the first one is that has not succeeded.
TaskState StateOf(const std::vector<model::TaskRow>& tasks) {
  for (const model::TaskRow& task : tasks) {
    if (task.state != TaskState::kSuccess)
      return task.state;
  }
  return tasks.empty() ? TaskState::kNone : TaskState::kSuccess;
}

json::value StateText(TaskState state) {
  return state == TaskState::kNone ? json::value(nullptr) : json::value(ToString(state));
}

bool IsOpen(TaskState state) {
  return !IsTerminal(state);
}

base::Status ReadRun(const Reading& reading, MapDag& out) {
  const model::RunKey& run = out.run->key;
  const store::Instances themselves{.last = -1};
  ASSIGN_OR_RETURN(auto tasks, reading.rows.Tasks(run, themselves));
  for (model::TaskRow& task : tasks)
    out.members[{task.job.job, task.job.lane}].tasks.push_back(std::move(task));
  ASSIGN_OR_RETURN(const auto jobs, reading.rows.Jobs(run, themselves));
  for (const model::JobRow& job : jobs) {
    MapMember& member = out.members[{job.key.job, job.key.lane}];
    member.try_number = job.try_number;
    member.next_try_at = job.next_try_at;
  }
  const bool is_mapped = std::ranges::any_of(
      out.dag->jobs, [](const model::Job& job) { return job.map_over.has_value(); });
  if (is_mapped) {
    ASSIGN_OR_RETURN(const auto counts, reading.rows.CountInstances(run));
    for (const store::InstanceCount& count : counts) {
      MapMember& member = out.members[{count.job, count.lane}];
      if (count.task + 1 == std::ssize(member.tasks))
        member.instances[count.state] += count.instances;
    }
  }
  ASSIGN_OR_RETURN(out.deadlines, reading.rows.Deadlines(run));
  return {};
}

}  // namespace

std::map<model::JobKey, TaskState> MapRows::OpenJobs() const {
  std::map<model::JobKey, TaskState> open;
  for (const MapDag& dag : dags) {
    if (!dag.run || IsTerminal(dag.run->state))
      continue;
    for (const auto& [name, member] : dag.members) {
      if (const TaskState state = StateOf(member.tasks); IsOpen(state))
        open.emplace(model::JobKey{dag.run->key, name.job, name.lane}, state);
    }
  }
  return open;
}

base::Result<MapRows> ReadMap(const Reading& reading) {
  MapRows out;
  ASSIGN_OR_RETURN(auto rows, reading.rows.Dags());
  for (model::DagRow& row : rows) {
    if (!row.is_active)
      continue;
    MapDag dag;
    dag.row = std::move(row);
    ASSIGN_OR_RETURN(dag.dag, reading.Dag(dag.row.version));
    ASSIGN_OR_RETURN(dag.run, reading.rows.LatestRun(dag.row.dag));
    if (dag.run) {
      RETURN_IF_ERROR(ReadRun(reading, dag));
    }
    out.dags.push_back(std::move(dag));
  }
  ASSIGN_OR_RETURN(auto clusters,
                   reading.rows.Clusters({.live_only = true, .limit = kClustersMost}));
  // Newest first: of two it is the later one that counts.
  for (model::ClusterRow& cluster : clusters.rows) {
    if (cluster.attempt)
      out.clusters.try_emplace(cluster.attempt->job, std::move(cluster));
  }
  ASSIGN_OR_RETURN(out.assets, reading.rows.Assets());
  ASSIGN_OR_RETURN(auto queues, reading.rows.AssetQueues());
  for (model::AssetQueueRow& queue : queues) {
    const model::DagId dag = queue.dag;
    out.queues.emplace(dag, std::move(queue));
  }
  return out;
}

namespace {

// Of several deadlines the one that is worst; null where there is none.
json::value DeadlineJson(const MapDag& dag, const model::JobName& of) {
  const model::DeadlineRow* worst = nullptr;
  const auto rank = [](const model::DeadlineRow& row) {
    switch (row.status) {
      case model::DeadlineStatus::kWithdrawn:
        return 0;
      case model::DeadlineStatus::kMet:
        return 1;
      case model::DeadlineStatus::kOnTrack:
        return 2;
      case model::DeadlineStatus::kAtRisk:
        return 3;
      case model::DeadlineStatus::kLate:
        return 4;
      case model::DeadlineStatus::kMissed:
        return 5;
    }
    return 0;
  };
  for (const model::DeadlineRow& row : dag.deadlines) {
    if (row.key.job.job != of.job || row.key.job.lane != of.lane)
      continue;
    if (worst == nullptr || rank(row) > rank(*worst))
      worst = &row;
  }
  if (worst == nullptr)
    return nullptr;
  return json::object{{"deadline", TextOrNull(worst->key.name)},
                      {"due", TimeOrNull(worst->due)},
                      {"status", ToString(worst->status)}};
}

// Makes the texts of one estate.
class Writer {
 public:
  Writer(const MapRows& rows, const runtime::Published& now, const runtime::JobViews& jobs)
      : rows_(rows), now_(now), jobs_(jobs) {}

  MapTexts Write() && {
    for (const MapDag& dag : rows_.dags) {
      out_.dags.push_back({dag.row.dag, dag.dag->tags, dag.dag, Text(DagJson(dag))});
      AddEdges(dag);
    }
    for (const model::AssetRow& row : rows_.assets) {
      if (row.is_active)
        out_.assets.push_back({row.asset.name,
                               Text({{"id", AssetNode(row.asset.name)},
                                     {"asset_id", row.id},
                                     {"name", row.asset.name},
                                     {"uri", row.asset.uri},
                                     {"group", row.asset.group}})});
    }
    return std::move(out_);
  }

 private:
  json::object DagJson(const MapDag& dag) const {
    json::object out{{"id", DagNode(dag.row.dag)},
                     {"dag_id", dag.row.dag.str()},
                     {"is_paused", dag.row.is_paused},
                     {"owner", TextOrNull(dag.dag->owner)},
                     {"tags", json::value_from(dag.dag->tags)},
                     {"schedule", TextOrNull(dag.dag->schedule.cron)},
                     {"timezone", dag.dag->timezone},
                     {"next_run", NextRun(dag.row.dag)},
                     {"blackout", BlackoutOf(dag.row.dag)},
                     {"run", RunJson(dag)},
                     {"groups", GroupsJson(*dag.dag)},
                     {"jobs", JobsJson(dag)}};
    return out;
  }

  json::value NextRun(const model::DagId& dag) const {
    const auto next = now_.next_runs->find(dag);
    if (next == now_.next_runs->end())
      return nullptr;
    return json::object{{"run_after", TimeOrNull(next->second.run_after)},
                        {"logical_date", TimeOrNull(next->second.logical_date)},
                        {"data_interval_start", TimeOrNull(next->second.data_interval.start)},
                        {"data_interval_end", TimeOrNull(next->second.data_interval.end)}};
  }

  json::value BlackoutOf(const model::DagId& dag) const {
    const auto found = now_.blackouts->find(dag);
    if (found == now_.blackouts->end())
      return nullptr;
    return json::object{{"from", TimeOrNull(found->second.start)},
                        {"to", TimeOrNull(found->second.end)},
                        {"is_on", found->second.start <= now_.now}};
  }

  static json::value RunJson(const MapDag& dag) {
    if (!dag.run)
      return nullptr;
    const model::RunRow& run = *dag.run;
    return json::object{{"dag_run_id", run.key.run.str()},
                        {"run_type", ToString(run.type)},
                        {"state", ToString(run.state)},
                        {"logical_date", TimeOrNull(run.logical_date)},
                        {"data_interval_end", TimeOrNull(run.data_interval.end)},
                        {"run_after", TimeOrNull(run.run_after)},
                        {"start_date", TimeOrNull(run.start_date)},
                        {"end_date", TimeOrNull(run.end_date)},
                        {"version", run.version.str()},
                        {"deadline", DeadlineJson(dag, {})}};
  }

  static json::array GroupsJson(const model::Dag& dag) {
    json::array out;
    for (const model::Group& group : dag.groups) {
      const size_t dot = group.path.rfind('.');
      out.push_back(json::object{
          {"id", GroupNode(dag.id, group.path)},
          {"path", group.path},
          {"within",
           dot == std::string::npos ? json::value(nullptr)
                                    : json::value(GroupNode(dag.id, group.path.substr(0, dot)))},
          {"tooltip", TextOrNull(group.tooltip)}});
    }
    return out;
  }

  // The lanes of a job are members of one node.
  json::array JobsJson(const MapDag& dag) const {
    json::array out;
    std::map<model::JobId, size_t> places;
    for (const model::Job& job : dag.dag->jobs) {
      const auto [place, is_new] = places.try_emplace(job.id, out.size());
      if (is_new)
        out.push_back(JobJson(*dag.dag, job));
      out[place->second].get_object()["members"].get_array().push_back(MemberJson(dag, job));
    }
    return out;
  }

  static json::object JobJson(const model::Dag& dag, const model::Job& job) {
    json::object out{{"id", JobNode(dag.id, job.id)},
                     {"job_id", job.id.str()},
                     {"type", TypeOf(job.work)},
                     {"group", nullptr},
                     {"is_mapped", job.map_over.has_value()},
                     {"is_setup", job.role == model::Role::kSetup},
                     {"is_teardown", job.role == model::Role::kTeardown},
                     {"trigger_rule", ToString(job.trigger_rule)},
                     {"pool", job.pool.str()},
                     {"members", json::array()}};
    if (!job.group.empty())
      out["group"] = GroupNode(dag.id, job.group);
    return out;
  }

  json::object MemberJson(const MapDag& dag, const model::Job& job) const {
    json::object out{
        {"id",
         job.lane.empty() ? JobNode(dag.row.dag, job.id)
                          : Cat(JobNode(dag.row.dag, job.id), "[", job.lane.str(), "]")},
        {"lane_id", TextOrNull(job.lane.str())},
        {"display_name", model::DisplayName(job.id, job.lane)},
        {"state", nullptr},
        {"try_number", 0},
        {"start_date", nullptr},
        {"end_date", nullptr},
        {"next_try_at", nullptr},
        {"cluster", nullptr},
        {"blocked_by", json::array()},
        {"deadline", nullptr}};
    const auto found = dag.members.find({job.id, job.lane});
    if (!dag.run || found == dag.members.end() || found->second.tasks.empty())
      return out;  // the latest run does not have it
    const MapMember& member = found->second;
    const TaskState state = StateOf(member.tasks);
    const model::JobKey key{dag.run->key, job.id, job.lane};
    out["state"] = StateText(state);
    out["try_number"] = member.try_number;
    out["start_date"] = TimeOrNull(member.tasks.front().start_date);
    if (IsTerminal(state))
      out["end_date"] = TimeOrNull(member.tasks.back().end_date);
    out["next_try_at"] = TimeOrNull(member.next_try_at);
    out["cluster"] = ClusterJson(key);
    if (IsOpen(state))
      out["blocked_by"] = BlockersJson(key);
    out["deadline"] = DeadlineJson(dag, {job.id, job.lane});
    if (job.map_over)
      out["instances"] = InstancesJson(member);
    return out;
  }

  json::value ClusterJson(const model::JobKey& key) const {
    const auto found = rows_.clusters.find(key);
    if (found == rows_.clusters.end())
      return nullptr;
    return json::object{{"cluster_id", found->second.id.str()},
                        {"state", ShownState(found->second)}};
  }

  // Kinds alone, each once: sentences change from moment to moment.
  json::array BlockersJson(const model::JobKey& key) const {
    const auto found = jobs_.find(key);
    if (found == jobs_.end())
      return {};
    std::set<std::string_view> kinds;
    for (const runtime::Blocker& blocker : found->second.blockers)
      kinds.insert(blocker.kind);
    return json::array(kinds.begin(), kinds.end());
  }

  static json::object InstancesJson(const MapMember& member) {
    json::object out;
    for (const auto& [state, count] : member.instances)
      out[state == TaskState::kNone ? "no_status" : ToString(state)] = count;
    return out;
  }

  void AddEdges(const MapDag& dag) {
    AddInner(*dag.dag);
    std::set<std::string> texts;  // lanes have the same
    const auto add = [&](const model::DagId& from,
                         const model::DagId& to,
                         const std::string& asset,
                         const json::object& edge) {
      if (std::string text = Text(edge); texts.insert(text).second)
        out_.edges.push_back({from, to, asset, std::move(text)});
    };
    const model::DagId& id = dag.row.dag;
    for (const model::Job& job : dag.dag->jobs) {
      const std::string node = JobNode(id, job.id);
      for (const model::CrossDependency& edge : job.cross)
        add(edge.dag, id, "", CrossJson(edge, node));
      for (const model::Outlet& outlet : job.outlets)
        add(id, {}, outlet.asset, Edge("produces", node, AssetNode(outlet.asset)));
      for (const std::string& inlet : job.inlets)
        add({}, id, inlet, Edge("reads", AssetNode(inlet), node));
      const model::TriggerWork* trigger = TriggerOf(job);
      // The DAG of another name is known once the job has begun.
      if (trigger != nullptr && trigger->dag.find("{{") == std::string::npos) {
        const model::DagId target(trigger->dag);
        json::object edge = Edge("trigger", node, DagNode(target));
        edge["waits"] = trigger->waits;
        add(id, target, "", edge);
      }
    }
    if (!dag.dag->assets)
      return;
    for (const std::string& asset : AssetsOf(*dag.dag->assets)) {
      json::object edge = Edge("asset", AssetNode(asset), DagNode(id));
      edge["is_queued"] = IsQueued(id, asset);
      add({}, id, asset, edge);
    }
  }

  // Between the jobs of a DAG, over all lanes: whether each lane leads to itself alone.
  void AddInner(const model::Dag& dag) {
    std::map<std::pair<std::string_view, std::string_view>, bool> edges;
    for (const model::Job& job : dag.jobs) {
      for (const int index : job.upstream) {
        const model::Job& up = dag.jobs[static_cast<size_t>(index)];
        const auto [edge, is_new] = edges.try_emplace({up.id.str(), job.id.str()}, true);
        edge->second = edge->second && up.lane == job.lane;
      }
    }
    for (const auto& [ends, stays_in_lane] : edges) {
      json::object edge = Edge("job",
                               JobNode(dag.id, model::JobId(std::string(ends.first))),
                               JobNode(dag.id, model::JobId(std::string(ends.second))));
      edge["lanes"] = stays_in_lane ? "same" : "all";
      out_.edges.push_back({dag.id, dag.id, "", Text(edge)});
    }
  }

  static json::object Edge(std::string_view kind, const std::string& from, const std::string& to) {
    return {{"id", EdgeName(from, to)}, {"kind", kind}, {"from", from}, {"to", to}};
  }

  static json::object CrossJson(const model::CrossDependency& edge, const std::string& node) {
    json::object out = Edge("cross_dag", JobNode(edge.dag, edge.job), node);
    out["window"] = ToString(edge.window);
    out["rule"] = ToString(edge.rule);
    out["missing"] = edge.missing == model::Missing::kWait ? "wait" : "skip";
    out["lane_id"] = edge.lane ? json::value(edge.lane->str()) : json::value(nullptr);
    out["lanes"] = edge.all_lanes ? "all" : "same";
    out["within"] = nullptr;
    if (edge.window == model::Window::kWithin)
      out["within"] = base::FormatDuration(edge.within);
    out["offset"] = nullptr;
    if (edge.offset != base::Duration(0))
      out["offset"] = base::FormatDuration(edge.offset);
    out["intervals_back"] = edge.intervals_back;
    return out;
  }

  bool IsQueued(const model::DagId& dag, const std::string& name) const {
    const auto queue = rows_.queues.find(dag);
    const auto row = std::ranges::find_if(
        rows_.assets, [&](const model::AssetRow& each) { return each.asset.name == name; });
    if (queue == rows_.queues.end() || row == rows_.assets.end())
      return false;
    return std::ranges::any_of(queue->second.assets, [&](const model::QueuedAsset& asset) {
      return asset.asset == row->id && asset.queued_at.has_value();
    });
  }

  const MapRows& rows_;
  const runtime::Published& now_;
  const runtime::JobViews& jobs_;
  MapTexts out_;
};

}  // namespace

MapTexts MakeTexts(const MapRows& rows,
                   const runtime::Published& now,
                   const runtime::JobViews& jobs) {
  return Writer(rows, now, jobs).Write();
}

}  // namespace api
