#include "work/emr/outputs.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/text.h"
#include "emr/outputs.h"
#include "engine/attempts.h"
#include "work/emr/attempt_end.h"
#include "work/emr/resume.h"

namespace work {

namespace {

using base::Cat;

// The launch's own command has the first number.
constexpr int64_t kReadCommand = 1;

void Note(EmrTurn& turn, const engine::JobInstance& job, std::string_view cause) {
  const int task = static_cast<int>(job.tasks.size()) - 1;
  const std::string_view state = ToString(job.tasks.back().state);
  turn.recorder().History(
      turn.now(),
      model::SubjectOf(job.row.key, model::TaskDisplayId(*job.def, task, job.row.key.index)),
      state,
      state,
      cause);
}

// When the first step began that may have written the attempt's outputs, by EMR's clock; none where
// EMR does not say. Where the attempt takes the finished steps of earlier ones over, one of those
// may have written them.
std::optional<Time> WrittenSince(const EmrState& state,
                                 const model::LaunchRow& launch,
                                 const engine::JobInstance& job) {
  const bool resumes = model::EmrOf(*job.def)->resume != model::Resume::kNone;
  const int first = resumes ? job.row.try_number - TryOf(job) + 1 : launch.attempt.n;
  std::optional<Time> since;
  for (const auto& [id, cluster] : state.clusters) {
    if (!cluster.attempt || cluster.attempt->job != job.row.key || cluster.attempt->n < first)
      continue;
    for (const model::StepView& step : cluster.steps) {
      if (!step.start && step.state == model::StepState::kCompleted)
        return std::nullopt;
      if (step.start)
        since = std::min(since.value_or(*step.start), *step.start);
    }
  }
  return since;
}

// Under the same key an earlier attempt's object says nothing of this one. Both times are AWS's:
// ours may have been set, or may have stood still while we were dead.
model::OutputsSeen WithoutOld(std::optional<Time> since, model::OutputsSeen seen) {
  if (seen.kind == model::OutputsSeen::Kind::kThere && since && seen.written_at &&
      *seen.written_at < *since) {
    seen.kind = model::OutputsSeen::Kind::kMissing;
    seen.text = emr::kOutputsAreOld;
  }
  return seen;
}

}  // namespace

std::pair<std::string, int64_t> ReadCommandOf(const model::LaunchToken& token) {
  return {token.str(), kReadCommand};
}

bool AwaitOutputs(EmrTurn& turn, const model::LaunchToken& token, const engine::JobInstance& job) {
  const auto launch = turn.state.launches.find(token);
  if (launch == turn.state.launches.end() || launch->second.outputs.empty())
    return false;
  Order(turn, token.str(), model::CommandKind::kReadOutputs, kReadCommand);
  turn.state.reading[job.row.key] = token;
  Note(turn, job, Cat("its work is done; its outputs are read from ", launch->second.outputs));
  return true;
}

void OnOutputsSeen(EmrTurn& turn, const model::OutputsSeen& event) {
  const auto launch = turn.state.launches.find(event.token);
  const auto command = turn.engine.state.commands.find(ReadCommandOf(event.token));
  if (launch == turn.state.launches.end() || command == turn.engine.state.commands.end()) {
    ++turn.state.counters.stale_events;
    return;
  }
  engine::JobInstance& job = *FindJob(turn.engine.state, launch->second.attempt.job);
  const model::OutputsSeen seen = WithoutOld(WrittenSince(turn.state, launch->second, job), event);
  // S3 shows what was written before; the step may say that it is done a little early.
  if (seen.kind == model::OutputsSeen::Kind::kMissing &&
      event.source_at < command->second.created_at + emr::kOutputsGrace)
    return;
  engine::Run& run = *FindRun(turn.engine.state, launch->second.attempt.job.run);
  emr::Outputs outputs = emr::JudgeOutputs(seen, launch->second.outputs);
  StopReading(turn, job);
  if (outputs.verdict.verdict == model::VerdictClass::kSuccess)
    KeepOutputs(turn.engine, job, base::Serialize(outputs.object));
  End(turn, run, job, std::move(outputs.verdict));
}

void StopReading(EmrTurn& turn, const engine::JobInstance& job) {
  const auto reading = turn.state.reading.find(job.row.key);
  if (reading == turn.state.reading.end())
    return;
  Withdraw(turn, reading->second.str(), kReadCommand);
  turn.state.reading.erase(reading);
}

void LoadReading(EmrState& state, const engine::State& engine, const model::LaunchRow& launch) {
  if (engine.commands.contains(ReadCommandOf(launch.token)))
    state.reading[launch.attempt.job] = launch.token;
}

}  // namespace work
