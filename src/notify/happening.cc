#include "notify/happening.h"

#include "base/text.h"
#include "model/breaker.h"

namespace notify {

namespace {

using base::Cat;
using model::EntityKind;
using model::HistoryRow;
using model::Occasion;

constexpr std::string_view kDeadline = "deadline ";  // as model::DeadlineSubject begins

// Of a job that is two tasks: it has not ended with this one.
bool IsFirstOfTwo(const HistoryRow& row) {
  return row.subject.text.ends_with(Cat(".", model::kEmrTasks[0]));
}

std::string AboutJob(const model::Subject& subject) {
  return Cat("failed ", subject.dag.str(), " ", subject.run.str(), "/", subject.job.str());
}

Happening Of(const HistoryRow& row, Occasion occasion) {
  const model::Subject& subject = row.subject;
  Happening out;
  out.occasion = occasion;
  out.job = {{subject.dag, subject.run}, subject.job, subject.lane, subject.index};
  out.why = row.cause;
  out.at = row.at;
  out.seq = row.seq;
  return out;
}

std::optional<Happening> OfTask(const HistoryRow& row, const Facts& facts) {
  const bool has_failed = row.to == "failed", is_retry = row.to == "up_for_retry";
  const bool is_done = (row.to == "success" || row.to == "skipped") && !IsFirstOfTwo(row);
  if (!has_failed && !is_retry && !is_done)
    return std::nullopt;
  Happening out = Of(row,
                     has_failed ? Occasion::kFailed
                     : is_retry ? Occasion::kRetry
                                : Occasion::kSuccess);
  out.is_over = row.to == "skipped";
  out.about = AboutJob(row.subject);
  out.part = DisplayName(out.job);
  out.next_try_at = is_retry ? facts.next_try_at : std::nullopt;
  if (facts.attempt) {
    out.try_number = facts.attempt->key.n;
    out.verdict = facts.attempt->verdict;
  }
  return out;
}

std::optional<Happening> OfRun(const HistoryRow& row) {
  if (row.from == row.to || (row.to != "failed" && row.to != "success" && row.to != "deleted"))
    return std::nullopt;
  Happening out = Of(row, row.to == "failed" ? Occasion::kFailed : Occasion::kSuccess);
  out.is_over = row.to == "deleted";
  if (!out.is_over) {
    out.about = Cat("failed ", row.subject.dag.str(), " ", row.subject.run.str());
    out.part = "the run";
  }
  return out;
}

// What failures paused; a person's pause is not told.
std::optional<Happening> OfDag(const HistoryRow& row) {
  if (row.to == "deleted") {
    Happening out = Of(row, Occasion::kSuccess);
    out.is_over = true;
    return out;
  }
  const bool is_over = row.to == "unpaused";
  if (!is_over && !model::IsPauseByFailures(row))
    return std::nullopt;
  Happening out = Of(row, Occasion::kFailed);
  out.is_over = is_over;
  out.about = Cat("paused ", row.subject.dag.str());
  out.part = "the DAG";
  return out;
}

std::optional<Happening> OfDeadline(const HistoryRow& row) {
  const auto status = model::ParseDeadlineStatus(row.to);
  if (!status)
    return std::nullopt;
  Happening out = Of(row, Occasion::kAtRisk);
  switch (*status) {
    case model::DeadlineStatus::kOnTrack:
    case model::DeadlineStatus::kMet:
    case model::DeadlineStatus::kWithdrawn:
      out.is_over = true;
      break;
    case model::DeadlineStatus::kAtRisk:
      break;
    case model::DeadlineStatus::kLate:
      out.occasion = Occasion::kLate;
      out.severity = 1;
      break;
    case model::DeadlineStatus::kMissed:
      out.occasion = Occasion::kMissed;
      out.severity = 2;
      break;
  }
  out.about = row.subject.text;  // "deadline weekly of reports/r1/train"
  out.part = "the deadline";
  const size_t of = out.about.find(" of ");
  if (of != std::string::npos)
    out.deadline = out.about.substr(kDeadline.size(), of - kDeadline.size());
  return out;
}

std::optional<Happening> OfCluster(const HistoryRow& row, const Facts& facts) {
  const auto phase = model::ParseClusterPhase(row.to);
  const bool is_gone = phase && IsTerminal(*phase);
  if (!is_gone && (!row.from.empty() || !facts.is_unclaimed))
    return std::nullopt;
  Happening out = Of(row, Occasion::kOrphan);
  out.is_over = is_gone;
  out.about = "orphans";
  out.part = row.subject.cluster.str();
  out.job = {};
  return out;
}

}  // namespace

bool IsOfInterest(const HistoryRow& row) {
  switch (row.subject.kind) {
    case EntityKind::kTask:
    case EntityKind::kRun:
      return row.from != row.to &&
             (row.to == "failed" || row.to == "up_for_retry" || row.to == "success" ||
              row.to == "skipped" || row.to == "deleted");
    case EntityKind::kDag:
      return row.to == "deleted" || row.to == "unpaused" || model::IsPauseByFailures(row);
    case EntityKind::kDeadline:
    case EntityKind::kHold:
      return true;
    case EntityKind::kCluster: {
      const auto phase = model::ParseClusterPhase(row.to);
      return row.from.empty() || (phase && IsTerminal(*phase));
    }
    case EntityKind::kLaunch:
    case EntityKind::kStep:
    case EntityKind::kBackfill:
    case EntityKind::kAsset:
    case EntityKind::kRecord:
    case EntityKind::kAccess:
      return false;
  }
  return false;
}

std::optional<Happening> HappeningOf(const HistoryRow& row, const Facts& facts) {
  if (!IsOfInterest(row))
    return std::nullopt;
  switch (row.subject.kind) {
    case EntityKind::kTask:
      return OfTask(row, facts);
    case EntityKind::kRun:
      return OfRun(row);
    case EntityKind::kDeadline:
      return OfDeadline(row);
    case EntityKind::kCluster:
      return OfCluster(row, facts);
    case EntityKind::kDag:
      return OfDag(row);
    case EntityKind::kHold: {
      Happening out = Of(row, Occasion::kHold);
      out.is_over = row.to == "released";
      out.about = out.part = row.subject.text;  // "hold 3"
      return out;
    }
    case EntityKind::kLaunch:
    case EntityKind::kStep:
    case EntityKind::kBackfill:
    case EntityKind::kAsset:
    case EntityKind::kRecord:
    case EntityKind::kAccess:
      break;
  }
  return std::nullopt;
}

Happening HealthHappening(std::string_view part, std::string_view trouble, base::Time at) {
  Happening out;
  out.occasion = Occasion::kHealth;
  out.is_over = trouble.empty();
  out.about = Cat("health ", part);
  out.part = part;
  out.why = trouble;
  out.at = at;
  return out;
}

}  // namespace notify
