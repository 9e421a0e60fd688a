#include "simulation/rules/readiness_rules.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "simulation/rules/group_facts.h"
#include "simulation/rules/skips.h"
#include "simulation/workload.h"

namespace simulation {

namespace {

using model::TaskState;
using model::TriggerRule;

// The workload's only condition that does not hold.
constexpr std::string_view kNever = "params.off";

constexpr JobEnd kEnds[] = {
    JobEnd::kSuccess, JobEnd::kFailed, JobEnd::kUpstreamFailed, JobEnd::kSkipped};

size_t Count(const std::vector<JobEnd>& ends, JobEnd end) {
  return static_cast<size_t>(std::count(ends.begin(), ends.end(), end));
}

// Its condition is about jobs of other DAGs: edge_rules.h.
bool AsksElsewhere(const model::Job& job) {
  return job.when.starts_with("states[");
}

// None of them is open.
Fate FateOfEnded(TriggerRule rule,
                 const std::vector<JobEnd>& upstream,
                 const std::vector<JobEnd>& setups) {
  const size_t good = Count(upstream, JobEnd::kSuccess);
  const size_t skipped = Count(upstream, JobEnd::kSkipped);
  const size_t bad = upstream.size() - good - skipped;
  const auto otherwise = [](bool begins, Fate fate) { return begins ? Fate::kBegins : fate; };
  const auto fails_or_skips = [&](bool begins) {
    return otherwise(begins, bad > 0 ? Fate::kUpstreamFailed : Fate::kSkipped);
  };
  switch (rule) {
    case TriggerRule::kAllSuccess:
      return fails_or_skips(bad + skipped == 0);
    case TriggerRule::kAllFailed:
      return otherwise(good + skipped == 0, Fate::kSkipped);
    case TriggerRule::kAllDone:
    case TriggerRule::kAlways:
      return Fate::kBegins;
    case TriggerRule::kAllDoneMinOneSuccess:
      return skipped > 0 ? Fate::kSkipped : otherwise(good > 0, Fate::kUpstreamFailed);
    case TriggerRule::kAllSkipped:
      return otherwise(good + bad == 0, Fate::kSkipped);
    case TriggerRule::kOneFailed:
      return otherwise(bad > 0, Fate::kSkipped);
    case TriggerRule::kOneSuccess:
      return fails_or_skips(good > 0);
    case TriggerRule::kOneDone:
      return otherwise(good + Count(upstream, JobEnd::kFailed) > 0, Fate::kSkipped);
    case TriggerRule::kNoneFailed:
      return otherwise(bad == 0, Fate::kUpstreamFailed);
    case TriggerRule::kNoneFailedMinOneSuccess:
      return fails_or_skips(bad == 0 && good > 0);
    case TriggerRule::kNoneSkipped:
      return otherwise(skipped == 0, Fate::kSkipped);
    case TriggerRule::kAllDoneSetupSuccess:
      if (setups.empty() || Count(setups, JobEnd::kSuccess) > 0)
        return Fate::kBegins;
      return Count(setups, JobEnd::kSkipped) == setups.size() ? Fate::kSkipped
                                                              : Fate::kUpstreamFailed;
  }
  return Fate::kWaits;
}

// All fates that the open ones can still give.
void TryOut(TriggerRule rule, std::vector<JobEnd>& upstream, size_t from, std::set<Fate>& fates) {
  while (from < upstream.size() && upstream[from] != JobEnd::kOpen)
    ++from;
  if (from == upstream.size()) {
    fates.insert(FateOfEnded(rule, upstream, {}));
    return;
  }
  for (JobEnd end : kEnds) {
    upstream[from] = end;
    TryOut(rule, upstream, from + 1, fates);
  }
  upstream[from] = JobEnd::kOpen;
}

}  // namespace

Fate FateOf(TriggerRule rule,
            const std::vector<JobEnd>& upstream,
            const std::vector<JobEnd>& setups) {
  if (upstream.empty())
    return Fate::kBegins;
  const size_t open = Count(upstream, JobEnd::kOpen);
  if (open == 0)
    return FateOfEnded(rule, upstream, setups);
  if (rule == TriggerRule::kAllDone || rule == TriggerRule::kAllDoneSetupSuccess)
    return Fate::kWaits;
  // More than a few open ones can do what a few can.
  std::vector<JobEnd> tried;
  size_t taken = 0;
  for (JobEnd end : upstream) {
    if (end != JobEnd::kOpen || ++taken <= 3)
      tried.push_back(end);
  }
  std::set<Fate> fates;
  TryOut(rule, tried, 0, fates);
  return fates.size() == 1 ? *fates.begin() : Fate::kWaits;
}

void ReadinessRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  by_person_.clear();
  ended_.clear();
  cleared_.clear();
  marked_.clear();
  const Waiting left = Apply(batch);
  for (const model::JobKey& key : left) {
    if (!by_person_.contains(key.run))
      JudgeJob(now, key);
  }
  for (const auto& [key, marked] : marked_) {
    if (!cleared_.contains(key))
      JudgeMarks(now, key, marked);
  }
  for (const model::RunKey& key : ended_)
    JudgeEnd(now, key, runs_.at(key));
}

// Returns the jobs that waited before the batch and do not any more.
ReadinessRules::Waiting ReadinessRules::Apply(const std::vector<model::Change>& batch) {
  Waiting left;
  std::set<model::RunKey> created;  // who asked for it changed nothing of it
  for (const model::Change& change : batch) {
    if (const auto* row = std::get_if<model::RunRow>(&change)) {
      Run& run = runs_[row->key];
      run.version = row->version;
      if (IsTerminal(row->state) && !IsTerminal(run.state))
        ended_.insert(row->key);
      run.state = row->state;
    } else if (const auto* task = std::get_if<model::TaskRow>(&change);
               task != nullptr && task->job.index < 0) {
      Job& job = runs_[task->job.run].jobs[{task->job.job, task->job.lane}];
      const auto place = static_cast<size_t>(task->task);
      job.tasks.resize(std::max(job.tasks.size(), place + 1), TaskState::kNone);
      job.tasks[place] = task->state;
      job.lists = std::max(job.lists, task->try_number);
      const bool has_begun = std::any_of(job.tasks.begin(), job.tasks.end(), [](TaskState state) {
        return state != TaskState::kNone && state != TaskState::kRestarting;
      });
      if (has_begun && !job.has_begun)
        left.insert(task->job);
      job.has_begun = has_begun;
    } else if (const auto* of = std::get_if<model::JobRow>(&change); of && of->key.index < 0) {
      runs_[of->key.run].jobs[{of->key.job, of->key.lane}].has_next_try =
          of->next_try_at.has_value();
    } else if (const auto* group = std::get_if<model::GroupTriesRow>(&change)) {
      auto& waiting = runs_[group->key.run].groups;
      if (group->next_try_at)
        waiting.insert({group->key.group, group->key.lane});
      else
        waiting.erase({group->key.group, group->key.lane});
    } else if (const auto* wish = std::get_if<model::TriggerRow>(&change);
               wish != nullptr && wish->state == model::TriggerState::kCleared) {
      by_person_.insert(wish->run);
    } else if (const auto* list = std::get_if<model::MappingRow>(&change)) {
      runs_[list->key.run].jobs[{list->key.job, list->key.lane}].has_list = !list->items.empty();
    } else if (const auto* history = std::get_if<model::HistoryRow>(&change)) {
      OnHistory(*history, created);
    }
  }
  for (const model::RunKey& key : by_person_)
    ++runs_[key].person_batches;
  return left;
}

void ReadinessRules::OnHistory(const model::HistoryRow& row, std::set<model::RunKey>& created) {
  const model::Subject& subject = row.subject;
  const model::RunKey run{subject.dag, subject.run};
  const bool is_new = subject.kind == model::EntityKind::kRun && row.from.empty();
  if (is_new)
    created.insert(run);
  else if (IsByPerson(row) && !run.run.empty() && !created.contains(run))
    by_person_.insert(run);
  if (subject.kind == model::EntityKind::kTask && subject.index < 0 && row.from != row.to)
    runs_[run].jobs[{subject.job, subject.lane}].is_marked = row.cause.starts_with("marked ");
  if (subject.kind != model::EntityKind::kTask || !IsByPerson(row))
    return;
  if (row.cause.starts_with("cleared "))
    cleared_.insert(run);
  else if ((row.to == "success" && row.cause.starts_with("marked success ")) ||
           (row.to == "skipped" && row.cause.starts_with("marked skipped ")))
    marked_[run].insert({run, subject.job, subject.lane});
}

void ReadinessRules::OnTailLost(base::Time, const std::vector<Stored>& left, base::Time) {
  runs_.clear();
  for (const Stored& stored : left)
    Apply(stored.batch);
}

void ReadinessRules::JudgeJob(base::Time now, const model::JobKey& key) {
  const Run& run = runs_.at(key.run);
  const model::Dag* dag = DagOf(run);
  if (dag == nullptr)
    return;
  for (const model::Job& job : dag->jobs) {
    if (job.id != key.job || job.lane != key.lane)
      continue;
    const JobEnd end = EndOf(run, job);
    const Fate became = end == JobEnd::kSkipped          ? Fate::kSkipped
                        : end == JobEnd::kUpstreamFailed ? Fate::kUpstreamFailed
                                                         : Fate::kBegins;
    const Fate fate = FateOfJob(run, *dag, job);
    // An edge to another DAG may have ended it, before it was asked for its condition or its list:
    // edge_rules.h.
    const bool is_asked = fate == Fate::kSkipped && (job.when == kNever || job.map_over);
    if ((fate == Fate::kBegins || is_asked) && became != Fate::kBegins &&
        (AsksElsewhere(job) || std::ranges::any_of(job.cross, &model::CrossDependency::ends_job)))
      continue;
    if (became != fate)
      checks_.Breach(now,
                     base::Cat("I3: ",
                               ToString(key),
                               became == Fate::kBegins ? " begins" : " does not begin",
                               " against its trigger rule ",
                               ToString(job.trigger_rule)));
  }
}

void ReadinessRules::JudgeMarks(base::Time now, const model::RunKey& key, const Waiting& marked) {
  const Run& run = runs_.at(key);
  const model::Dag* dag = DagOf(run);
  if (dag == nullptr)
    return;
  std::set<int> below;
  // Upstream may come later in the file: until nothing is added.
  for (bool is_new = true; is_new;) {
    is_new = false;
    for (size_t i = 0; i < dag->jobs.size(); ++i) {
      const bool follows = std::ranges::any_of(dag->jobs[i].upstream, [&](int up) {
        const model::Job& above = dag->jobs[static_cast<size_t>(up)];
        return below.contains(up) || marked.contains({key, above.id, above.lane});
      });
      is_new = (follows && below.insert(static_cast<int>(i)).second) || is_new;
    }
  }
  for (const int index : below) {
    const model::Job& job = dag->jobs[static_cast<size_t>(index)];
    const bool is_elsewhere = std::ranges::any_of(job.cross, &model::CrossDependency::ends_job);
    if (!is_elsewhere && EndOf(run, job) == JobEnd::kUpstreamFailed &&
        FateOfJob(run, *dag, job) != Fate::kUpstreamFailed)
      checks_.Breach(now,
                     base::Cat("I3: ",
                               ToString(key),
                               "/",
                               model::DisplayName(job.id, job.lane),
                               " stays upstream_failed after what it follows was marked"));
  }
}

void ReadinessRules::JudgeEnd(base::Time now, const model::RunKey& key, const Run& run) {
  const model::Dag* dag = DagOf(run);
  if (dag == nullptr || !IsTerminal(run.state))
    return;
  std::vector<bool> is_last(dag->jobs.size(), true);
  const auto decides = [](const model::Job& job) {
    return job.role != model::Role::kTeardown || job.on_failure_fail_dagrun;
  };
  for (const model::Job& job : dag->jobs) {
    for (int up : job.upstream)
      is_last[static_cast<size_t>(up)] = is_last[static_cast<size_t>(up)] && !decides(job);
  }
  bool fails = false;
  for (size_t i = 0; i < dag->jobs.size(); ++i) {
    const model::Job& job = dag->jobs[i];
    const JobEnd end = EndOf(run, job);
    fails = fails || (is_last[i] && decides(job) &&
                      (end == JobEnd::kFailed || end == JobEnd::kUpstreamFailed));
    if (job.role == model::Role::kTeardown && run.person_batches <= 1 && !AsksToSkip(job) &&
        IsLeftOut(run, *dag, job))
      checks_.Breach(now, base::Cat("I3: ", ToString(key), " ends without its teardown"));
  }
  if (run.person_batches == 0 && fails != (run.state == model::RunState::kFailed))
    checks_.Breach(now, base::Cat("I3: ", ToString(key), " ends as ", ToString(run.state)));
}

// A setup that a person has marked may have been skipped before, and its teardown with it. A person
// may skip the teardown itself.
bool ReadinessRules::IsLeftOut(const Run& run, const model::Dag& dag, const model::Job& teardown) {
  const JobEnd end = EndOf(run, teardown);
  const bool skips_itself = end == JobEnd::kSkipped && teardown.when == kNever;
  const bool is_marked = run.jobs.at({teardown.id, teardown.lane}).is_marked;
  if (end == JobEnd::kSuccess || end == JobEnd::kFailed || skips_itself || is_marked)
    return false;
  return std::ranges::any_of(teardown.upstream, [&](int up) {
    const model::Job& setup = dag.jobs[static_cast<size_t>(up)];
    return setup.role == model::Role::kSetup && EndOf(run, setup) == JobEnd::kSuccess &&
           !run.jobs.at({setup.id, setup.lane}).is_marked;
  });
}

void ReadinessRules::AtEnd(base::Time now) {
  for (const auto& [key, run] : runs_) {
    const model::Dag* dag = DagOf(run);
    if (dag == nullptr || IsTerminal(run.state))
      continue;
    for (const model::Job& job : dag->jobs) {
      const auto found = run.jobs.find({job.id, job.lane});
      if (found == run.jobs.end() || found->second.has_begun)
        continue;
      const Fate fate = FateOfJob(run, *dag, job);
      // One that may not begin yet is not asked for its condition or its list.
      const bool is_asked_later = !job.when.empty() || job.map_over;
      if (fate == Fate::kUpstreamFailed || (fate == Fate::kSkipped && !is_asked_later))
        checks_.Breach(now,
                       base::Cat("I10: ",
                                 ToString(key),
                                 " ",
                                 model::DisplayName(job.id, job.lane),
                                 " waits although it can never begin"));
    }
  }
}

const model::Dag* ReadinessRules::DagOf(const Run& run) const {
  return checks_.versions().Find(run.version);
}

JobEnd ReadinessRules::EndOf(const Run& run, const model::Job& job) {
  const auto found = run.jobs.find({job.id, job.lane});
  if (found == run.jobs.end() || found->second.tasks.empty())
    return JobEnd::kOpen;
  const std::vector<TaskState>& tasks = found->second.tasks;
  const auto all = [&](TaskState state) {
    return std::all_of(tasks.begin(), tasks.end(), [&](TaskState each) { return each == state; });
  };
  if (all(TaskState::kSuccess))
    return JobEnd::kSuccess;
  if (all(TaskState::kUpstreamFailed))
    return JobEnd::kUpstreamFailed;
  if (all(TaskState::kSkipped))
    return JobEnd::kSkipped;
  const bool waits_for_its_group =
      std::ranges::count(tasks, TaskState::kUpForRetry) > 0 && !found->second.has_next_try;
  return waits_for_its_group || std::ranges::count(tasks, TaskState::kFailed) > 0 ? JobEnd::kFailed
                                                                                  : JobEnd::kOpen;
}

JobEnd ReadinessRules::EndFor(const Run& run,
                              const model::Dag& dag,
                              const model::Job& job,
                              const model::Job& seen_by) {
  const model::Group* group = GroupBetween(dag, job, &seen_by);
  if (group == nullptr)
    return EndOf(run, job);
  const bool is_over = AllInGroup(dag, group->path, job.lane, [&](const model::Job& each) {
    return EndOf(run, each) != JobEnd::kOpen;
  });
  const bool waits = std::ranges::any_of(run.groups, [&](const auto& waiting) {
    return waiting.second == job.lane &&
           (waiting.first == group->path || waiting.first.starts_with(base::Cat(group->path, ".")));
  });
  return is_over && !waits ? EndOf(run, job) : JobEnd::kOpen;
}

std::vector<JobEnd> ReadinessRules::EndsOf(const Run& run,
                                           const model::Dag& dag,
                                           const std::vector<int>& jobs,
                                           const model::Job& seen_by) {
  std::vector<JobEnd> ends;
  for (int index : jobs)
    ends.push_back(EndFor(run, dag, dag.jobs[static_cast<size_t>(index)], seen_by));
  return ends;
}

// The setups around a job must all succeed, and the trigger rule must hold.
Fate ReadinessRules::FateOfJob(const Run& run, const model::Dag& dag, const model::Job& job) {
  std::vector<int> removed;
  for (int up : job.upstream) {
    if (dag.jobs[static_cast<size_t>(up)].role == model::Role::kSetup)
      removed.push_back(up);
  }
  const Fate rule =
      FateOf(job.trigger_rule, EndsOf(run, dag, job.upstream, job), EndsOf(run, dag, removed, job));
  const Fate around = FateOf(TriggerRule::kAllSuccess, EndsOf(run, dag, job.setups, job), {});
  for (Fate fate : {Fate::kUpstreamFailed, Fate::kWaits, Fate::kSkipped}) {
    if (rule == fate || around == fate)
      return fate;
  }
  if (job.when == kNever)
    return Fate::kSkipped;
  const auto known = run.jobs.find({job.id, job.lane});
  const int lists = known == run.jobs.end() ? 0 : known->second.lists;
  const bool has_list = known != run.jobs.end() && known->second.has_list;
  const auto items = ItemsOf(job, has_list ? lists : lists + 1);
  return items && items->empty() ? Fate::kSkipped : Fate::kBegins;
}

}  // namespace simulation
