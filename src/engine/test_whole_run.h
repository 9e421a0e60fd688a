#pragma once

// For tests: one run of one DAG, over the engine, EMR's kind of work and a store in memory. After
// each step everything is loaded again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "engine/attempts.h"
#include "engine/engine.h"
#include "engine/invariants.h"
#include "model/dag_json.h"
#include "store/memory_store.h"
#include "work/emr/emr.h"
#include "work/kinds.h"

namespace engine::testing {

class WholeRun : public ::testing::Test {
 protected:
  WholeRun() {
    Restart();
    dag_.id = run_.dag;
    dag_.is_paused_upon_creation = false;
    dag_.params_open = true;
  }

  void Restart() {
    const model::Snapshot rows = rows_.Load(now_ - base::hours(1)).value();
    epoch_ = rows.identity.epoch;
    auto engine = Engine::Create({}, zones_, work::MakeKinds({}), rows);
    ASSERT_TRUE(engine.has_value()) << engine.error().message;
    engine_ = std::move(*engine);
  }

  // After each step the engine is built again from the rows: it must know the same.
  Changes Apply(decltype(model::Event::body) body) {
    now_ += base::seconds(1);
    Changes changes = engine_->Apply({now_, std::move(body)});
    EXPECT_EQ(rows_.Commit(changes.rows, epoch_).outcome, store::CommitResult::Outcome::kOk);
    EXPECT_THAT(BrokenInvariants(*engine_), ::testing::IsEmpty());
    const std::string before = Known();
    Restart();
    EXPECT_THAT(BrokenInvariants(*engine_), ::testing::IsEmpty());
    EXPECT_EQ(Known(), before);
    return changes;
  }

  std::string Known() const {
    std::string out;
    for (const auto& [key, run] : engine_->state().runs)
      ForEachJob(run, [&](const JobInstance& job) {
        out += base::Cat(ToString(job.row.key),
                         " ",
                         static_cast<int>(job.state),
                         " try ",
                         job.row.try_number,
                         " live ",
                         job.live,
                         "\n");
      });
    return out;
  }

  void Load(std::vector<model::Job> jobs) {
    dag_.jobs = std::move(jobs);
    dag_.version = model::ComputeVersion(dag_);
    Apply(model::ProjectLoaded{{std::make_shared<const model::Dag>(dag_)}, {}});
  }
  void Trigger(json::object conf) {
    EXPECT_TRUE(Apply(model::TriggerRun{run_.dag, run_.run, {}, std::move(conf), "ada"}).outcome);
  }
  void Turns() { Apply(model::Turns{100, 100}); }

  model::JobKey Key(const std::string& job, int index = -1) const {
    return {run_, model::JobId(job), model::LaneId(""), index};
  }
  model::LaunchToken TokenOf(const model::JobKey& key) const {
    model::LaunchToken token;
    for (const auto& [each, launch] : work::EmrOf(*engine_).launches)
      if (launch.attempt.job == key && work::EmrOf(*engine_).unsettled.contains(each))
        token = each;
    return token;
  }
  void Launch(const model::JobKey& key) {
    Apply(model::LaunchAccepted{TokenOf(key), ClusterOf(key), now_});
  }
  model::ClusterId ClusterOf(const model::JobKey& key) const {
    return model::ClusterId(base::Cat("j-", key.job.str(), key.index, "-", lives_));
  }
  void End(const model::JobKey& key, bool well = true) {
    model::ClusterSeen seen{.cluster = ClusterOf(key), .source_at = now_};
    seen.status.emplace();
    seen.status->phase =
        well ? model::ClusterPhase::kTerminated : model::ClusterPhase::kTerminatedWithErrors;
    seen.status->reason_code = well ? "ALL_STEPS_COMPLETED" : "STEP_FAILURE";
    seen.steps = {{.id = "s-1",
                   .name = "work",
                   .state = well ? model::StepState::kCompleted : model::StepState::kFailed}};
    Apply(seen);
  }
  // From the store: also of a run that has ended.
  std::string StateOf(const model::JobKey& key) {
    const auto tasks = rows_.reader().Tasks(run_);
    std::string state = "missing";
    for (const model::TaskRow& task : *tasks)
      if (task.job == key && (task.task == 0 || state == "success"))
        state = ToString(task.state);
    return state;
  }
  std::string RunState() { return std::string(ToString(rows_.reader().Run(run_)->state)); }
  template <typename Request>
  Changes Ask(Request request, std::vector<model::JobKey> jobs) {
    request.run = run_;
    request.jobs = std::move(jobs);
    request.by = "ada";
    if (!engine_->state().runs.contains(run_))
      request.rows =
          std::make_shared<const model::Snapshot>(store::ReadRun(rows_.reader(), run_).value());
    return Apply(std::move(request));
  }

  store::MemoryStore rows_{{"test", "0123456789abcdef0123456789abcdef", 0}};
  schedule::ZoneSet zones_;
  std::unique_ptr<Engine> engine_;
  int64_t epoch_ = 0;
  base::Time now_ = base::ParseTime("2026-01-05T00:00:00Z").value();
  model::Dag dag_;
  const model::RunKey run_{model::DagId("d"), model::RunId("r")};
  int lives_ = 0;  // of the clusters that are named next
};

}  // namespace engine::testing
