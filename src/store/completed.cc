#include "store/completed.h"

#include <algorithm>

namespace store {

void CompletedJobs::Add(const model::RunRow& run,
                        const model::JobKey& job,
                        model::TaskState state) {
  const auto entry = [&] {
    return Entry{{job,
                  run.type,
                  run.logical_date,
                  run.data_interval,
                  state,
                  run.state == model::RunState::kSuccess},
                 run.end_date};
  };
  if (run.end_date.has_value() && *run.end_date >= since_)
    recent_.push_back(entry());
  if (state != model::TaskState::kSuccess)
    return;
  const auto age = [](const base::Interval& interval,
                      const std::optional<base::Time>& ended_at,
                      const model::RunKey& key) {
    return std::tuple(interval.end, ended_at, key.run);
  };
  const auto [found, is_new] = latest_.try_emplace(Which(job.run.dag, job.job, job.lane));
  if (is_new ||
      age(run.data_interval, run.end_date, run.key) >
          age(found->second.job.data_interval, found->second.ended_at, found->second.job.job.run))
    found->second = entry();
}

std::vector<model::Snapshot::CompletedJob> CompletedJobs::Take() {
  std::vector<Entry> chosen = std::move(recent_);
  for (auto& [which, entry] : latest_) {
    if (!entry.ended_at.has_value() || *entry.ended_at < since_)
      chosen.push_back(std::move(entry));
  }
  std::sort(chosen.begin(), chosen.end(), [](const Entry& a, const Entry& b) {
    if (a.ended_at != b.ended_at)
      return a.ended_at > b.ended_at;
    return a.job.job < b.job.job;
  });
  std::vector<model::Snapshot::CompletedJob> jobs;
  jobs.reserve(chosen.size());
  for (Entry& entry : chosen)
    jobs.push_back(std::move(entry.job));
  return jobs;
}

}  // namespace store
