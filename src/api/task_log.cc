// What happened in a try of a task, line by line: what Signalbox decided and saw of its cluster and
// its steps. The pages after that (`token`) hold what the steps wrote, from S3, or a command, on
// this machine: the stderr and the stdout of each step that has begun.

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "api/resources.h"
#include "api/step_logs.h"
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

// A page of what a step wrote; -1: before the first step.
struct Place {
  int step = 0;
  int stream = 0;  // in kStreams
  size_t offset = 0;
};
constexpr std::array<std::string_view, 2> kStreams = {"stderr", "stdout"};
constexpr size_t kPageBytes = size_t{256} << 10;
constexpr size_t kLineBytes = size_t{64} << 10;  // a longer line is several events

std::string TokenOf(const Place& place) {
  return base::Cat(place.step, ".", place.stream, ".", place.offset);
}

// Of the query's token; none: the first page.
base::Result<std::optional<Place>> ReadPlace(const Exchange& exchange) {
  ASSIGN_OR_RETURN(const auto token, ReadOne(exchange, "token"));
  if (!token || token->empty())
    return std::nullopt;
  const std::vector<std::string> parts = base::Split(*token, '.');
  std::array<int64_t, 3> numbers{};
  bool is_good = parts.size() == numbers.size();
  for (size_t i = 0; is_good && i < numbers.size(); ++i) {
    const auto number = base::ParseInt(parts[i]);
    is_good = number && *number >= 0 && *number <= int64_t{1} << 40;
    numbers[i] = number.value_or(0);
  }
  if (!is_good || numbers[0] > 256 || numbers[1] >= std::ssize(kStreams))
    return base::Fail(base::ErrorCode::kInvalidArgument, "'token' is none that a log has given");
  return Place{
      static_cast<int>(numbers[0]), static_cast<int>(numbers[1]), static_cast<size_t>(numbers[2])};
}

struct Pages {
  json::array events;
  StepLogs logs;  // no steps: there are no such pages
};

// The steps that have begun, of the try's cluster.
base::Result<StepLogs> ReadStepLogs(const Reading& reading, const TaskTries& tries, int number) {
  if (const model::ProcessRow* process = ProcessOf(tries, number);
      process != nullptr && process->began_at)
    return LogsOf(*process);
  const model::LaunchRow* launch = LaunchOf(tries, number);
  StepLogs logs;
  if (launch == nullptr)
    return logs;
  ASSIGN_OR_RETURN(logs.folder, LogFolderOf(*launch));
  const auto cluster = reading.rows.Cluster(launch->cluster);
  if (!cluster || logs.folder.empty())
    return logs;
  for (const model::StepView& step : cluster->steps) {
    if (step.start)
      logs.steps.push_back(step);
  }
  return logs;
}

base::Result<Pages> ReadPages(const Reading& reading, const Exchange& exchange, bool with_events) {
  ASSIGN_OR_RETURN(const TaskTries tries, ReadTries(reading, exchange));
  const std::string& asked = exchange.args.back();
  const std::optional<int64_t> number = base::ParseInt(asked);
  if (!number || *number < 0 || *number > tries.task.try_number)
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("the task has had no try '", base::Excerpt(asked), "'"));
  Pages pages;
  ASSIGN_OR_RETURN(pages.logs, ReadStepLogs(reading, tries, static_cast<int>(*number)));
  if (!with_events)
    return pages;
  ASSIGN_OR_RETURN(const auto lines, ReadLog(reading, tries, static_cast<int>(*number)));
  for (const Line& line : lines)
    pages.events.push_back(json::object{
        {"timestamp", TimeOrNull(line.at)}, {"event", line.event}, {"level", line.level}});
  return pages;
}

json::object PageJson(json::array content, const std::optional<Place>& next) {
  json::object out{{"content", std::move(content)}, {"continuation_token", nullptr}};
  if (next)
    out["continuation_token"] = TokenOf(*next);
  return out;
}

// The stream after this one.
std::optional<Place> NextOf(const StepLogs& logs, Place place) {
  place.offset = 0;
  if (++place.stream >= std::ssize(kStreams)) {
    place.stream = 0;
    ++place.step;
  }
  return place.step < std::ssize(logs.steps) ? std::optional(place) : std::nullopt;
}

// Where the line that begins at `offset` ends, or so much of it as one event holds: then between
// two characters. The text is UTF-8.
size_t LineEnd(const std::string& text, size_t offset) {
  size_t end = std::min(text.find('\n', offset), text.size());
  if (end - offset <= kLineBytes)
    return end;
  end = offset + kLineBytes;
  while ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end;
  return end;
}

// The lines of `text` from the offset on; where the page ends is left in the offset.
json::array LinesFrom(const std::string& text, const std::string& logger, size_t& offset) {
  json::array lines;
  const size_t limit = offset + kPageBytes;
  while (offset < text.size() && offset < limit) {
    const size_t end = LineEnd(text, offset);
    lines.push_back(json::object{
        {"timestamp", nullptr}, {"event", text.substr(offset, end - offset)}, {"logger", logger}});
    offset = end < text.size() && text[end] == '\n' ? end + 1 : end;
  }
  return lines;
}

void SendStepPage(Context& context, StepLogs logs, Place place, const Answered& answered) {
  if (place.step >= std::ssize(logs.steps))
    return answered(PageJson({}, std::nullopt));
  const model::StepView& step = logs.steps[static_cast<size_t>(place.step)];
  const std::string_view stream = kStreams[static_cast<size_t>(place.stream)];
  const std::string logger = base::Cat(step.name, " ", stream);
  const std::string uri = LogUriOf(logs, step.id, stream);
  ReadLogText(
      context,
      uri,
      place.offset,
      [logs = std::move(logs), place, logger, uri, answered](
          const base::Result<LogTexts::Text>& text) mutable {
        if (!text) {
          // One log that cannot be read does not hide the others.
          const std::string why = WhyNoLog(uri, text.error()).message;
          return answered(PageJson({json::object{{"timestamp", nullptr},
                                                 {"event", why},
                                                 {"logger", logger},
                                                 {"level", "warning"}}},
                                   NextOf(logs, place)));
        }
        json::array lines = LinesFrom(**text, logger, place.offset);
        const bool goes_on = place.offset < (*text)->size();
        answered(PageJson(std::move(lines), goes_on ? std::optional(place) : NextOf(logs, place)));
      });
}

}  // namespace

void GetTaskLog(Context& context,
                const std::shared_ptr<const Exchange>& exchange,
                Answered answered) {
  const auto place = ReadPlace(*exchange);
  if (!place)
    return answered(base::Fail(place.error()));
  context.desk.Read<Pages>(
      ReadDesk::Turn::kUsual,
      exchange->sight,
      [exchange, with_events = !*place](const Reading& reading) {
        return ReadPages(reading, *exchange, with_events);
      },
      [&context, place = *place, answered](base::Result<Pages> pages) {
        if (!pages)
          return answered(base::Fail(pages.error()));
        if (!place)
          return answered(PageJson(std::move(pages->events), NextOf(pages->logs, {-1, 1, 0})));
        SendStepPage(context, std::move(pages->logs), *place, answered);
      });
}

}  // namespace api
