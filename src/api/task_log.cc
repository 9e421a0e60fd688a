// What happened in a try of a task, line by line: what Signalbox decided and saw of its cluster and
// its steps. What the steps wrote is in S3; the last line says where.

#include <algorithm>
#include <iterator>
#include <utility>

#include "api/resources.h"
#include "api/task_tries.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

constexpr int kMostRows = 1000;

struct Line {
  std::optional<base::Time> at;
  std::string event, level;
  size_t place = 0;  // lines of one moment stay as they came
};

// The try's beginning and end; open while it goes on.
struct Span {
  std::optional<base::Time> from, until;
};

// What history has of the query within the try, as lines.
base::Result<std::vector<Line>> LinesOf(const Reading& reading,
                                        store::HistoryQuery query,
                                        const Span& span) {
  query.limit = kMostRows;
  query.from = span.from;
  query.until = span.until;
  ASSIGN_OR_RETURN(const auto rows, reading.rows.History(query));
  std::vector<Line> lines;
  for (const model::HistoryRow& row : rows)
    lines.push_back({row.at,
                     base::Cat(row.subject.text,
                               ": ",
                               row.from,
                               row.from.empty() ? "" : " → ",
                               row.to,
                               row.cause.empty() ? "" : base::Cat(" (", row.cause, ")")),
                     row.to == "failed" ? "error" : "info"});
  return lines;
}

void Append(std::vector<Line>& lines, std::vector<Line> more) {
  std::move(more.begin(), more.end(), std::back_inserter(lines));
}

void AddAttempt(const model::AttemptRow& attempt, std::vector<Line>& lines) {
  lines.push_back({attempt.started_at, base::Cat("try ", attempt.key.n, " begins"), "info"});
  if (!attempt.ended_at || !attempt.verdict)
    return;
  const bool is_well = attempt.verdict == model::VerdictClass::kSuccess;
  lines.push_back({attempt.ended_at,
                   base::Cat("try ",
                             attempt.key.n,
                             " ended: ",
                             ToString(*attempt.verdict),
                             attempt.reason.empty() ? "" : base::Cat(", ", attempt.reason)),
                   is_well ? "info" : "error"});
}

void AddLaunches(const TaskTries& tries, int number, std::vector<Line>& lines) {
  for (const model::LaunchRow& launch : tries.launches) {
    if (launch.attempt.n != number)
      continue;
    lines.push_back(
        {launch.created_at,
         base::Cat("launch ",
                   launch.launch_no,
                   ": ",
                   ToString(launch.state),
                   launch.cluster.empty() ? "" : base::Cat(", cluster ", launch.cluster.str()),
                   launch.message.empty() ? "" : base::Cat(", ", launch.message)),
         "info"});
  }
}

base::Result<std::vector<Line>> ReadLog(const Reading& reading,
                                        const TaskTries& tries,
                                        int number) {
  const model::JobKey& job = tries.task.job;
  const auto attempt = std::ranges::find(
      tries.attempts, number, [](const model::AttemptRow& row) { return row.key.n; });
  Span span;
  std::vector<Line> lines;
  if (attempt != tries.attempts.end()) {
    span = {attempt->started_at, attempt->ended_at};
    AddAttempt(*attempt, lines);
    AddLaunches(tries, number, lines);
  }
  ASSIGN_OR_RETURN(auto own,
                   LinesOf(reading,
                           {.kind = model::EntityKind::kTask,
                            .dag = job.run.dag,
                            .run = job.run.run,
                            .job = job.job,
                            .lane = job.lane,
                            .index = job.index},
                           span));
  Append(lines, std::move(own));
  const model::LaunchRow* launch = LaunchOf(tries, number);
  if (launch != nullptr) {
    ASSIGN_OR_RETURN(auto seen, LinesOf(reading, {.cluster = launch->cluster}, {}));
    Append(lines, std::move(seen));
  }
  for (size_t i = 0; i < lines.size(); ++i)
    lines[i].place = i;
  std::ranges::sort(lines, {}, [](const Line& line) { return std::pair(line.at, line.place); });
  if (launch == nullptr)
    return lines;
  ASSIGN_OR_RETURN(const std::string folder, LogFolderOf(*launch));
  if (!folder.empty())
    lines.push_back(
        {std::nullopt, base::Cat("what the steps wrote is in ", folder, "steps/"), "info"});
  return lines;
}

}  // namespace

Answer GetTaskLog(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const TaskTries tries, ReadTries(reading, exchange));
  const std::string& asked = exchange.args.back();
  const std::optional<int64_t> number = base::ParseInt(asked);
  if (!number || *number < 0 || *number > tries.task.try_number)
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("the task has had no try '", base::Excerpt(asked), "'"));
  ASSIGN_OR_RETURN(const auto lines, ReadLog(reading, tries, static_cast<int>(*number)));
  json::array content;
  for (const Line& line : lines) {
    json::object out{{"timestamp", TimeOrNull(line.at)}, {"event", line.event}};
    out["level"] = line.level;
    content.push_back(std::move(out));
  }
  return json::object{{"content", std::move(content)}, {"continuation_token", nullptr}};
}

}  // namespace api
