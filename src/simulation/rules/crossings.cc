#include "simulation/rules/crossings.h"

#include <algorithm>

namespace simulation {

namespace {

constexpr base::Duration kInstant{1};

base::Interval IntervalOf(const DagSpec& spec, base::Time tick) {
  return {LatestTick(spec, tick - kInstant), tick};
}

bool IsSameSchedule(const DagSpec& a, const DagSpec& b) {
  return a.every_minutes == b.every_minutes && a.minute == b.minute &&
         a.by_interval == b.by_interval && a.closed_from == b.closed_from &&
         a.closed_until == b.closed_until && a.closed_day == b.closed_day;
}

base::Duration ClosedFor(const DagSpec& spec) {
  const base::Duration day =
      spec.closed_day == base::Time() ? base::Duration(0) : base::Duration(std::chrono::days(1));
  return day + (spec.closed_until - spec.closed_from);
}

}  // namespace

base::Time LatestTick(const DagSpec& dag, base::Time at) {
  const base::Duration period = base::minutes(dag.every_minutes);
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const base::Time first = day + base::minutes(dag.minute);  // periods divide a day
  base::Time tick =
      first + period * ((at - first) / period) - (at < first ? period : base::Duration(0));
  while (!IsOpen(dag, tick))
    tick -= period;
  return tick;
}

void Crossings::OnWork(const Workload& work) {
  start_ = work.start;
  end_ = work.start + work.fires_for;
  for (const DagSpec& spec : work.dags) {
    std::vector<std::string> ids;
    for (const DagSpec& dag : work.dags)
      ids.push_back(dag.id);
    versions_.try_emplace(BuildDag(work, spec)->version, spec, std::move(ids));
  }
}

void Crossings::OnDag(base::Time now, const model::DagRow& row) {
  const auto version = versions_.find(row.version);
  if (version == versions_.end() || has_given_up_)
    return;
  const DagSpec& spec = version->second.first;
  Book& book = books_[row.dag];
  if (!row.is_paused && !book.begun_at)
    book.begun_at = now;
  if (book.schedules.empty()) {
    book.schedules.push_back({spec, row.first_seen});
  } else if (IsSameSchedule(book.schedules.back().spec, spec)) {
    book.schedules.back().spec = spec;
  } else if (!row.scheduled_until) {
    book.schedules = {{spec, row.first_seen}};  // nothing has counted yet
  } else {
    book.schedules.push_back({spec, row.schedules.back().since});
  }
}

// No logical date is before the schedule's beginning or after its end.
bool Crossings::IsDated(const Period& period, const base::Interval& interval) const {
  const base::Time date = period.spec.by_interval ? interval.start : interval.end;
  return date >= start_ + period.spec.Beginning() && date <= end_;
}

std::vector<Crossings::Period> Crossings::PeriodsOf(const Book& book) const {
  std::vector<Period> periods;
  for (size_t i = 0; i < book.schedules.size(); ++i) {
    const Since& schedule = book.schedules[i];
    base::Time after = schedule.since;
    const DagSpec& now = book.schedules.back().spec;
    if (i == 0)
      after = (now.catchup ? start_ + now.Beginning() : schedule.since) - kInstant;
    const bool is_last = i + 1 == book.schedules.size();
    if (schedule.spec.every_minutes > 0)
      periods.push_back(
          {schedule.spec, after, is_last ? base::Time::max() : book.schedules[i + 1].since});
  }
  return periods;
}

std::vector<base::Interval> Crossings::Ticks(const Book& book,
                                             base::Time after,
                                             base::Time until) const {
  std::vector<base::Interval> ticks;
  for (const Period& period : PeriodsOf(book)) {
    // The last tick may be dated a period before it comes, and more where ticks are closed.
    const base::Duration step = base::minutes(period.spec.every_minutes);
    const base::Time last =
        std::min({until, period.until, end_ + step * 2 + ClosedFor(period.spec)});
    const base::Time first = std::max(after, period.after);
    for (base::Time tick = LatestTick(period.spec, first) + step; tick <= last; tick += step) {
      const base::Interval interval = IntervalOf(period.spec, tick);
      if (IsOpen(period.spec, tick) && IsDated(period, interval))
        ticks.push_back(interval);
    }
  }
  return ticks;
}

std::vector<base::Interval> Crossings::Wanted(const Book& upstream,
                                              const JobSpec::Cross& cross,
                                              const base::Interval& of_run) const {
  // The workload's zone is UTC, where a day is a day.
  const base::Interval mine{of_run.start - cross.offset, of_run.end - cross.offset};
  const std::vector<base::Interval> due =
      Ticks(upstream, base::Time::min() + base::hours(48), mine.end);
  switch (cross.window) {
    case model::Window::kLatestDue: {
      const auto back = static_cast<size_t>(cross.intervals_back);
      if (due.size() > back)
        return {due[due.size() - 1 - back]};
      break;
    }
    case model::Window::kWithin:
      if (!due.empty() && due.back().end > mine.end - cross.within)
        return {due.back()};
      break;
    case model::Window::kSameInterval:
      if (!due.empty() && due.back() == mine)
        return {mine};
      break;
    case model::Window::kCovers: {
      std::vector<base::Interval> inside;
      std::copy_if(due.begin(), due.end(), std::back_inserter(inside), [&](const auto& interval) {
        return interval.start >= mine.start;
      });
      if (!inside.empty())
        return inside;
      break;
    }
  }
  const std::vector<base::Interval> all =
      Ticks(upstream, base::Time::min() + base::hours(48), base::Time::max());
  if (!all.empty() && (all.front().end > mine.end || cross.intervals_back > 0))
    return {all.front()};
  const bool may_be_none =
      cross.window == model::Window::kCovers || cross.window == model::Window::kWithin;
  if (may_be_none && cross.skips_holes)
    return {};
  return {mine};
}

void Crossings::OnRun(const model::RunRow& run) {
  const auto version = versions_.find(run.version);
  if (version == versions_.end() || has_given_up_)
    return;
  const auto& [mine, ids] = version->second;
  auto& jobs = runs_[run.key];
  for (const JobSpec& job : mine.jobs) {
    std::vector<Edge>& edges = jobs[job.id];
    for (const JobSpec::Cross& cross : job.cross) {
      const model::DagId dag(ids[static_cast<size_t>(cross.dag)]);
      const auto book = books_.find(dag);
      // What is not there yet, or is only triggered, does not count.
      if (book == books_.end() || book->second.schedules.back().spec.every_minutes == 0) {
        jobs.erase(job.id);
        break;
      }
      const DagSpec& upstream = book->second.schedules.back().spec;
      edges.push_back({dag,
                       cross.is_whole_run
                           ? model::JobId()
                           : model::JobId(upstream.jobs[static_cast<size_t>(cross.job)].id),
                       Wanted(book->second, cross, run.data_interval),
                       cross.skips_holes,
                       cross.rule,
                       cross.ends_job});
    }
  }
}

void Crossings::GiveUp() {
  has_given_up_ = true;
  books_.clear();
  runs_.clear();
}

std::optional<std::vector<Crossings::Edge>> Crossings::EdgesOf(const model::RunKey& run,
                                                               std::string_view job) const {
  const auto made = runs_.find(run);
  if (made == runs_.end())
    return std::nullopt;
  const auto edges = made->second.find(job);
  return edges == made->second.end() ? std::nullopt : std::optional(edges->second);
}

std::vector<Crossings::Period> Crossings::PeriodsOf(const model::DagId& dag) const {
  const auto book = books_.find(dag);
  return book == books_.end() ? std::vector<Period>() : PeriodsOf(book->second);
}

std::vector<base::Interval> Crossings::Ticks(const model::DagId& dag,
                                             base::Time after,
                                             base::Time until) const {
  const auto book = books_.find(dag);
  return book == books_.end() ? std::vector<base::Interval>() : Ticks(book->second, after, until);
}

std::optional<base::Time> Crossings::BegunAt(const model::DagId& dag) const {
  const auto book = books_.find(dag);
  return book == books_.end() ? std::nullopt : book->second.begun_at;
}

}  // namespace simulation
