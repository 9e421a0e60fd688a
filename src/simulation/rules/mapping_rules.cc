#include "simulation/rules/mapping_rules.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "simulation/workload.h"

namespace simulation {

namespace {

using model::TaskState;

constexpr int64_t kMostInstances = 10'000;

bool All(const std::vector<TaskState>& tasks, TaskState state) {
  return std::ranges::all_of(tasks, [&](TaskState each) { return each == state; });
}

bool Any(const std::vector<TaskState>& tasks, TaskState state) {
  return std::ranges::count(tasks, state) > 0;
}

enum class End { kOpen, kSuccess, kFailed, kSkipped, kRemoved };

End EndOf(const std::vector<TaskState>& tasks) {
  if (tasks.empty())
    return End::kOpen;
  if (All(tasks, TaskState::kSuccess))
    return End::kSuccess;
  if (All(tasks, TaskState::kSkipped))
    return End::kSkipped;
  if (All(tasks, TaskState::kRemoved))
    return End::kRemoved;
  const bool has_failed = Any(tasks, TaskState::kFailed) || All(tasks, TaskState::kUpstreamFailed);
  return has_failed ? End::kFailed : End::kOpen;
}

std::string_view Word(End end) {
  constexpr std::string_view kWords[] = {"open", "success", "failed", "skipped", "removed"};
  return kWords[static_cast<size_t>(end)];
}

}  // namespace

void MappingRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  Apply(now, batch, /*judges=*/true);
}

void MappingRules::OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time) {
  runs_.clear();
  attempts_.clear();
  launches_.clear();
  for (const Stored& stored : left)
    Apply(now, stored.batch, /*judges=*/false);
}

void MappingRules::Apply(base::Time now, const std::vector<model::Change>& batch, bool judges) {
  changed_.clear();
  for (const model::Change& change : batch) {
    if (const auto* run = std::get_if<model::RunRow>(&change)) {
      runs_[run->key].version = run->version;
      runs_[run->key].state = run->state;
    } else if (const auto* list = std::get_if<model::MappingRow>(&change)) {
      OnList(now, *list);
    } else if (const auto* task = std::get_if<model::TaskRow>(&change)) {
      OnTask(*task);
    } else if (const auto* attempt = std::get_if<model::AttemptRow>(&change)) {
      if (attempts_.insert(attempt->key).second && judges)
        OnAttempt(now, *attempt);
    } else if (const auto* launch = std::get_if<base::Boxed<model::LaunchRow>>(&change)) {
      if (launches_.insert((*launch)->token.str()).second && judges)
        OnLaunch(now, **launch);
    }
  }
  for (const model::JobKey& key : changed_) {
    if (judges)
      Judge(now, key, *Find(key));
  }
}

const model::Job* MappingRules::DefOf(const model::JobKey& key) const {
  const auto run = runs_.find(key.run);
  return run == runs_.end()
             ? nullptr
             : FindJob(checks_.versions().Find(run->second.version), key.job, key.lane);
}

MappingRules::Mapped* MappingRules::Find(const model::JobKey& key) {
  const model::Job* def = DefOf(key);
  return def == nullptr || !def->map_over ? nullptr : &runs_[key.run].jobs[{key.job, key.lane}];
}

void MappingRules::OnList(base::Time now, const model::MappingRow& row) {
  Mapped* mapped = Find(row.key);
  if (mapped == nullptr && row.items.empty())
    return;  // the run took a version without the job
  if (mapped == nullptr) {
    checks_.Breach(now, base::Cat("I3: ", ToString(row.key), " has a list and is not mapped"));
    return;
  }
  changed_.insert(row.key);
  mapped->row = row;
  mapped->items = row.items.empty() ? json::array() : base::ParseJson(row.items)->get_array();
}

void MappingRules::OnTask(const model::TaskRow& row) {
  if (row.state == TaskState::kRemoved && row.job.index < 0) {  // its run took a version without it
    runs_[row.job.run].jobs.erase({row.job.job, row.job.lane});
    changed_.erase(row.job);
    return;
  }
  Mapped* mapped = Find(row.job);
  if (mapped == nullptr)
    return;
  Tasks& tasks = row.job.index < 0 ? mapped->own : mapped->instances[row.job.index];
  const auto place = static_cast<size_t>(row.task);
  tasks.resize(std::max(tasks.size(), place + 1), TaskState::kNone);
  tasks[place] = row.state;
  if (row.job.index < 0)
    mapped->lists = std::max(mapped->lists, row.try_number);
  model::JobKey key = row.job;
  key.index = -1;
  changed_.insert(key);
}

// A mapped job is not tried itself, and of its instances only those of the list are.
void MappingRules::OnAttempt(base::Time now, const model::AttemptRow& row) {
  const model::JobKey& key = row.key.job;
  const Mapped* mapped = Find(key);
  const bool is_one = key.index >= 0;
  const bool is_right =
      mapped == nullptr ? !is_one : is_one && key.index < static_cast<int>(mapped->items.size());
  // One that began and was cleared in one step was of the list before.
  if (!is_right && row.verdict != model::VerdictClass::kUser)
    checks_.Breach(now, base::Cat("I3: ", ToString(key), " is tried, and no list has it"));
}

void MappingRules::OnLaunch(base::Time now, const model::LaunchRow& row) {
  const model::JobKey& key = row.attempt.job;
  const Mapped* mapped = Find(key);
  if (mapped == nullptr || key.index < 0 || key.index >= static_cast<int>(mapped->items.size()))
    return;
  const json::value& item = mapped->items[static_cast<size_t>(key.index)];
  if (row.request.find(base::Cat("\"", ItemArgument(item), "\"")) == std::string::npos)
    checks_.Breach(now, base::Cat("I3: ", ToString(key), " is launched for another item"));
}

void MappingRules::Judge(base::Time now, const model::JobKey& key, const Mapped& mapped) {
  const auto breach = [&](const auto&... words) {
    checks_.Breach(now, base::Cat("I3: ", ToString(key), words...));
  };
  if (!mapped.items.empty() && mapped.items != ItemsOf(*DefOf(key), mapped.lists))
    breach(" has the list ", mapped.row.items, " as its number ", mapped.lists);
  if (mapped.row.instances > kMostInstances)
    breach(" has too many instances");
  const auto wanted = static_cast<int>(mapped.items.size());
  const auto made = static_cast<int>(mapped.instances.size());
  if (made < wanted || mapped.row.instances != made)
    breach(" has ", made, " instances, and its list has ", wanted, " items");
  int open = 0, failed = 0, good = 0;
  for (const auto& [index, tasks] : mapped.instances) {
    const End end = EndOf(tasks);
    const bool is_dying = All(tasks, TaskState::kRestarting);
    if (index >= wanted ? end != End::kRemoved && !is_dying : end == End::kRemoved)
      breach("[", index, "] is ", Word(end), ", and the list has ", wanted, " items");
    if (index >= wanted)
      continue;
    open += end == End::kOpen ? 1 : 0;
    failed += end == End::kFailed ? 1 : 0;
    good += end == End::kSuccess ? 1 : 0;
  }
  if (wanted == 0) {
    if (Any(mapped.own, TaskState::kScheduled))
      breach(" works without a list");
    return;
  }
  const End due = open > 0     ? End::kOpen
                  : failed > 0 ? End::kFailed
                  : good > 0   ? End::kSuccess
                               : End::kSkipped;
  // Its group may be tried again: until that is decided it has not failed.
  const bool waits_for_its_group =
      due == End::kFailed && !DefOf(key)->group.empty() && Any(mapped.own, TaskState::kUpForRetry);
  if (EndOf(mapped.own) != due && !waits_for_its_group)
    breach(" is ", Word(EndOf(mapped.own)), ", and its instances say ", Word(due));
}

void MappingRules::AtEnd(base::Time now) {
  for (const auto& [key, run] : runs_) {
    if (!IsTerminal(run.state))
      continue;
    for (const auto& [job, mapped] : run.jobs) {
      for (const auto& [index, tasks] : mapped.instances) {
        if (EndOf(tasks) == End::kOpen)
          checks_.Breach(now,
                         base::Cat("I3: ",
                                   ToString(key),
                                   " has ended, and ",
                                   model::DisplayName(job.first, job.second, index),
                                   " is open"));
      }
    }
  }
}

}  // namespace simulation
