#include "simulation/rules/attempt_rules.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "simulation/rules/group_facts.h"
#include "simulation/rules/people_rules.h"
#include "simulation/rules/refusals.h"
#include "simulation/rules/skips.h"
#include "simulation/rules/trouble.h"

namespace simulation {

using emulator::Cluster;
using model::VerdictClass;

namespace {

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
base::Duration DelayAfter(const Promises::Job& job, const model::Job& def) {
  if (job.is_unclear)
    return std::max<base::Duration>(base::minutes(10), 3 * def.infra_retry_delay);
  return job.is_infrastructure ? def.infra_retry_delay : def.retry_delay;
}

}  // namespace

void AttemptRules::OnAttempt(base::Time now, const model::AttemptRow& row) {
  const std::string label = LabelOf(row.key);
  const auto [found, is_new] = facts_.attempts.try_emplace(label);
  Attempt& attempt = found->second;
  Job& job = facts_.jobs[LabelOf(row.key.job)];
  if (is_new) {
    ++job.attempts;
    facts_.def_of[LabelOf(row.key.job)] = facts_.DefOf(row.key.job);
    CheckBegin(now, row, job);
  }
  if (attempt.closed_at) {
    facts_.Check(row.verdict == attempt.verdict, now, [&] {
      return base::Cat("I4: ", label, " was judged twice");
    });
    return;
  }
  if (!row.ended_at)
    return;
  attempt.closed_at = now;
  attempt.verdict = row.verdict;
  Count(row, attempt, job);
  output_rules_.OnAttempt(now, row);
  if (!FailsByOutputs(row) && !facts_.IsTouched(row.key.job.run))
    JudgeVerdict(now, row);
}

void AttemptRules::CheckBegin(base::Time now, const model::AttemptRow& row, const Job& job) {
  const std::string label = LabelOf(row.key);
  const model::Job* def = facts_.DefOf(row.key.job);
  facts_.Check(!job.is_misconfigured || facts_.IsTouched(row.key.job.run), now, [&] {
    return base::Cat("I4: ", label, " follows one that EMR would not take");
  });
  facts_.Check(job.attempts == row.key.n, now, [&] {
    return base::Cat("I4: ", label, " is the attempt number ", job.attempts);
  });
  model::AttemptKey before = row.key;
  --before.n;
  const auto earlier = facts_.attempts.find(LabelOf(before));
  facts_.Check(earlier == facts_.attempts.end() || earlier->second.closed_at.has_value(), now, [&] {
    return base::Cat("I4: ", label, " begins, and the one before has not ended");
  });
  if (def == nullptr || facts_.IsTouched(row.key.job.run))
    return;
  const int more = job.unclear > 0 ? 1 : 0;
  const int tries = job.attempts - job.attempts_before;
  facts_.Check(tries <= 1 + MostRetries(*def) + more, now, [&] {
    return base::Cat("I4: ", label, " is one try too many");
  });
  facts_.Check(
      tries == 1 || (job.closed_at && row.started_at >= *job.closed_at + DelayAfter(job, *def)),
      now,
      [&] { return base::Cat("I4: ", label, " did not wait for its retry delay"); });
}

// The group begins again (group_rules.h), and with it each of its jobs.
void AttemptRules::OnGroup(const model::GroupTriesRow& row) {
  const bool waited = waiting_.erase(row.key) > 0;
  if (row.next_try_at)
    waiting_.insert(row.key);
  const model::Dag* dag = facts_.DagOf(row.key.run);
  if (!waited || row.next_try_at || dag == nullptr)
    return;
  for (const model::Job& def : dag->jobs) {
    if (def.lane != row.key.lane || !IsInGroup(def, row.key.group))
      continue;
    for (Job* job : facts_.JobsOf(row.key.run, def)) {
      job->attempts_before = job->attempts;
      job->application_failures = job->infrastructure_failures = job->unclear = 0;
      job->is_misconfigured = false;
      job->success.clear();
    }
  }
}

// It has just ended.
void AttemptRules::Count(const model::AttemptRow& row, const Attempt& attempt, Job& job) {
  const std::string label = LabelOf(row.key);
  job.closed_at = row.ended_at;
  const bool is_configuration = row.verdict == VerdictClass::kConfiguration;
  job.is_infrastructure =
      row.verdict == VerdictClass::kInfrastructure || row.verdict == VerdictClass::kUser;
  // What was judged before a loss is replayed without its clusters.
  job.is_unclear = is_configuration && (IsJudgedAsUnknown(attempt.clusters, row.reason) ||
                                        (facts_.is_rewinding && unclear_attempts_.contains(label)));
  if (job.is_unclear)
    unclear_attempts_.insert(label);
  else
    unclear_attempts_.erase(label);  // it was lost, and came again in another way
  job.unclear += job.is_unclear;
  job.application_failures += row.verdict == VerdictClass::kApplication;
  // A person who kills a cluster in the console ends that cluster, not the job.
  job.infrastructure_failures += row.verdict == VerdictClass::kInfrastructure ||
                                 row.verdict == VerdictClass::kUser || job.is_unclear;
  const model::Job* def = facts_.DefOf(row.key.job);
  const bool gives_up =
      row.verdict == VerdictClass::kApplication && def != nullptr && GivesUp(*def);
  job.is_misconfigured = gives_up || (is_configuration && (!job.is_unclear || job.unclear > 1));
  PeopleRules::CountSinceClear(job, row);
}

// Its work was done, and is to be done again: also in a run that somebody has touched.
bool AttemptRules::FailsByOutputs(const model::AttemptRow& row) {
  Attempt& attempt = facts_.attempts.at(LabelOf(row.key));
  Job& job = facts_.jobs[LabelOf(row.key.job)];
  // While the store's rows are told again, their clusters are not known.
  const bool is_done =
      row.verdict != VerdictClass::kSuccess &&
      (facts_.is_rewinding || std::any_of(attempt.clusters.begin(),
                                          attempt.clusters.end(),
                                          [](const Cluster* c) { return HasDoneItsWork(*c); }));
  if (!is_done || !output_rules_.IsToBlame(row))
    return false;
  attempt.told_nothing = true;
  job.success.clear();
  return true;
}

void AttemptRules::JudgeVerdict(base::Time now, const model::AttemptRow& row) {
  const std::string label = LabelOf(row.key);
  const Attempt& attempt = facts_.attempts.at(label);
  const model::Job* def = facts_.DefOf(row.key.job);
  if (def != nullptr && model::EmrOf(*def) == nullptr)
    return;  // trigger_rules.h, process_rules.h
  if (row.verdict == VerdictClass::kSuccess) {
    JudgeSuccess(now, row, attempt, def);
    return;
  }
  facts_.Check(
      std::none_of(attempt.clusters.begin(),
                   attempt.clusters.end(),
                   [&](const Cluster* c) { return Succeeded(*c) && !facts_.IsOutOfBounds(*c); }),
      now,
      [&] {
        return base::Cat("I2: ", label, " counts as a failure, and its cluster has done the work");
      });
  if (row.verdict == VerdictClass::kInfrastructure)
    facts_.Check(!attempt.clusters.empty(), now, [&] {
      return base::Cat("I4: ", label, " counts as a failure, and it never had a cluster");
    });
  if (row.verdict == VerdictClass::kConfiguration)
    facts_.Check(attempt.was_rejected || IsRefused(attempt.clusters, Refusal::kMistake) ||
                     IsRefused(attempt.clusters, Refusal::kUnknown),
                 now,
                 [&] {
                   return base::Cat(
                       "I4: ", label, " counts as misconfigured, and EMR never said so");
                 });
  else if (def != nullptr)
    JudgeCause(now, row, attempt, *def);
}

// What EMR answers may be older than the truth, never newer: a success that is told is one.
void AttemptRules::JudgeSuccess(base::Time now,
                                const model::AttemptRow& row,
                                const Attempt& attempt,
                                const model::Job* def) {
  const std::string label = LabelOf(row.key);
  facts_.Check(std::any_of(attempt.clusters.begin(),
                           attempt.clusters.end(),
                           [](const Cluster* c) { return HasDoneItsWork(*c); }),
               now,
               [&] {
                 return base::Cat(
                     "I4: ", label, " counts as a success, and no cluster of it succeeded");
               });
  if (def != nullptr)
    facts_.Check(AllStepsAreDone(*def, facts_.jobs[LabelOf(row.key.job)].clusters), now, [&] {
      return base::Cat("I4: ", label, " counts as a success, and not all steps completed");
    });
}

// It is given up for a reason, and the job is blamed for what it did itself.
void AttemptRules::JudgeCause(base::Time now,
                              const model::AttemptRow& row,
                              const Attempt& attempt,
                              const model::Job& def) {
  const std::string label = LabelOf(row.key);
  const auto any = [&](const auto& holds) {
    return std::any_of(attempt.clusters.begin(), attempt.clusters.end(), holds);
  };
  // Its cluster may be much younger than the try: EMR accepted it late.
  const auto& most = def.execution_timeout;
  if (most && now - row.started_at + facts_.patience.older >= *most)
    return;
  if (row.verdict == VerdictClass::kApplication)
    facts_.Check(
        any([&](const Cluster* c) {
          return IsToBlame(*c, def, facts_.killed.contains(c->id), now, facts_.patience.older);
        }),
        now,
        [&] { return base::Cat("I4: ", label, " is blamed for what happened to its cluster"); });
  if (attempt.clusters.empty())
    return;
  facts_.Check(
      any([&](const Cluster* c) {
        return HasTrouble(*c, def, now, facts_.patience.older) || facts_.lost_until(*c).has_value();
      }),
      now,
      [&] { return base::Cat("I2: ", label, " is given up, and its cluster is at work"); });
}

}  // namespace simulation
