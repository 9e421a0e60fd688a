#include "simulation/week.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "engine/schedules.h"
#include "model/dag_json.h"
#include "simulation/disk.h"
#include "simulation/machine.h"
#include "simulation/network.h"
#include "simulation/rules/checks.h"
#include "store/memory_store.h"

namespace simulation {

namespace {

constexpr char kIncarnation[] = "0123456789abcdef0123456789abcdef";
// How much of the past is written: longer than a week and its dependencies look back.
constexpr base::Duration kPast = base::hours(24 * 9);
constexpr size_t kFewestFires = 2;
// How long the runs of the week may take to end after it.
constexpr base::Duration kAfterwards = base::hours(24 * 14);
constexpr int kAskEngineEvery = 500;

// The DAG as it is, but for its schedule, which began long ago and ends with the week, and its
// pause.
std::shared_ptr<const model::Dag> Bounded(const model::Dag& dag, base::Time start, base::Time end) {
  auto out = std::make_shared<model::Dag>(dag);
  out->is_paused_upon_creation = false;
  if (out->start_date && *out->start_date <= start)
    out->start_date.reset();  // it has run for long
  out->end_date = dag.end_date ? std::min(*dag.end_date, end) : end;
  out->version = model::ComputeVersion(*out);
  return out;
}

std::vector<schedule::Fire> FiresBefore(const schedule::Timetable& timetable, base::Time start) {
  std::vector<schedule::Fire> fires;
  for (auto fire = timetable.Prev(start);
       fire && (fires.size() < kFewestFires || fire->run_after >= start - kPast);
       fire = timetable.Prev(fire->run_after))
    fires.push_back(*fire);
  std::reverse(fires.begin(), fires.end());
  return fires;
}

std::vector<model::Change> PastRun(const model::Dag& dag, const schedule::Fire& fire) {
  model::RunRow run;
  run.key = {dag.id, model::RunId("scheduled__" + base::FormatIso(fire.logical_date))};
  run.version = dag.version;
  run.state = model::RunState::kSuccess;
  run.logical_date = fire.logical_date;
  run.data_interval = fire.data_interval;
  run.run_after = run.queued_at = fire.run_after;
  run.start_date = run.end_date = fire.run_after;
  std::vector<model::Change> rows = {run};
  for (const model::Job& job : dag.jobs) {
    for (size_t task = 0; task < model::TaskCount(job); ++task)
      rows.emplace_back(model::TaskRow{{run.key, job.id, job.lane},
                                       static_cast<int>(task),
                                       model::TaskState::kSuccess,
                                       0,
                                       {},
                                       fire.run_after,
                                       fire.run_after});
  }
  return rows;
}

void WriteThePast(store::Store& rows,
                  const std::vector<std::shared_ptr<const model::Dag>>& dags,
                  const schedule::ZoneSet& zones,
                  base::Time start) {
  const int64_t epoch = rows.Load(start)->identity.epoch;
  auto commit = [&](const std::vector<model::Change>& batch) {
    CHECK(rows.Commit(batch, epoch).outcome == store::CommitResult::Outcome::kOk);
  };
  for (const auto& dag : dags) {
    const auto timetable = engine::TimetableOf(*dag, zones);
    CHECK(timetable.has_value());
    model::DagRow row{.dag = dag->id,
                      .version = dag->version,
                      .fileloc = dag->fileloc,
                      .is_paused = false,
                      .is_active = true,
                      .first_seen = start,
                      .scheduled_until = start - base::Duration(1)};
    commit({model::DagVersionRow{
        dag->version, dag->id, base::Canonical(model::DagToJson(*dag)), start}});
    if (*timetable) {
      for (const schedule::Fire& fire : FiresBefore(**timetable, start)) {
        commit(PastRun(*dag, fire));
        row.last_logical_date = fire.logical_date;
        row.first_seen = std::min(row.first_seen, fire.data_interval.start);
      }
    }
    commit({row});
  }
}

// How many clusters are up, over time.
class Crowd : public Witness {
 public:
  Crowd(const Ledger& ledger, base::Time start, base::Time end)
      : ledger_(ledger), end_(end), seen_at_(start) {}

  void OnTurn(base::Time now) override {
    const base::Time until = std::min(now, end_);
    if (up_ > 20 && until > seen_at_)
      over_20_ += until - seen_at_;
    seen_at_ = std::max(seen_at_, until);
    up_ = ledger_.live().size();
    most_ = std::max(most_, up_);
  }
  size_t most() const { return most_; }
  base::Duration over_20() const { return over_20_; }

 private:
  const Ledger& ledger_;
  const base::Time end_;
  base::Time seen_at_;
  size_t up_ = 0;
  size_t most_ = 0;
  base::Duration over_20_{0};
};

class Lookout : public Actor {
 public:
  Lookout(Machine& machine, const WeekOptions& options)
      : machine_(machine), options_(options), next_(options.start + options.look_every) {}

  std::optional<base::Time> NextDue() const override {
    return options_.look && next_ <= options_.start + options_.length ? std::optional(next_)
                                                                      : std::nullopt;
  }
  void OnTime(base::Time now) override {
    if (!NextDue() || now < next_)
      return;
    next_ += options_.look_every;
    if (machine_.Lives())
      options_.look(machine_.driver().state(), now);
  }

 private:
  Machine& machine_;
  const WeekOptions& options_;
  base::Time next_;
};

}  // namespace

WeekReport PlayWeek(const WeekOptions& options, const schedule::ZoneSet& zones) {
  const base::Time end = options.start + options.length;
  Project project{{}, options.pools, options.limits, options.spend_rules};
  for (const auto& dag : options.dags)
    project.dags.push_back(Bounded(*dag, options.start, end));
  store::MemoryStore rows({options.deployment, kIncarnation, 0});
  WriteThePast(rows, project.dags, zones, options.start);
  const int64_t past_runs = rows.reader().Runs({.limit = 0})->total;

  Clock clock(options.start);
  emulator::Emulator emr(options.emr);
  Effects effects;
  Witnesses witnesses;
  Network network(clock, emr, effects, witnesses);
  Disk disk(clock, effects, witnesses, rows);
  Ledger ledger(emr,
                base::Cat("sbx-", options.deployment, "-", std::string_view(kIncarnation, 6), "-"));
  Checks checks(emr, ledger, {});
  Crowd crowd(ledger, options.start, end);
  witnesses.Add(&checks);
  witnesses.Add(&crowd);
  Machine machine(clock, emr, effects, network, disk, witnesses, zones, options.driver);
  checks.OnProject(clock.Now(), project.dags);
  checks.AlsoAsk([&] { return machine.Lives() ? &machine.driver().engine() : nullptr; },
                 kAskEngineEvery);
  Lookout lookout(machine, options);
  machine.Add(&lookout);
  machine.SetProject(project);
  machine.Run(end + kAfterwards, [&] {
    const engine::State& state = machine.driver().state();
    return !checks.ok() || (clock.Now() > end && state.runs.empty() && ledger.live().empty());
  });
  if (checks.ok())
    checks.AtEnd(clock.Now(), clock.Now() < end + kAfterwards);

  WeekReport report;
  report.breaches = checks.breaches();
  if (options.at_end)
    options.at_end(rows.reader());
  if (machine.fatal())
    report.breaches.push_back(*machine.fatal());
  report.runs = rows.reader().Runs({.limit = 0})->total - past_runs;
  report.failed_runs =
      rows.reader().Runs({.states = {model::RunState::kFailed}, .limit = 0})->total;
  report.clusters = checks.launches();
  report.calls = network.calls();
  report.throttled = checks.throttled();
  report.most_clusters = crowd.most();
  report.share_over_20 =
      static_cast<double>(crowd.over_20().count()) / static_cast<double>(options.length.count());
  report.ended_at = clock.Now();
  report.bill = ledger.Count(clock.Now());
  return report;
}

}  // namespace simulation
