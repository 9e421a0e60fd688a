#include "forecast/deadlines.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "model/deadline_scope.h"

namespace forecast {

namespace {

constexpr double kRisk = 0.1;
constexpr double kLate = 0.5;

std::optional<schedule::Timetable> Moments(const std::string& cron,
                                           std::shared_ptr<const schedule::TimeZone> zone) {
  auto rule = schedule::ParseRule(cron);
  if (!rule || zone == nullptr)
    return std::nullopt;
  return schedule::Timetable(std::move(*rule), std::move(zone), model::Timetable::kTrigger);
}

// When a run is due by a deadline of its own or of one of its jobs.
std::optional<base::Time> DueAt(const model::Deadline& deadline,
                                const Run& run,
                                const std::shared_ptr<const schedule::TimeZone>& zone) {
  if (!deadline.by.empty()) {
    const auto moments = Moments(deadline.by, zone);
    const auto due = moments ? moments->Next(run.run_after) : std::nullopt;
    return due ? std::optional(due->run_after) : std::nullopt;
  }
  switch (deadline.from) {
    case model::DeadlineFrom::kDataIntervalEnd:
      return run.data_interval.end + deadline.within;
    case model::DeadlineFrom::kLogicalDate:
      return run.logical_date.value_or(run.data_interval.end) + deadline.within;
    case model::DeadlineFrom::kQueuedAt:
      return run.queued_at.value_or(run.run_after) + deadline.within;
  }
  return std::nullopt;
}

class Judge {
 public:
  Judge(const Outlook& outlook, const engine::State& state, const schedule::ZoneSet& zones)
      : outlook_(outlook), network_(outlook.network()), state_(state), zones_(zones) {}

  void Own() {
    for (size_t run = 0; run < network_.runs.size(); ++run)
      OwnOf(static_cast<int>(run));
  }

  void Shared(const SharedMoments& shared) {
    if (!shared.moments)
      return;
    for (const DagRuns& dag : network_.dags) {
      if (!Concerns(shared.deadline, DagOf(dag.dag)))
        continue;
      for (int run : dag.runs) {
        const Run& of = network_.runs[static_cast<size_t>(run)];
        if (const auto due = shared.moments->Next(of.run_after))
          Add(shared.deadline.name, run, -1, due->run_after);
      }
    }
  }

  std::vector<DeadlineView> Take() && {
    std::sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) {
      return std::tie(a.due, a.name, a.run, a.job) < std::tie(b.due, b.name, b.run, b.job);
    });
    return std::move(found_);
  }

 private:
  const model::Dag& DagOf(const model::DagId& id) const { return *state_.dags.at(id).plan->dag; }

  void OwnOf(int id) {
    const Run& run = network_.runs[static_cast<size_t>(id)];
    const engine::Plan& plan = *state_.dags.at(run.key.dag).plan;
    const model::Dag& dag = *plan.dag;
    const auto zone = zones_.Find(dag.timezone);
    if (zone == nullptr)
      return;
    if (dag.deadline) {
      if (const auto due = DueAt(*dag.deadline, run, zone))
        Add("", id, -1, *due);
    }
    for (int node : run.jobs) {
      const Job& job = network_.jobs[static_cast<size_t>(node)];
      const auto index = plan.index.find({job.job, job.lane});
      if (index == plan.index.end() || job.index != -1)
        continue;  // it is of an older version, or not a job as a whole
      const model::Job& def = dag.jobs[static_cast<size_t>(index->second)];
      if (!def.deadline)
        continue;
      if (const auto due = DueAt(*def.deadline, run, zone))
        Add("", id, node, *due);
    }
  }

  void Add(std::string name, int run, int job, base::Time due) {
    const base::Duration left = due - network_.now;
    const auto by = static_cast<Seconds>(
        std::clamp<int64_t>(left.count() / 1'000'000, -1, int64_t{kNever} - 1));
    const double misses = job < 0 ? outlook_.RunMisses(run, by) : outlook_.JobMisses(job, by);
    const bool is_known = outlook_.KnowsEnd(run) || misses > kLate;
    DeadlineView view{.name = std::move(name), .run = run, .job = job, .due = due};
    if (is_known)
      view.miss_chance = misses;
    if (due <= network_.now)
      view.status = model::DeadlineStatus::kMissed;
    else if (misses > kLate)
      view.status = model::DeadlineStatus::kLate;
    else if (misses > kRisk || !is_known)
      view.status = model::DeadlineStatus::kAtRisk;
    found_.push_back(std::move(view));
  }

  const Outlook& outlook_;
  const Network& network_;
  const engine::State& state_;
  const schedule::ZoneSet& zones_;
  std::vector<DeadlineView> found_;
};

}  // namespace

std::vector<SharedMoments> MomentsOf(const std::vector<model::SharedDeadline>& deadlines,
                                     const schedule::ZoneSet& zones) {
  std::vector<SharedMoments> all;
  for (const model::SharedDeadline& deadline : deadlines)
    all.push_back({deadline, Moments(deadline.by, zones.Find(deadline.timezone))});
  return all;
}

std::vector<DeadlineView> JudgeDeadlines(const Outlook& outlook,
                                         const engine::State& state,
                                         const std::vector<SharedMoments>& shared,
                                         const schedule::ZoneSet& zones) {
  Judge judge(outlook, state, zones);
  judge.Own();
  for (const SharedMoments& each : shared)
    judge.Shared(each);
  return std::move(judge).Take();
}

}  // namespace forecast
