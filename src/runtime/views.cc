#include "runtime/views.h"

#include <algorithm>
#include <utility>

#include "engine/backfill_plan.h"
#include "engine/blockers.h"
#include "engine/conf.h"
#include "engine/kind.h"
#include "engine/missing.h"
#include "engine/schedules.h"
#include "engine/triggers.h"
#include "forecast/deadlines.h"
#include "runtime/core.h"
#include "schedule/blackouts.h"
#include "work/emr/orphans.h"

namespace runtime {

namespace {

std::shared_ptr<const std::map<model::DagId, NextRun>> NextRuns(const engine::State& state) {
  auto next = std::make_shared<std::map<model::DagId, NextRun>>();
  for (const auto& [id, dag] : state.dags) {
    if (const auto& fire = dag.next_fire)
      next->emplace(id, NextRun{fire->run_after, fire->logical_date, fire->data_interval});
  }
  return next;
}

constexpr base::Duration kBlackoutsAhead = base::hours(24 * 7);

std::shared_ptr<const Blackouts> BlackoutsFrom(const engine::State& state, base::Time now) {
  auto found = std::make_shared<Blackouts>();
  for (const auto& [id, dag] : state.dags) {
    if (!dag.timetable)
      continue;
    const std::string_view text = schedule::SplitFilter(dag.plan->dag->schedule.cron).second;
    if (text.empty())
      continue;
    const auto filter = schedule::ParseFilter(text);
    if (!filter)
      continue;
    const schedule::TimeZone& zone = dag.timetable->zone();
    if (const auto closed = schedule::BlackoutFrom(*filter, now, now + kBlackoutsAhead, zone))
      found->emplace(id, *closed);
  }
  return found;
}

// When something of it begins or ends next.
base::Time NextEdge(const Blackouts& blackouts, base::Time now) {
  base::Time next = now + base::hours(1);
  for (const auto& [id, closed] : blackouts) {
    for (const base::Time edge : {closed.start, closed.end}) {
      if (edge > now)
        next = std::min(next, edge);
    }
  }
  return next;
}

// While launching is held, that is what a job waits for, not its turn.
std::vector<Blocker> Blockers(const engine::Engine& engine,
                              const model::JobKey& job,
                              const std::optional<std::string>& held) {
  std::vector<Blocker> out;
  for (const engine::Blocker& blocker : engine::BlockersOf(engine, job)) {
    if (held && blocker.kind == engine::BlockerKind::kTurn)
      out.push_back({"launching_held", *held, blocker.until, {}});
    else
      out.push_back({ToString(blocker.kind), blocker.sentence, blocker.until, blocker.dags});
  }
  return out;
}

// Thousands of queued instances wait for the same, and where each stands is found by passing the
// queue: so many of a mapped job are asked for, and the others show what the last of these does.
constexpr int kQueuedAsked = 20;

std::optional<base::Time> LastAnswer(const Core& core, std::string_view component) {
  const driver::Hints& hints = core.driver->watcher().hints();
  if (component == "emr")
    return core.world->health(driver::Service::kEmr).last_good();
  if (component == "state_table")
    return core.world->health(driver::Service::kDynamoDb).last_good();
  if (component == "event_queue")
    return hints.last_at(driver::HintSource::kQueue);
  if (component == "webhook")
    return hints.last_at(driver::HintSource::kWebhook);
  return std::nullopt;
}

}  // namespace

base::Time Views::Now() const {
  return core_.world->Now();
}

base::Duration Views::ByWall(base::Duration span) const {
  const std::chrono::duration<double, base::Duration::period> scaled =
      std::chrono::duration<double, base::Duration::period>(span) * core_.clock.speed();
  return std::chrono::duration_cast<base::Duration>(scaled);
}

Published Views::Publish() const {
  if (!core_.next_runs)
    core_.next_runs = NextRuns(core_.driver->state());
  const base::Time now = Now();
  if (!core_.blackouts || now >= core_.blackouts_until) {
    core_.blackouts = BlackoutsFrom(core_.driver->state(), now);
    core_.blackouts_until = NextEdge(*core_.blackouts, now);
  }
  return {.now = now,
          .project_dir = core_.options.project_dir,
          .launching_held = core_.driver->WhyHeld(),
          .holds = core_.driver->state().holds.size(),
          .spend_cap_per_day = core_.driver->state().spend_rules.cap_per_day,
          .next_runs = core_.next_runs,
          .blackouts = core_.blackouts,
          .import_errors = core_.import_errors,
          .imported_at = core_.imported_at,
          .keyring = core_.book.keyring(),
          .sent_secrets = core_.filler.sent()};
}

std::optional<std::vector<NextRun>> Views::NextTicks(const model::DagId& dag, int most) const {
  const auto& dags = core_.driver->state().dags;
  const auto found = dags.find(dag);
  if (found == dags.end())
    return std::nullopt;
  std::vector<NextRun> ticks;
  const engine::DagEntry& entry = found->second;
  if (!entry.timetable)
    return ticks;
  const schedule::Window window = engine::WindowOf(entry);
  auto fire = entry.next_fire ? entry.next_fire : entry.timetable->NextIn(window, Now());
  for (; fire && std::ssize(ticks) < most; fire = entry.timetable->NextIn(window, fire->run_after))
    ticks.push_back({fire->run_after, fire->logical_date, fire->data_interval});
  return ticks;
}

JobViews Views::JobsNow(const std::vector<model::JobKey>& jobs) const {
  const engine::State& state = core_.driver->state();
  const std::optional<std::string> held = core_.driver->WhyHeld();
  JobViews views;
  std::map<const engine::Mapped*, std::pair<int, JobView>> queued;
  for (const model::JobKey& key : jobs) {
    const engine::JobInstance* job = FindJob(state, key);
    if (job == nullptr || views.contains(key))
      continue;
    const bool is_alike = job->of != nullptr && job->state == engine::JobState::kQueued;
    if (is_alike && queued[job->of].first >= kQueuedAsked) {
      views.emplace(key, queued[job->of].second);
      continue;
    }
    JobView view{.states = {},
                 .blockers = Blockers(core_.driver->engine(), key, held),
                 .missing = engine::StillMissing(state, *job)};
    for (const model::TaskRow& task : job->tasks)
      view.states.push_back(task.state);
    if (is_alike)
      queued[job->of] = {queued[job->of].first + 1, view};
    views.emplace(key, std::move(view));
  }
  return views;
}

base::Result<RunPreview> Views::PreviewRun(const model::TriggerRun& asked,
                                           size_t offset,
                                           size_t limit) const {
  const engine::Engine& engine = core_.driver->engine();
  ASSIGN_OR_RETURN(engine::Run run, engine::PreviewRun(engine.state(), asked, Now()));
  RunPreview out;
  out.row = run.row;
  out.params = engine::ParamsOf(*run.plan->dag, engine::ConfOf(run.row));
  out.total = run.jobs.size();
  for (size_t i = offset; i < run.jobs.size() && i - offset < limit; ++i) {
    const engine::JobInstance& job = run.jobs[i];
    const bool is_mapped = job.def->map_over.has_value();
    out.jobs.push_back({.key = job.row.key,
                        .type = model::TypeOf(job.def->work),
                        .is_mapped = is_mapped,
                        .request = is_mapped
                                       ? json::object()
                                       : engine::KindOf(engine.kinds(), *job.def)
                                             .Preview(engine.state(), core_.zones, run, job)});
  }
  return out;
}

base::Result<std::vector<model::BackfillTickRow>> Views::PlanBackfill(
    const model::CreateBackfill& asked) const {
  const engine::State& state = core_.driver->state();
  ASSIGN_OR_RETURN(auto ticks, engine::PlanBackfill(state, asked, Now()));
  const engine::DagEntry& dag = state.dags.at(asked.dag);
  for (model::BackfillTickRow& tick : ticks)
    tick.outcome = engine::LeftOut(state, dag, asked.fills_holes, tick);
  return ticks;
}

std::string Views::WhatIsClipped(const model::CreateBackfill& asked) const {
  return engine::WhatIsClipped(core_.driver->state(), asked);
}

HealthView Views::Health() const {
  core_.ReportHealth();
  const driver::Driver& driver = *core_.driver;
  HealthView out{.is_running = !driver.fatal(),
                 .is_stored = !driver.launching_held() && !driver.store_damage(),
                 .heartbeat = core_.heartbeat,
                 .started_at = core_.started_at,
                 .clock_speed = core_.clock.speed(),
                 .epoch = driver.state().identity.epoch,
                 .parts = {}};
  for (const Component& part : core_.health.components())
    out.parts.push_back({part, LastAnswer(core_, part.name)});
  return out;
}

std::vector<SettingsSection> Views::Settings() const {
  return ShownSettings(core_.in_force, core_.region);
}

const model::RecordRow* Views::Record(const model::RecordKey& id) const {
  const auto& records = core_.driver->state().records;
  const auto found = records.find(id);
  return found == records.end() ? nullptr : &found->second;
}

void Views::ReadLogText(const std::string& uri, OnLogText done) const {
  runtime::ReadLogText(core_, uri, std::move(done));
}

void Views::FindStepCause(StepLogs logs, std::string step, OnStepCause done) const {
  runtime::FindStepCause(core_, std::move(logs), std::move(step), std::move(done));
}

std::vector<const model::RecordRow*> Views::Records(model::RecordKind kind) const {
  const auto& records = core_.driver->state().records;
  std::vector<const model::RecordRow*> rows;
  for (auto it = records.lower_bound({kind, ""}); it != records.end() && it->first.kind == kind;
       ++it)
    rows.push_back(&it->second);
  return rows;
}

std::vector<Views::KnownDag> Views::Dags() const {
  std::vector<KnownDag> dags;
  for (const auto& [id, entry] : core_.driver->state().dags)
    dags.push_back({&entry.row, entry.plan->dag.get(), &core_.watch.AccessTo(id)});
  return dags;
}

uint64_t Views::DagsRevision() const {
  return core_.dags_revision;
}

const std::string& Views::deployment() const {
  return core_.driver->state().identity.deployment;
}

OrphansView Views::Orphans() const {
  const driver::Driver& driver = *core_.driver;
  OrphansView out{.clusters = {},
                  .armed = driver.options().emr.reaper.armed,
                  .refusal = driver.emr().reaper_refusal};
  for (work::OrphanView& orphan : work::ListOrphans(driver.emr()))
    out.clusters.push_back(
        {std::move(orphan.row), orphan.kind, orphan.first_seen_at, std::move(orphan.fate)});
  return out;
}

Forecaster Views::Forecast() const {
  constexpr base::Duration kFresh = base::seconds(1);  // wall time
  const base::Time wall = base::Clock::Wall();
  if (core_.estate == nullptr || wall >= core_.estate_at + kFresh || wall < core_.estate_at) {
    core_.estate = forecast::CopyEstate(core_.driver->state(), Now());
    core_.estate_at = wall;
  }
  return core_.ForecastOf(core_.estate);
}

Tail& Views::History() const {
  return *core_.tail;
}

const std::string& Views::webhook_token() const {
  return core_.webhook_token;
}

http::Timer Views::After(base::Duration wall_delay, std::function<void()> fn) const {
  return core_.loop.After(wall_delay, std::move(fn));
}

void Views::Read(ReadPool::Turn turn, ReadPool::Work work, ReadPool::Done done) const {
  core_.reads->Run(turn, std::move(work), std::move(done));
}

}  // namespace runtime
