#include "simulation/rules/capacity_shadow.h"

#include <algorithm>
#include <functional>
#include <type_traits>

#include "base/json_text.h"
#include "base/text.h"
#include "simulation/rules/hold_rules.h"

namespace simulation {

namespace {

using Ranks = CapacityShadow::Ranks;

// The jobs that can be reached from one by the edges, itself among them.
void Reach(const std::vector<std::set<int>>& edges, int from, std::set<int>& reached) {
  if (!reached.insert(from).second)
    return;
  for (int next : edges[static_cast<size_t>(from)])
    Reach(edges, next, reached);
}

int64_t SumOf(const model::Dag& dag, const std::vector<std::set<int>>& edges, int from) {
  std::set<int> reached;
  Reach(edges, from, reached);
  int64_t sum = 0;
  for (int job : reached)
    sum += dag.jobs[static_cast<size_t>(job)].capacity.priority_weight;
  return sum;
}

Ranks RankJobs(std::shared_ptr<const model::Dag> dag) {
  Ranks ranks;
  std::vector<std::set<int>> above(dag->jobs.size()), below(dag->jobs.size());
  for (size_t i = 0; i < dag->jobs.size(); ++i) {
    for (int up : dag->jobs[i].upstream) {
      above[i].insert(up);
      below[static_cast<size_t>(up)].insert(static_cast<int>(i));
    }
  }
  for (size_t i = 0; i < dag->jobs.size(); ++i) {
    const model::Job& job = dag->jobs[i];
    const auto place = static_cast<int>(i);
    const bool is_down = job.capacity.weight_rule == model::WeightRule::kDownstream;
    ranks.places[{job.id, job.lane}] = place;
    ranks.weights.push_back(job.capacity.weight_rule == model::WeightRule::kAbsolute
                                ? job.capacity.priority_weight
                                : SumOf(*dag, is_down ? below : above, place));
  }
  ranks.dag = std::move(dag);
  return ranks;
}

}  // namespace

void CapacityShadow::TakeBatch(const std::vector<model::Change>& batch,
                               std::vector<Turn>& turns,
                               std::vector<Returned>& returned,
                               std::map<model::JobKey, std::string>& wrong) {
  turns_ = &turns;
  returned_ = &returned;
  for (const model::Change& change : batch) {
    std::visit(
        [this](const auto& row) {
          if constexpr (requires { this->Take(row); })
            this->Take(row);
          else if constexpr (requires { this->Take(*row); })
            this->Take(*row);
        },
        change);
  }
  for (const auto& [key, since] : std::exchange(since_, {})) {
    Job& job = jobs_[key];
    job.slots_since = since;
    if (since.has_value() == job.live.empty())
      wrong[key] =
          since ? "holds slots by its row alone" : "holds slots, and its row does not say so";
  }
  for (const auto& [key, since] : std::exchange(begun_, {})) {
    if (const auto& said = jobs_[key].slots_since; said != since)
      wrong[key] = base::Cat("holds slots since ",
                             base::FormatRfc3339(since),
                             ", its row says ",
                             said ? base::FormatRfc3339(*said) : "nothing");
  }
}

void CapacityShadow::Take(const model::RunRow& row) {
  runs_[row.key] = {row.version, row.type == model::RunType::kBackfill, row.conf};
}

void CapacityShadow::Take(const model::DagVersionRow& row) {
  if (!versions_.contains(row.version))
    versions_[row.version] = RankJobs(stored_->Share(row.version));
}

void CapacityShadow::Take(const model::LimitRow& row) {
  std::erase_if(limits_, [&](const model::JobLimit& other) {
    return other.by == row.limit.by && other.tag == row.limit.tag &&
           other.market == row.limit.market;
  });
  if (row.limit.max > 0 || row.limit.max_vcpus > 0)
    limits_.push_back(row.limit);
}

void CapacityShadow::Take(const model::LaunchRow& row) {
  Job& job = jobs_[row.attempt.job];
  const bool is_open =
      row.state == model::LaunchState::kIntent || row.state == model::LaunchState::kUnknown;
  by_token_[row.token.str()] = row.attempt.job;
  const bool is_new = seen_.insert(row.token.str()).second;
  if (is_new && is_open) {
    turns_->push_back({row.attempt.job, row.token.str(), row.created_at});
    if (job.live.empty())
      begun_[row.attempt.job] = row.created_at;
  }
  if (is_open) {
    job.live.insert(row.token.str());
    return;
  }
  // Its cluster holds the slots from now on; its row is in the same batch.
  if (!row.cluster.empty() && seen_.insert(row.cluster.str()).second)
    job.live.insert(row.cluster.str());
  Release(row.attempt.job, job, row.token.str());
}

void CapacityShadow::Take(const model::ClusterRow& row) {
  if (!row.attempt)
    return;
  clusters_[row.id] = row;
  Job& job = jobs_[row.attempt->job];
  if (IsTerminal(row.phase)) {
    seen_.insert(row.id.str());
    Release(row.attempt->job, job, row.id.str());
    return;
  }
  seen_.insert(row.id.str());
  job.live.insert(row.id.str());
}

void CapacityShadow::Take(const model::ProcessRow& row) {
  const model::JobKey& key = row.key.job;
  Job& job = jobs_[key];
  const std::string token = "process " + row.token.str();
  const bool is_new = seen_.insert(token).second;
  if (!IsLive(row)) {
    Release(key, job, token);
    return;
  }
  if (is_new) {
    turns_->push_back({key, token, row.wanted_at});
    if (job.live.empty())
      begun_[key] = row.wanted_at;
  }
  job.live.insert(token);
}

void CapacityShadow::Release(const model::JobKey& key, Job& job, const std::string& what) {
  if (job.live.erase(what) == 0 || !job.live.empty() || !job.slots_since)
    return;
  if (const model::Job* def = DefOf(key))
    returned_->push_back({key.run.dag, def->capacity.pool_slots, *job.slots_since});
}

bool CapacityShadow::IsQueued(const Job& job) const {
  const auto first = job.tasks.find(0);
  return first != job.tasks.end() && first->second.state == model::TaskState::kQueued;
}

const Ranks* CapacityShadow::RanksOf(const model::RunKey& run) const {
  const auto known = runs_.find(run);
  if (known == runs_.end())
    return nullptr;
  const auto version = versions_.find(known->second.version);
  return version == versions_.end() ? nullptr : &version->second;
}

int CapacityShadow::PlaceOf(const model::JobKey& key) const {
  const Ranks* ranks = RanksOf(key.run);
  if (ranks == nullptr)
    return -1;
  const auto place = ranks->places.find({key.job, key.lane});
  return place == ranks->places.end() ? -1 : place->second;
}

const model::Job* CapacityShadow::DefOf(const model::JobKey& key) const {
  const int place = PlaceOf(key);
  return place < 0 ? nullptr : &RanksOf(key.run)->dag->jobs[static_cast<size_t>(place)];
}

const model::Dag* CapacityShadow::CurrentOf(const model::DagId& dag) const {
  const auto row = dags_.find(dag);
  if (row == dags_.end())
    return nullptr;
  const auto version = versions_.find(row->second.version);
  return version == versions_.end() ? nullptr : version->second.dag.get();
}

double CapacityShadow::TakesOf(const model::DagId& dag, const model::Job& job) const {
  const bool takes_time = model::EmrOf(job) != nullptr || model::CommandOf(job) != nullptr ||
                          (model::TriggerOf(job) != nullptr && model::TriggerOf(job)->waits);
  if (!takes_time)
    return 0;
  std::multiset<base::Duration> good;
  if (const auto row = took_.find({dag, job.id, job.lane}); row != took_.end()) {
    for (const model::PastAttempt& past : row->second.attempts) {
      if (past.verdict == model::VerdictClass::kSuccess)
        good.insert(past.took);
    }
  }
  // Half of them are longer, and as many or one less are shorter.
  while (good.size() > 2) {
    good.erase(good.begin());
    good.erase(std::prev(good.end()));
  }
  if (!good.empty())
    return static_cast<double>(good.begin()->count()) / 1e6;
  const auto expected = model::ExpectedDuration(job.work);
  return static_cast<double>(expected.value_or(base::minutes(30)).count()) / 1e6;
}

double CapacityShadow::WayOf(const model::JobKey& key) const {
  const Ranks& ranks = *RanksOf(key.run);
  std::map<int, double> known;
  const std::function<double(int)> way = [&](int place) {
    if (const auto found = known.find(place); found != known.end())
      return found->second;
    double longest = 0;
    for (size_t i = 0; i < ranks.dag->jobs.size(); ++i) {
      const std::vector<int>& above = ranks.dag->jobs[i].upstream;
      if (std::ranges::find(above, place) != above.end())
        longest = std::max(longest, way(static_cast<int>(i)));
    }
    const model::Job& job = ranks.dag->jobs[static_cast<size_t>(place)];
    return known[place] = longest + TakesOf(key.run.dag, job);
  };
  return way(PlaceOf(key));
}

bool CapacityShadow::IsStopped(const model::JobKey& key) const {
  const auto row = dags_.find(key.run.dag);
  return row == dags_.end() || row->second.is_paused || IsHeld(key);
}

bool CapacityShadow::IsHeld(const model::JobKey& key) const {
  const model::Job* def = DefOf(key);
  const model::Dag* dag = CurrentOf(key.run.dag);
  return std::ranges::any_of(
      holds_, [&](const auto& item) { return Names(item.second, key.run.dag, def, dag); });
}

void CapacityShadow::Take(const model::HoldRow& row) {
  if (row.released_at)
    holds_.erase(row.id);
  else
    holds_[row.id] = row;
}

// Of the few expressions that are drawn.
std::optional<std::string> CapacityShadow::ValueOf(const std::string& by,
                                                   const model::JobKey& key) const {
  const auto if_any = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
  };
  if (by == "dag_id")
    return key.run.dag.str();
  if (by == "job_id")
    return key.job.str();
  if (by == "pool")
    return DefOf(key)->pool.str();
  if (by == "lane.id")
    return if_any(key.lane.str());
  if (by != "params.off")
    return std::nullopt;
  const auto conf = base::ParseJson(runs_.at(key.run).conf);
  if (conf && conf->is_object() && conf->get_object().contains("off"))
    return base::Serialize(conf->get_object().at("off"));
  const json::object& params = RanksOf(key.run)->dag->params;
  return params.contains("off") ? std::optional(base::Serialize(params.at("off"))) : std::nullopt;
}

std::map<std::string, CapacityShadow::Bound> CapacityShadow::LimitsOf(
    const model::JobKey& key) const {
  std::map<std::string, Bound> found;
  const model::Dag* dag = CurrentOf(key.run.dag);
  if (dag == nullptr || DefOf(key) == nullptr)
    return found;
  const auto take = [&](const std::string& scope, const model::JobLimit& limit) {
    std::string what;
    if (!limit.tag.empty()) {
      if (std::ranges::find(dag->tags, limit.tag) == dag->tags.end())
        return;
      what = base::Cat("tag ", limit.tag);
    } else if (!limit.by.empty()) {
      const auto value = ValueOf(limit.by, key);
      if (!value)
        return;
      what = base::Cat(limit.by, " = ", *value);
    }
    found[base::Cat(what, " (", ToString(limit.market), ") in ", scope)] = {
        limit.max, limit.max_vcpus, limit.market};
  };
  for (const model::JobLimit& limit : limits_)
    take("the project", limit);
  for (const model::JobLimit& limit : dag->limits)
    take(dag->id.str(), limit);
  return found;
}

// Of an engine that has seen no event yet it is no day at all: nothing is spent on it.
CapacityShadow::Spent CapacityShadow::CountSpent(base::Time at) const {
  const base::Time midnight = std::chrono::floor<std::chrono::days>(at);
  const auto hours = [](base::Duration span) {
    return std::max(0.0, static_cast<double>(span.count()) / 3.6e9);
  };
  Spent spent;
  for (const auto& [id, row] : clusters_) {
    if (!row.micro_usd_per_hour || !row.created_at)
      continue;
    base::Time until = at;
    if (IsTerminal(row.phase)) {
      until = row.phase_seen_at;
      if (row.ended_at && *row.ended_at >= *row.created_at && *row.ended_at <= until)
        until = *row.ended_at;
    }
    const double hour = static_cast<double>(*row.micro_usd_per_hour) / 1e6;
    const model::RunKey& run = row.attempt->job.run;
    spent.of_run[run] += hour * hours(until - *row.created_at);
    const base::Time end = std::min(until, midnight + std::chrono::days(1));
    const double today = hour * hours(end - std::max(*row.created_at, midnight));
    spent.of_dag[run.dag] += today;
    spent.of_all += today;
  }
  return spent;
}

std::optional<double> CapacityShadow::CapPerDay() const {
  if (!spend_rules_.cap_per_day)
    return std::nullopt;
  return static_cast<double>(*spend_rules_.cap_per_day) / 1e6;
}

const model::JobKey* CapacityShadow::JobOfToken(std::string_view token) const {
  const auto found = by_token_.find(token);
  return found == by_token_.end() ? nullptr : &found->second;
}

}  // namespace simulation
