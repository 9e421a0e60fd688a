#include "simulation/rules/crossings.h"

#include <algorithm>

namespace simulation {

namespace {

constexpr base::Duration kInstant{1};

std::vector<base::Time> DatesOf(const DagSpec& mine,
                                const DagSpec& upstream,
                                model::Window window,
                                base::Time end) {
  const base::Time latest = LatestTick(upstream, end);
  if (window != model::Window::kCovers)
    return {latest};
  const base::Time begin = LatestTick(mine, end - kInstant);
  std::vector<base::Time> dates;
  base::Time tick = latest;
  for (base::Time before = LatestTick(upstream, tick - kInstant); before >= begin;
       before = LatestTick(upstream, tick - kInstant)) {
    dates.push_back(tick);
    tick = before;
  }
  return dates;
}

const DagSpec* Find(const Workload& work, const model::DagId& dag) {
  const auto found = std::find_if(work.dags.begin(), work.dags.end(), [&](const DagSpec& spec) {
    return spec.id == dag.str();
  });
  return found == work.dags.end() ? nullptr : &*found;
}

}  // namespace

base::Time LatestTick(const DagSpec& dag, base::Time at) {
  const base::Duration period = base::minutes(dag.every_minutes);
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const base::Time first = day + base::minutes(dag.minute);  // periods divide a day
  return first + period * ((at - first) / period) - (at < first ? period : base::Duration(0));
}

void Crossings::OnWork(const Workload& work) {
  if (!books_.empty()) {
    const Workload& known = *books_.back();
    bool is_new = false;
    for (size_t i = 0; i < work.dags.size(); ++i) {
      if (work.dags[i].every_minutes == known.dags[i].every_minutes)
        continue;
      is_new = true;
      rescheduled_.insert(model::DagId(work.dags[i].id));
    }
    if (!is_new)
      return;
  }
  books_.push_back(std::make_shared<const Workload>(work));
  if (books_.size() > 2)
    books_.erase(books_.begin());
}

void Crossings::OnRun(const model::RunKey& run, base::Time interval_end) {
  runs_.emplace(run, Made{interval_end, books_});
}

std::vector<std::vector<Crossings::Edge>> Crossings::ListsOf(const model::RunKey& run,
                                                             std::string_view job) const {
  std::vector<std::vector<Edge>> lists;
  const auto made = runs_.find(run);
  if (made == runs_.end())
    return lists;
  for (const Book& book : made->second.books) {
    std::vector<Edge>& edges = lists.emplace_back();
    const DagSpec& mine = *Find(*book, run.dag);
    const auto spec = std::find_if(
        mine.jobs.begin(), mine.jobs.end(), [&](const JobSpec& one) { return one.id == job; });
    for (const JobSpec::Cross& cross : spec->cross) {
      const DagSpec& upstream = book->dags[static_cast<size_t>(cross.dag)];
      // What is only triggered, or fires when an interval is over, is not reckoned with.
      if (upstream.every_minutes == 0 || upstream.by_interval || mine.every_minutes == 0)
        continue;
      edges.push_back({model::DagId(upstream.id),
                       model::JobId(upstream.jobs[static_cast<size_t>(cross.job)].id),
                       DatesOf(mine, upstream, cross.window, made->second.interval_end)});
    }
  }
  return lists;
}

}  // namespace simulation
