#include "driver/commit_log.h"

#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/log.h"
#include "model/breaker.h"
#include "work/emr/launches.h"

namespace driver {

namespace {

using base::LogLevel;
using model::LaunchState;

json::object Of(const model::RunKey& run) {
  return {{"dag", run.dag.str()}, {"run", run.run.str()}};
}

json::object Of(const model::JobKey& job) {
  json::object out = Of(job.run);
  out["job"] = job.job.str();
  if (!job.lane.empty())
    out["lane"] = job.lane.str();
  if (job.index >= 0)
    out["index"] = job.index;
  return out;
}

json::object Of(const model::AttemptKey& attempt) {
  json::object out = Of(attempt.job);
  out["try"] = attempt.n;
  return out;
}

// Later fields of one line.
json::object With(json::object fields, const json::object& more) {
  for (const auto& [name, value] : more) {
    if (!value.is_string() || !value.get_string().empty())
      fields[name] = value;
  }
  return fields;
}

std::pair<LogLevel, std::string_view> EventOf(const model::LaunchRow& row) {
  switch (row.state) {
    case LaunchState::kIntent:
      return {LogLevel::kInfo, "launch"};
    case LaunchState::kAccepted:
      return {LogLevel::kInfo, row.message == work::kFoundByName ? "adopted" : "launched"};
    case LaunchState::kRefused:
      return {LogLevel::kInfo, "launch_refused"};
    case LaunchState::kRejected:
      return {LogLevel::kWarning, "launch_rejected"};
    case LaunchState::kUnknown:
      return {LogLevel::kWarning, "launch_unknown"};
    case LaunchState::kNotFound:
      return {LogLevel::kWarning, "launch_not_found"};
  }
  return {LogLevel::kWarning, "launch"};
}

// A line that nobody looks at costs this much.
template <typename Fields>
void Put(LogLevel level, std::string_view event, const Fields& fields) {
  if (base::IsLogged(level))
    base::Log(level, event, fields());
}

class Lines {
 public:
  explicit Lines(const std::vector<model::Change>& batch) {
    for (const model::Change& change : batch) {
      if (const auto* command = std::get_if<model::CommandRow>(&change);
          command != nullptr && command->kind == model::CommandKind::kTerminate)
        killed_.insert(command->aggregate);
      if (const auto* attempt = std::get_if<model::AttemptRow>(&change);
          attempt != nullptr && attempt->ended_at)
        ended_.insert(attempt->key.job);
      if (const auto* move = std::get_if<model::HistoryRow>(&change);
          move != nullptr && move->subject.kind == model::EntityKind::kRun &&
          move->from != move->to)
        moved_.insert({move->subject.dag, move->subject.run});
    }
  }

  void Log(const model::AttemptRow& row) const {
    if (row.ended_at && row.verdict)
      Put(LogLevel::kInfo, "verdict", [&] {
        return With(Of(row.key), {{"verdict", ToString(*row.verdict)}, {"reason", row.reason}});
      });
  }

  void Log(const model::JobRow& row) const {
    if (row.next_try_at && ended_.contains(row.key))
      Put(LogLevel::kInfo, "retry", [&] {
        return With(Of(row.key), {{"at", base::FormatRfc3339(*row.next_try_at)}});
      });
  }

  void Log(const base::Boxed<model::LaunchRow>& boxed) const {
    const model::LaunchRow& row = *boxed;
    const auto [level, event] = EventOf(row);
    Put(level, event, [&] {
      return With(
          Of(row.attempt),
          {{"token", row.token.str()}, {"cluster", row.cluster.str()}, {"why", row.message}});
    });
  }

  void Log(const base::Boxed<model::ClusterRow>& row) const {
    if (!killed_.contains(row->id.str()))
      return;
    Put(LogLevel::kInfo, "kill", [&] {
      return With(row->attempt ? Of(*row->attempt) : json::object(),
                  {{"cluster", row->id.str()}, {"why", row->terminate_cause}});
    });
  }

  void Log(const model::RunRow& row) const {
    if (!IsTerminal(row.state) || !row.end_date || !moved_.contains(row.key))
      return;
    Put(LogLevel::kInfo, "run_ended", [&] {
      const auto took = std::chrono::duration_cast<base::seconds>(
          *row.end_date - row.start_date.value_or(*row.end_date));
      return With(Of(row.key),
                  {{"state", ToString(row.state)}, {"took", base::FormatDuration(took)}});
    });
  }

  void Log(const model::BackfillRow& row) const {
    if (row.completed_at)
      Put(LogLevel::kInfo, "backfill_ended", [&] {
        return json::object{{"dag", row.dag.str()},
                            {"backfill", row.id},
                            {"state", row.is_cancelled ? "cancelled" : "completed"}};
      });
  }

  void Log(const model::HoldRow& row) const {
    Put(LogLevel::kInfo, row.released_at ? "hold_released" : "hold_placed", [&] {
      return With({{"hold", row.id}},
                  {{"what", model::WhatIsHeld(row.scope, row.target)},
                   {"why", row.reason},
                   {"who", row.released_at ? row.released_by : row.placed_by}});
    });
  }

  void Log(const model::DeadlineRow& row) const {
    using enum model::DeadlineStatus;
    const bool is_bad = row.status == kAtRisk || row.status == kLate || row.status == kMissed;
    Put(is_bad ? LogLevel::kWarning : LogLevel::kInfo, "deadline", [&] {
      json::object line{{"status", ToString(row.status)}, {"due", base::FormatRfc3339(row.due)}};
      if (!row.key.name.empty())
        line["deadline"] = row.key.name;
      if (!row.key.job.job.empty())
        line["job"] = DisplayName(row.key.job.job, row.key.job.lane);
      if (!row.holds_up.empty() && is_bad)
        line["why"] = row.holds_up;
      return With(Of(row.key.job.run), std::move(line));
    });
  }

  void Log(const model::DagRenamed& renamed) const {
    Put(LogLevel::kInfo, "dag_renamed", [&] {
      return json::object{{"dag", renamed.to.str()}, {"formerly", renamed.from.str()}};
    });
  }

  void Log(const model::Deleted& deleted) const {
    const bool is_run = !deleted.run.empty();
    Put(LogLevel::kInfo, is_run ? "run_deleted" : "dag_deleted", [&] {
      json::object line{{"dag", deleted.dag.str()}};
      if (is_run)
        line["run"] = deleted.run.str();
      return line;
    });
  }

  void Log(const model::HistoryRow& row) const {
    constexpr std::string_view kTask = "task ";
    if (row.to == "failed" && row.from != row.to && row.subject.text.starts_with(kTask))
      Put(LogLevel::kWarning, "task_failed", [&] {
        return json::object{{"task", row.subject.text.substr(kTask.size())}, {"reason", row.cause}};
      });
    if (model::IsPauseByFailures(row))
      Put(LogLevel::kWarning, "dag_paused", [&] {
        return json::object{{"dag", row.subject.dag.str()}, {"why", row.cause}};
      });
  }

  template <typename Row>
  void Log(const Row&) const {}

 private:
  std::set<std::string> killed_;   // clusters
  std::set<model::JobKey> ended_;  // whose attempt ended
  std::set<model::RunKey> moved_;  // to another state
};

}  // namespace

void LogCommitted(const std::vector<model::Change>& batch) {
  if (!base::IsLogged(LogLevel::kWarning))
    return;
  const Lines lines(batch);
  for (const model::Change& change : batch)
    std::visit([&](const auto& row) { lines.Log(row); }, change);
}

}  // namespace driver
