#include "lineage/moments.h"

#include <algorithm>

#include "base/text.h"

namespace lineage {

namespace {

using base::Cat;

bool IsEnd(std::string_view state) {
  return state == "success" || state == "failed";
}

bool TellsCause(const model::HistoryRow& row) {
  return row.subject.kind == model::EntityKind::kTask && row.from == row.to &&
         row.cause.starts_with(model::kCauseLead);
}

// Where a person made it end so, it is no failure of the work.
EventType EndOf(const model::HistoryRow& row) {
  if (row.to == "success")
    return EventType::kComplete;
  return row.by.name.empty() ? EventType::kFail : EventType::kAbort;
}

EventType EndOf(model::VerdictClass verdict) {
  switch (verdict) {
    case model::VerdictClass::kSuccess:
      return EventType::kComplete;
    case model::VerdictClass::kUser:
      return EventType::kAbort;
    case model::VerdictClass::kInfrastructure:
    case model::VerdictClass::kApplication:
    case model::VerdictClass::kConfiguration:
      return EventType::kFail;
  }
  return EventType::kFail;
}

}  // namespace

bool MayTell(const model::HistoryRow& row) {
  if (row.subject.kind == model::EntityKind::kRun)
    return row.from != row.to && (row.to == "running" || IsEnd(row.to));
  return row.subject.kind == model::EntityKind::kTask && (row.from != row.to || TellsCause(row));
}

std::vector<Moment> MomentsOf(const model::HistoryRow& row) {
  if (row.from == row.to)
    return {};
  if (row.to == "running")
    return {{EventType::kStart, row.at, ""}};
  if (!IsEnd(row.to))
    return {};
  std::vector<Moment> moments;
  // Each run has one begin, also one that ended while it was queued.
  if (row.from == "queued")
    moments.push_back({EventType::kStart, row.at, ""});
  const EventType end = EndOf(row);
  moments.push_back({end, row.at, end == EventType::kComplete ? "" : row.cause});
  return moments;
}

std::vector<Moment> MomentsOf(const model::HistoryRow& row,
                              const model::AttemptRow& attempt,
                              const std::string& cause) {
  if (TellsCause(row)) {
    const std::string lead = Cat(model::kCauseLead, attempt.key.n, " failed: ");
    if (!row.cause.starts_with(lead))
      return {};
    return {{EventType::kOther, row.at, row.cause.substr(lead.size())}};
  }
  std::vector<Moment> moments;
  if (row.from == row.to)
    return moments;
  if (attempt.started_at == row.at)
    moments.push_back({EventType::kStart, row.at, ""});
  if (attempt.ended_at != row.at || !attempt.verdict)
    return moments;
  Moment end{EndOf(*attempt.verdict), row.at, ""};
  if (end.type != EventType::kComplete)
    end.message = cause.empty() ? attempt.reason : cause;
  moments.push_back(std::move(end));
  return moments;
}

int RoundAt(const std::vector<model::HistoryRow>& of_run, int64_t seq) {
  return static_cast<int>(std::ranges::count_if(of_run, [&](const model::HistoryRow& row) {
    return row.seq <= seq && IsEnd(row.from) && (row.to == "running" || row.to == "queued");
  }));
}

}  // namespace lineage
