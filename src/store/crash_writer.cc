// Commits batch after batch and says which it knows to be durable, until it is killed: the other
// half of the kill test in sqlite_store_test.cc.
//
// Batch b (from 1) is kCrashBatch history rows and as many tasks, all with try_number b.

#include "store/crash_writer.h"

#include <cstdio>

#include "store/sqlite_store.h"
#include "store/test_support.h"

int main(int argc, char** argv) {
  if (argc != 2)
    return 2;
  auto opened = store::OpenSqlite({.path = argv[1], .deployment = "demo", .reserve_bytes = 4096});
  if (!opened.has_value()) {
    std::fprintf(stderr, "%s\n", opened.error().message.c_str());
    return 1;
  }
  store::Store& store = **opened;
  auto snapshot = store.Load(base::Time{});
  if (!snapshot.has_value())
    return 1;
  const auto run = store::testing::RunKeyOf("d", "r");
  for (int64_t b = snapshot->last_seq / store::kCrashBatch + 1;; ++b) {
    std::vector<model::Change> batch{store::testing::SampleRun(run, static_cast<int>(b))};
    for (int i = 0; i < store::kCrashBatch; ++i) {
      const auto job = store::testing::JobKeyOf(run, base::Cat("job", i));
      batch.emplace_back(model::TaskRow{.job = job, .try_number = static_cast<int>(b)});
      batch.emplace_back(store::testing::SampleHistory((b - 1) * store::kCrashBatch + i + 1));
    }
    if (store.Commit(batch, snapshot->identity.epoch).outcome != store::CommitResult::Outcome::kOk)
      return 1;
    std::printf("%lld\n", static_cast<long long>(b));
    std::fflush(stdout);
  }
}
