// What a mapped job costs: 10,000 instances made and committed to SQLite in one step, and what each
// of them takes of memory while it waits.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <malloc.h>

#include "base/text.h"
#include "engine/engine.h"
#include "model/dag_json.h"
#include "store/sqlite_store.h"
#include "work/kinds.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kInstances = 10'000;

std::shared_ptr<const model::Dag> MappedDag() {
  auto dag = std::make_shared<model::Dag>();
  dag->id = model::DagId("d");
  dag->is_paused_upon_creation = false;
  model::Job job;
  job.id = model::JobId("train");
  job.pool = model::PoolId("p");
  model::MapOver& over = job.map_over.emplace();
  for (int i = 0; i < kInstances; ++i)
    over.items.emplace_back(base::Cat("s3://example/customers/", i, ".json"));
  job.work = model::EmrWork{
      .request = json::object{
          {"ReleaseLabel", "emr-7.8.0"},
          {"Instances", json::object{{"MasterInstanceType", "m5.xlarge"}, {"InstanceCount", 1}}}}};
  dag->jobs.push_back(std::move(job));
  dag->version = model::ComputeVersion(*dag);
  return dag;
}

double Millis(Clock::duration span) {
  return std::chrono::duration<double, std::milli>(span).count();
}

}  // namespace

int main() {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "mapping_bench";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  auto store =
      store::OpenSqlite({.path = (folder / "signalbox.db").string(), .deployment = "bench"})
          .value();
  const base::Time now = base::ParseTime("2026-01-05T00:00:00Z").value();
  const model::Snapshot empty = store->Load(now).value();
  const schedule::ZoneSet zones;
  auto engine = engine::Engine::Create({}, zones, work::MakeKinds({}), empty).value();
  const auto commit = [&](const engine::Changes& changes) {
    if (store->Commit(changes.rows, empty.identity.epoch).outcome !=
        store::CommitResult::Outcome::kOk)
      std::abort();
  };
  // A pool without slots: all of them wait.
  commit(engine->Apply({now, model::ProjectLoaded{{MappedDag()}, {{model::PoolId("p"), 0, ""}}}}));
  const size_t before = ::mallinfo2().uordblks;
  const auto begin = Clock::now();
  {
    const engine::Changes changes = engine->Apply(
        {now, model::TriggerRun{model::DagId("d"), model::RunId("r"), {}, {}, "ada"}});
    const auto made = Clock::now();
    commit(changes);
    std::printf("%d mapped instances: made in %.0f ms, committed in %.0f ms, together %.0f ms\n",
                kInstances,
                Millis(made - begin),
                Millis(Clock::now() - made),
                Millis(Clock::now() - begin));
  }
  const size_t after = ::mallinfo2().uordblks;
  std::printf("memory for each task instance that waits: %zu bytes (%d of 2 tasks each)\n",
              (after - before) / (2 * kInstances),
              kInstances);
  std::filesystem::remove_all(folder);
  return 0;
}
