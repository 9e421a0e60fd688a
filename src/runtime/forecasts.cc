#include "runtime/forecasts.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "forecast/build.h"
#include "forecast/deadlines.h"
#include "forecast/outlook.h"

namespace runtime {

namespace {

using forecast::kNever;
using forecast::Outlook;
using forecast::Seconds;

constexpr base::Duration kHorizon = base::hours(24 * 8);
// Of a long critical path, its last jobs.
constexpr size_t kPathShown = 20;

class Teller {
 public:
  explicit Teller(const Outlook& outlook) : outlook_(outlook), network_(outlook.network()) {}

  ForecastRun Tell(int id, bool with_jobs) const {
    const forecast::Run& run = RunAt(id);
    ForecastRun out{.key = run.key,
                    .state = StateOf(id),
                    .data_interval = run.data_interval,
                    .run_after = run.run_after,
                    .p50 = FinishOf(id, -1, 0.5),
                    .p90 = FinishOf(id, -1, 0.9),
                    .fail_chance = std::nullopt,
                    .basis = ToString(outlook_.BasisOf(id)),
                    .no_history = outlook_.WithoutHistory(id),
                    .never = outlook_.WhyNever(id),
                    .critical_path = {},
                    .jobs = {}};
    if (outlook_.KnowsEnd(id) || !out.never.empty())
      out.fail_chance = outlook_.RunMisses(id, kNever);
    std::vector<forecast::PathStep> path = outlook_.CriticalPath(id);
    const size_t left_out = path.size() > kPathShown ? path.size() - kPathShown : 0;
    for (size_t i = left_out; i < path.size(); ++i)
      out.critical_path.push_back(JobAt(path[i].job));
    if (with_jobs)
      AddJobs(id, out);
    return out;
  }

  DeadlineState Tell(const forecast::DeadlineView& view) const {
    DeadlineState out{.name = view.name,
                      .run = RunAt(view.run).key,
                      .state = StateOf(view.run),
                      .job = std::nullopt,
                      .due = view.due,
                      .status = view.status,
                      .miss_chance = view.miss_chance,
                      .p50 = FinishOf(view.run, view.job, 0.5),
                      .p90 = FinishOf(view.run, view.job, 0.9),
                      .holds_up = HoldsUp(view)};
    if (view.job >= 0)
      out.job = KeyOf(view.job);
    return out;
  }

 private:
  const forecast::Run& RunAt(int id) const { return network_.runs[static_cast<size_t>(id)]; }

  std::optional<base::Time> TimeOf(Seconds seconds) const {
    return seconds >= kNever ? std::nullopt : std::optional(forecast::TimeOf(network_, seconds));
  }

  // Of the job; -1: of its run.
  std::optional<base::Time> FinishOf(int run, int job, double q) const {
    if (!outlook_.KnowsEnd(run))
      return std::nullopt;
    return TimeOf(job < 0 ? outlook_.RunFinish(run, q) : outlook_.JobFinish(job, q));
  }

  std::optional<model::RunState> StateOf(int id) const {
    const forecast::Run& run = RunAt(id);
    if (!run.queued_at)
      return std::nullopt;
    return run.has_started ? model::RunState::kRunning : model::RunState::kQueued;
  }

  model::JobKey KeyOf(int id) const {
    const forecast::Job& job = network_.jobs[static_cast<size_t>(id)];
    return {RunAt(job.run).key, job.job, job.lane, std::max(job.index, -1)};
  }

  ForecastJob JobAt(int id) const {
    const forecast::Future& typical = outlook_.typical();
    ForecastJob job{.key = KeyOf(id), .begins = {}, .ends = {}, .p90 = {}};
    const int run = network_.jobs[static_cast<size_t>(id)].run;
    if (outlook_.KnowsEnd(run)) {
      job.begins = TimeOf(typical.begins[static_cast<size_t>(id)]);
      job.ends = TimeOf(typical.ends[static_cast<size_t>(id)]);
      job.p90 = FinishOf(run, id, 0.9);
    }
    return job;
  }

  void AddJobs(int id, ForecastRun& out) const {
    const std::vector<Seconds> slack = outlook_.SlackOf(id);
    for (size_t i = 0; i < slack.size(); ++i) {
      const int node = RunAt(id).jobs[i];
      if (network_.jobs[static_cast<size_t>(node)].index != -1)
        continue;  // of a mapped job, which stands for its instances
      ForecastJob job = JobAt(node);
      job.slack = base::seconds(std::max(0, slack[i]));
      out.jobs.push_back(std::move(job));
    }
  }

  std::string HoldsUp(const forecast::DeadlineView& view) const {
    if (std::string never = outlook_.WhyNever(view.run); !never.empty())
      return never;
    std::string no_history = outlook_.WithoutHistory(view.run);
    if (!outlook_.KnowsEnd(view.run))
      return base::Cat("the finish is not known: ", no_history);
    std::string longest = view.status == model::DeadlineStatus::kOnTrack ? "" : LongestOf(view.run);
    return base::Cat(longest, longest.empty() || no_history.empty() ? "" : "; ", no_history);
  }

  // The job on the critical path that takes longest.
  std::string LongestOf(int id) const {
    const std::vector<forecast::PathStep> path = outlook_.CriticalPath(id);
    const auto longest =
        std::max_element(path.begin(), path.end(), [](const auto& a, const auto& b) {
          return a.ends - a.begins < b.ends - b.begins;
        });
    if (longest == path.end())
      return "";
    const model::JobKey key = KeyOf(longest->job);
    return base::Cat(
        key.run.dag.str(),
        "/",
        DisplayName(key),
        " takes ",
        base::FormatDuration(base::seconds(longest->ends - longest->begins)),
        " of the critical path's ",
        base::FormatDuration(base::seconds(path.back().ends - std::max(0, path.front().begins))));
  }

  const Outlook& outlook_;
  const forecast::Network& network_;
};

bool IsAskedFor(const ForecastQuery& query, const model::RunKey& key) {
  return (!query.dag || *query.dag == key.dag) && (!query.run || *query.run == key.run);
}

}  // namespace

ForecastAnswer Forecaster::Ask(const ForecastQuery& query) const {
  const base::Time horizon = estate_->now + query.horizon.value_or(kHorizon);
  const Outlook outlook(forecast::BuildNetwork(*estate_, horizon));
  const Teller teller(outlook);
  ForecastAnswer answer{.now = estate_->now,
                        .horizon = horizon,
                        .is_cut = outlook.network().is_cut,
                        .runs = {},
                        .deadlines = {}};
  if (query.about == ForecastQuery::About::kDeadlines) {
    for (const forecast::DeadlineView& view :
         forecast::JudgeDeadlines(outlook, estate_->state, *shared_, *zones_)) {
      if (IsAskedFor(query, outlook.network().runs[static_cast<size_t>(view.run)].key))
        answer.deadlines.push_back(teller.Tell(view));
    }
    return answer;
  }
  for (size_t run = 0; run < outlook.network().runs.size(); ++run) {
    if (IsAskedFor(query, outlook.network().runs[run].key))
      answer.runs.push_back(teller.Tell(static_cast<int>(run), query.with_jobs));
  }
  std::sort(answer.runs.begin(), answer.runs.end(), [](const auto& a, const auto& b) {
    return std::tie(a.run_after, a.key) < std::tie(b.run_after, b.key);
  });
  return answer;
}

}  // namespace runtime
