#include <gtest/gtest.h>

#include "engine/schedules.h"
#include "simulation/disk.h"
#include "simulation/event_bus.h"
#include "simulation/machine.h"
#include "simulation/network.h"
#include "simulation/rules/checks.h"
#include "simulation/week.h"
#include "simulation/workload.h"
#include "store/memory_store.h"
#include "wire/state_item.h"

namespace simulation {
namespace {

const base::Time kStart = base::ParseTime("2026-01-05T00:00:00Z").value();

TEST(Workload, ItsOwnArithmeticAgreesWithCron) {
  const schedule::ZoneSet zones;
  int compared = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const Workload work = DrawWorkload(seed);
    for (const DagSpec& spec : work.dags) {
      const auto dag = BuildDag(work, spec);
      const auto timetable = engine::TimetableOf(*dag, zones);
      ASSERT_TRUE(timetable.has_value());
      if (!*timetable)
        continue;
      for (auto fire = (*timetable)->NextLogicalAtOrAfter(*dag->start_date);
           fire && fire->logical_date <= *dag->end_date;
           fire = (*timetable)->Next(fire->run_after)) {
        const base::Time tick = fire->run_after;
        ASSERT_EQ(LatestTick(spec, tick), tick) << dag->schedule.cron;
        ASSERT_EQ(LatestTick(spec, tick - base::Duration(1)), fire->data_interval.start)
            << dag->schedule.cron;
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 1000);
}

TEST(Ledger, ANameTellsWhoseClusterItIs) {
  const NameParts parts = ReadName("sbx-sim-012345-abc d1 scheduled__2026 j0_1 try 12");
  EXPECT_EQ(parts.head, "sbx-sim-012345-abc");
  EXPECT_EQ(parts.run, "d1 scheduled__2026");
  EXPECT_EQ(parts.job, "d1 scheduled__2026 j0_1");
  EXPECT_EQ(parts.attempt, "d1 scheduled__2026 j0_1 try 12");
  EXPECT_EQ(parts.n, 12);
  for (const char* name : {"", "ada's notebook", "x try 1", "sbx-a b try z"})
    EXPECT_TRUE(ReadName(name).attempt.empty()) << name;
}

TEST(ClockTest, OursNeverGoesBack) {
  Clock clock(kStart);
  clock.SetAhead(base::minutes(4));
  EXPECT_EQ(clock.Ours(), kStart + base::minutes(4));
  clock.SetAhead(base::Duration(0));
  clock.AdvanceTo(kStart + base::minutes(1));  // at nine tenths of its speed
  EXPECT_EQ(clock.Ours(), kStart + base::minutes(4) + base::seconds(54));
  clock.AdvanceTo(kStart + base::minutes(41));
  EXPECT_EQ(clock.Ours(), kStart + base::minutes(41));
}

// One job of one step, alone in the world.
class World {
 public:
  explicit World(bool with_events, std::vector<CrashPoint> crashes = {})
      : effects_(std::move(crashes)), emr_({.journal = false, .events = with_events}) {
    if (with_events)
      machine_.Add(&bus_);
    witnesses_.Add(&checks_);
    work_.start = kStart;
    work_.fires_for = base::minutes(30);
    work_.dags = {{.id = "d", .every_minutes = 60, .jobs = {{.id = "j"}}}};
    const Project project{{BuildDag(work_, work_.dags[0])}, {}};
    checks_.OnWork(work_);
    checks_.OnProject(clock_.Now(), project.dags);
    machine_.SetProject(project);
  }

  void Run() {
    machine_.Run(kStart + base::hours(4), [&] {
      return clock_.Now() > kStart + base::hours(1) && machine_.driver().state().runs.empty();
    });
    checks_.AtEnd(clock_.Now(), true);
  }
  // From EMR's end of the cluster to the end of its run.
  base::Duration Delay() {
    const auto runs = rows_.reader().Runs({});
    return *runs->rows.at(0).end_date - *emr_.clusters().at(0).ended_at;
  }
  Machine& machine() { return machine_; }
  const Checks& checks() const { return checks_; }
  const Effects& effects() const { return effects_; }
  const emulator::Emulator& emr() const { return emr_; }

 private:
  Clock clock_{kStart};
  Effects effects_;
  emulator::Emulator emr_;
  Witnesses witnesses_;
  Network network_{clock_, emr_, effects_, witnesses_};
  store::MemoryStore rows_{{"sim", "0123456789abcdef0123456789abcdef", 0}};
  Disk disk_{clock_, effects_, witnesses_, rows_};
  Ledger ledger_{emr_, "sbx-sim-012345-"};
  Checks checks_{emr_, ledger_, {}};
  schedule::ZoneSet zones_;
  Machine machine_{clock_, emr_, effects_, network_, disk_, witnesses_, zones_, {}};
  EventBus bus_{machine_, emr_, {}};
  Workload work_;
};

TEST(MachineTest, AJobIsDoneOnOneCluster) {
  World world(false);
  world.Run();
  EXPECT_TRUE(world.checks().ok()) << world.checks().breaches().front();
  EXPECT_EQ(world.checks().launches(), 1);
  EXPECT_GT(world.Delay(), base::seconds(1));
}

TEST(MachineTest, WithEventsAnEndIsSeenAtOnce) {
  World world(true);
  world.Run();
  EXPECT_TRUE(world.checks().ok()) << world.checks().breaches().front();
  EXPECT_LT(world.Delay(), base::seconds(1));
}

TEST(MachineTest, ItIsStartedAgainAfterEachDeath) {
  World world(false, {{3, When::kAfter}, {1, When::kBefore}});
  world.Run();
  EXPECT_TRUE(world.checks().ok()) << world.checks().breaches().front();
  EXPECT_EQ(world.effects().life(), 2u);
  EXPECT_EQ(world.checks().launches(), 1);
}

// Asks for the DAG to be paused, as soon as the process lives.
class Eager : public Actor {
 public:
  explicit Eager(Machine& machine) : machine_(machine) {}
  std::optional<base::Time> NextDue() const override {
    return answer_ ? std::nullopt : std::optional(kStart);
  }
  void OnTime(base::Time) override {
    machine_.driver().Post(model::SetPaused{model::DagId("d"), true, "ada"},
                           [this](const driver::Outcome& outcome) { answer_ = outcome; });
  }
  const std::optional<driver::Outcome>& answer() const { return answer_; }

 private:
  Machine& machine_;
  std::optional<driver::Outcome> answer_;
};

TEST(MachineTest, AProcessHasReadItsFilesBeforeAnybodyAsks) {
  World world(false);
  Eager editor(world.machine()), person(world.machine());
  world.machine().Add(&editor);
  world.machine().Add(&person);
  world.Run();
  ASSERT_TRUE(editor.answer() && person.answer());
  EXPECT_EQ(editor.answer()->error().code, base::ErrorCode::kNotFound);
  EXPECT_TRUE(person.answer()->has_value());
}

// The week is played like any other life: with fewer pool slots than jobs, all still get done.
TEST(StateTableTest, EveryOrderOfEventsEndsInTheSameItem) {
  emulator::Emulator emr({.journal = false, .events = true});
  const json::value request = base::ParseJson(R"({
    "Name": "n", "ReleaseLabel": "emr-7.8.0", "ServiceRole": "r", "JobFlowRole": "p",
    "Instances": {"MasterInstanceType": "m5.xlarge", "InstanceCount": 1}})")
                                  .value();
  const emulator::Reply launched = emr.Handle("RunJobFlow", request, kStart);
  const std::string id = base::GetString(launched.body.as_object(), "JobFlowId");
  emr.AdvanceTo(kStart + base::hours(3));
  std::vector<std::string> events;
  for (const json::object& event : emr.TakeEvents())
    events.push_back(json::serialize(event));
  ASSERT_GE(events.size(), 3u);
  StateTable forwards;
  StateTable backwards;
  for (size_t i = 0; i < events.size(); ++i) {
    forwards.Take(events[i]);
    forwards.Take(events[i / 2]);
    backwards.Take(events[events.size() - 1 - i]);
  }
  const json::object wanted{
      {"RequestItems",
       {{StateTable::kName, {{"Keys", json::array{wire::ItemKey(id, wire::StateItemKey())}}}}}}};
  const json::value found = forwards.BatchGetItem(wanted);
  EXPECT_EQ(found, backwards.BatchGetItem(wanted));
  EXPECT_EQ(
      base::GetString(found.at("Responses").at(StateTable::kName).at(0).as_object(), "state.S"),
      "TERMINATED");
}

TEST(Week, ThePastCountsAsDone) {
  Workload work;
  work.start = kStart;
  DagSpec up{.id = "up", .every_minutes = 120, .jobs = {{.id = "a", .lanes = 3}}};
  DagSpec down{.id = "down", .every_minutes = 720, .jobs = {{.id = "b"}}};
  down.jobs[0].cross = {{.dag = 0, .job = 0, .window = model::Window::kCovers}};
  work.dags = {up, down};
  WeekOptions options;
  for (const DagSpec& spec : work.dags) {
    auto dag = std::make_shared<model::Dag>(*BuildDag(work, spec));
    dag->start_date = kStart - base::hours(24 * 30);
    dag->end_date = std::nullopt;
    dag->catchup = false;
    options.dags.push_back(dag);
  }
  options.start = kStart;
  options.length = base::hours(24);
  options.emr.journal = false;
  const WeekReport report = PlayWeek(options, schedule::ZoneSet());
  EXPECT_TRUE(report.breaches.empty()) << report.breaches.front();
  EXPECT_EQ(report.runs, 12 + 1 + 2 + 1);  // the last tick of the day is the next day's first
  EXPECT_EQ(report.failed_runs, 0);
  EXPECT_EQ(report.clusters, 3 * 13 + 3);
  EXPECT_EQ(report.throttled, 0);
  EXPECT_GE(report.most_clusters, 3u);
  EXPECT_GT(report.bill.useful_hours, 1);
}

}  // namespace
}  // namespace simulation
