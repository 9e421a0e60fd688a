// Deadlines that cannot be met: the jobs before them take longer, if all goes as their files
// expect.

#include <algorithm>

#include "base/text.h"
#include "dagfile/draft.h"
#include "dagfile/reach.h"
#include "model/deadline_scope.h"
#include "model/work.h"
#include "schedule/rule.h"
#include "schedule/timetable.h"

namespace dagfile {

namespace {

bool WaitsForAll(model::TriggerRule rule) {
  using enum model::TriggerRule;
  return rule != kOneFailed && rule != kOneSuccess && rule != kOneDone && rule != kAlways;
}

// When each job ends at the earliest, from the beginning of its run. REQUIRES: no cycle.
class EarliestEnds {
 public:
  explicit EarliestEnds(const model::Dag& dag)
      : dag_(dag), ends_(dag.jobs.size()), may_skip_(dag.jobs.size()) {}

  base::Duration Of(size_t job) {
    // A stack of its own: a chain may be as long as the DAG.
    std::vector<size_t> open = {job};
    while (!open.empty()) {
      const size_t at = open.back();
      const size_t before = open.size();
      for (int up : Upstream(at)) {
        if (!ends_[static_cast<size_t>(up)])
          open.push_back(static_cast<size_t>(up));
      }
      if (open.size() > before)
        continue;
      open.pop_back();
      base::Duration begins{0};
      may_skip_[at] = MayBeSkipped(dag_.jobs[at]);
      for (int up : Upstream(at)) {
        begins = std::max(begins, *ends_[static_cast<size_t>(up)]);
        may_skip_[at] = may_skip_[at] || may_skip_[static_cast<size_t>(up)];
      }
      ends_[at] = begins + (may_skip_[at] ? base::Duration(0) : Expected(dag_.jobs[at]));
    }
    return *ends_[job];
  }
  base::Duration Last() {
    base::Duration last{0};
    for (size_t job = 0; job < ends_.size(); ++job)
      last = std::max(last, Of(job));
    return last;
  }

 private:
  static base::Duration Expected(const model::Job& job) {
    return model::ExpectedDuration(job.work).value_or(base::Duration(0));
  }
  // It takes no time then, and perhaps what follows does not, either.
  static bool MayBeSkipped(const model::Job& job) {
    return !job.when.empty() || job.map_over ||
           std::ranges::any_of(job.cross, &model::CrossDependency::ends_job);
  }
  const std::vector<int>& Upstream(size_t job) const {
    static const std::vector<int> kNone;
    return WaitsForAll(dag_.jobs[job].trigger_rule) ? dag_.jobs[job].upstream : kNone;
  }

  const model::Dag& dag_;
  std::vector<std::optional<base::Duration>> ends_;
  std::vector<bool> may_skip_;
};

std::optional<schedule::Timetable> TimetableOf(const std::string& text,
                                               std::shared_ptr<const schedule::TimeZone> zone) {
  auto rule = schedule::ParseRule(text);
  if (!rule || zone == nullptr)
    return std::nullopt;
  return schedule::Timetable(*std::move(rule), std::move(zone), model::Timetable::kTrigger);
}

// How long after a tick of the schedule the first moment by the clock comes, at the most; nothing
// where there are no ticks, or too many to tell.
std::optional<base::Duration> LongestUntil(const model::Dag& dag,
                                           const std::string& by,
                                           const std::string& timezone,
                                           const ZoneLookup& zones) {
  constexpr int kTicks = 500;
  constexpr base::Duration kSampled = base::hours(24) * 35;
  const auto ticks = TimetableOf(dag.schedule.cron, zones(dag.timezone));
  const auto moments = TimetableOf(by, zones(timezone));
  if (!ticks || !moments)
    return std::nullopt;
  // Any year will do: the ticks of a week, or of some months, are like those of the next.
  base::Time at = dag.start_date.value_or(*base::ParseTime("2026-01-01T00:00:00Z"));
  const base::Time begin = at;
  std::optional<base::Duration> longest;
  int tick = 0;
  for (; tick < kTicks; ++tick) {
    const auto fire = ticks->Next(at);
    const auto moment = fire ? moments->Next(fire->run_after) : std::nullopt;
    if (!moment)
      break;
    at = fire->run_after;
    longest = std::max(longest.value_or(base::Duration(0)), moment->run_after - at);
  }
  // So many ticks may lie between two of the moments.
  if (tick == kTicks && at - begin < kSampled)
    return std::nullopt;
  return longest;
}

}  // namespace

void CheckDeadlines(DagDraft& draft, const ZoneLookup& zones) {
  if (draft.broken || !draft.report->errors.empty())
    return;  // perhaps with a cycle
  EarliestEnds ends(draft.dag);
  const auto check = [&](const std::optional<model::Deadline>& deadline,
                         yaml::Mark mark,
                         std::string_view what,
                         auto earliest) {
    if (!deadline)
      return;
    const bool is_by_clock = !deadline->by.empty();
    const std::optional<base::Duration> within =
        is_by_clock ? LongestUntil(draft.dag, deadline->by, draft.dag.timezone, zones)
                    : deadline->within;
    const base::Duration end = earliest();
    if (within && end > *within)
      draft.report->warnings.Add(mark,
                                 base::Cat("the deadline is ",
                                           is_by_clock ? "at the most " : "",
                                           base::FormatDuration(*within),
                                           is_by_clock ? " after a run begins, and " : ", and ",
                                           what,
                                           " takes ",
                                           base::FormatDuration(end),
                                           " at the least (expected_duration along the longest "
                                           "way)"));
  };
  check(draft.dag.deadline, draft.deadline_mark, "a run", [&] { return ends.Last(); });
  for (const JobDraft& job : draft.jobs) {
    if (draft.InstanceCount(job) > 0)
      check(job.settings.deadline, job.deadline_mark, "the job with those before it", [&] {
        return ends.Of(job.first);
      });
  }
}

void CheckSharedDeadlines(const std::vector<DagDraft>& drafts,
                          const std::vector<model::SharedDeadline>& deadlines,
                          const yaml::Node& root,
                          const ZoneLookup& zones,
                          yaml::Diagnostics* warnings) {
  for (const model::SharedDeadline& deadline : deadlines) {
    for (const DagDraft& draft : drafts) {
      if (!Concerns(deadline, draft.dag))
        continue;
      const auto within = LongestUntil(draft.dag, deadline.by, deadline.timezone, zones);
      const base::Duration end = EarliestEnds(draft.dag).Last();
      if (within && end > *within)
        warnings->Add(MarkIn(root, "deadlines", deadline.name),
                      base::Cat("the deadline '",
                                deadline.name,
                                "' is at the most ",
                                base::FormatDuration(*within),
                                " after a run of the DAG '",
                                draft.dag.id.str(),
                                "' begins, which takes ",
                                base::FormatDuration(end),
                                " at the least (expected_duration along the longest way)"));
    }
  }
}

}  // namespace dagfile
