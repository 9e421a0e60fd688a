#include "notify/happening.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/breaker.h"

namespace notify {

namespace {

using base::Cat;
using model::EntityKind;
using model::HistoryRow;
using model::Occasion;

constexpr std::string_view kDeadline = "deadline ";  // as model::DeadlineSubject begins
constexpr std::string_view kFailed = "failed ";
constexpr std::string_view kPaused = "paused ";
constexpr std::array<std::string_view, 6> kEndings = {
    "recovered", "marked", "skipped", "deleted", "met", "withdrawn"};

// Of a job that is two tasks: it has not ended with this one.
bool IsFirstOfTwo(const HistoryRow& row) {
  return row.subject.text.ends_with(Cat(".", model::kEmrTasks[0]));
}

std::string AboutJob(const model::Subject& subject) {
  return Cat(kFailed, subject.dag.str(), " ", subject.run.str(), "/", subject.job.str());
}

// A person said how it ended.
bool IsMarked(const HistoryRow& row) {
  return row.cause.find("marked success") != std::string::npos;
}

// The row says why an attempt failed: the latest one, or nobody heard of it.
bool TellsCause(const HistoryRow& row) {
  return row.subject.kind == EntityKind::kTask && row.from == row.to && row.to == "failed" &&
         row.cause.starts_with(model::kCauseLead);
}

// A DAG's states are words, its former id is none of them.
bool IsRename(const HistoryRow& row) {
  return row.subject.kind == EntityKind::kDag && row.to == row.subject.dag.str() &&
         row.cause.starts_with("renamed from ");
}

Happening Of(const HistoryRow& row, Occasion occasion) {
  Happening out;
  out.occasion = occasion;
  out.job = model::JobKeyOf(row.subject);
  out.why = row.cause;
  out.by = row.by.name;
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
  out.ending = out.is_over     ? Ending::kSkipped
               : IsMarked(row) ? Ending::kMarked
                               : Ending::kRecovered;
  out.about = AboutJob(row.subject);
  out.part = DisplayName(out.job);
  out.next_try_at = is_retry ? facts.next_try_at : std::nullopt;
  if (facts.attempt) {
    out.try_number = facts.attempt->key.n;
    out.verdict = facts.attempt->verdict;
  }
  return out;
}

// It is told while the attempt is the job's latest one.
std::optional<Happening> OfCause(const HistoryRow& row, const Facts& facts) {
  if (!facts.attempt || !row.cause.starts_with(Cat(model::kCauseLead, facts.attempt->key.n, " ")))
    return std::nullopt;
  Happening out = Of(row, Occasion::kFailed);
  out.is_cause = true;
  out.about = AboutJob(row.subject);
  out.part = DisplayName(out.job);
  out.try_number = facts.attempt->key.n;
  out.why = row.cause.substr(row.cause.find(": ") + 2);
  return out;
}

std::optional<Happening> OfRun(const HistoryRow& row) {
  if (row.from == row.to || (row.to != "failed" && row.to != "success" && row.to != "deleted"))
    return std::nullopt;
  Happening out = Of(row, row.to == "failed" ? Occasion::kFailed : Occasion::kSuccess);
  out.is_over = row.to == "deleted";
  out.ending = out.is_over     ? Ending::kDeleted
               : IsMarked(row) ? Ending::kMarked
                               : Ending::kRecovered;
  if (!out.is_over) {
    out.about = Cat(kFailed, row.subject.dag.str(), " ", row.subject.run.str());
    out.part = "the run";
  }
  return out;
}

// What failures paused; a person's pause is not told.
std::optional<Happening> OfDag(const HistoryRow& row) {
  if (row.to == "deleted" || IsRename(row)) {
    Happening out = Of(row, Occasion::kSuccess);
    out.is_over = true;
    out.ending = Ending::kDeleted;
    if (IsRename(row))
      out.renamed_from = model::DagId(row.from);
    return out;
  }
  const bool is_over = row.to == "unpaused";
  if (!is_over && !model::IsPauseByFailures(row))
    return std::nullopt;
  Happening out = Of(row, Occasion::kFailed);
  out.is_over = is_over;
  out.about = Cat(kPaused, row.subject.dag.str());
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
      out.is_over = true;
      break;
    case model::DeadlineStatus::kMet:
      out.is_over = true;
      out.ending = Ending::kMet;
      break;
    case model::DeadlineStatus::kWithdrawn:
      out.is_over = true;
      out.ending = Ending::kWithdrawn;
      break;
    case model::DeadlineStatus::kAtRisk:
      break;
    case model::DeadlineStatus::kLate:
      out.occasion = Occasion::kLate;
      break;
    case model::DeadlineStatus::kMissed:
      out.occasion = Occasion::kMissed;
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

std::string_view ToString(Ending ending) {
  return kEndings[static_cast<size_t>(ending)];
}

std::optional<Ending> ParseEnding(std::string_view text) {
  const auto found = std::ranges::find(kEndings, text);
  if (found == kEndings.end())
    return std::nullopt;
  return static_cast<Ending>(found - kEndings.begin());
}

bool Lasts(Occasion occasion) {
  return occasion != Occasion::kRetry && occasion != Occasion::kSuccess;
}

int SeverityOf(Occasion occasion) {
  return occasion == Occasion::kMissed ? 2 : occasion == Occasion::kLate ? 1 : 0;
}

std::string AboutAfterRename(std::string about, const model::DagId& from, const model::DagId& to) {
  if (about == Cat(kPaused, from.str()))
    return Cat(kPaused, to.str());
  const bool is_deadline = about.starts_with(kDeadline);
  const std::string before = Cat(" ", from.str(), is_deadline ? "/" : " ");
  const size_t at = about.find(before);
  if (at == std::string::npos || (!is_deadline && at + 1 != kFailed.size()))
    return about;
  return about.replace(at + 1, from.str().size(), to.str());
}

bool IsOfInterest(const HistoryRow& row) {
  if (TellsCause(row))
    return true;
  switch (row.subject.kind) {
    case EntityKind::kTask:
    case EntityKind::kRun:
      return row.from != row.to &&
             (row.to == "failed" || row.to == "up_for_retry" || row.to == "success" ||
              row.to == "skipped" || row.to == "deleted");
    case EntityKind::kDag:
      return row.to == "deleted" || row.to == "unpaused" || IsRename(row) ||
             model::IsPauseByFailures(row);
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
      return TellsCause(row) ? OfCause(row, facts) : OfTask(row, facts);
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
