// What many schedules cost: a wake with nothing due beside 1,000 DAGs of 100 jobs, and 10,000 runs
// that are due in one second, until they are durable in SQLite.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "engine/engine.h"
#include "model/dag_json.h"
#include "store/sqlite_store.h"
#include "work/kinds.h"

namespace {

using base::Cat;
using Clock = std::chrono::steady_clock;

double MillisecondsOf(const auto& work) {
  const auto begin = Clock::now();
  work();
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

std::shared_ptr<const model::Dag> DagOf(int number, int jobs) {
  auto dag = std::make_shared<model::Dag>();
  dag->id = model::DagId(Cat("d", number));
  dag->schedule.cron = "0 2 * * *";
  dag->is_paused_upon_creation = false;
  for (int i = 0; i < jobs; ++i) {
    model::Job job;
    job.id = model::JobId(Cat("j", i));
    if (i > 0)
      job.upstream = {(i - 1) / 2};
    job.work = model::EmrWork{};
    dag->jobs.push_back(std::move(job));
  }
  dag->version = model::ComputeVersion(*dag);
  return dag;
}

struct Estate {
  Estate(int dags, int jobs, base::Time at, const std::string& folder) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    auto opened = store::OpenSqlite({.path = folder + "/bench.db", .deployment = "bench"});
    CHECK(opened.has_value());
    store = std::move(*opened);
    auto snapshot = store->Load(at);
    CHECK(snapshot.has_value());
    epoch = snapshot->identity.epoch;
    engine = engine::Engine::Create({}, zones, work::MakeKinds({}), *snapshot).value();
    model::ProjectLoaded project;
    for (int i = 0; i < dags; ++i)
      project.dags.push_back(DagOf(i, jobs));
    Commit(engine->Apply({at, project}));
  }
  void Commit(const engine::Changes& changes) {
    CHECK(store->Commit(changes.rows, epoch).outcome == store::CommitResult::Outcome::kOk);
  }

  schedule::ZoneSet zones;
  std::unique_ptr<store::Store> store;
  int64_t epoch = 0;
  std::unique_ptr<engine::Engine> engine;
};

}  // namespace

int main(int, char** arguments) {
  const std::string folder =
      (std::filesystem::path(arguments[0]).parent_path() / "schedules_bench.tmp").string();
  const base::Time midnight = base::ParseTime("2026-01-05T00:00:00Z").value();
  {
    Estate estate(1000, 100, midnight, folder);
    std::vector<double> wakes;
    for (int i = 1; i <= 1000; ++i)
      wakes.push_back(MillisecondsOf([&] {
        estate.engine->Apply({midnight + base::seconds(i), model::Tick{}});
        estate.engine->NextDue();
      }));
    std::ranges::sort(wakes);
    std::printf("1,000 DAGs of 100 jobs: a wake with nothing due %.4f ms (median), %.4f ms (p99)\n",
                wakes[wakes.size() / 2],
                wakes[wakes.size() * 99 / 100]);
    const double due = MillisecondsOf(
        [&] { estate.Commit(estate.engine->Apply({midnight + base::hours(2), model::Tick{}})); });
    std::printf("their 1,000 runs of 100,000 jobs, due at once: %.0f ms\n", due);
  }
  Estate estate(10'000, 1, midnight, folder);
  double planned = 0;
  const double all = MillisecondsOf([&] {
    engine::Changes changes;
    planned = MillisecondsOf(
        [&] { changes = estate.engine->Apply({midnight + base::hours(2), model::Tick{}}); });
    estate.Commit(changes);
  });
  std::printf(
      "10,000 runs due in one second: planned in %.0f ms, durable after %.0f ms\n", planned, all);
  std::filesystem::remove_all(folder);
  return 0;
}
