#include "work/trigger/trigger.h"

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "engine/actions.h"
#include "engine/attempts.h"
#include "engine/broken.h"
#include "engine/load.h"
#include "engine/runs.h"
#include "engine/triggers.h"
#include "work/trigger/wish.h"

namespace work {

namespace {

using base::Cat;
using model::TriggerState;
using model::VerdictClass;

std::string NameOf(const model::RunKey& run) {
  return Cat(
      "the run '", base::Excerpt(run.run.str()), "' of '", base::Excerpt(run.dag.str()), "'");
}

model::Verdict Misconfigured(std::string reason) {
  return {.verdict = VerdictClass::kConfiguration, .reason = std::move(reason)};
}

bool Contains(const std::vector<model::RunState>& states, model::RunState state) {
  return std::ranges::find(states, state) != states.end();
}

// How the end of its run ends the attempt; nothing where it goes on to wait.
std::optional<VerdictClass> VerdictOf(const model::TriggerWork& work, model::RunState end) {
  if (Contains(work.failed, end))
    return VerdictClass::kApplication;
  if (Contains(work.allowed, end))
    return VerdictClass::kSuccess;
  return std::nullopt;
}

json::object ConfOf(const model::TriggerRow& wish) {
  return std::move(base::ParseJson(wish.conf)->as_object());
}

// A run in memory that is what the job wants. One that has left memory was read.
std::optional<model::RunKey> FindLive(const engine::State& state, const model::TriggerRow& wish) {
  if (state.runs.contains(wish.run))
    return wish.run;
  if (!wish.finds_by_date)
    return std::nullopt;
  for (auto it = state.runs.lower_bound({wish.run.dag, model::RunId()});
       it != state.runs.end() && it->first.dag == wish.run.dag;
       ++it) {
    if (it->second.row.logical_date == wish.logical_date)
      return it->first;
  }
  return std::nullopt;
}

}  // namespace

base::Result<json::object> Trigger::Preview(const engine::State& state,
                                            const schedule::ZoneSet& zones,
                                            const engine::Run& run,
                                            const engine::JobInstance& job) const {
  ASSIGN_OR_RETURN(const model::TriggerRow wish, MakeWish(state, run, job, region_, zones));
  ASSIGN_OR_RETURN(json::value conf, base::ParseJson(wish.conf));
  return json::object{{"trigger_dag_id", wish.run.dag.str()},
                      {"trigger_run_id", wish.run.run.str()},
                      {"conf", std::move(conf)}};
}

void Trigger::Start(engine::Turn& turn, engine::Run& run, engine::JobInstance& job) {
  base::Result<model::TriggerRow> wish = MakeWish(turn.state, run, job, region_, turn.zones);
  if (!wish) {
    engine::EndAttempt(turn, run, job, Misconfigured(wish.error().message));
    return;
  }
  turn.recorder.Put(wishes_.open[job.row.key] = *std::move(wish));
  wishes_.asked.insert(job.row.key);
}

void Trigger::Stop(engine::Turn& turn, engine::JobInstance& job, std::string_view) {
  const auto wish = wishes_.open.find(job.row.key);
  if (wish == wishes_.open.end())
    return;
  if (wish->second.state == TriggerState::kAsked) {
    wish->second.state = TriggerState::kNothing;
    turn.recorder.Put(wish->second);
  }
  Erase(job.row.key);
}

void Trigger::Apply(engine::Turn& turn, const model::Event& event, engine::Changes&) {
  const auto* read = std::get_if<model::TriggersRead>(&event.body);
  if (read == nullptr || read->as_of != turn.state.last_seq)
    return;
  for (const model::TriggersRead::Found& found : read->found) {
    const auto wish = wishes_.open.find(found.attempt.job);
    if (wish != wishes_.open.end() && wish->second.key == found.attempt &&
        wish->second.state == TriggerState::kAsked)
      Decide(turn, *FindJob(turn.state, found.attempt.job), found);
  }
}

void Trigger::Decide(engine::Turn& turn,
                     engine::JobInstance& job,
                     const model::TriggersRead::Found& found) {
  const model::TriggerWork& work = *model::TriggerOf(*job.def);
  const model::TriggerRow& wish = wishes_.open.at(job.row.key);
  // An earlier one of the same reading may have made it.
  std::optional<model::RunKey> there = FindLive(turn.state, wish);
  if (found.run)
    there = found.run->key;
  if (!there) {
    Create(turn, job);
  } else if (work.resets) {
    BeginAgain(turn, job, *there, found.rows.get());
  } else if (work.skips) {
    model::TriggerRow& row = wishes_.open.at(job.row.key);
    row.state = TriggerState::kNothing;
    turn.recorder.Put(row);
    Erase(job.row.key);
    engine::SkipAttempt(turn,
                        *FindRun(turn.state, job.row.key.run),
                        job,
                        Cat(NameOf(*there), " exists already (skip_when_already_exists)"));
  } else {
    End(turn,
        job,
        Misconfigured(Cat(NameOf(*there),
                          " exists already: `reset_dag_run` would clear it, "
                          "`skip_when_already_exists` would skip the job")));
  }
}

void Trigger::Create(engine::Turn& turn, engine::JobInstance& job) {
  const model::TriggerRow& wish = wishes_.open.at(job.row.key);
  engine::WantedRun wanted{.key = wish.run,
                           .type = model::RunType::kOperatorTriggered,
                           .logical_date = wish.logical_date,
                           .data_interval = {},
                           .conf = ConfOf(wish),
                           .triggered_by = ToString(job.row.key)};
  if (const base::Status possible = CheckWanted(turn.state, wanted); !possible) {
    End(turn, job, Misconfigured(possible.error().message));
    return;
  }
  if (model::TriggerOf(*job.def)->fails_if_paused &&
      turn.state.dags.at(wish.run.dag).row.is_paused) {
    End(turn,
        job,
        {.verdict = VerdictClass::kApplication,
         .reason = Cat("the DAG '", wish.run.dag.str(), "' is paused (fail_when_dag_is_paused)")});
    return;
  }
  CreateWanted(turn, wanted);
  HasRun(turn, job, TriggerState::kCreated);
}

void Trigger::BeginAgain(engine::Turn& turn,
                         engine::JobInstance& job,
                         const model::RunKey& there,
                         const model::Snapshot* rows) {
  const model::RunKey own = job.row.key.run;
  if (there == own) {
    End(turn, job, Misconfigured("it would clear its own run (reset_dag_run)"));
    return;
  }
  if (!turn.state.dags.at(there.dag).row.is_active) {
    End(turn, job, Misconfigured(engine::FileIsGone(there.dag).error().message));
    return;
  }
  if (FindRun(turn.state, there) == nullptr) {
    const base::Status restored =
        rows == nullptr ? base::Fail(base::ErrorCode::kNotFound, "its rows were not read")
                        : engine::RestoreRun(turn.state, turn.kinds, *rows);
    if (!restored) {
      End(turn,
          job,
          {.verdict = VerdictClass::kApplication,
           .reason = Cat(NameOf(there), " cannot be cleared: ", restored.error().message)});
      return;
    }
  }
  wishes_.open.at(job.row.key).run = there;
  engine::ClearRun(
      turn, *FindRun(turn.state, there), Cat("cleared (reset_dag_run) by ", ToString(job.row.key)));
  HasRun(turn, job, TriggerState::kCleared);
}

void Trigger::HasRun(engine::Turn& turn, engine::JobInstance& job, TriggerState state) {
  model::TriggerRow& wish = wishes_.open.at(job.row.key);
  wish.state = state;
  turn.recorder.Put(wish);
  wishes_.asked.erase(job.row.key);
  const std::string name = NameOf(wish.run);
  const std::string_view what = state == TriggerState::kCreated ? " is made" : " begins again";
  const bool waits = model::TriggerOf(*job.def)->waits;
  engine::SetWorking(turn, job, Cat(name, what, waits ? "; its end is waited for" : ""));
  if (waits)
    wishes_.waits[wish.run].insert(job.row.key);
  else
    Succeed(turn, job, Cat(name, what));
}

void Trigger::OnRunEnded(engine::Turn& turn, const engine::Run& run) {
  const auto waiting = wishes_.waits.find(run.row.key);
  if (waiting == wishes_.waits.end())
    return;
  const std::set<model::JobKey> jobs = waiting->second;
  for (const model::JobKey& key : jobs) {
    model::TriggerRow& wish = wishes_.open.at(key);
    engine::JobInstance& job = *FindJob(turn.state, key);
    const model::RunState end = run.row.state;
    const std::optional<VerdictClass> verdict = VerdictOf(*model::TriggerOf(*job.def), end);
    const std::string reason = Cat(NameOf(wish.run), " has ended: ", ToString(end));
    if (verdict == VerdictClass::kSuccess) {
      Succeed(turn, job, reason);
    } else if (verdict) {
      End(turn, job, {.verdict = *verdict, .reason = reason});
    } else if (wish.ended != end) {
      wish.ended = end;
      turn.recorder.Put(wish);
    }
  }
}

// What Airflow's operator leaves in XCom.
void Trigger::Succeed(engine::Turn& turn, engine::JobInstance& job, std::string reason) {
  const model::TriggerRow& wish = wishes_.open.at(job.row.key);
  engine::KeepOutputs(turn,
                      job,
                      base::Serialize(json::object{{"trigger_dag_id", wish.run.dag.str()},
                                                   {"trigger_run_id", wish.run.run.str()}}));
  End(turn, job, {.verdict = VerdictClass::kSuccess, .reason = std::move(reason)});
}

void Trigger::End(engine::Turn& turn, engine::JobInstance& job, const model::Verdict& verdict) {
  Stop(turn, job, verdict.reason);
  engine::EndAttempt(turn, *FindRun(turn.state, job.row.key.run), job, verdict);
}

void Trigger::Index(const model::TriggerRow& wish, const model::Job& def) {
  if (wish.state == TriggerState::kAsked)
    wishes_.asked.insert(wish.key.job);
  else if (model::TriggerOf(def)->waits)
    wishes_.waits[wish.run].insert(wish.key.job);
}

void Trigger::Erase(const model::JobKey& job) {
  const auto wish = wishes_.open.find(job);
  if (wish == wishes_.open.end())
    return;
  if (const auto waiting = wishes_.waits.find(wish->second.run); waiting != wishes_.waits.end()) {
    waiting->second.erase(job);
    if (waiting->second.empty())
      wishes_.waits.erase(waiting);
  }
  wishes_.asked.erase(job);
  over_.push_back(wishes_.open.extract(wish));
}

void Trigger::Load(engine::State& state, const model::Snapshot& rows) {
  for (const model::TriggerRow& row : rows.triggers) {
    const engine::JobInstance* job = FindJob(state, row.key.job);
    if (job == nullptr || !engine::HasOpenAttempt(*job) || job->attempt->key != row.key)
      continue;
    wishes_.open[row.key.job] = row;
    Index(row, *job->def);
  }
}

void Trigger::Forget(const model::RunKey& run) {
  std::vector<model::JobKey> gone;
  for (const auto& [job, wish] : wishes_.open) {
    if (job.run == run)
      gone.push_back(job);
  }
  for (const model::JobKey& job : gone)
    Erase(job);
}

std::string Trigger::WhyNeeded(const model::DagId& dag, const model::RunId& run) const {
  for (const auto& [wanted, jobs] : wishes_.waits) {
    if (wanted.dag == dag && (run.empty() || wanted.run == run))
      return Cat("the job '",
                 ToString(*jobs.begin()),
                 "' waits for the end of ",
                 NameOf(wanted),
                 ": mark that job, or clear this run, first");
  }
  return "";
}

std::vector<engine::Blocker> Trigger::Explain(const engine::State& state,
                                              const engine::JobInstance& job) const {
  const auto found = wishes_.open.find(job.row.key);
  if (found == wishes_.open.end())
    return {};
  const model::TriggerRow& wish = found->second;
  if (wish.state == TriggerState::kAsked)
    return {{engine::BlockerKind::kTrigger,
             Cat("whether there is ", NameOf(wish.run), " already is looked up")}};
  const auto run = state.runs.find(wish.run);
  if (run != state.runs.end() && !IsTerminal(run->second.row.state)) {
    const bool is_paused = state.dags.at(wish.run.dag).row.is_paused;
    return {{engine::BlockerKind::kTriggeredRun,
             Cat("it waits for the end of ",
                 NameOf(wish.run),
                 ", which is ",
                 ToString(run->second.row.state),
                 is_paused
                     ? Cat("; its DAG is paused: `signalbox dags unpause ", wish.run.dag.str(), "`")
                     : "")}};
  }
  return {{engine::BlockerKind::kTriggeredRun,
           Cat(NameOf(wish.run),
               " has ended",
               wish.ended ? Cat(": ", ToString(*wish.ended)) : "",
               ", and that is in neither allowed_states nor failed_states: clear that run, or mark "
               "this job")}};
}

std::vector<std::string> Trigger::BrokenInvariants(const engine::State& state) const {
  engine::Broken broken;
  TriggerWishes counted;
  for (const auto& [key, wish] : wishes_.open) {
    const engine::JobInstance* job = FindJob(state, key);
    const bool is_open = job != nullptr && engine::HasOpenAttempt(*job) &&
                         job->attempt->key == wish.key && key == wish.key.job;
    broken.Expect(is_open, key, ": it wants a run, and has no open attempt");
    if (!is_open)
      continue;
    const bool is_asked = wish.state == TriggerState::kAsked;
    broken.Expect(
        job->state == (is_asked ? engine::JobState::kStarting : engine::JobState::kWorking),
        key,
        ": its state is not that of what it wants");
    if (is_asked) {
      counted.asked.insert(key);
      continue;
    }
    counted.waits[wish.run].insert(key);
    const auto run = state.runs.find(wish.run);
    const bool is_over = run != state.runs.end() && IsTerminal(run->second.row.state) &&
                         VerdictOf(*model::TriggerOf(*job->def), run->second.row.state);
    broken.Expect(!is_over, key, ": its run has ended, and it waits");
  }
  broken.Expect(counted.asked == wishes_.asked && counted.waits == wishes_.waits,
                "what jobs want is listed wrongly");
  return broken.Take();
}

}  // namespace work
