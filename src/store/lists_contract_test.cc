// What every store must do with the filters and orders of lists.

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "store/backing.h"
#include "store/test_support.h"

namespace store {
namespace {

using testing::At;
using testing::RunKeyOf;
using testing::SampleHistory;
using testing::SampleRun;
using testing::SampleTask;
using testing::Value;

class ListsContract : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    backing_ = testing::NewBacking(GetParam());
    epoch_ = Value(backing_->store().Load(At(0))).identity.epoch;
  }
  Reader& reader() { return backing_->store().reader(); }
  void Put(const std::vector<model::Change>& batch) {
    const CommitResult result = backing_->store().Commit(batch, epoch_);
    ASSERT_EQ(result.outcome, CommitResult::Outcome::kOk) << result.reason;
  }

  std::string Runs(const RunQuery& query) {
    std::vector<std::string> names;
    const auto page = Value(reader().Runs(query));
    for (const model::RunRow& row : page.rows)
      names.push_back(row.key.run.str());
    EXPECT_EQ(page.total, std::ssize(names));
    return base::Join(names, " ");
  }
  std::string Tasks(const TaskQuery& query) {
    std::vector<std::string> names;
    const auto page = Value(reader().TasksOfRuns(query));
    for (const model::TaskRow& row : page.rows)
      names.push_back(base::Cat(ToString(row.job), ".", row.task));
    EXPECT_EQ(page.total, std::ssize(names));
    return base::Join(names, " ");
  }

  std::unique_ptr<testing::Backing> backing_;
  int64_t epoch_ = 0;
};

INSTANTIATE_TEST_SUITE_P(,
                         ListsContract,
                         ::testing::Values("Memory", "Sqlite"),
                         [](const auto& tested) { return tested.param; });

int64_t Micros(int k) {
  return base::ToMicros(At(k));
}

TEST_P(ListsContract, RunsAreFilteredByEachOfTheirColumns) {
  for (int i = 0; i < 4; ++i) {
    model::RunRow row = SampleRun(RunKeyOf(base::Cat("d", i % 2), base::Cat("run_", i)), 10 * i);
    row.type = i == 3 ? model::RunType::kScheduled : model::RunType::kManual;
    if (i == 2)
      row.end_date.reset();
    row.triggered_by = i == 0 ? "Ödön 100%" : base::Cat("person", i);
    Put({row});
  }
  using C = RunColumn;
  EXPECT_EQ(Runs({.types = {model::RunType::kScheduled}}), "run_3");
  EXPECT_EQ(Runs({.dags = {model::DagId("d1"), model::DagId("none")}}), "run_3 run_1");
  // run_after is At(k + 4), both ends are in a range.
  EXPECT_EQ(Runs({.ranges = {{C::kRunAfter, Micros(14), Micros(24)}}}), "run_2 run_1");
  EXPECT_EQ(Runs({.ranges = {{C::kRunAfter, Micros(14) + 1, Micros(24) - 1}}}), "");
  EXPECT_EQ(Runs({.ranges = {{C::kEndDate, std::nullopt, Micros(37)}}}), "run_3 run_1 run_0");
  EXPECT_EQ(Runs({.ranges = {{C::kDuration, 0, std::nullopt}}}), "run_3 run_1 run_0");
  EXPECT_EQ(Runs({.ranges = {{C::kDuration, (At(1) - At(0)).count() + 1, std::nullopt}}}), "");
  EXPECT_EQ(Runs({.ranges = {{C::kRunAfter, Micros(14), {}}, {C::kLogicalDate, {}, Micros(11)}}}),
            "run_1");
  const auto like = [](C column, std::vector<TextPattern> any_of) {
    return RunQuery{.matches = {{column, std::move(any_of)}}};
  };
  EXPECT_EQ(Runs(like(C::kRun, {{"%RUN%2%"}})), "run_2");
  EXPECT_EQ(Runs(like(C::kRun, {{"run__"}})), "run_3 run_2 run_1 run_0");
  EXPECT_EQ(Runs(like(C::kRun, {{"run_"}})), "");
  EXPECT_EQ(Runs(like(C::kRun, {{"%_1"}, {"%_3"}})), "run_3 run_1");
  EXPECT_EQ(Runs(like(C::kRun, {{"run_1", true}})), "run_1");
  EXPECT_EQ(Runs(like(C::kRun, {{"Run", true}})), "");
  EXPECT_EQ(Runs(like(C::kRun, {{"%", true}})), "");
  EXPECT_EQ(Runs(like(C::kDag, {{"%1"}})), "run_3 run_1");
  EXPECT_EQ(Runs(like(C::kTriggeredBy, {{"_d_n%"}})), "run_0");
  EXPECT_EQ(Runs(like(C::kTriggeredBy, {{"Öd", true}})), "run_0");
  EXPECT_EQ(Runs(like(C::kTriggeredBy, {{"%person%"}})), "run_2 run_1") << "run_3 is scheduled";
  EXPECT_EQ(Runs({.order = {{C::kDuration, true}, {C::kRun}}}), "run_0 run_1 run_3 run_2");
}

TEST_P(ListsContract, RunsAreCountedByDagAndState) {
  EXPECT_TRUE(Value(reader().CountRuns()).empty());
  for (int i = 0; i < 3; ++i) {
    model::RunRow row = SampleRun(RunKeyOf(i == 0 ? "b" : "a", base::Cat("r", i)), i);
    row.state = i == 2 ? model::RunState::kFailed : model::RunState::kSuccess;
    Put({row});
  }
  Put({SampleRun(RunKeyOf("a", "r4"), 4)});
  const std::vector<RunCount> wanted{{model::DagId("a"), model::RunState::kFailed, 1},
                                     {model::DagId("a"), model::RunState::kRunning, 1},
                                     {model::DagId("a"), model::RunState::kSuccess, 1},
                                     {model::DagId("b"), model::RunState::kSuccess, 1}};
  EXPECT_EQ(Value(reader().CountRuns()), wanted);
}

class TaskLists : public ListsContract {
 protected:
  // d/0 and e/1: of each, `x_1` with two tasks and `y` with one.
  void SetUp() override {
    ListsContract::SetUp();
    for (int i = 0; i < 2; ++i) {
      const model::RunKey run = RunKeyOf(i == 0 ? "d" : "e", base::Cat(i));
      model::RunRow row = SampleRun(run, 10 * i);
      if (i == 1)
        row.logical_date.reset();
      Put({row});
      const model::JobKey x{run, model::JobId("x"), model::LaneId("1")};
      const model::JobKey y{run, model::JobId("y"), model::LaneId("")};
      model::TaskRow first = SampleTask(x, 0, 5 * i), second = SampleTask(x, 1, 20 - i);
      model::TaskRow only = SampleTask(y, 0, 3);
      only.end_date.reset();
      only.state = model::TaskState::kRunning;
      first.end_date = *first.end_date + base::seconds(i);
      Put({first, second, only});
    }
  }
};

INSTANTIATE_TEST_SUITE_P(,
                         TaskLists,
                         ::testing::Values("Memory", "Sqlite"),
                         [](const auto& tested) { return tested.param; });

TEST_P(TaskLists, TasksAreFilteredByTheirsAndTheirRunsColumns) {
  using C = TaskColumn;
  EXPECT_EQ(Tasks({.dags = {model::DagId("e")}}), "e/1/x_1.0 e/1/x_1.1 e/1/y.0");
  EXPECT_EQ(Tasks({.runs = {model::RunId("0"), model::RunId("7")}}), "d/0/x_1.0 d/0/x_1.1 d/0/y.0");
  const TaskName second{model::JobId("x"), model::LaneId("1"), 1};
  EXPECT_EQ(Tasks({.names = {second}}), "e/1/x_1.1 d/0/x_1.1");
  TaskName alone{model::JobId("y"), model::LaneId(""), 0, true};
  EXPECT_EQ(Tasks({.names = {alone}}), "e/1/y.0 d/0/y.0");
  EXPECT_EQ(Tasks({.names = {{model::JobId("x"), model::LaneId("1"), 0, true}}}), "");
  EXPECT_EQ(Tasks({.names = {alone, second}, .ranges = {{C::kRunAfter, Micros(14), {}}}}),
            "e/1/x_1.1 e/1/y.0");
  EXPECT_EQ(Tasks({.ranges = {{C::kLogicalDate, {}, {}}}}), "d/0/x_1.0 d/0/x_1.1 d/0/y.0");
  EXPECT_EQ(Tasks({.ranges = {{C::kStartDate, Micros(9), Micros(23)}}}), "e/1/x_1.0 e/1/x_1.1");
  EXPECT_EQ(Tasks({.ranges = {{C::kTryNumber, 22, 22}}}), "d/0/x_1.1");
  EXPECT_EQ(Tasks({.ranges = {{C::kDuration, (At(1) - At(0)).count() + 1, {}}}}), "e/1/x_1.0");
  EXPECT_EQ(Tasks({.matches = {{C::kDag, {{"%E%"}}}}}), "e/1/x_1.0 e/1/x_1.1 e/1/y.0");
}

TEST_P(TaskLists, TasksArePagedByEdgesInEveryOrder) {
  using C = TaskColumn;
  EXPECT_EQ(Tasks({.order = {{C::kStartDate, true}}}),
            "d/0/x_1.1 e/1/x_1.1 e/1/x_1.0 e/1/y.0 d/0/y.0 d/0/x_1.0");
  EXPECT_EQ(Tasks({.order = {{C::kState}}}),
            "d/0/y.0 e/1/y.0 d/0/x_1.0 d/0/x_1.1 e/1/x_1.0 e/1/x_1.1");
  std::vector<std::vector<TaskOrder>> orders{{}};
  for (int column = 0; column <= static_cast<int>(C::kDuration); ++column) {
    for (const bool down : {false, true}) {
      orders.push_back({{static_cast<C>(column), down}});
      orders.push_back({{C::kEndDate, !down}, {static_cast<C>(column), down}});
    }
  }
  for (const auto& order : orders) {
    const auto all = Value(reader().TasksOfRuns({.order = order})).rows;
    ASSERT_EQ(all.size(), 6u);
    for (size_t edge = 0; edge < all.size(); ++edge) {
      const auto at = all.begin() + static_cast<std::ptrdiff_t>(edge);
      const auto page = [&](bool back) {
        return Value(reader().TasksOfRuns(
                         {.limit = 2, .order = order, .from = Edge<model::TaskRow>{*at, back}}))
            .rows;
      };
      EXPECT_EQ(page(false), std::vector(at + 1, at + std::min<std::ptrdiff_t>(3, all.end() - at)));
      EXPECT_EQ(page(true), std::vector(at - std::min<std::ptrdiff_t>(2, at - all.begin()), at));
    }
  }
}

TEST_P(ListsContract, HistoryIsPagedFromBothEndsAndCounted) {
  for (int i = 1; i <= 6; ++i) {
    model::HistoryRow row = SampleHistory(i);
    const model::JobKey job{RunKeyOf("d", "r"), model::JobId("x"), model::LaneId("1")};
    row.subject = model::SubjectOf(job, i % 2 == 0 ? "x_1.start_cluster" : "x_1.other");
    row.at = At(i);
    row.to = i < 3 ? "queued" : i < 5 ? "running" : "success";
    Put({row});
  }
  const auto seqs = [&](const HistoryQuery& query, int64_t total) {
    std::vector<std::string> out;
    for (const model::HistoryRow& row : Value(reader().History(query)))
      out.push_back(base::Cat(row.seq));
    EXPECT_EQ(Value(reader().CountHistory(query)), total);
    return base::Join(out, " ");
  };
  EXPECT_EQ(seqs({.limit = 2, .is_newest_first = true, .offset = 1}, 6), "5 4");
  EXPECT_EQ(seqs({.after = 2, .limit = 2, .offset = 1}, 4), "4 5");
  EXPECT_EQ(seqs({.to = {"queued", "success"}}, 4), "1 2 5 6");
  EXPECT_EQ(seqs({.to_others = {"queued", "success"}}, 2), "3 4");
  EXPECT_EQ(seqs({.from = At(2), .until = At(4)}, 3), "2 3 4");
  EXPECT_EQ(seqs({.dag = model::DagId("d"), .task = "x_1.start_cluster"}, 3), "2 4 6");
  EXPECT_EQ(seqs({.task = "start_cluster"}, 0), "");
}

// What a caller sees who sees only some DAGs.
TEST_P(ListsContract, ListsCanBeOfSomeDags) {
  using model::DagId;
  const auto cluster = [](const std::string& id, const std::string& dag) {
    return testing::SampleCluster(
        id, model::AttemptKey{{RunKeyOf(dag, "r"), model::JobId("j"), model::LaneId("")}, 1});
  };
  Put({SampleRun(RunKeyOf("a", "r")),
       SampleRun(RunKeyOf("b", "r")),
       cluster("j-a", "a"),
       cluster("j-b", "b"),
       testing::SampleCluster("j-nobodys", std::nullopt)});
  const auto clusters = Value(reader().Clusters({.dags = {DagId("a"), DagId("none")}}));
  ASSERT_EQ(clusters.rows.size(), 1U);
  EXPECT_EQ(clusters.total, 1);
  EXPECT_EQ(clusters.rows[0].id.str(), "j-a");

  Put({model::AssetEventRow{.id = 1, .asset = 1, .at = At(1), .dag = DagId("a")},
       model::AssetEventRow{.id = 2, .asset = 1, .at = At(2), .dag = DagId("b")}});
  EXPECT_EQ(Value(reader().AssetEvents({.dags = {DagId("b")}})).rows.at(0).id, 2);
  EXPECT_EQ(Value(reader().AssetEvents({.dags = {DagId("b")}})).total, 1);

  std::vector<model::HistoryRow> rows;
  const std::vector<model::Subject> subjects{
      SubjectOf(DagId("a")),
      SubjectOf(DagId("b")),
      SubjectOf(model::RecordKey{model::RecordKind::kUser, "ada"}),
      model::AccessSubject("x"),
      model::HoldSubject(1)};
  for (const model::Subject& subject : subjects) {
    model::HistoryRow row = SampleHistory(std::ssize(rows) + 1);
    row.subject = subject;
    row.by = rows.empty() ? model::Principal() : model::Principal("ada");
    rows.push_back(row);
    Put({row});
  }
  const auto seqs = [&](const HistoryQuery& query) {
    std::vector<std::string> out;
    for (const model::HistoryRow& row : Value(reader().History(query)))
      out.push_back(base::Cat(row.seq));
    EXPECT_EQ(Value(reader().CountHistory(query)), std::ssize(out));
    return base::Join(out, " ");
  };
  EXPECT_EQ(seqs({.dags = {DagId("b"), DagId("none")}}), "2");
  EXPECT_EQ(seqs({.is_about_work = true}), "1 2 5");
  EXPECT_EQ(seqs({.is_asked_for = true}), "2 3 4 5");
  EXPECT_EQ(seqs({.dags = {DagId("a")}, .is_asked_for = true}), "");
}

}  // namespace
}  // namespace store
