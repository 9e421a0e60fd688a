#pragma once

// For tests: an engine whose rows are kept as a store keeps them. After every event it is built
// again from the rows: it must mean the same.

#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "engine/engine.h"
#include "engine/invariants.h"
#include "engine/missing.h"
#include "engine/state.h"
#include "model/dag_json.h"
#include "work/kinds.h"

namespace engine {

inline base::Time At(std::string_view text) {
  return base::ParseTime(text).value();
}

inline model::Dag Daily(const std::string& id, const std::string& cron) {
  model::Dag dag;
  dag.id = model::DagId(id);
  dag.schedule.cron = cron;
  dag.is_paused_upon_creation = false;
  dag.jobs.push_back({.id = model::JobId("j")});
  return dag;
}

// The rows of all steps, as a store keeps them.
class Rows {
 public:
  void Take(const std::vector<model::Change>& changes) {
    for (const model::Change& change : changes) {
      if (const auto* dag = std::get_if<model::DagRow>(&change))
        dags_[dag->dag] = *dag;
      if (const auto* hole = std::get_if<model::HoleRow>(&change))
        holes_[{hole->dag, hole->first.end}] = *hole;
      if (const auto* version = std::get_if<model::DagVersionRow>(&change))
        versions_[version->version] = *version;
      if (const auto* run = std::get_if<model::RunRow>(&change))
        runs_[run->key] = *run;
      if (const auto* job = std::get_if<model::JobRow>(&change))
        jobs_[job->key] = *job;
      if (const auto* mapping = std::get_if<model::MappingRow>(&change))
        mappings_[mapping->key] = *mapping;
      if (const auto* group = std::get_if<model::GroupTriesRow>(&change))
        groups_[group->key] = *group;
      if (const auto* task = std::get_if<model::TaskRow>(&change))
        tasks_[{task->job, task->task}] = *task;
      if (const auto* asset = std::get_if<model::AssetRow>(&change))
        assets_[asset->id] = *asset;
      if (const auto* event = std::get_if<model::AssetEventRow>(&change)) {
        last_asset_event_ = event->id;
        asset_events_.push_back(*event);
      }
      if (const auto* queue = std::get_if<model::AssetQueueRow>(&change))
        asset_queues_[queue->dag] = *queue;
      if (const auto* history = std::get_if<model::HistoryRow>(&change))
        last_seq_ = history->seq;
    }
  }
  model::Snapshot ToSnapshot() const {
    model::Snapshot out;
    out.identity = {"test", "0123456789abcdef0123456789abcdef", 1};
    out.last_seq = last_seq_;
    out.last_asset_event = last_asset_event_;
    out.asset_events = asset_events_;
    for (const auto& [id, row] : assets_)
      out.assets.push_back(row);
    for (const auto& [id, row] : asset_queues_)
      out.asset_queues.push_back(row);
    for (const auto& [id, row] : dags_)
      out.dags.push_back(row);
    for (const auto& [id, row] : holes_)
      out.holes.push_back(row);
    for (const auto& [id, row] : versions_)
      out.versions.push_back(row);
    for (const auto& [key, row] : runs_) {
      if (!IsTerminal(row.state))
        out.runs.push_back(row);
    }
    for (const auto& [key, row] : jobs_) {
      if (!IsTerminal(runs_.at(key.run).state))
        out.jobs.push_back(row);
    }
    for (const auto& [key, row] : mappings_) {
      if (!IsTerminal(runs_.at(key.run).state))
        out.mappings.push_back(row);
    }
    for (const auto& [key, row] : groups_) {
      if (!IsTerminal(runs_.at(key.run).state))
        out.groups.push_back(row);
    }
    for (const auto& [key, row] : tasks_) {
      const model::RunRow& run = runs_.at(key.first.run);
      const bool is_left_out = key.first.index >= 0 || row.state == model::TaskState::kRemoved;
      if (IsTerminal(run.state) && is_left_out)
        continue;
      if (IsTerminal(run.state))
        out.completed.push_back({key.first,
                                 run.type,
                                 run.logical_date,
                                 run.data_interval,
                                 row.state,
                                 run.state == model::RunState::kSuccess,
                                 run.end_date});
      else
        out.tasks.push_back(row);
    }
    return out;
  }
  // What a request that concerns an ended run brings along.
  std::shared_ptr<const model::Snapshot> OfRun(const model::RunKey& run) const {
    auto out = std::make_shared<model::Snapshot>();
    const model::RunRow& row = runs_.at(run);
    out->runs.push_back(row);
    out->versions.push_back(versions_.at(row.version));
    out->asset_events = asset_events_;
    out->last_seq = last_seq_;
    for (const auto& [key, job] : jobs_) {
      if (key.run == run)
        out->jobs.push_back(job);
    }
    for (const auto& [key, mapping] : mappings_) {
      if (key.run == run)
        out->mappings.push_back(mapping);
    }
    for (const auto& [key, group] : groups_) {
      if (key.run == run)
        out->groups.push_back(group);
    }
    for (const auto& [key, task] : tasks_) {
      if (key.first.run == run)
        out->tasks.push_back(task);
    }
    return out;
  }
  // Of its first task.
  std::string StateOf(const model::JobKey& job) const {
    return std::string(ToString(tasks_.at({job, 0}).state));
  }
  const auto& runs() const { return runs_; }
  const model::TaskRow& TaskOf(const model::JobKey& job, int task = 0) const {
    return tasks_.at({job, task});
  }
  const auto& holes() const { return holes_; }

 private:
  std::map<model::DagId, model::DagRow> dags_;
  std::map<std::pair<model::DagId, base::Time>, model::HoleRow> holes_;
  std::map<model::VersionId, model::DagVersionRow> versions_;
  std::map<model::RunKey, model::RunRow> runs_;
  std::map<model::JobKey, model::JobRow> jobs_;
  std::map<model::JobKey, model::MappingRow> mappings_;
  std::map<model::GroupKey, model::GroupTriesRow> groups_;
  std::map<std::pair<model::JobKey, int>, model::TaskRow> tasks_;
  int64_t last_seq_ = 0;
  std::map<int64_t, model::AssetRow> assets_;
  std::map<model::DagId, model::AssetQueueRow> asset_queues_;
  int64_t last_asset_event_ = 0;
  std::vector<model::AssetEventRow> asset_events_;
};

class StoredEngine : public testing::Test {
 protected:
  StoredEngine() { Restart(); }

  void Restart() {
    auto engine = Engine::Create({}, zones_, work::MakeKinds({}), rows_.ToSnapshot());
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }
  Changes Apply(std::string_view at, decltype(model::Event::body) body) {
    Changes changes = engine_->Apply({At(at), std::move(body)});
    rows_.Take(changes.rows);
    for (const std::string& broken : BrokenInvariants(*engine_))
      ADD_FAILURE() << broken;
    const std::string before = Describe();
    Restart();
    EXPECT_EQ(Describe(), before) << "after a restart at " << at;
    return changes;
  }
  void Load(std::string_view at, const std::vector<model::Dag>& dags) {
    model::ProjectLoaded project;
    for (model::Dag dag : dags) {
      dag.version = model::ComputeVersion(dag);
      project.dags.push_back(std::make_shared<model::Dag>(std::move(dag)));
    }
    Apply(at, project);
  }
  void Tick(std::string_view at) { Apply(at, model::Tick{}); }
  void Pause(std::string_view at, const std::string& dag, bool is_paused) {
    Apply(at, model::SetPaused{model::DagId(dag), is_paused, "ada"});
  }
  void Trigger(std::string_view at,
               const std::string& dag,
               const std::string& run,
               std::optional<base::Time> date,
               std::optional<base::Interval> interval = {}) {
    const Changes changes = Apply(
        at, model::TriggerRun{model::DagId(dag), model::RunId(run), date, {}, "ada", interval});
    EXPECT_TRUE(changes.outcome) << changes.outcome.error().message;
  }

  // What must not depend on the life: when DAGs fire next, what is waited for.
  std::string Describe() const {
    std::string out;
    for (const auto& [id, entry] : engine_->state().dags)
      out += base::Cat(
          id.str(),
          " next ",
          entry.next_fire && engine_->state().fires.contains({entry.next_fire->run_after, id})
              ? base::FormatRfc3339(entry.next_fire->run_after)
              : "never",
          "\n");
    for (const auto& [key, run] : engine_->state().runs) {
      for (const model::MissingUpstream& missing : StillMissing(engine_->state(), run.jobs[0]))
        out += base::Cat(ToString(key), ": ", missing.sentence, "\n");
    }
    return out;
  }
  // "01-05T01:00 success", by run id.
  std::string Fired(const std::string& dag) const {
    std::vector<std::string> out;
    for (const auto& [key, run] : rows_.runs()) {
      if (key.dag.str() == dag && run.type == model::RunType::kScheduled)
        out.push_back(base::Cat(base::FormatRfc3339(*run.logical_date).substr(5, 11),
                                run.state == model::RunState::kSuccess ? "" : " waits"));
    }
    return base::Join(out, ", ");
  }
  std::string Holes(const std::string& dag) const {
    std::vector<std::string> out;
    for (const auto& [key, hole] : rows_.holes()) {
      if (key.first.str() == dag)
        out.push_back(
            base::Cat(hole.ticks,
                      " ",
                      base::FormatRfc3339(hole.first.end).substr(5, 11),
                      "..",
                      base::FormatRfc3339(hole.last.end).substr(5, 11),
                      " ",
                      ToString(hole.reason),
                      hole.filled.empty() ? "" : base::Cat(" filled ", hole.filled.size())));
    }
    return base::Join(out, ", ");
  }
  std::vector<model::MissingUpstream> MissingOf(const std::string& dag) const {
    for (const auto& [key, run] : engine_->state().runs) {
      if (key.dag.str() == dag)
        return StillMissing(engine_->state(), run.jobs[0]);
    }
    return {};
  }

  schedule::ZoneSet zones_;
  std::unique_ptr<Engine> engine_;
  Rows rows_;
};

}  // namespace engine
