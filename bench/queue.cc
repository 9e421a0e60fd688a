// What a turn costs while 10,000 jobs wait for one pool of 24 slots that frees one slot at a time:
// the choice alone, the whole turn, and the question while the pool is full.

#include "engine/queue.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"
#include "engine/engine.h"
#include "model/dag_json.h"
#include "work/kinds.h"

namespace {

using base::Cat;
using Clock = std::chrono::steady_clock;

constexpr int kDags = 10, kRuns = 10, kJobs = 100, kSlots = 24, kTurns = 1000;

std::shared_ptr<const model::Dag> DagOf(int number, bool has_limit) {
  auto dag = std::make_shared<model::Dag>();
  dag->id = model::DagId(Cat("d", number));
  dag->is_paused_upon_creation = false;
  if (has_limit)
    dag->limits = {{.by = "job_id", .max = 2}};
  for (int i = 0; i < kJobs; ++i) {
    model::Job job;
    job.id = model::JobId(Cat("j", i));
    job.pool = model::PoolId("p");
    job.capacity.priority_weight = i % 3;
    job.work = model::EmrWork{
        .request = json::object{
            {"ReleaseLabel", "emr-7.8.0"},
            {"Instances",
             json::object{{"MasterInstanceType", "m5.xlarge"}, {"InstanceCount", 1}}}}};
    dag->jobs.push_back(std::move(job));
  }
  dag->version = model::ComputeVersion(*dag);
  return dag;
}

class Stopwatch {
 public:
  void Time(const auto& work) {
    const auto begin = Clock::now();
    work();
    sum_ += Clock::now() - begin;
  }
  double micros() const { return std::chrono::duration<double, std::micro>(sum_).count() / kTurns; }

 private:
  Clock::duration sum_{0};
};

void Measure(bool has_limit) {
  model::Snapshot empty;
  empty.identity = {"bench", "0123456789abcdef0123456789abcdef", 1};
  const schedule::ZoneSet zones;
  auto engine = engine::Engine::Create({}, zones, work::MakeKinds({}), empty).value();
  base::Time now = base::ParseTime("2026-01-05T00:00:00Z").value();
  model::ProjectLoaded project{{}, {{model::PoolId("p"), kSlots, ""}}};
  for (int d = 0; d < kDags; ++d)
    project.dags.push_back(DagOf(d, has_limit));
  engine->Apply({now, project});
  for (int run = 0; run < kRuns; ++run) {
    for (int d = 0; d < kDags; ++d)
      engine->Apply({now,
                     model::TriggerRun{
                         model::DagId(Cat("d", d)), model::RunId(Cat("r", run)), {}, {}, "ada"}});
  }
  engine->Apply({now, model::Turns{kSlots}});
  const engine::State& state = engine->state();
  Stopwatch full, choice, turn;
  for (int i = 0; i < kTurns; ++i) {
    full.Time([&] {
      if (!engine::NextInTurn(state, {.calls = 1}).empty())
        std::abort();
    });
    const model::LaunchToken token = *work::EmrOf(*engine).unsettled.begin();
    engine->Apply({now, model::LaunchRefused{token, model::LaunchRefused::Kind::kRejected, "no"}});
    choice.Time([&] {
      if (engine::NextInTurn(state, {.calls = 1}).size() != 1)
        std::abort();
    });
    turn.Time([&] { engine->Apply({now, model::Turns{1}}); });
    now += base::seconds(30);
  }
  std::printf("%d queued%s: pool full %.2f us, choice %.0f us, turn %.0f us\n",
              kDags * kRuns * kJobs,
              has_limit ? ", a limit" : "",
              full.micros(),
              choice.micros(),
              turn.micros());
}

}  // namespace

int main() {
  Measure(false);
  Measure(true);
  return 0;
}
