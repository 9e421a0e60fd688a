#include "work/command/command.h"

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "base/text.h"
#include "engine/attempts.h"
#include "engine/broken.h"
#include "work/command/end.h"
#include "work/command/request.h"

namespace work {

namespace {

using base::Cat;
using Seen = model::ProcessSeen::Kind;
using model::ProcessState;

void Note(engine::Turn& turn, const engine::JobInstance& job, std::string_view cause) {
  const std::string_view state = ToString(job.tasks.back().state);
  turn.recorder.History(
      turn.now,
      model::SubjectOf(job.row.key, model::TaskDisplayId(*job.def, 0, job.row.key.index)),
      state,
      state,
      cause);
}

bool IsOfOpenAttempt(const engine::JobInstance& job, const model::ProcessRow& row) {
  return engine::HasOpenAttempt(job) && job.attempt->key == row.key;
}

// Clocks of the machine and of rows may differ; what the machine says lies within what we know.
std::optional<base::Time> Within(base::Time first,
                                 const std::optional<base::Time>& told,
                                 base::Time last) {
  return std::clamp(told.value_or(last), first, std::max(first, last));
}

}  // namespace

void Command::Start(engine::Turn& turn, engine::Run& run, engine::JobInstance& job) {
  const auto request = RenderProcess(turn.state, run, job, region_, turn.zones);
  if (!request) {
    engine::EndAttempt(
        turn,
        run,
        job,
        {.verdict = model::VerdictClass::kConfiguration, .reason = request.error().message});
    return;
  }
  model::ProcessRow& row = processes_.live[job.row.key];
  row = {.key = job.attempt->key,
         .token = model::ProcessToken(model::TokenOf(
             turn.state.identity.incarnation, job.attempt->key, 0, run.row.deletions)),
         .request = base::Serialize(*request),
         .state = ProcessState::kWanted,
         .wanted_at = turn.now};
  processes_.jobs[row.token] = job.row.key;
  turn.recorder.Put(row);
  engine::AddLive(turn, job, 1);
  engine::SetStarting(turn, job, Cat("process ", row.token.str()));
}

void Command::Stop(engine::Turn& turn, engine::JobInstance& job, std::string_view) {
  const auto row = processes_.live.find(job.row.key);
  if (row == processes_.live.end() || row->second.stop_requested_at)
    return;
  row->second.stop_requested_at = turn.now;
  turn.recorder.Put(row->second);
}

void Command::Apply(engine::Turn& turn, const model::Event& event, engine::Changes&) {
  const auto* seen = std::get_if<model::ProcessSeen>(&event.body);
  if (seen == nullptr)
    return;
  const auto job = processes_.jobs.find(seen->token);
  if (job == processes_.jobs.end())
    return;  // it is over
  model::ProcessRow& row = processes_.live.at(job->second);
  if (seen->kind == Seen::kBegan)
    OnBegan(turn, *seen, row);
  else
    OnOver(turn, *seen, row);
}

void Command::OnBegan(engine::Turn& turn, const model::ProcessSeen& seen, model::ProcessRow& row) {
  if (row.state != ProcessState::kWanted)
    return;
  row.state = ProcessState::kRunning;
  row.began_at = Within(row.wanted_at, seen.began_at, turn.now);
  turn.recorder.Put(row);
  if (const engine::JobInstance* job = FindJob(turn.state, row.key.job);
      job != nullptr && IsOfOpenAttempt(*job, row))
    Note(turn, *job, "its process has begun");
}

void Command::OnOver(engine::Turn& turn, const model::ProcessSeen& seen, model::ProcessRow& row) {
  const bool has_begun = seen.kind == Seen::kEnded || seen.kind == Seen::kLost;
  if (has_begun && !row.began_at)
    row.began_at = Within(row.wanted_at, seen.began_at, turn.now);
  row.ended_at = Within(row.began_at.value_or(row.wanted_at), seen.ended_at, turn.now);
  row.state = ProcessState::kOver;
  engine::JobInstance* job = FindJob(turn.state, row.key.job);
  const model::CommandWork* work = job == nullptr ? nullptr : model::CommandOf(*job->def);
  static const model::CommandWork kNoneLeft;
  ProcessEnd end = JudgeProcess(work == nullptr ? kNoneLeft : *work, seen);
  row.end = end.verdict.reason;
  turn.recorder.Put(row);
  const bool is_open = job != nullptr && IsOfOpenAttempt(*job, row);
  processes_.jobs.erase(row.token);
  over_.push_back(processes_.live.extract(row.key.job));
  if (job == nullptr)
    return;
  engine::AddLive(turn, *job, -1);
  if (!is_open) {
    engine::OnIdle(turn, *job, "its old process has ended");
    return;
  }
  engine::Run& run = *FindRun(turn.state, job->row.key.run);
  if (!end.outputs.empty())
    engine::KeepOutputs(turn, *job, std::move(end.outputs));
  if (!end.skipped.empty())
    engine::SkipWaiting(
        turn, run, end.skipped, Cat("'", job->def->id.str(), "' has taken another branch"));
  if (end.skips) {
    engine::SkipAttempt(turn, run, *job, end.verdict.reason);
    return;
  }
  engine::EndAttempt(turn, run, *job, end.verdict);
}

void Command::Load(engine::State& state, const model::Snapshot& rows) {
  for (const model::ProcessRow& row : rows.processes) {
    if (!IsLive(row))
      continue;
    processes_.live[row.key.job] = row;
    processes_.jobs[row.token] = row.key.job;
    if (engine::JobInstance* job = FindJob(state, row.key.job))
      engine::CountLive(state, *job);
  }
}

// A run stays in memory while anything of it lives.
void Command::Forget(const model::RunKey& run) {
  std::erase_if(processes_.live, [&](const auto& item) { return item.first.run == run; });
  std::erase_if(processes_.jobs, [&](const auto& item) { return item.second.run == run; });
}

std::string Command::WhyNeeded(const model::DagId& dag, const model::RunId& run) const {
  const auto live = std::ranges::find_if(processes_.live, [&](const auto& item) {
    return item.first.run.dag == dag && (run.empty() || item.first.run.run == run);
  });
  return live == processes_.live.end()
             ? ""
             : Cat("the process of '", ToString(live->first), "' has not ended; wait for it");
}

std::vector<engine::Blocker> Command::Explain(const engine::State&,
                                              const engine::JobInstance& job) const {
  if (job.state == engine::JobState::kQueued)
    return {{engine::BlockerKind::kTurn, "it waits for its turn on this machine"}};
  const auto row = processes_.live.find(job.row.key);
  if (row == processes_.live.end())
    return {};
  if (job.state != engine::JobState::kStarting)
    return {{engine::BlockerKind::kOldWork,
             Cat("it waits for the end of its old process, which was told to end at ",
                 base::FormatRfc3339(row->second.stop_requested_at.value_or(base::Time{})))}};
  if (row->second.state == ProcessState::kWanted)
    return {{engine::BlockerKind::kLookUp, "its process is being started"}};
  return {};
}

std::vector<std::string> Command::BrokenInvariants(const engine::State& state) const {
  engine::Broken broken;
  broken.Expect(processes_.jobs.size() == processes_.live.size(),
                "the processes and the index of their tokens disagree");
  for (const auto& [key, row] : processes_.live) {
    const auto job = processes_.jobs.find(row.token);
    broken.Expect(job != processes_.jobs.end() && job->second == key && row.key.job == key,
                  "the process of ",
                  key,
                  " is not found by its token");
    broken.Expect(IsLive(row), "the process of ", key, " is over, and counts as live");
    const engine::JobInstance* instance = FindJob(state, key);
    broken.Expect(instance == nullptr || !IsOfOpenAttempt(*instance, row) ||
                      instance->state == engine::JobState::kStarting,
                  "the process of ",
                  key,
                  " works for an attempt that is not at work");
  }
  return broken.Take();
}

std::map<model::JobKey, int> Command::CountLive() const {
  std::map<model::JobKey, int> live;
  for (const auto& [key, row] : processes_.live)
    live[key] = 1;
  return live;
}

}  // namespace work
