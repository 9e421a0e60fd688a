#include "simulation/rules/checks.h"

#include <map>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/invariants.h"

namespace simulation {

Checks::Checks(const emulator::Emulator& emr, Ledger& ledger, const Patience& patience)
    : facts_(emr, ledger, patience) {}

void Checks::OnProject(base::Time now, const std::vector<std::shared_ptr<const model::Dag>>& dags) {
  for (const auto& [dag, versions] : facts_.current)
    facts_.absent_since.try_emplace(dag, now);
  for (const auto& dag : dags) {
    facts_.absent_since.erase(dag->id);
    facts_.kept.erase(dag->id);
    facts_.versions.try_emplace(dag->version, dag);  // pointers into it are kept
    std::vector<model::VersionId>& current = facts_.current[dag->id];
    if (current.empty() || current.back() != dag->version)
      current.push_back(dag->version);
  }
  if (!facts_.kept.empty() || AreTooMany(facts_.absent_since.size(), facts_.current.size())) {
    for (const auto& [dag, since] : facts_.absent_since)
      facts_.kept.insert(dag);
  }
}

void Checks::AlsoAsk(std::function<const engine::Engine*()> engine, int every) {
  engine_ = std::move(engine);
  ask_every_ = every;
}

void Checks::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  versions_.Take(batch);
  audit_rules_.OnBatch(now, batch);
  run_rules_.OnBatch(batch);
  // Within a batch rows do not tell what came first: a DAG counts as paused where it was so before
  // and is so after it.
  std::map<model::DagId, bool> pauses;
  for (const model::Change& change : batch) {
    if (const auto* dag = std::get_if<model::DagRow>(&change))
      pauses[dag->dag] = dag->is_paused;
  }
  for (const auto& [dag, is_paused] : pauses) {
    if (!is_paused)
      facts_.paused.erase(dag);
  }
  NoteBackfilled(batch);
  CommitAll(now, batch);
  for (const auto& [dag, is_paused] : pauses) {
    if (is_paused)
      facts_.paused.insert(dag);
  }
  run_rules_.OnBatchEnd(now);
  live_rules_.OnCommitted();
  duration_rules_.OnBatchEnd(now);
}

// Runs that a backfill or a job (trigger_rules.h) runs again, and those that fail because it is
// cancelled, are changed for a person.
void Checks::NoteBackfilled(const std::vector<model::Change>& batch) {
  for (const model::Change& change : batch) {
    if (const auto* wish = std::get_if<model::TriggerRow>(&change);
        wish != nullptr && wish->state == model::TriggerState::kCleared)
      facts_.touched.insert(wish->run);
    const auto* row = std::get_if<model::RunRow>(&change);
    const auto known =
        row == nullptr || row->backfill == 0 ? facts_.runs.end() : facts_.runs.find(row->key);
    if (known == facts_.runs.end())
      continue;
    const model::RunState before = known->second.state;
    const bool runs_again = IsTerminal(before) && known->second.backfill != row->backfill;
    const bool is_cancelled =
        before == model::RunState::kQueued && row->state == model::RunState::kFailed;
    if (runs_again || is_cancelled)
      facts_.touched.insert(row->key);
  }
}

void Checks::CommitAll(base::Time now, const std::vector<model::Change>& batch) {
  // A step may end several attempts of a job: they count in their order.
  std::map<model::JobKey, std::multimap<int, const model::AttemptRow*>> attempts;
  for (const model::Change& change : batch) {
    if (const auto* row = std::get_if<model::AttemptRow>(&change))
      attempts[row->key.job].emplace(row->key.n, row);
  }
  for (const model::Change& change : batch) {
    std::visit(
        [&](const auto& row) {
          if constexpr (std::is_same_v<decltype(row), const model::AttemptRow&>)
            Commit(now, *attempts[row.key.job].extract(attempts[row.key.job].begin()).mapped());
          else if constexpr (requires { Commit(now, row); })
            Commit(now, row);
          else
            Commit(now, *row);
        },
        change);
  }
}

// Of whole DAGs none are deleted here (engine/deletes_test.cc).
void Checks::Commit(base::Time, const model::Deleted& deleted) {
  const model::RunKey run{deleted.dag, deleted.run};
  facts_.ForgetRun(run);
  duration_rules_.ForgetRun(run);
  output_rules_.ForgetRun(run);
}

void Checks::BeforeCall(const SeenCall& call) {
  live_rules_.BeforeCall(call);
  if (call.action == "RunJobFlow") {
    output_rules_.BeforeLaunch(call);
    launch_rules_.BeforeLaunch(call);
  } else if (call.action == "TerminateJobFlows" || call.action == "SetTerminationProtection") {
    kill_rules_.BeforeTerminate(call);
  }
}

void Checks::OnReply(base::Time, const driver::Call& call, const driver::Reply& reply) {
  facts_.twins.OnReply(call, reply);
  launch_rules_.OnReply(call, reply);
  output_rules_.OnReply(call, reply);
}

void Checks::OnDeath(base::Time now) {
  facts_.alive_since = now;
  launch_rules_.OnDeath();
}

// Everything is replayed, as if the lost commits had never been: so every rule goes on for
// what is left. What cannot hold, and is excused, concerns launches whose intents are lost:
//   I6  their clusters are of nobody (reaper.h judges what becomes of them);
//   I2  their attempts come again, under the same tokens, and launch beside them;
//   I12 they take slots that were given away;
//   I3  who waits for a run of another DAG that is lost may wait for ever.
void Checks::OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time) {
  facts_.has_loss = true;
  facts_.is_rewinding = true;
  facts_.crossings.GiveUp();
  const Promises before = facts_.ForgetPromises();
  fire_rules_.Forget();
  run_rules_.Forget();
  launch_rules_.Forget();
  cluster_rules_.Forget();
  live_rules_.Forget();
  attempt_rules_.Forget();
  duration_rules_.Forget();
  output_rules_.Forget();
  for (const Stored& commit : left)
    OnCommitted(commit.at, commit.batch);
  launch_rules_.Recall(before);
  live_rules_.Rewind(now, before);
  facts_.is_rewinding = false;
}

std::optional<base::Duration> Checks::StepOf(const model::DagId& dag) const {
  const std::vector<Crossings::Period> periods = facts_.crossings.PeriodsOf(dag);
  if (periods.size() != 1)
    return std::nullopt;
  const DagSpec& spec = periods.back().spec;
  if (spec.closed_from != spec.closed_until || spec.closed_day != base::Time())
    return std::nullopt;  // some ticks are left out
  return base::minutes(spec.every_minutes);
}

void Checks::OnTurn(base::Time now) {
  live_rules_.OnTurn(now);
  kill_rules_.OnTurn(now);
  if (engine_ && ++turns_ % ask_every_ == 0)
    AskEngine(now);
}

void Checks::AskEngine(base::Time now) {
  const engine::Engine* engine = engine_();
  if (engine == nullptr)
    return;
  for (const std::string& broken : engine::BrokenInvariants(*engine)) {
    // A cluster that nobody could expect takes a slot that was given away.
    if (facts_.out_of_bounds.empty() || broken.find("(I12)") == std::string::npos)
      Breach(now, "engine: " + broken);
  }
}

void Checks::AtEnd(base::Time now, bool is_at_rest, const std::set<std::string>& kept) {
  OnTurn(now);
  end_rules_.AtEnd(now, kept);
  people_rules_.AtEnd(now);
  fire_rules_.AtEnd(now);
  if (!is_at_rest)
    Breach(now, "I10: it never came to rest");
}

}  // namespace simulation
