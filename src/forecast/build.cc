#include "forecast/build.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <queue>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "engine/cross_dag.h"
#include "engine/durations.h"
#include "engine/holds.h"
#include "engine/names.h"
#include "engine/schedules.h"
#include "engine/starts.h"
#include "forecast/caps.h"
#include "model/work.h"

namespace forecast {

namespace {

constexpr int kEnoughSamples = 4;
// Of a mapped job of one run; what more there are changes little but the cost.
constexpr size_t kMostInstances = 1000;
// Of other jobs' lengths, where they stand for one that nothing is known of.
constexpr size_t kMostGuesses = 64;
// Until jobs have shown their spread: as if so many jobs had this one.
constexpr double kGuessedSpread = 0.15;
constexpr double kGuessedJobs = 3;

// FNV-1a: the same on every machine, so a forecast is repeated exactly.
class Seed {
 public:
  Seed& Add(std::string_view text) {
    for (const char c : text)
      value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    value_ = (value_ ^ 0x1f) * 0x100000001b3;
    return *this;
  }
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325;
};

Seconds ToSeconds(base::Duration span) {
  const int64_t seconds = span.count() / 1'000'000;
  return static_cast<Seconds>(std::clamp<int64_t>(seconds, -int64_t{kNever}, kNever));
}

// Once it cannot succeed unless these do.
bool NeedsSuccess(model::TriggerRule rule) {
  using enum model::TriggerRule;
  return rule == kAllSuccess || rule == kNoneFailed || rule == kNoneFailedMinOneSuccess;
}

Past::End EndOf(model::VerdictClass verdict) {
  if (verdict == model::VerdictClass::kSuccess)
    return Past::End::kSuccess;
  return verdict == model::VerdictClass::kApplication ? Past::End::kApplication
                                                      : Past::End::kInfrastructure;
}

class Builder {
 public:
  Builder(const Estate& estate, base::Time horizon) : estate_(estate), caps_(estate, network_) {
    network_.now = estate.now;
    network_.horizon = horizon;
  }
  Network Build() &&;

 private:
  struct Coming {
    schedule::Fire fire;
    const engine::DagEntry* entry;
    int dag;
  };
  // A job of a run of the network, as other DAGs' jobs ask for it.
  using IntervalKey = std::pair<std::string_view, std::pair<base::Time, base::Time>>;

  void AddPools();
  void AddDags();
  void AddLiveRuns();
  void AddComingRuns();
  void AddComing(const Coming& coming);
  int AddRun(Run run);
  // Nodes of a job: what comes before it leads to the first, what follows comes from the last; -1:
  // it has begun, or ended.
  struct Place {
    int first = -1, last = -1;
  };
  int AddNode(int run, Job job);
  Place AddWhole(const model::Job& def, const Job& job, const model::DagId& dag);
  int AddJoin(Job bare, std::vector<int> instances);
  int InstancesOf(const model::DagId& dag, const model::Job& def) const;
  void AddOpenJobs(const Estate::LiveRun& live, int run);
  void AddEdges(const engine::Plan& plan, const std::vector<Place>& places);
  void ConnectDags();
  void Scatter();
  void Connect(int job, const std::vector<model::UpstreamWait>& waits);
  void ConnectLane(int job, const model::UpstreamWait& wait, const model::LaneId& lane);
  std::vector<int> FindJobs(const model::UpstreamWait& wait, const model::LaneId& lane);
  Job MakeJob(const model::Job& def, const model::DagId& dag, int run);
  void TakeState(Job& job, const model::Job& def, const Estate::OpenJob& open) const;
  // Its holds, its pool and what else bounds it.
  void Bound(Job& job, const model::RunRow& run, const engine::Plan& plan, int index);
  std::string WhyStuck(const model::Job& def, const model::DagId& dag) const;
  int PastOf(const model::DagId& dag, const model::Job& def);
  std::optional<Past> MakePast(const model::DagId& dag, const model::Job& def);
  // For a job of the DAG that nothing is known of.
  int GuessFor(const model::DagId& dag);
  // What a success of each job takes, where that is known.
  std::vector<Seconds> LengthsIn(const engine::DagEntry& entry) const;
  engine::JobRef NameOf(const model::DagId& dag, const model::Job& def) const {
    return engine::PresentName(estate_.state, {dag, def.id, def.lane});
  }
  Seconds Until(base::Time time) const { return ToSeconds(time - estate_.now); }

  const Estate& estate_;
  Network network_;
  CapBook caps_;
  std::map<model::PoolId, int> pools_;
  std::map<model::DagId, int> dags_;
  std::unordered_map<const model::Job*, int> pasts_;  // by definition
  std::map<model::DagId, int> guesses_;               // pasts; of a DAG or, by "", of the estate
  // Of runs that others wait for: their open jobs.
  std::map<int, std::map<std::pair<model::JobId, model::LaneId>, int>> open_jobs_;
  std::map<IntervalKey, std::vector<int>> by_interval_;  // runs
  std::vector<std::pair<int, std::vector<model::UpstreamWait>>> waiting_;
};

// Of the lengths of its successes, as a share of their mean.
std::optional<double> SpreadOf(const Past& past) {
  double sum = 0, squares = 0;
  int count = 0;
  for (const Past::Attempt& attempt : past.attempts) {
    if (attempt.end != Past::End::kSuccess)
      continue;
    sum += attempt.took;
    squares += static_cast<double>(attempt.took) * attempt.took;
    ++count;
  }
  if (count < kEnoughSamples || sum <= 0)
    return std::nullopt;
  const double mean = sum / count;
  const double variance = (squares - count * mean * mean) / (count - 1);
  return std::sqrt(std::max(0.0, variance)) / mean;
}

Network Builder::Build() && {
  AddPools();
  AddDags();
  AddLiveRuns();
  AddComingRuns();
  ConnectDags();
  Scatter();
  return std::move(network_);
}

// A mean of n samples is uncertain by sigma / sqrt(n), and n samples drawn again scatter by less
// than they should: together 2 sigma^2 / n are missing. sigma is that of all jobs with enough
// samples, as a share of their means.
void Builder::Scatter() {
  double sum = kGuessedJobs * kGuessedSpread * kGuessedSpread, count = kGuessedJobs;
  for (const Past& past : network_.pasts) {
    const auto spread = past.basis == Basis::kHistory ? SpreadOf(past) : std::nullopt;
    if (spread) {
      sum += *spread * *spread;
      ++count;
    }
  }
  const double variance = sum / count;
  for (Past& past : network_.pasts) {
    const size_t samples = past.attempts.empty() ? 1 : past.attempts.size();
    past.scatter = std::sqrt(2 * variance / static_cast<double>(samples));
  }
}

void Builder::AddPools() {
  for (const auto& [id, pool] : estate_.state.pools) {
    pools_[id] = static_cast<int>(network_.pools.size());
    network_.pools.push_back({id, pool.row.slots});
  }
}

void Builder::AddDags() {
  for (const auto& [id, entry] : estate_.state.dags) {
    dags_[id] = static_cast<int>(network_.dags.size());
    DagRuns& dag = network_.dags.emplace_back();
    dag.dag = id;
    dag.max_active_runs = entry.plan->dag->max_active_runs;
    if (entry.row.is_paused)
      dag.held = base::Cat("the DAG '", id.str(), "' is paused");
    else if (!entry.row.is_active)
      dag.held = base::Cat("the file of the DAG '", id.str(), "' is gone");
  }
}

std::vector<Seconds> Builder::LengthsIn(const engine::DagEntry& entry) const {
  std::vector<Seconds> lengths;
  for (const model::Job& job : entry.plan->dag->jobs) {
    const auto known = model::IsInstant(job.work)
                           ? std::nullopt
                           : engine::TypicalDuration(estate_.state, entry.row.dag, job);
    if (known)
      lengths.push_back(ToSeconds(*known));
  }
  return lengths;
}

// So many of them, evenly taken, that stand for all; the middle one is typical.
Past GuessFrom(std::vector<Seconds> lengths, Basis basis) {
  std::sort(lengths.begin(), lengths.end());
  Past guess{.attempts = {}, .typical = lengths[(lengths.size() - 1) / 2], .basis = basis};
  const size_t count = std::min(lengths.size(), kMostGuesses);
  for (size_t i = 0; i < count; ++i)
    guess.attempts.push_back({lengths[i * lengths.size() / count]});
  return guess;
}

int Builder::GuessFor(const model::DagId& dag) {
  const auto [place, is_new] = guesses_.try_emplace(dag);
  if (!is_new)
    return place->second;
  std::vector<Seconds> lengths;
  for (const auto& [id, entry] : estate_.state.dags) {
    if (!dag.empty() && id != dag)
      continue;
    const std::vector<Seconds> some = LengthsIn(entry);
    lengths.insert(lengths.end(), some.begin(), some.end());
  }
  if (lengths.empty() && !dag.empty())
    return place->second = GuessFor(model::DagId());
  place->second = static_cast<int>(network_.pasts.size());
  network_.pasts.push_back(
      lengths.empty() ? Past()
                      : GuessFrom(std::move(lengths), dag.empty() ? Basis::kEstate : Basis::kDag));
  return place->second;
}

// Nothing where neither its history nor its file tells how long it takes.
std::optional<Past> Builder::MakePast(const model::DagId& dag, const model::Job& def) {
  Past past;
  const auto found = estate_.state.durations.find(NameOf(dag, def));
  if (found != estate_.state.durations.end()) {
    if (const auto median = engine::MedianSuccess(found->second)) {
      for (const model::PastAttempt& attempt : found->second.attempts)
        past.attempts.push_back({ToSeconds(attempt.took), EndOf(attempt.verdict)});
      past.typical = ToSeconds(*median);
      past.basis = Basis::kHistory;
      return past;
    }
  }
  // If it has only failed, what a success would take is not known from that.
  const auto expected = model::ExpectedDuration(def.work);
  if (!expected)
    return std::nullopt;
  past.typical = ToSeconds(*expected);
  past.basis = Basis::kExpected;
  return past;
}

int Builder::PastOf(const model::DagId& dag, const model::Job& def) {
  const auto [place, is_new] = pasts_.try_emplace(&def);
  if (!is_new)
    return place->second;
  if (std::optional<Past> past = MakePast(dag, def)) {
    place->second = static_cast<int>(network_.pasts.size());
    network_.pasts.push_back(*std::move(past));
  } else {
    place->second = GuessFor(dag);
  }
  return place->second;
}

Job Builder::MakeJob(const model::Job& def, const model::DagId& dag, int run) {
  Job job;
  job.job = def.id;
  job.lane = def.lane;
  job.run = run;
  job.retries = def.retries;
  job.infra_retries = def.infra_retries;
  job.retry_delay = ToSeconds(def.retry_delay);
  job.infra_retry_delay = ToSeconds(def.infra_retry_delay);
  job.slots = def.capacity.pool_slots;
  job.needs_success = NeedsSuccess(def.trigger_rule);
  if (!model::IsInstant(def.work)) {
    job.past = PastOf(dag, def);
    const auto pool = model::HoldsSlots(def.work) ? pools_.find(def.pool) : pools_.end();
    if (pool != pools_.end())
      job.pool = pool->second;
  }
  const model::RunKey& key = network_.runs[static_cast<size_t>(run)].key;
  job.seed = Seed()
                 .Add(estate_.state.identity.incarnation)
                 .Add(key.dag.str())
                 .Add(key.run.str())
                 .Add(def.id.str())
                 .Add(def.lane.str())
                 .value();
  return job;
}

void Builder::TakeState(Job& job, const model::Job& def, const Estate::OpenJob& open) const {
  if (open.begun)
    job.begun = std::max(0, -Until(*open.begun));
  job.holds_slot = open.holds_slot && open.begun.has_value();
  if (open.next_try_at)
    job.not_before = std::max(0, Until(*open.next_try_at));
  job.retries = std::max(0, def.retries - open.application_failures);
  job.infra_retries = std::max(0, def.infra_retries - open.infrastructure_failures);
}

// A hold counts as if a person never let go of it: when they will, nobody knows.
std::string Builder::WhyStuck(const model::Job& def, const model::DagId& dag) const {
  const int slots = estate_.state.pools.at(def.pool).row.slots;
  if (const model::HoldRow* hold = engine::HoldOn(estate_.state, dag, def))
    return base::Cat(hold->placed_by,
                     " holds ",
                     model::WhatIsHeld(hold->scope, hold->target),
                     hold->reason.empty() ? "" : base::Cat(" (", hold->reason, ")"));
  if (def.capacity.pool_slots > slots)
    return base::Cat("the pool '",
                     def.pool.str(),
                     "' has ",
                     slots,
                     " slots, and the job takes ",
                     def.capacity.pool_slots);
  return "";
}

void Builder::Bound(Job& job, const model::RunRow& run, const engine::Plan& plan, int index) {
  if (job.pool >= 0 && job.begun < 0)
    job.stuck = WhyStuck(plan.dag->jobs[static_cast<size_t>(index)], run.key.dag);
  caps_.Add(job, run, plan, index);
}

// By job of the plan, where it stands in the network.
void Builder::AddEdges(const engine::Plan& plan, const std::vector<Place>& places) {
  for (size_t i = 0; i < places.size(); ++i) {
    if (places[i].first < 0)
      continue;
    const model::Job& def = plan.dag->jobs[i];
    std::vector<int>& after = network_.jobs[static_cast<size_t>(places[i].first)].after;
    const auto add = [&](int up) {
      if (const int node = places[static_cast<size_t>(up)].last; node >= 0)
        after.push_back(node);
    };
    std::for_each(def.upstream.begin(), def.upstream.end(), add);
    if (def.setups.empty())
      continue;
    std::for_each(def.setups.begin(), def.setups.end(), add);
    std::sort(after.begin(), after.end());
    after.erase(std::unique(after.begin(), after.end()), after.end());
  }
}

int Builder::AddNode(int run, Job job) {
  const auto node = static_cast<int>(network_.jobs.size());
  network_.runs[static_cast<size_t>(run)].jobs.push_back(node);
  network_.jobs.push_back(std::move(job));
  return node;
}

// How many instances it will have: as its file says, else as many as the latest list made.
int Builder::InstancesOf(const model::DagId& dag, const model::Job& def) const {
  size_t count = def.map_over->items.size();
  if (!def.map_over->expression.empty()) {
    const auto found = estate_.state.durations.find(NameOf(dag, def));
    count = found == estate_.state.durations.end()
                ? 1
                : static_cast<size_t>(std::max<int64_t>(found->second.instances, 1));
  }
  return static_cast<int>(std::min(count, kMostInstances));
}

// A job that has not begun; a mapped one with its instances.
Builder::Place Builder::AddWhole(const model::Job& def, const Job& job, const model::DagId& dag) {
  if (!def.map_over) {
    const int node = AddNode(job.run, job);
    return {node, node};
  }
  Job bare = job;
  bare.past = bare.pool = -1;
  bare.index = kBegins;
  const Place place{AddNode(job.run, bare), 0};
  std::vector<int> instances;
  for (int i = 0; i < InstancesOf(dag, def); ++i) {
    Job instance = job;
    instance.index = i;
    instance.seed = Seed().Add(base::Cat(job.seed, "[", i, "]")).value();
    instance.after = {place.first};
    instance.needs_success = true;
    instances.push_back(AddNode(job.run, std::move(instance)));
  }
  return {place.first, AddJoin(bare, std::move(instances))};
}

// Behind the instances of a mapped job.
int Builder::AddJoin(Job bare, std::vector<int> instances) {
  bare.past = bare.pool = -1;
  bare.index = -1;
  bare.after = std::move(instances);
  bare.needs_success = true;
  return AddNode(bare.run, std::move(bare));
}

int Builder::AddRun(Run run) {
  const auto id = static_cast<int>(network_.runs.size());
  const auto dag = static_cast<size_t>(run.dag);
  by_interval_[{network_.dags[dag].dag.str(), {run.data_interval.start, run.data_interval.end}}]
      .push_back(id);
  network_.dags[dag].runs.push_back(id);
  network_.runs.push_back(std::move(run));
  return id;
}

void Builder::AddLiveRuns() {
  for (const Estate::LiveRun& live : estate_.runs) {
    Run run;
    run.key = live.row.key;
    run.dag = dags_.at(live.row.key.dag);
    run.data_interval = live.row.data_interval;
    run.logical_date = live.row.logical_date;
    run.run_after = live.row.run_after;
    run.queued_at = live.row.queued_at;
    run.has_started = live.row.state == model::RunState::kRunning;
    if (!run.has_started)
      run.not_before = std::max(0, Until(run.run_after));
    const int id = AddRun(std::move(run));
    AddOpenJobs(live, id);
  }
}

void Builder::AddOpenJobs(const Estate::LiveRun& live, int run) {
  std::vector<Place> places(live.plan->dag->jobs.size());
  std::map<int, std::vector<int>> instances;  // of mapped jobs, by place in the plan
  for (const Estate::OpenJob& open : live.jobs) {
    const model::Job& def = live.plan->dag->jobs[static_cast<size_t>(open.index)];
    Job job = MakeJob(def, live.row.key.dag, run);
    job.weight = live.plan->weights[static_cast<size_t>(open.index)];
    if (open.state == engine::JobState::kMapped) {
      instances[open.index];
      continue;
    }
    TakeState(job, def, open);
    Bound(job, live.row, *live.plan, open.index);
    if (open.map_index >= 0) {
      job.index = open.map_index;
      job.seed = Seed().Add(base::Cat(job.seed, "[", open.map_index, "]")).value();
      instances[open.index].push_back(AddNode(run, std::move(job)));
      continue;
    }
    Place& place = places[static_cast<size_t>(open.index)];
    place = open.state == engine::JobState::kNone || open.state == engine::JobState::kRestarting
                ? AddWhole(def, job, live.row.key.dag)
                : Place{AddNode(run, job), 0};
    place.last = std::max(place.last, place.first);
    if (!open.waits.empty())
      waiting_.emplace_back(place.first, open.waits);
  }
  for (auto& [index, nodes] : instances) {
    const model::Job& def = live.plan->dag->jobs[static_cast<size_t>(index)];
    places[static_cast<size_t>(index)].last =
        AddJoin(MakeJob(def, live.row.key.dag, run), std::move(nodes));
  }
  AddEdges(*live.plan, places);
}

void Builder::AddComingRuns() {
  const auto is_later = [](const Coming& a, const Coming& b) {
    return std::tie(a.fire.run_after, a.dag) > std::tie(b.fire.run_after, b.dag);
  };
  std::priority_queue<Coming, std::vector<Coming>, decltype(is_later)> next(is_later);
  for (const auto& [id, entry] : estate_.state.dags) {
    if (entry.next_fire && entry.next_fire->run_after <= network_.horizon)
      next.push({*entry.next_fire, &entry, dags_.at(id)});
  }
  for (size_t count = 0; !next.empty(); ++count) {
    if (count == kMostComingRuns) {
      network_.is_cut = true;
      return;
    }
    const Coming coming = next.top();
    next.pop();
    AddComing(coming);
    const auto& timetable = coming.entry->timetable;  // none: @continuous, its next run alone
    if (!coming.entry->timetable)
      continue;  // it begins when the run before has ended: only the next one is known
    const auto after =
        timetable ? timetable->NextIn(engine::WindowOf(*coming.entry), coming.fire.run_after)
                  : std::nullopt;
    if (after && after->run_after <= network_.horizon)
      next.push({*after, coming.entry, coming.dag});
  }
}

void Builder::AddComing(const Coming& coming) {
  const engine::Plan& plan = *coming.entry->plan;
  const model::DagId& dag = coming.entry->row.dag;
  Run run;
  run.key = {dag, model::RunId("scheduled__" + base::FormatIso(coming.fire.logical_date))};
  run.dag = coming.dag;
  run.data_interval = coming.fire.data_interval;
  run.logical_date = coming.fire.logical_date;
  run.run_after = coming.fire.run_after + engine::JitterOf(*plan.dag, coming.fire.logical_date);
  run.not_before = std::max(0, Until(run.run_after));
  model::RunRow row;  // as far as a job's limits go by it
  row.key = run.key;
  const int id = AddRun(std::move(run));
  std::vector<Place> places(plan.dag->jobs.size());
  for (size_t i = 0; i < plan.dag->jobs.size(); ++i) {
    const model::Job& def = plan.dag->jobs[i];
    Job job = MakeJob(def, dag, id);
    job.weight = plan.weights[i];
    Bound(job, row, plan, static_cast<int>(i));
    places[i] = AddWhole(def, job, dag);
    if (!def.cross.empty())
      waiting_.emplace_back(
          places[i].first,
          engine::ResolveWaits(estate_.state, dag, def, coming.fire.data_interval));
  }
  AddEdges(plan, places);
}

void Builder::ConnectDags() {
  for (const auto& [job, waits] : waiting_)
    Connect(job, waits);
}

void Builder::Connect(int job, const std::vector<model::UpstreamWait>& waits) {
  for (const model::UpstreamWait& wait : waits) {
    if (engine::IsOver(estate_.state, wait))
      continue;
    for (const model::LaneId& lane : engine::MissingLanes(estate_.state, wait))
      ConnectLane(job, wait, lane);
  }
}

void Builder::ConnectLane(int id, const model::UpstreamWait& wait, const model::LaneId& lane) {
  Job& job = network_.jobs[static_cast<size_t>(id)];
  const std::vector<int> ups = FindJobs(wait, lane);
  job.after_success.insert(job.after_success.end(), ups.begin(), ups.end());
  if (!ups.empty())
    return;
  const std::string name = wait.job.empty()
                               ? base::Cat("the run of ", wait.dag.str())
                               : base::Cat(wait.dag.str(), "/", DisplayName(wait.job, lane));
  job.stuck = !wait.interval ? base::Cat("it waits for ", name, ", and no run of it is to come")
                             : base::Cat("it waits for ",
                                         name,
                                         " of [",
                                         base::FormatRfc3339(wait.interval->start),
                                         ", ",
                                         base::FormatRfc3339(wait.interval->end),
                                         "), and no such run is live or due before the horizon");
}

// In the first run of that data interval whose job has not ended; of a whole run all its jobs.
std::vector<int> Builder::FindJobs(const model::UpstreamWait& wait, const model::LaneId& lane) {
  if (!wait.interval)
    return {};
  const auto runs = by_interval_.find({wait.dag.str(), {wait.interval->start, wait.interval->end}});
  if (runs == by_interval_.end())
    return {};
  for (int run : runs->second) {
    if (wait.job.empty())
      return network_.runs[static_cast<size_t>(run)].jobs;
    const auto [open, is_new] = open_jobs_.try_emplace(run);
    if (is_new) {
      for (int id : network_.runs[static_cast<size_t>(run)].jobs) {
        const Job& job = network_.jobs[static_cast<size_t>(id)];
        const engine::JobRef name =
            engine::PresentName(estate_.state, {wait.dag, job.job, job.lane});
        if (job.index == -1)
          open->second[{name.job, name.lane}] = id;
      }
    }
    if (const auto found = open->second.find({wait.job, lane}); found != open->second.end())
      return {found->second};
  }
  return {};
}

}  // namespace

Network BuildNetwork(const Estate& estate, base::Time horizon) {
  return Builder(estate, horizon).Build();
}

}  // namespace forecast
