#include "cli/live_view.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "cli/dag_picture.h"

namespace cli {

namespace {

using base::Cat;

constexpr size_t kCellWidth = 16;
constexpr size_t kIncidentsShown = 4;

const RunProgress* FindRun(const Progress& progress, const model::DagId& dag) {
  const RunProgress* found = nullptr;
  for (const RunProgress& run : progress.runs) {
    if (run.dag == dag.str())
      found = &run;
  }
  return found;
}

std::string TaskState(const RunProgress& run, const std::string& task) {
  auto found = run.tasks.find(task);
  return found == run.tasks.end() ? "" : found->second.state;
}

int64_t DoneTasks(const RunProgress& run) {
  return std::count_if(run.tasks.begin(), run.tasks.end(), [](const auto& task) {
    return task.second.state == "success";
  });
}

bool IsIncident(const AttemptProgress& attempt) {
  return !attempt.verdict.empty() && attempt.verdict != "success";
}

std::string IncidentText(const AttemptProgress& attempt) {
  return Cat(attempt.job,
             " try ",
             attempt.try_number,
             " failed (",
             attempt.verdict,
             "): ",
             attempt.reason);
}

// Cuts the plain text first, so that no escape code is cut.
std::string Fit(const std::string& text, const Terminal& terminal) {
  return Shorten(text, static_cast<size_t>(terminal.columns)) + "\n";
}

std::string CallsLine(const Progress& progress) {
  int64_t total = 0;
  std::vector<std::string> parts;
  for (const auto& [action, calls] : progress.calls) {
    total += calls.made;
    parts.push_back(Cat(action,
                        " ",
                        calls.made,
                        calls.throttled > 0 ? Cat(" (", calls.throttled, " throttled)") : ""));
  }
  return Cat("EMR calls  ", total, parts.empty() ? "" : ": ", base::Join(parts, ", "));
}

std::string ClustersLine(const Progress& progress) {
  std::map<std::string, int64_t> by_state;
  for (const ClusterProgress& cluster : progress.clusters) {
    if (cluster.live)
      ++by_state[cluster.state];
  }
  std::vector<std::string> parts;
  for (const auto& [state, count] : by_state)
    parts.push_back(Cat(count, " ", state));
  const int64_t live = progress.LiveClusters();
  return Cat("clusters   ",
             progress.clusters.size(),
             " launched, ",
             live,
             " up",
             parts.empty() ? "" : ": ",
             base::Join(parts, ", "));
}

}  // namespace

std::string JobStatus::Text() const {
  return try_number > 1 ? Cat(state, " #", try_number) : state;
}

JobStatus StatusOf(const Progress& progress, const RunProgress& run, const model::Job& job) {
  const int last = static_cast<int>(TaskIds(job).size()) - 1;
  const std::string first_task = TaskDisplayId(job, 0);
  const std::string last_task = TaskDisplayId(job, last);
  JobStatus status;
  if (auto found = run.tasks.find(first_task); found != run.tasks.end())
    status.try_number = found->second.try_number;
  const std::string start = TaskState(run, first_task);
  const std::string end = TaskState(run, last_task);
  if (end == "deferred") {
    const ClusterProgress* cluster = progress.ClusterOf(run, DisplayName(job.id, job.lane));
    status.state = cluster != nullptr ? cluster->state : end;
  } else if (end == "up_for_retry") {
    status.state = "retry";
  } else if (end.empty() || end == "none") {
    status.state = start.empty() || start == "none" ? "-"
                   : start == "running"             ? "launching"
                                                    : start;
  } else {
    status.state = end;
  }
  return status;
}

std::string LiveView::Clock(base::Time now) const {
  std::string text = scene_.zone->FormatIso(std::chrono::floor<base::seconds>(now));
  return base::ReplaceAll(text, "T", " ");
}

std::string LiveView::DagFrame(const Progress& progress,
                               const model::Dag& dag,
                               const Terminal& terminal) const {
  const RunProgress* run = FindRun(progress, dag.id);
  if (run == nullptr)
    return terminal.Paint(dag.id.str(), Colour::kBold) + "  waits for its schedule\n\n";
  std::string out = Cat(terminal.Paint(dag.id.str(), Colour::kBold),
                        "  ",
                        run->run,
                        "  ",
                        terminal.Paint(run->state, ColourOf(run->state)),
                        "  ",
                        DoneTasks(*run),
                        "/",
                        run->tasks.size(),
                        " tasks\n");

  const auto ids = JobIdsOf(dag);
  std::vector<model::LaneId> lanes = LanesOf(dag);
  lanes.emplace_back();
  size_t label_width = 0;
  for (const model::LaneId& lane : lanes)
    label_width = std::max(label_width, Width(lane.str()));
  const size_t room = static_cast<size_t>(terminal.columns) - label_width - 2;
  const size_t width = std::clamp<size_t>(room / ids.size(), 6, 24) - 2;
  auto column_width = [&](const model::JobId& id) {
    return std::min(width, std::max(Width(id.str()), kCellWidth));
  };

  out += "  " + std::string(label_width, ' ');
  for (const model::JobId& id : ids)
    out += "  " + terminal.Paint(PadRight(Shorten(id.str(), column_width(id)), column_width(id)),
                                 Colour::kDim);
  out += "\n";
  for (const model::LaneId& lane : lanes) {
    std::string line = "  " + PadRight(lane.str(), label_width);
    bool any = false;
    for (const model::JobId& id : ids) {
      auto job = std::find_if(dag.jobs.begin(), dag.jobs.end(), [&](const model::Job& candidate) {
        return candidate.id == id && candidate.lane == lane;
      });
      std::string text, state;
      if (job != dag.jobs.end()) {
        any = true;
        JobStatus status = StatusOf(progress, *run, *job);
        text = status.Text();
        state = status.state;
      }
      line += "  " + terminal.Paint(PadRight(Shorten(text, column_width(id)), column_width(id)),
                                    ColourOf(state));
    }
    if (any)
      out += line + "\n";
  }
  return out + "\n";
}

std::string LiveView::Frame(const Progress& progress,
                            base::Time now,
                            const Terminal& terminal) const {
  std::string out = Fit(Cat("world time ",
                            Clock(now),
                            "  (",
                            static_cast<int64_t>(scene_.speed),
                            " times as fast as the wall's)"),
                        terminal) +
                    "\n";
  for (const auto& dag : scene_.dags)
    out += DagFrame(progress, *dag, terminal);
  out += Fit(ClustersLine(progress), terminal);
  out += Fit(CallsLine(progress), terminal);
  std::vector<std::string> incidents;
  for (const RunProgress& run : progress.runs) {
    for (const AttemptProgress& attempt : run.attempts) {
      if (IsIncident(attempt))
        incidents.push_back(IncidentText(attempt));
    }
  }
  const size_t first = incidents.size() > kIncidentsShown ? incidents.size() - kIncidentsShown : 0;
  for (size_t i = first; i < incidents.size(); ++i)
    out += terminal.Paint(Shorten("! " + incidents[i], static_cast<size_t>(terminal.columns)),
                          Colour::kYellow) +
           "\n";
  return out;
}

std::vector<std::string> LiveView::Changes(const Progress& before,
                                           const Progress& after,
                                           base::Time now) const {
  std::vector<std::string> lines;
  auto say = [&](const std::string& text) { lines.push_back(Cat(Clock(now), "  ", text)); };
  for (const RunProgress& run : after.runs) {
    auto old = std::find_if(before.runs.begin(), before.runs.end(), [&](const RunProgress& r) {
      return r.dag == run.dag && r.run == run.run;
    });
    const RunProgress was = old == before.runs.end() ? RunProgress{} : *old;
    if (was.state != run.state && !run.Ended())
      say(Cat(run.dag, " ", run.run, ": ", run.state));
    for (const auto& dag : scene_.dags) {
      if (dag->id.str() != run.dag)
        continue;
      for (const model::Job& job : dag->jobs) {
        const JobStatus status = StatusOf(after, run, job);
        if (!(status == StatusOf(before, was, job)))
          say(Cat(run.dag, " ", DisplayName(job.id, job.lane), ": ", status.Text()));
      }
    }
    for (const AttemptProgress& attempt : run.attempts) {
      const bool known =
          std::any_of(was.attempts.begin(), was.attempts.end(), [&](const AttemptProgress& other) {
            return other.job == attempt.job && other.try_number == attempt.try_number &&
                   other.verdict == attempt.verdict;
          });
      if (!known && IsIncident(attempt))
        say(Cat(run.dag, " ", IncidentText(attempt)));
    }
    if (was.state != run.state && run.Ended())
      say(Cat(run.dag, " ", run.run, ": ", run.state));
  }
  return lines;
}

std::string Screen::Redraw(const std::string& frame) {
  // What does not fit would scroll, and the next frame could not be drawn over it.
  std::string shown;
  int lines = 0;
  for (const std::string& line : base::Split(frame, '\n')) {
    if (lines + 1 >= terminal_.rows)
      break;
    shown += Cat("\x1b[2K", Shown(line, terminal_), "\n");
    ++lines;
  }
  std::string out = lines_ > 0 ? Cat("\x1b[", lines_, "A") : "";
  lines_ = lines;
  // Without line wrap: a line that is too long is cut by the terminal.
  return Cat("\x1b[?7l", out, shown, "\x1b[J\x1b[?7h");
}

}  // namespace cli
