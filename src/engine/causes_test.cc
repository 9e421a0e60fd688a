// Causes of attempts: of runs in memory, of ended ones, of what is gone. After each step the engine
// is built again from the store.

#include "engine/causes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/invariants.h"
#include "engine/test_support.h"
#include "store/memory_store.h"

namespace engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const model::RunKey kRun{model::DagId("d"), model::RunId("r")};
const model::JobKey kJob{kRun, model::JobId("j"), model::LaneId()};

class Causes : public ::testing::Test {
 protected:
  Causes() {
    Restart();
    model::ProjectLoaded project;
    model::Dag dag = Daily("d", "");
    dag.jobs.push_back({.id = model::JobId("k")});
    dag.jobs[0].work = model::EmrWork{};
    dag.version = model::ComputeVersion(dag);
    project.dags.push_back(std::make_shared<model::Dag>(std::move(dag)));
    Apply(project);
    Trigger();
  }

  void Restart() {
    const model::Snapshot rows = store_.Load(At("2026-01-01T00:00Z")).value();
    epoch_ = rows.identity.epoch;
    auto engine = Engine::Create({}, zones_, work::MakeKinds({}), rows);
    ASSERT_TRUE(engine.has_value()) << engine.error().message;
    engine_ = std::move(*engine);
  }
  Changes Apply(decltype(model::Event::body) body) {
    now_ += base::minutes(1);
    Changes changes = engine_->Apply({now_, std::move(body)});
    EXPECT_EQ(store_.Commit(changes.rows, epoch_).reason, "");
    EXPECT_THAT(BrokenInvariants(*engine_), IsEmpty());
    const auto known = engine_->state().causes;
    Restart();
    EXPECT_EQ(engine_->state().causes, known);
    return changes;
  }
  void Trigger() {
    EXPECT_TRUE(Apply(model::TriggerRun{kRun.dag, kRun.run, now_, {}, "ada"}).outcome);
    Apply(model::Turns{1});
  }
  template <typename Request>
  Request About() {
    Request request;
    request.run = kRun;
    if (auto rows = store::ReadRun(store_.reader(), kRun))
      request.rows = std::make_shared<const model::Snapshot>(*std::move(rows));
    return request;
  }
  model::CauseFound Found(const std::string& text, int n = 1, int64_t deletions = 0) {
    auto found = About<model::CauseFound>();
    found.attempt = {kJob, n};
    found.deletions = deletions;
    found.text = text;
    return found;
  }
  void EndRun() {
    auto mark = About<model::MarkRun>();
    mark.by = "ada";
    EXPECT_TRUE(Apply(mark).outcome);
  }
  std::vector<std::string> Texts() {
    std::vector<std::string> out;
    for (const model::CauseRow& row : store_.reader().Causes(kRun).value())
      out.push_back(base::Cat(row.key.n, " ", row.text));
    return out;
  }

  base::Time now_ = At("2026-06-01T00:00Z");
  schedule::ZoneSet zones_;
  store::MemoryStore store_{{"test", "0123456789abcdef0123456789abcdef", 0}};
  std::unique_ptr<Engine> engine_;
  int64_t epoch_ = 0;
};

TEST_F(Causes, TheFirstStaysAndHistoryTellsIt) {
  EXPECT_TRUE(Apply(Found("ValueError: a")).outcome);
  const Changes again = Apply(Found("ValueError: b"));
  EXPECT_TRUE(again.outcome);
  EXPECT_THAT(again.rows, IsEmpty());
  EXPECT_THAT(Texts(), ElementsAre("1 ValueError: a"));
  const auto history = store_.reader().History({.is_newest_first = true});
  EXPECT_EQ(history->front().subject.text, "task d/r/j.wait_cluster_termination");
  EXPECT_EQ(history->front().from, history->front().to);
  EXPECT_EQ(history->front().cause, "why try 1 failed: ValueError: a");
}

TEST_F(Causes, TheyComeAfterTheRunHasEnded) {
  EndRun();
  ASSERT_FALSE(engine_->state().runs.contains(kRun));
  EXPECT_TRUE(Apply(Found("ValueError: a")).outcome);
  EXPECT_THAT(Apply(Found("ValueError: b")).rows, IsEmpty());
  EXPECT_THAT(Texts(), ElementsAre("1 ValueError: a"));
  EXPECT_THAT(engine_->state().causes, IsEmpty());
}

TEST_F(Causes, WhatIsGoneHasNone) {
  const model::CauseFound late = Found("ValueError: a");
  const Changes no_try = Apply(Found("ValueError: a", 2));
  ASSERT_FALSE(no_try.outcome);
  EXPECT_THAT(no_try.outcome.error().message, HasSubstr("no try 2"));
  EndRun();
  auto gone = About<model::DeleteRun>();
  gone.by = "ada";
  ASSERT_TRUE(Apply(gone).outcome);
  EXPECT_FALSE(Apply(late).outcome) << "the rows are older than the deletion";
  Trigger();
  EXPECT_FALSE(Apply(Found("ValueError: a", 1, 0)).outcome) << "of the run that was deleted";
  EXPECT_THAT(Texts(), IsEmpty());
  EXPECT_TRUE(Apply(Found("ValueError: a", 1, 1)).outcome);
}

TEST_F(Causes, ALongOneIsCut) {
  EXPECT_TRUE(Apply(Found(std::string(5000, 'x'))).outcome);
  EXPECT_LT(Texts().front().size(), 2010U);
}

}  // namespace
}  // namespace engine
