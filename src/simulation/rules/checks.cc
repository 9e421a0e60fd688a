// Checks: what was committed. Calls and EMR's truth are in checks_of_emr.cc.

#include "simulation/rules/checks.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "engine/invariants.h"
#include "simulation/rules/refusals.h"

namespace simulation {

using emulator::Cluster;
using model::VerdictClass;

namespace {

// Whether anything about it, in truth, can make somebody give it up.
bool HasTrouble(const Cluster& cluster,
                const model::Job& def,
                base::Time now,
                base::Duration older) {
  using emulator::ClusterState;
  if (cluster.Ending() || cluster.state == ClusterState::kWaiting)
    return true;
  const bool is_starting =
      cluster.state == ClusterState::kStarting || cluster.state == ClusterState::kBootstrapping;
  // Times less than five minutes apart count as one.
  const base::Duration age = now - cluster.created_at + base::minutes(5) + older;
  // A read may be late, but it was starting for that long.
  const base::Time ready_at = is_starting ? now : cluster.ready_at.value_or(now);
  if (age - (now - ready_at) >= model::EmrOf(def)->launch_timeout)
    return true;
  if (const auto& most = model::EmrOf(def)->max_run_time; most && age >= *most)
    return true;
  if (const auto& most = def.execution_timeout; most && age >= *most)
    return true;
  return std::any_of(cluster.fleets.begin(),
                     cluster.fleets.end(),
                     [](const emulator::Fleet& fleet) { return fleet.lost_at.has_value(); }) ||
         std::any_of(cluster.steps.begin(), cluster.steps.end(), [](const emulator::Step& step) {
           return step.state == emulator::StepState::kFailed;
         });
}

// Whether the job itself failed there: a step that no lost nodes explain, or one that took too
// long. `by_us`: we killed it, which says nothing of the job.
bool IsToBlame(const Cluster& cluster,
               const model::Job& def,
               bool by_us,
               base::Time now,
               base::Duration older) {
  if (const auto& most = model::EmrOf(def)->max_run_time;
      most && now - cluster.created_at + older >= *most)
    return true;
  // Its launch may be older than the cluster.
  if (const auto& most = def.execution_timeout;
      most && now - cluster.created_at + older + base::minutes(5) >= *most)
    return true;
  // What ended it took the place of what EMR had said before.
  if (cluster.Ending() && cluster.reason.code != "INSTANCE_FAILURE" &&
      !(by_us && cluster.reason.code == "USER_REQUEST"))
    return true;
  base::Time lost_at = base::Time::max();
  for (const emulator::Fleet& fleet : cluster.fleets)
    lost_at = std::min(lost_at, fleet.lost_at.value_or(lost_at));
  return std::any_of(cluster.steps.begin(), cluster.steps.end(), [&](const emulator::Step& step) {
    return step.state == emulator::StepState::kFailed && *step.ended_at < lost_at;
  });
}

// Each step of the job completed on one of its clusters.
bool AllStepsAreDone(const model::Job& def, const std::vector<const Cluster*>& clusters) {
  const json::array& steps = base::GetArray(model::EmrOf(def)->request, "Steps");
  return std::all_of(steps.begin(), steps.end(), [&](const json::value& wanted) {
    const std::string name = base::GetString(wanted.as_object(), "Name");
    return std::any_of(clusters.begin(), clusters.end(), [&](const Cluster* cluster) {
      return std::any_of(
          cluster->steps.begin(), cluster->steps.end(), [&](const emulator::Step& step) {
            return step.name == name && step.state == emulator::StepState::kCompleted;
          });
    });
  });
}

// Refused by EMR, and meaning this.
bool IsRefused(const std::vector<const Cluster*>& clusters, Refusal meaning) {
  return std::any_of(clusters.begin(), clusters.end(), [&](const Cluster* cluster) {
    return RefusalOf(*cluster) == meaning;
  });
}

// A launch that was lost and made again may have had two clusters, refused in different words: the
// verdict quotes those that it rests on.
bool IsJudgedAsUnknown(const std::vector<const Cluster*>& clusters, std::string_view reason) {
  constexpr size_t kQuoted = 20;
  return std::any_of(clusters.begin(), clusters.end(), [&](const Cluster* cluster) {
    return RefusalOf(*cluster) == Refusal::kUnknown &&
           reason.find(cluster->reason.message.substr(0, kQuoted)) != std::string_view::npos;
  });
}

// After a refusal in new words the same is tried once more, and later than usual.
base::Duration DelayAfter(bool is_unclear, const model::Job& def) {
  return is_unclear ? std::max<base::Duration>(base::minutes(10), 3 * def.infra_retry_delay)
                    : def.retry_delay;
}

int Rank(model::StepState state) {
  return IsTerminal(state) ? 2 : state == model::StepState::kPending ? 0 : 1;
}

}  // namespace

Checks::Checks(const emulator::Emulator& emr, Ledger& ledger, const Patience& patience)
    : emr_(emr), ledger_(ledger), patience_(patience) {}

void Checks::Breach(base::Time now, std::string sentence) {
  // The first one counts.
  if (!is_rewinding_ && breaches_.size() < 10)
    breaches_.push_back(base::Cat(sentence, " (", base::FormatRfc3339(now), ")"));
}

void Checks::OnProject(base::Time now, const std::vector<std::shared_ptr<const model::Dag>>& dags) {
  for (const auto& [dag, versions] : current_)
    absent_since_.try_emplace(dag, now);
  for (const auto& dag : dags) {
    absent_since_.erase(dag->id);
    kept_.erase(dag->id);
    versions_.try_emplace(dag->version, dag);  // pointers into it are kept
    std::vector<model::VersionId>& current = current_[dag->id];
    if (current.empty() || current.back() != dag->version)
      current.push_back(dag->version);
  }
  if (!kept_.empty() || AreTooMany(absent_since_.size(), current_.size())) {
    for (const auto& [dag, since] : absent_since_)
      kept_.insert(dag);
  }
}

bool Checks::AreTooMany(size_t gone, size_t all) {
  return gone > 0 && (gone >= all || (gone >= 4 && 3 * gone > all));
}

void Checks::AlsoAsk(std::function<const engine::Engine*()> engine, int every) {
  engine_ = std::move(engine);
  ask_every_ = every;
}

bool Checks::IsTouched(const model::RunKey& run) const {
  return all_touched_ || touched_.contains(run);
}

const model::Dag* Checks::DagOf(const model::RunKey& key) const {
  const auto run = runs_.find(key);
  if (run == runs_.end())
    return nullptr;
  const auto version = versions_.find(run->second.version);
  return version == versions_.end() ? nullptr : version->second.get();
}

const model::Job* Checks::DefOf(const model::JobKey& key) const {
  const model::Dag* dag = DagOf(key.run);
  if (dag == nullptr)
    return nullptr;
  for (const model::Job& job : dag->jobs) {
    if (job.id == key.job && job.lane == key.lane)
      return &job;
  }
  return nullptr;
}

void Checks::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  CheckAudit(now, batch);
  // Within a batch rows do not tell what came first: a DAG counts as paused where it was so before
  // and is so after it.
  std::map<model::DagId, bool> pauses;
  for (const model::Change& change : batch) {
    if (const auto* dag = std::get_if<model::DagRow>(&change))
      pauses[dag->dag] = dag->is_paused;
  }
  for (const auto& [dag, is_paused] : pauses) {
    if (!is_paused)
      paused_.erase(dag);
  }
  for (const model::Change& change : batch) {
    std::visit(
        [&](const auto& row) {
          if constexpr (requires { Commit(now, row); })
            Commit(now, row);
          else
            Commit(now, *row);
        },
        change);
  }
  for (const auto& [dag, is_paused] : pauses) {
    if (is_paused)
      paused_.insert(dag);
  }
  if (!lost_.empty())
    Reclaim();
}

void Checks::Commit(base::Time now, const model::RunRow& row) {
  const auto [found, is_new] = runs_.try_emplace(row.key);
  Run& run = found->second;
  if (is_new) {
    run = {row.version, row.state, row.type, row.data_interval};
    by_interval_[{row.key.dag, row.data_interval.start, row.data_interval.end}].push_back(row.key);
    const std::vector<model::VersionId>& current = current_[row.key.dag];
    Check(std::find(current.begin(), current.end(), row.version) != current.end(), now, [&] {
      return base::Cat("I15: run ", LabelOf(row.key), " begins with a version that is not current");
    });
    crossings_.OnRun(row);
    if (row.type == model::RunType::kScheduled && row.logical_date)
      NoteFire(now, row);
  }
  Check(run.version == row.version, now, [&] {
    return base::Cat("I15: run ", LabelOf(row.key), " changed its version");
  });
  Check(!IsTerminal(run.state) || row.state == run.state || IsTouched(row.key), now, [&] {
    return base::Cat("I4: run ", LabelOf(row.key), " had ended and goes on");
  });
  run.state = row.state;
  std::set<model::RunKey>& running = running_[row.key.dag];
  if (row.state != model::RunState::kRunning || IsTouched(row.key)) {
    running.erase(row.key);
  } else if (const model::Dag* dag = DagOf(row.key)) {
    running.insert(row.key);
    Check(static_cast<int>(running.size()) <= dag->max_active_runs, now, [&] {
      return base::Cat("I12: ", running.size(), " runs of ", row.key.dag.str(), " are active");
    });
  }
}

void Checks::Commit(base::Time now, const model::AttemptRow& row) {
  const std::string label = LabelOf(row.key);
  const auto [found, is_new] = attempts_.try_emplace(label);
  Attempt& attempt = found->second;
  Job& job = jobs_[LabelOf(row.key.job)];
  const model::Job* def = DefOf(row.key.job);
  if (is_new) {
    ++job.attempts;
    def_of_[LabelOf(row.key.job)] = def;
    Check(!job.is_misconfigured || IsTouched(row.key.job.run), now, [&] {
      return base::Cat("I4: ", label, " follows one that EMR would not take");
    });
    Check(job.attempts == row.key.n, now, [&] {
      return base::Cat("I4: ", label, " is the attempt number ", job.attempts);
    });
    if (def != nullptr && !IsTouched(row.key.job.run)) {
      const int more = job.unclear > 0 ? 1 : 0;
      Check(job.attempts <= 1 + def->retries + def->infra_retries + more, now, [&] {
        return base::Cat("I4: ", label, " is one try too many");
      });
      Check(job.attempts == 1 ||
                (job.closed_at &&
                 row.started_at >= *job.closed_at + DelayAfter(job.is_unclear, *def)),
            now,
            [&] { return base::Cat("I4: ", label, " did not wait for its retry delay"); });
    }
  }
  if (attempt.closed_at) {
    Check(row.verdict == attempt.verdict, now, [&] {
      return base::Cat("I4: ", label, " was judged twice");
    });
    return;
  }
  if (!row.ended_at)
    return;
  attempt.closed_at = now;
  attempt.verdict = row.verdict;
  job.closed_at = row.ended_at;
  const bool is_configuration = row.verdict == VerdictClass::kConfiguration;
  // What was judged before a loss is replayed without its clusters.
  job.is_unclear = is_configuration && (IsJudgedAsUnknown(attempt.clusters, row.reason) ||
                                        (is_rewinding_ && unclear_attempts_.contains(label)));
  if (job.is_unclear)
    unclear_attempts_.insert(label);
  else
    unclear_attempts_.erase(label);  // it was lost, and came again in another way
  job.unclear += job.is_unclear;
  job.application_failures += row.verdict == VerdictClass::kApplication;
  // A person who kills a cluster in the console ends that cluster, not the job.
  job.infrastructure_failures += row.verdict == VerdictClass::kInfrastructure ||
                                 row.verdict == VerdictClass::kUser || job.is_unclear;
  job.is_misconfigured = is_configuration && (!job.is_unclear || job.unclear > 1);
  CountSinceClear(job, row);
  if (!IsTouched(row.key.job.run))
    JudgeVerdict(now, row);
}

void Checks::JudgeVerdict(base::Time now, const model::AttemptRow& row) {
  const std::string label = LabelOf(row.key);
  const Attempt& attempt = attempts_.at(label);
  const model::Job* def = DefOf(row.key.job);
  const auto any = [&](bool (*holds)(const Cluster&)) {
    return std::any_of(attempt.clusters.begin(), attempt.clusters.end(), [&](const Cluster* c) {
      return holds(*c);
    });
  };
  // What EMR answers may be older than the truth, never newer: a success that is told is one.
  if (row.verdict == VerdictClass::kSuccess) {
    Check(any(HasDoneItsWork), now, [&] {
      return base::Cat("I4: ", label, " counts as a success, and no cluster of it succeeded");
    });
    if (def != nullptr)
      Check(AllStepsAreDone(*def, jobs_[LabelOf(row.key.job)].clusters), now, [&] {
        return base::Cat("I4: ", label, " counts as a success, and not all steps completed");
      });
    return;
  }
  Check(std::none_of(attempt.clusters.begin(),
                     attempt.clusters.end(),
                     [&](const Cluster* c) { return Succeeded(*c) && !IsOutOfBounds(*c); }),
        now,
        [&] {
          return base::Cat(
              "I2: ", label, " counts as a failure, and its cluster has done the work");
        });
  if (row.verdict == VerdictClass::kInfrastructure)
    Check(!attempt.clusters.empty(), now, [&] {
      return base::Cat("I4: ", label, " counts as a failure, and it never had a cluster");
    });
  if (row.verdict == VerdictClass::kApplication && def != nullptr)
    Check(std::any_of(attempt.clusters.begin(),
                      attempt.clusters.end(),
                      [&](const Cluster* c) {
                        return IsToBlame(*c, *def, killed_.contains(c->id), now, patience_.older);
                      }),
          now,
          [&] { return base::Cat("I4: ", label, " is blamed for what happened to its cluster"); });
  if (row.verdict == VerdictClass::kConfiguration)
    Check(attempt.was_rejected || IsRefused(attempt.clusters, Refusal::kMistake) ||
              IsRefused(attempt.clusters, Refusal::kUnknown),
          now,
          [&] {
            return base::Cat("I4: ", label, " counts as misconfigured, and EMR never said so");
          });
  else if (def != nullptr && !attempt.clusters.empty())
    Check(std::any_of(attempt.clusters.begin(),
                      attempt.clusters.end(),
                      [&](const Cluster* c) {
                        return HasTrouble(*c, *def, now, patience_.older) ||
                               lost_until_(*c).has_value();
                      }),
          now,
          [&] { return base::Cat("I2: ", label, " is given up, and its cluster is at work"); });
}

void Checks::Commit(base::Time now, const model::LaunchRow& row) {
  Check(!twins_.IsWrongToKeep(row.cluster.str()), now, [&] {
    return base::Cat("I2: of the clusters of launch ",
                     row.token.str(),
                     " the younger ",
                     row.cluster.str(),
                     " is kept");
  });
  if (row.state != model::LaunchState::kIntent)
    return;
  const auto [found, is_new] = intents_.try_emplace(row.token.str());
  if (is_new)
    found->second = {row.attempt, row.request, {}, is_detached_, {}};
  Check(!is_new || !paused_.contains(row.attempt.job.run.dag), now, [&] {
    return base::Cat("I3: ", ToString(row.attempt.job), " is launched while its DAG is paused");
  });
  if (!is_new)
    Check(found->second.attempt == row.attempt && found->second.request == row.request, now, [&] {
      return base::Cat("I6: the intent ", row.token.str(), " was changed");
    });
}

void Checks::Commit(base::Time now, const model::ClusterRow& row) {
  const auto [found, is_new] = phases_.try_emplace(row.id.str(), row.phase);
  const LedgerEntry* entry = ledger_.Find(row.id.str());
  const bool may_be_lost =
      entry != nullptr && (IsOutOfBounds(*entry->cluster) || lost_until_(*entry->cluster));
  // A cluster that EMR denied for long may come back.
  const bool comes_back = may_be_lost && found->second == model::ClusterPhase::kLost;
  Check(comes_back || Rank(row.phase) >= Rank(found->second), now, [&] {
    return base::Cat("I5: cluster ", row.id.str(), " went back to ", ToString(row.phase));
  });
  found->second = row.phase;
  CheckSteps(now, row);
  if (!IsTerminal(row.phase) || (may_be_lost && row.phase == model::ClusterPhase::kLost))
    return;
  Check(entry == nullptr || entry->cluster->Terminal(), now, [&] {
    return base::Cat("I5: cluster ", row.id.str(), " is taken for ended, and lives");
  });
}

void Checks::CheckSteps(base::Time now, const model::ClusterRow& row) {
  std::map<std::string, model::StepState>& steps = steps_[row.id.str()];
  for (const model::StepView& step : row.steps) {
    const auto [found, is_new] = steps.try_emplace(step.id, step.state);
    Check(Rank(step.state) >= Rank(found->second), now, [&] {
      return base::Cat("I5: step ", step.name, " of ", row.id.str(), " went back");
    });
    found->second = step.state;
  }
}

void Checks::Commit(base::Time now, const model::CommandRow& row) {
  if (row.kind != model::CommandKind::kTerminate)
    return;
  killed_.insert(row.aggregate);
  if (kills_.try_emplace(row.aggregate, Kill{now, {}}).second)
    CheckCause(now, row.aggregate);
}

void Checks::CheckCause(base::Time now, std::string_view cluster) {
  const LedgerEntry* entry = ledger_.Find(cluster);
  if (entry == nullptr || !entry->ours || asked_kills_.contains(cluster) ||
      IsOutOfBounds(*entry->cluster))
    return;
  const auto attempt = attempts_.find(entry->name.attempt);
  const auto intent = intents_.find(entry->name.head.substr(ledger_.prefix().size()));
  if (attempt == attempts_.end() || attempt->second.closed_at || intent == intents_.end() ||
      IsTouched(intent->second.attempt.job.run))
    return;
  const model::Job* def = DefOf(intent->second.attempt.job);
  Check(def == nullptr || HasTrouble(*entry->cluster, *def, now, patience_.older), now, [&] {
    return base::Cat("I2: ", entry->name.attempt, " is killed, and its cluster is at work");
  });
}

void Checks::Commit(base::Time now, const model::CommandDone& done) {
  const auto kill = kills_.find(done.aggregate);
  if (kill == kills_.end())
    return;
  const LedgerEntry* entry = ledger_.Find(done.aggregate);
  const auto phase = phases_.find(done.aggregate);
  const bool is_lost = entry != nullptr && IsOutOfBounds(*entry->cluster) &&
                       phase != phases_.end() && phase->second == model::ClusterPhase::kLost;
  Check(entry == nullptr || entry->cluster->Terminal() || is_lost, now, [&] {
    return base::Cat("I8: the terminate of ", done.aggregate, " is called done, and it lives");
  });
  kills_.erase(kill);
}

void Checks::Commit(base::Time, const model::PoolRow& row) {
  pools_[row.id] = row.slots;
}

}  // namespace simulation
