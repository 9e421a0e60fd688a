#include "store/completed.h"

#include <algorithm>

namespace store {

CompletedJobs::CompletedJobs(base::Time since, const std::vector<model::JobRow>& live)
    : since_(since) {
  for (const model::JobRow& job : live) {
    for (const model::UpstreamWait& wait : job.waits_for) {
      if (!wait.run.empty())
        wanted_.insert({wait.dag, wait.run});
    }
  }
}

void CompletedJobs::AddToLatest(const model::RunRow& run, const Entry& entry) {
  if (!run.logical_date)
    return;
  const bool is_manual = IsAskedFor(run.type);
  const auto [found, is_new] = latest_.try_emplace({run.key.dag, is_manual});
  Latest& latest = found->second;
  const std::tuple place(*run.logical_date, run.key.run);
  if (is_new || place > latest.place) {
    latest.place = place;
    latest.jobs.clear();  // it keeps its room: most runs are later than the one before
  }
  if (place == latest.place)
    latest.jobs.push_back(entry);
}

void CompletedJobs::Add(const model::RunRow& run,
                        const model::JobKey& job,
                        model::TaskState state) {
  if (state == model::TaskState::kRemoved)
    return;  // the run has no such job any more
  Entry entry{job,
              run.type,
              run.logical_date,
              run.data_interval,
              state,
              run.state == model::RunState::kSuccess,
              run.end_date};
  if ((run.end_date.has_value() && *run.end_date >= since_) || wanted_.contains(run.key))
    chosen_.emplace(job, entry);
  AddToLatest(run, entry);
  if (state != model::TaskState::kSuccess)
    return;
  entry.is_of_whole_run = false;
  const auto age = [](const Entry& success) {
    return std::tuple(success.data_interval.end, success.ended_at, success.job.run);
  };
  const auto [found, is_new] = successes_.try_emplace(Which(job.run.dag, job.job, job.lane), entry);
  if (!is_new && age(entry) > age(found->second))
    found->second = std::move(entry);
}

std::vector<model::Snapshot::CompletedJob> CompletedJobs::Take() {
  for (auto& [which, latest] : latest_) {
    for (Entry& entry : latest.jobs)
      chosen_.try_emplace(entry.job, entry);
  }
  for (auto& [which, entry] : successes_)
    chosen_.try_emplace(entry.job, entry);
  std::vector<Entry> jobs;
  jobs.reserve(chosen_.size());
  for (auto& [key, entry] : chosen_)
    jobs.push_back(std::move(entry));
  std::sort(jobs.begin(), jobs.end(), [](const Entry& a, const Entry& b) {
    if (a.ended_at != b.ended_at)
      return a.ended_at > b.ended_at;
    return a.job < b.job;
  });
  return jobs;
}

}  // namespace store
