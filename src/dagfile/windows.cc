// Whether the windows of edges across DAGs find what they ask for: both schedules are walked over
// the years ahead, for a change of clocks may part two that agree in summer. What finds nothing
// would wait for ever.

#include <algorithm>
#include <map>
#include <tuple>

#include "base/text.h"
#include "dagfile/draft.h"
#include "model/dag_json.h"
#include "schedule/timetable.h"

namespace dagfile {

using base::Cat;
using base::Time;
using model::Window;

namespace {

constexpr std::chrono::days kDay(1);
// The same answer at any time that the project is read: not from today on, but from here.
const Time kFrom = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
constexpr base::Duration kAhead = kDay * 366 * 5;  // of changes of clocks
constexpr int kMonths = 24;
// How many of the job's runs are looked at: at first, in each month, at each change of clocks.
constexpr int kFirstFires = 2000;
constexpr int kFiresOfMonth = 64;
constexpr int kFiresAtChange = 150;
constexpr base::Duration kAroundChange = kDay * 3;
constexpr size_t kMostInside = 10'000;

struct Side {
  schedule::Timetable timetable;
  schedule::Window window;
};

// What was found wrong.
struct Finding {
  bool never = true;                      // no run finds what it asks for
  std::optional<schedule::Fire> without;  // the first run that does not
  std::optional<base::Interval> theirs;   // what there is in its place
  bool too_many = false;
};

class Walk {
 public:
  Walk(const Side& mine, const Side& theirs, const Reference& edge)
      : mine_(mine), theirs_(theirs), edge_(edge), window_(*edge.window) {}

  Finding Run() {
    Time from = kFrom;
    for (const Side* side : {&mine_, &theirs_})
      from = std::max(from, side->window.start_date.value_or(from));
    Look(from, kDay * 366, kFirstFires);
    for (int month = 1; month < kMonths; ++month)
      Look(from + kDay * 30 * month, kDay * 31, kFiresOfMonth);
    for (const Side* side : {&mine_, &theirs_})
      LookAtChanges(side->timetable.zone(), from);
    return finding_;
  }

 private:
  void LookAtChanges(const schedule::TimeZone& zone, Time from) {
    for (Time at = zone.SpanAt(from).end; at < from + kAhead; at = zone.SpanAt(at).end)
      Look(at - kAroundChange, kAroundChange * 2, kFiresAtChange);
  }

  void Look(Time from, base::Duration span, int most) {
    auto fire = mine_.timetable.NextIn(mine_.window, from);
    for (int i = 0; i < most && fire && fire->run_after <= from + span; ++i) {
      if (finding_.without && !finding_.never)
        return;  // all that can be told is known
      Judge(*fire);
      fire = mine_.timetable.NextIn(mine_.window, fire->run_after);
    }
  }

  void Judge(const schedule::Fire& fire) {
    const base::Interval mine{MovedBack(fire.data_interval.start),
                              MovedBack(fire.data_interval.end)};
    const auto begin = theirs_.window.start_date;
    const auto end = theirs_.window.end_date;
    if ((begin && mine.start < *begin) || (end && mine.end > *end))
      return;  // not due there
    const auto latest = theirs_.timetable.PrevAtOrBefore(mine.end);
    const bool is_found = latest && IsFound(latest->data_interval, mine);
    if (!is_found && !finding_.without) {
      finding_.without = fire;
      if (latest)
        finding_.theirs = latest->data_interval;
    }
    if (!is_found)
      return;
    if (finding_.never && window_ == Window::kCovers)
      finding_.too_many = CountsTooMany(mine);
    finding_.never = false;
  }

  // As the engine moves it.
  Time MovedBack(Time at) const {
    const auto days = std::chrono::floor<std::chrono::days>(edge_.offset);
    const schedule::TimeZone& zone = mine_.timetable.zone();
    return (days.count() == 0 ? at : zone.ToUtc(zone.ToLocal(at) - days)) - (edge_.offset - days);
  }

  bool IsFound(const base::Interval& latest, const base::Interval& mine) const {
    switch (window_) {
      case Window::kLatestDue:
        return true;
      case Window::kSameInterval:
        return latest == mine;
      case Window::kCovers:
        return latest.start >= mine.start;
      case Window::kWithin:
        return latest.end > mine.end - edge_.within;
    }
    return false;
  }

  bool CountsTooMany(const base::Interval& mine) const {
    size_t inside = 0;
    for (auto fire = theirs_.timetable.PrevAtOrBefore(mine.end);
         fire && fire->data_interval.start >= mine.start && inside <= kMostInside;
         fire = theirs_.timetable.Prev(fire->run_after))
      ++inside;
    return inside > kMostInside;
  }

  const Side& mine_;
  const Side& theirs_;
  const Reference& edge_;
  const Window window_;
  Finding finding_;
};

std::string InWords(const base::Interval& interval) {
  return Cat(
      "[", base::FormatRfc3339(interval.start), ", ", base::FormatRfc3339(interval.end), ")");
}

// It is only triggered, or continuous.
bool HasNoTicks(const model::Dag& dag) {
  return dag.schedule.cron.empty() || dag.schedule.cron == schedule::kContinuous;
}

class WindowChecker {
 public:
  WindowChecker(std::vector<DagDraft>& drafts, const ZoneLookup& zones)
      : drafts_(drafts), zones_(zones) {
    for (size_t i = 0; i < drafts.size(); ++i)
      dags_.emplace(drafts[i].dag.id.str(), i);
  }

  void Run() {
    for (DagDraft& draft : drafts_)
      for (const JobDraft& job : draft.jobs)
        for (const Reference& reference : job.references)
          Check(draft, reference);
  }

 private:
  void Check(DagDraft& draft, const Reference& reference) {
    const Window window = reference.window.value_or(Window::kLatestDue);
    const auto found = reference.dag ? dags_.find(reference.dag->str()) : dags_.end();
    if (found == dags_.end() || window == Window::kLatestDue)
      return;
    const DagDraft& upstream = drafts_[found->second];
    if (&upstream == &draft)
      return;
    if (CheckUnscheduled(draft, upstream, reference, window))
      return;
    WarnOfHoles(draft, upstream, reference, window);
    const std::optional<Side> mine = SideOf(draft.dag);
    const std::optional<Side> theirs = SideOf(upstream.dag);
    if (mine && theirs)
      Report(
          draft, reference, window, FindingOf(draft.dag, upstream.dag, *mine, *theirs, reference));
  }

  // True where one of the two has no schedule: there is nothing to walk.
  static bool CheckUnscheduled(DagDraft& draft,
                               const DagDraft& upstream,
                               const Reference& reference,
                               Window window) {
    const std::string name = Cat("'window: ", model::ToString(window), "'");
    if (HasNoTicks(upstream.dag)) {
      if (window != Window::kSameInterval)
        draft.report->endless.Add(reference.mark,
                                  Cat(name,
                                      " needs a schedule with ticks, and the DAG '",
                                      upstream.dag.id.str(),
                                      "' has none; leave 'window' out"));
      else
        draft.report->warnings.Add(reference.mark,
                                   Cat("the DAG '",
                                       upstream.dag.id.str(),
                                       "' has no schedule: this waits until someone triggers it "
                                       "with the same --data-interval"));
      return true;
    }
    if (!HasNoTicks(draft.dag))
      return false;
    draft.report->warnings.Add(
        reference.mark,
        Cat(name,
            " goes by the run's data interval, and this DAG has no schedule: trigger it with "
            "--data-interval"));
    return true;
  }

  static void WarnOfHoles(DagDraft& draft,
                          const DagDraft& upstream,
                          const Reference& reference,
                          Window window) {
    const bool is_bounded = upstream.dag.catchup && upstream.dag.catchup_max;
    if (window == Window::kCovers && (!upstream.dag.catchup || is_bounded) &&
        reference.missing == model::Missing::kWait)
      draft.report->warnings.Add(
          reference.mark,
          Cat("the DAG '",
              upstream.dag.id.str(),
              is_bounded ? "' catches up with its latest ticks only" : "' does not catch up",
              ": after an outage this waits for the runs "
              "that it left out until someone triggers them; set 'catchup: "
              "true' there or 'missing: skip' here"));
  }

  std::optional<Side> SideOf(const model::Dag& dag) const {
    auto rule = schedule::ParseRule(dag.schedule.cron);
    auto zone = schedule::IsSafeZoneName(dag.timezone) ? zones_(dag.timezone) : nullptr;
    if (!rule || zone == nullptr)
      return std::nullopt;  // it has been told
    // Ticks and intervals are the same in both kinds of timetable.
    return Side{schedule::Timetable(std::move(*rule), std::move(zone), model::Timetable::kTrigger),
                {.start_date = dag.start_date, .end_date = dag.end_date}};
  }

  const Finding& FindingOf(const model::Dag& mine,
                           const model::Dag& theirs,
                           const Side& my_side,
                           const Side& their_side,
                           const Reference& edge) {
    static const Finding kSame{.never = false, .without = {}, .theirs = {}, .too_many = false};
    const bool is_plain = edge.offset == base::Duration(0) && edge.window != Window::kWithin;
    if (is_plain && mine.schedule.cron == theirs.schedule.cron && mine.timezone == theirs.timezone)
      return kSame;
    auto [found, is_new] = findings_.try_emplace(std::tuple(mine.schedule.cron,
                                                            mine.timezone,
                                                            mine.start_date,
                                                            mine.end_date,
                                                            theirs.schedule.cron,
                                                            theirs.timezone,
                                                            theirs.start_date,
                                                            theirs.end_date,
                                                            *edge.window,
                                                            edge.offset,
                                                            edge.within));
    if (is_new)
      found->second = Walk(my_side, their_side, edge).Run();
    return found->second;
  }

  static void Report(DagDraft& draft,
                     const Reference& reference,
                     Window window,
                     const Finding& finding) {
    const std::string upstream = reference.dag->str();
    auto error = [&](std::string message) {
      draft.report->endless.Add(reference.mark, std::move(message));
    };
    if (finding.too_many)
      error(Cat("'window: covers' makes each run wait for more than ",
                kMostInside,
                " runs of '",
                upstream,
                "'; use latest_due"));
    const bool skips = reference.missing == model::Missing::kSkip;
    if (!finding.without || (window != Window::kSameInterval && skips && !finding.never))
      return;
    const std::string example = Cat(
        "the run at ",
        base::FormatRfc3339(finding.without->run_after),
        " has the data interval ",
        InWords(finding.without->data_interval),
        finding.theirs ? Cat(", and the latest of '", upstream, "' is ", InWords(*finding.theirs))
                       : "");
    if (window == Window::kSameInterval)
      error(Cat("'window: same_interval' ",
                finding.never ? "never" : "does not always",
                " find",
                finding.never ? "s" : "",
                " a run of '",
                upstream,
                "': ",
                example,
                "; give both DAGs one schedule and timezone, or use latest_due"));
    else
      error(Cat("'window: ",
                model::ToString(window),
                "' ",
                finding.never ? "never" : "does not always",
                " find",
                finding.never ? "s" : "",
                " a run of '",
                upstream,
                "': ",
                example,
                window == Window::kWithin ? "; give it a longer 'within'" : "; use latest_due",
                finding.never ? "" : ", or add 'missing: skip'"));
  }

  using Question = std::tuple<std::string,
                              std::string,
                              std::optional<Time>,
                              std::optional<Time>,
                              std::string,
                              std::string,
                              std::optional<Time>,
                              std::optional<Time>,
                              Window,
                              base::Duration,
                              base::Duration>;

  std::vector<DagDraft>& drafts_;
  const ZoneLookup& zones_;
  std::map<std::string, size_t, std::less<>> dags_;
  std::map<Question, Finding> findings_;
};

}  // namespace

void CheckWindows(std::vector<DagDraft>& drafts, const ZoneLookup& zones) {
  WindowChecker(drafts, zones).Run();
}

}  // namespace dagfile
