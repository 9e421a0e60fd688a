#include "simulation/rules/fire_rules.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace simulation {

namespace {

// Between what our process decides and its commit, by EMR's clock; ours may be ahead of it.
constexpr base::Duration kSoon = base::minutes(1);
constexpr base::Duration kAhead = base::minutes(5);

std::string InWords(base::Time tick) {
  return base::FormatRfc3339(tick);
}

}  // namespace

void FireRules::Forget() {
  ever_paused_.clear();
  fires_.clear();
  ticks_.clear();
  holes_.clear();
}

void FireRules::OnDag(base::Time now, const model::DagRow& row) {
  if (row.is_paused)
    ever_paused_.insert(row.dag);
  if (row.is_active)
    facts_.inactive.erase(row.dag);
  else
    facts_.inactive.insert(row.dag);
  const base::Time since = row.schedules.empty() ? row.first_seen : row.schedules.back().since;
  const auto known = facts_.since.try_emplace(row.dag, since).first;
  facts_.Check(since <= now + kAhead + facts_.patience.older && since >= known->second, now, [&] {
    return base::Cat("I3: the schedule of ", row.dag.str(), " is dated ", InWords(since));
  });
  known->second = since;
  facts_.crossings.OnDag(now, row);
  std::vector<model::VersionId>& current = facts_.current[row.dag];
  // A store that lost its tail knows an older one until the file is read again.
  if (facts_.is_rewinding &&
      std::find(current.begin(), current.end(), row.version) == current.end())
    current.insert(current.begin(), row.version);
  // A run of the same commit may still have taken the one before.
  while (!facts_.is_rewinding && current.size() > 2 && current[1] != row.version &&
         current[0] != row.version)
    current.erase(current.begin());
}

void FireRules::OnFire(base::Time now, const model::RunRow& row) {
  const model::DagId& dag = row.key.dag;
  const base::Time tick = row.data_interval.end;
  const std::pair<model::DagId, base::Time> fire(dag, *row.logical_date);
  facts_.Check(fires_.try_emplace(fire, row.key).first->second == row.key, now, [&] {
    return base::Cat("I3: two runs of one fire: ", LabelOf(row.key));
  });
  facts_.Check(ticks_.try_emplace({dag, tick}, row.key).first->second == row.key, now, [&] {
    return base::Cat("I3: two runs of one tick: ", LabelOf(row.key));
  });
  facts_.Check(!facts_.paused.contains(dag), now, [&] {
    return base::Cat("I3: ", dag.str(), " fires while it is paused");
  });
  const auto absent = facts_.absent_since.find(dag);
  const bool may_fire = absent == facts_.absent_since.end() || facts_.kept.contains(dag) ||
                        now - absent->second < facts_.patience.kill;
  facts_.Check(
      may_fire, now, [&] { return base::Cat("I3: ", dag.str(), " fires, and its file is gone"); });
  facts_.Check(!IsInHole(dag, row.data_interval), now, [&] {
    return base::Cat("I3: ", dag.str(), " fires at ", InWords(tick), ", which is a hole");
  });
  CheckTick(now, row);
}

// The tick is one of the schedule in force, and one that counts; without catchup the latest.
void FireRules::CheckTick(base::Time now, const model::RunRow& row) {
  const model::DagId& dag = row.key.dag;
  const base::Time tick = row.data_interval.end;
  const std::vector<Crossings::Period> periods = facts_.crossings.PeriodsOf(dag);
  if (periods.empty())
    return;
  const DagSpec& spec = periods.back().spec;
  const auto counting = facts_.crossings.Ticks(dag, tick - base::Duration(1), tick);
  facts_.Check(
      tick > periods.back().after && counting.size() == 1 && counting.front() == row.data_interval,
      now,
      [&] { return base::Cat("I3: ", dag.str(), " fired at ", InWords(tick)); });
  facts_.Check(*row.logical_date == (spec.by_interval ? row.data_interval.start : tick), now, [&] {
    return base::Cat("I3: ", LabelOf(row.key), " is dated ", InWords(*row.logical_date));
  });
  if (spec.catchup) {
    const auto later = facts_.crossings.Ticks(dag, tick, now - kSoon - facts_.patience.later);
    facts_.Check(spec.catchup_max == 0 || std::ssize(later) < spec.catchup_max, now, [&] {
      return base::Cat("I3: ", dag.str(), " makes up for too old a tick, ", InWords(tick));
    });
    return;
  }
  const base::Time next = tick + base::minutes(spec.every_minutes);
  facts_.Check(
      now < next + kSoon + facts_.patience.later || facts_.crossings.Ticks(dag, tick, next).empty(),
      now,
      [&] { return base::Cat("I3: ", dag.str(), " makes up for ", InWords(tick)); });
  const auto begun_at = facts_.crossings.BegunAt(dag);
  facts_.Check(begun_at && tick > *begun_at - kSoon - facts_.patience.later, now, [&] {
    return base::Cat("I3: ", dag.str(), " fires at ", InWords(tick), ", before it was unpaused");
  });
}

// Its ticks count, have passed, and have not fired.
void FireRules::OnHole(base::Time now, const model::HoleRow& row) {
  const auto [found, is_new] = holes_[row.dag].try_emplace(row.first.end, row);
  const model::HoleRow before = std::exchange(found->second, row);
  const std::string name = base::Cat(row.dag.str(), " at ", InWords(row.first.end));
  if (!is_new) {
    facts_.Check(
        before.last == row.last && before.ticks == row.ticks && before.reason == row.reason,
        now,
        [&] { return base::Cat("I3: the hole of ", name, " is another one"); });
    return;
  }
  const std::vector<Crossings::Period> periods = facts_.crossings.PeriodsOf(row.dag);
  if (periods.empty())
    return;
  const auto ticks =
      facts_.crossings.Ticks(row.dag, row.first.end - base::Duration(1), row.last.end);
  facts_.Check(!ticks.empty() && ticks.front() == row.first && ticks.back() == row.last &&
                   std::ssize(ticks) == row.ticks &&
                   row.last.end <= now + kAhead + facts_.patience.older,
               now,
               [&] { return base::Cat("I3: the hole of ", name, " is not made of its ticks"); });
  for (const base::Interval& interval : ticks)
    facts_.Check(!ticks_.contains({row.dag, interval.end}), now, [&] {
      return base::Cat("I3: the hole of ", name, " has fired at ", InWords(interval.end));
    });
  const DagSpec& spec = periods.back().spec;
  facts_.Check(row.reason == model::HoleReason::kEdited || !spec.catchup || spec.catchup_max > 0,
               now,
               [&] { return base::Cat("I3: ", row.dag.str(), " catches up, and leaves a hole"); });
  facts_.Check(
      row.reason != model::HoleReason::kPaused || ever_paused_.contains(row.dag), now, [&] {
        return base::Cat("I3: ", row.dag.str(), " was never paused, and leaves a hole for it");
      });
}

bool FireRules::IsInHole(const model::DagId& dag, const base::Interval& interval) const {
  const auto holes = holes_.find(dag);
  if (holes == holes_.end())
    return false;
  return std::any_of(holes->second.begin(), holes->second.end(), [&](const auto& item) {
    const model::HoleRow& hole = item.second;
    return interval.start >= hole.first.start && interval.end >= hole.first.end &&
           interval.end <= hole.last.end;
  });
}

bool FireRules::IsFull(const model::DagId& id) const {
  const int64_t open = std::count_if(facts_.runs.begin(), facts_.runs.end(), [&](const auto& item) {
    return item.first.dag == id && item.second.backfill == 0 && !IsTerminal(item.second.state);
  });
  return open >= facts_.versions.at(facts_.current.at(id).back())->max_active_runs;
}

void FireRules::AtEnd(base::Time now) {
  if (facts_.has_loss)
    return;
  for (const auto& [dag, versions] : facts_.current) {
    base::Time decided = base::Time::min();
    for (const auto& [tick, run] : ticks_) {
      if (tick.first == dag)
        decided = std::max(decided, tick.second);
    }
    base::Time dated = base::Time::min();  // the latest logical date of a fire
    for (const auto& [fire, run] : fires_) {
      if (fire.first == dag)
        dated = std::max(dated, fire.second);
    }
    if (const auto holes = holes_.find(dag); holes != holes_.end())
      decided = std::max(decided, holes->second.rbegin()->second.last.end);
    const bool is_stuck = facts_.paused.contains(dag) || facts_.absent_since.contains(dag) ||
                          IsFull(dag) || !facts_.crossings.BegunAt(dag);
    const auto periods = facts_.crossings.PeriodsOf(dag);
    const bool by_interval = !periods.empty() && periods.back().spec.by_interval;
    for (const auto& [key, run] : facts_.runs) {
      if (key.dag == dag && run.type == model::RunType::kBackfill)
        dated = std::max(dated, by_interval ? run.data_interval.start : run.data_interval.end);
    }
    for (const base::Interval& interval : facts_.crossings.Ticks(
             dag, base::Time::min() + kAhead, now - kAhead - facts_.patience.later)) {
      if (is_stuck && interval.end > decided)
        break;
      // After an edit its logical date may be no later than another run's: the next fire makes a
      // hole of it.
      if (by_interval && interval.end > decided && interval.start <= dated)
        continue;
      facts_.Check(ticks_.contains({dag, interval.end}) || IsInHole(dag, interval), now, [&] {
        return base::Cat("I3: ", dag.str(), " did not fire at ", InWords(interval.end));
      });
    }
    CheckFilled(now, dag);
  }
}

void FireRules::CheckFilled(base::Time now, const model::DagId& dag) {
  const auto holes = holes_.find(dag);
  if (holes == holes_.end())
    return;
  for (const auto& [tick, hole] : holes->second) {
    std::multiset<base::Time> filled;
    for (const auto& [key, run] : facts_.runs) {
      const bool is_of_it = key.dag == dag && IsInHole(dag, run.data_interval) &&
                            run.data_interval.end >= hole.first.end &&
                            run.data_interval.end <= hole.last.end;
      if (is_of_it && run.state == model::RunState::kSuccess)
        filled.insert(run.data_interval.end);
    }
    facts_.Check(
        filled == std::multiset<base::Time>(hole.filled.begin(), hole.filled.end()), now, [&] {
          return base::Cat("I3: the hole of ",
                           dag.str(),
                           " at ",
                           InWords(tick),
                           " counts ",
                           hole.filled.size(),
                           " as filled, and ",
                           filled.size(),
                           " are");
        });
  }
}

}  // namespace simulation
