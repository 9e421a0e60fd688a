#include "simulation/rules/asset_rules.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "simulation/rules/group_facts.h"

namespace simulation {

namespace {

// By arithmetic of its own.
bool Fulfils(const model::AssetCondition& condition, const std::set<std::string>& updated) {
  if (condition.kind == model::AssetCondition::Kind::kAsset)
    return updated.contains(condition.asset);
  const auto count = std::ranges::count_if(
      condition.of, [&](const model::AssetCondition& each) { return Fulfils(each, updated); });
  return condition.kind == model::AssetCondition::Kind::kAny ? count > 0
                                                             : count == std::ssize(condition.of);
}

void Collect(const model::AssetCondition& condition, std::set<std::string>& names) {
  if (condition.kind == model::AssetCondition::Kind::kAsset)
    names.insert(condition.asset);
  for (const model::AssetCondition& each : condition.of)
    Collect(each, names);
}

}  // namespace

void AssetRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  Apply(now, batch, /*judges=*/true);
  CountSuccesses(now, batch, /*judges=*/true);
  JudgeConditions(now);
}

void AssetRules::OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time) {
  consumers_.clear();
  runs_.clear();
  names_.clear();
  tasks_.clear();
  owed_.clear();
  last_event_ = 0;
  for (const Stored& stored : left) {
    Apply(now, stored.batch, /*judges=*/false);
    CountSuccesses(now, stored.batch, /*judges=*/false);
  }
}

void AssetRules::Apply(base::Time now, const std::vector<model::Change>& batch, bool judges) {
  for (const model::Change& change : batch) {
    if (const auto* dag = std::get_if<model::DagRow>(&change))
      OnDag(*dag);
    else if (const auto* asset = std::get_if<model::AssetRow>(&change))
      names_[asset->id] = asset->asset.name;
    else if (const auto* event = std::get_if<model::AssetEventRow>(&change))
      OnEvent(now, *event, judges);
    else if (const auto* run = std::get_if<model::RunRow>(&change))
      OnRun(now, *run, judges);
  }
}

void AssetRules::OnDag(const model::DagRow& row) {
  const model::Dag* dag = DagOf(row.version);
  if (dag == nullptr || !dag->assets)
    return;
  Consumer& consumer = consumers_[row.dag];
  consumer.row = row;
  std::set<std::string> names;
  Collect(*dag->assets, names);
  for (const std::string& name : names)
    consumer.assets.try_emplace(name, Queued{last_event_, last_event_, false});
}

void AssetRules::OnEvent(base::Time now, const model::AssetEventRow& row, bool judges) {
  if (judges && row.id != last_event_ + 1)
    checks_.Breach(now, base::Cat("I3: event ", row.id, " comes after event ", last_event_));
  last_event_ = row.id;
  for (auto& [dag, consumer] : consumers_) {
    const auto asset = consumer.assets.find(names_[row.asset]);
    if (asset == consumer.assets.end())
      continue;
    asset->second.latest = row.id;
    if (!consumer.row.is_paused && consumer.row.is_active)
      asset->second.counts = true;
  }
}

void AssetRules::OnRun(base::Time now, const model::RunRow& row, bool judges) {
  const bool is_new = !runs_.contains(row.key);
  runs_[row.key] = row;
  if (!is_new)
    return;
  if (row.type != model::RunType::kAssetTriggered) {
    if (judges && !row.asset_events.empty())
      checks_.Breach(now, base::Cat("I3: ", ToString(row.key), " takes events and is not theirs"));
    return;
  }
  Consumer& consumer = consumers_[row.key.dag];
  if (judges && !IsFulfilled(consumer))
    checks_.Breach(now, base::Cat("I3: ", ToString(row.key), " begins without its assets"));
  std::set<std::tuple<std::string, int64_t, int64_t>> wanted, found;
  for (auto& [name, asset] : consumer.assets) {
    if (asset.latest > asset.taken)
      wanted.insert({name, asset.taken, asset.latest});
    asset = {asset.latest, asset.latest, false};
  }
  for (const model::TakenEvents& taken : row.asset_events)
    found.insert({names_[taken.asset], taken.after, taken.until});
  if (judges && wanted != found)
    checks_.Breach(now,
                   base::Cat("I3: ", ToString(row.key), " does not take the events that are its"));
}

// A success that no person has marked is an event for each outlet: in its commit, or in that which
// settles the group around the job.
void AssetRules::CountSuccesses(base::Time now,
                                const std::vector<model::Change>& batch,
                                bool judges) {
  for (const model::Change& change : batch) {
    if (const auto* history = std::get_if<model::HistoryRow>(&change)) {
      OnTaskHistory(*history);
    } else if (const auto* task = std::get_if<model::TaskRow>(&change)) {
      auto& tasks = tasks_[task->job];
      const auto place = static_cast<size_t>(task->task);
      tasks.resize(std::max(tasks.size(), place + 1), model::TaskState::kNone);
      tasks[place] = task->state;
    } else if (const auto* event = std::get_if<model::AssetEventRow>(&change);
               event && event->created_by.empty()) {
      --owed_[{{event->dag, event->run}, event->job, event->lane, names_[event->asset]}];
    }
  }
  std::erase_if(owed_, [&](const auto& item) {
    const auto& [of, count] = item;
    if (count > 0 && IsHidden(of))
      return false;
    if (judges && (count != 0 || IsHidden(of)))
      checks_.Breach(now,
                     base::Cat("I3: ",
                               ToString(std::get<0>(of)),
                               "/",
                               model::DisplayName(std::get<1>(of), std::get<2>(of)),
                               count > 0 ? " succeeds without an event of "
                                         : " has no success that counts for an event of ",
                               std::get<3>(of)));
    return true;
  });
}

void AssetRules::OnTaskHistory(const model::HistoryRow& row) {
  const model::Subject& subject = row.subject;
  if (row.from == row.to)
    return;                 // a note
  if (row.to == "removed")  // its run took a version without it
    std::erase_if(owed_, [&](const auto& item) {
      const auto& [run, job, lane, asset] = item.first;
      return run == model::RunKey{subject.dag, subject.run} && job == subject.job &&
             lane == subject.lane;
    });
  const bool succeeds = row.to == "success" && !row.cause.starts_with("marked") &&
                        !row.cause.starts_with("run marked");
  const auto run = runs_.find({subject.dag, subject.run});
  const model::Dag* dag = run == runs_.end() ? nullptr : DagOf(run->second.version);
  if (subject.kind != model::EntityKind::kTask || dag == nullptr ||
      (!succeeds && row.from != "success"))
    return;
  for (const model::Job& job : dag->jobs) {
    const int last = static_cast<int>(model::TaskCount(job)) - 1;
    if (job.id != subject.job || job.lane != subject.lane ||
        !subject.text.ends_with("/" + model::TaskDisplayId(job, last)))
      continue;
    for (const model::Outlet& outlet : job.outlets) {
      const Of of{run->first, job.id, job.lane, outlet.asset};
      if (succeeds)
        ++owed_[of];
      else if (!GroupsAround(*dag, job).empty())
        owed_.erase(of);  // taken back before it counted
    }
  }
}

bool AssetRules::IsHidden(const Of& of) const {
  const auto& [key, id, lane, asset] = of;
  const auto run = runs_.find(key);
  const model::Dag* dag = run == runs_.end() ? nullptr : DagOf(run->second.version);
  if (dag == nullptr)
    return false;
  const auto is_over = [&, &run_key = key](const model::Job& job) {
    const auto tasks = tasks_.find({run_key, job.id, job.lane});
    return tasks != tasks_.end() && std::ranges::all_of(tasks->second, [](model::TaskState state) {
             return IsTerminal(state);
           });
  };
  return std::ranges::any_of(dag->jobs, [&, &job_id = id, &job_lane = lane](const model::Job& job) {
    return job.id == job_id && job.lane == job_lane && !IsSeenElsewhere(*dag, job, is_over);
  });
}

// A DAG that may have a run has it by the end of the commit.
void AssetRules::JudgeConditions(base::Time now) {
  for (const auto& [dag, consumer] : consumers_) {
    const model::Dag* version = DagOf(consumer.row.version);
    if (version == nullptr || consumer.row.is_paused || !consumer.row.is_active ||
        !IsFulfilled(consumer))
      continue;
    const auto open = std::ranges::count_if(runs_, [&](const auto& item) {
      return item.first.dag == dag && item.second.backfill == 0 && !IsTerminal(item.second.state);
    });
    if (open < version->max_active_runs)
      checks_.Breach(now, base::Cat("I3: ", dag.str(), " has its assets, and no run"));
  }
}

bool AssetRules::IsFulfilled(const Consumer& consumer) const {
  const model::Dag* dag = DagOf(consumer.row.version);
  std::set<std::string> updated;
  for (const auto& [name, asset] : consumer.assets) {
    if (asset.counts)
      updated.insert(name);
  }
  return dag != nullptr && dag->assets && Fulfils(*dag->assets, updated);
}

const model::Dag* AssetRules::DagOf(const model::VersionId& version) const {
  return checks_.versions().Find(version);
}

}  // namespace simulation
