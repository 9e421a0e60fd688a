// Every interleaving, to a bounded depth, of what EMR answers and what people do to two jobs, and
// to a group that is tried again: launch replies, looks at clusters, the passing of time, clear,
// mark, abort, kill. A third one has less of EMR and more of people: skip, hold and release, pause,
// and a backfill that is paused and cancelled. After every event the engine's invariants hold
// (among them: no live cluster without an open attempt or a terminate), an engine loaded from the
// store knows the same, and from every state reached the run can be brought to its end. States that
// were reached before are not gone on from.

#include <deque>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

#include "base/text.h"
#include "engine/backfills.h"
#include "engine/engine.h"
#include "engine/invariants.h"
#include "engine/state.h"
#include "engine/turn.h"
#include "model/dag_json.h"
#include "store/memory_store.h"
#include "work/kinds.h"

namespace {

using model::ClusterPhase;
using model::LaunchState;
using Body = decltype(model::Event::body);

const model::RunKey kRun{model::DagId("d"), model::RunId("r")};
const model::JobKey kFirst{kRun, model::JobId("a"), {}};
using DagPtr = std::shared_ptr<const model::Dag>;

struct Move {
  std::string name;
  Body body;
};

std::shared_ptr<model::Dag> Jobs(const std::vector<std::string>& ids, int retries) {
  auto dag = std::make_shared<model::Dag>();
  dag->id = kRun.dag;
  dag->is_paused_upon_creation = false;
  for (const std::string& id : ids) {
    model::Job& job = dag->jobs.emplace_back();
    job.id = model::JobId(id);
    job.retries = job.infra_retries = retries;
    job.work = model::EmrWork{
        .request = json::object{
            {"ReleaseLabel", "emr-7.8.0"},
            {"Instances",
             json::object{{"MasterInstanceType", "m5.xlarge"}, {"InstanceCount", 1}}}}};
  }
  return dag;
}

DagPtr TwoJobs() {
  auto dag = Jobs({"a", "b"}, 1);
  dag->jobs[1].upstream = {0};
  dag->version = model::ComputeVersion(*dag);
  return dag;
}

// Two jobs are tried again together, and a third one waits for one of them.
DagPtr AGroupAndWhatFollows() {
  auto dag = Jobs({"a", "b", "c"}, 0);
  dag->groups = {{.path = "g", .retries = 1}};
  dag->jobs[0].group = dag->jobs[1].group = "g";
  dag->jobs[2].upstream = {1};
  dag->version = model::ComputeVersion(*dag);
  return dag;
}

// Two jobs with a schedule that has two ticks: the first becomes a hole, which a backfill may fill.
DagPtr TwoJobsOfASchedule() {
  auto dag = Jobs({"a", "b"}, 0);
  dag->jobs[1].upstream = {0};
  dag->schedule.cron = "0 0 * * *";
  dag->start_date = base::ParseTime("2026-01-04T00:00:00Z").value();
  dag->end_date = base::ParseTime("2026-01-05T00:00:00Z").value();
  dag->version = model::ComputeVersion(*dag);
  return dag;
}

enum class Menu { kEmr, kPeople };

// One life: an engine, its store and the time.
class Life {
 public:
  Life(const DagPtr& dag, Menu menu) : menu_(menu) {
    engine_ =
        engine::Engine::Create({}, zones_, work::MakeKinds({}), *store_.Load(base::Time{})).value();
    Play({"load", model::ProjectLoaded{{dag}, {}}});
    Play({"trigger", model::TriggerRun{kRun.dag, kRun.run, {}, {}, "ada"}});
    Play({"turn", model::Turns{9}});
  }

  const engine::Engine& engine() const { return *engine_; }
  const engine::State& state() const { return engine_->state(); }
  const work::EmrState& emr() const { return work::EmrOf(*engine_); }
  base::Time now() const { return now_; }

  void Play(const Move& move) {
    now_ += move.name == "later" ? base::minutes(30) : base::seconds(1);
    engine::Changes changes = engine_->Apply({now_, move.body});
    if (!changes.rows.empty()) {
      store::CommitResult commit = store_.Commit(changes.rows, state().identity.epoch);
      ASSERT_EQ(commit.outcome, store::CommitResult::Outcome::kOk) << commit.reason;
    }
  }

  // What an engine that is loaded now would know, said like Fingerprint().
  std::string FingerprintOfStore() {
    auto reloaded =
        engine::Engine::Create({}, zones_, work::MakeKinds({}), *store_.Reload(base::Time{}));
    return Fingerprint((*reloaded)->state(), work::EmrOf(**reloaded));
  }
  std::string Fingerprint() const { return Fingerprint(state(), emr()); }
  std::shared_ptr<const model::Snapshot> RunRows() {
    auto rows = store::ReadRun(store_.reader(), kRun);
    return rows ? std::make_shared<const model::Snapshot>(std::move(*rows)) : nullptr;
  }

  // Everything that may happen now.
  std::vector<Move> Moves() {
    std::vector<Move> moves = {{"later", model::Tick{}}, {"turn", model::Turns{9}}};
    if (menu_ == Menu::kPeople)
      AddPeoplesMoves(moves);
    if (auto take = NextOfBackfill())
      moves.push_back(std::move(*take));
    for (const auto& [token, launch] : emr().launches)
      AddLaunchMoves(launch, moves);
    for (const auto& [id, cluster] : emr().clusters)
      AddClusterMoves(cluster, moves);
    std::shared_ptr<const model::Snapshot> rows;
    if (!state().runs.contains(kRun))
      rows = RunRows();
    model::RunRequest first{kRun, {kFirst}, "ada", rows}, all{kRun, {}, "ada", rows};
    if (menu_ == Menu::kPeople) {
      moves.push_back({"clear a+", model::ClearJobs{first, {.downstream = true}, false}});
      moves.push_back({"mark a skipped", model::MarkJobs{first, model::TaskState::kSkipped}});
      moves.push_back({"abort", model::MarkRun{all, model::RunState::kFailed}});
      return moves;
    }
    moves.push_back({"clear a", model::ClearJobs{first, {}, false}});
    moves.push_back({"clear a+", model::ClearJobs{first, {.downstream = true}, false}});
    moves.push_back({"clear failed", model::ClearJobs{all, {}, true}});
    moves.push_back({"mark a success", model::MarkJobs{first, model::TaskState::kSuccess}});
    moves.push_back({"mark a failed", model::MarkJobs{first, model::TaskState::kFailed}});
    moves.push_back({"abort", model::MarkRun{all, model::RunState::kFailed}});
    moves.push_back({"mark run success", model::MarkRun{all, model::RunState::kSuccess}});
    return moves;
  }

  // People let go of what they hold; then EMR and time alone, friendly: everything launches,
  // succeeds, and dies when told.
  bool ReachesItsEnd() {
    LetGo();
    for (int i = 0; i < 100; ++i) {
      if (state().runs.empty() && state().backfills.empty())
        return true;  // all have ended, and nothing of them is live
      std::optional<Move> next = NextOfBackfill();
      for (const auto& [token, launch] : emr().launches) {
        if (launch.state == LaunchState::kIntent)
          next = Move{"accepted", model::LaunchAccepted{token, ClusterOf(token, 1), now_}};
        if (launch.state == LaunchState::kUnknown)
          next = Move{"later", NotFound(token)};
      }
      for (const auto& [id, cluster] : emr().clusters) {
        if (!IsTerminal(cluster.phase))
          next = Move{"ends",
                      cluster.terminate_requested_at
                          ? Seen(id, ClusterPhase::kTerminated, "USER_REQUEST", {})
                          : Succeeded(id)};
      }
      Play(
          next.value_or(i % 2 == 0 ? Move{"turn", model::Turns{9}} : Move{"later", model::Tick{}}));
    }
    return false;
  }

 private:
  void LetGo() {
    while (!state().holds.empty())
      Play({"release", model::ReleaseHold{state().holds.begin()->first, "ada"}});
    if (state().dags.at(kRun.dag).row.is_paused)
      Play({"unpause", model::SetPaused{kRun.dag, false, "ada"}});
    for (const auto& [id, backfill] : state().backfills) {
      if (!backfill.row.is_paused)
        continue;
      Play(Change(id, model::ChangeBackfill::To::kGoesOn));
      return;  // a DAG has one at a time
    }
  }

  static Move Change(int64_t id, model::ChangeBackfill::To to) {
    using enum model::ChangeBackfill::To;
    const std::string name = to == kPaused ? "pause" : to == kGoesOn ? "resume" : "cancel";
    return {base::Cat(name, " backfill"), model::ChangeBackfill{id, to, "ada"}};
  }

  void AddPeoplesMoves(std::vector<Move>& moves) const {
    using enum model::ChangeBackfill::To;
    const bool is_paused = state().dags.at(kRun.dag).row.is_paused;
    moves.push_back(
        {is_paused ? "unpause" : "pause", model::SetPaused{kRun.dag, !is_paused, "ada"}});
    if (state().holds.empty())
      moves.push_back({"hold", model::PlaceHold{model::HoldScope::kAll, "", "why", "ada"}});
    for (const auto& [id, hold] : state().holds)
      moves.push_back({"release", model::ReleaseHold{id, "ada"}});
    if (state().last_backfill == 0) {
      model::CreateBackfill made;
      made.dag = kRun.dag;
      made.from = made.to = base::ParseTime("2026-01-04T00:00:00Z").value();
      made.by = "ada";
      moves.push_back({"backfill", std::move(made)});
    }
    for (const auto& [id, backfill] : state().backfills) {
      moves.push_back(Change(id, backfill.row.is_paused ? kGoesOn : kPaused));
      moves.push_back(Change(id, kCancelled));
    }
  }

  // As the driver posts it.
  std::optional<Move> NextOfBackfill() {
    for (const auto& [id, backfill] : state().backfills) {
      if (!engine::MayTakeTicks(state(), backfill))
        continue;
      const model::BackfillTickRow& tick = backfill.ticks[backfill.next];
      model::BackfillTicksRead read{.id = id, .as_of = state().last_seq, .ticks = {}, .by = "ada"};
      read.ticks.push_back(
          {tick.number, *store_.reader().RunAt(kRun.dag, tick.logical_date), nullptr});
      return Move{"take tick", std::move(read)};
    }
    return std::nullopt;
  }

  static model::ClusterId ClusterOf(const model::LaunchToken& token, int n) {
    return model::ClusterId(base::Cat("j-", token.str(), "-", n));
  }
  Body NotFound(const model::LaunchToken& token) const {
    return model::LaunchesLookedUp{{token}, {}, now_ + base::minutes(29)};
  }
  Body Seen(const model::ClusterId& id,
            ClusterPhase phase,
            std::string code,
            std::vector<model::StepView> steps) const {
    model::ClusterSeen seen;
    seen.cluster = id;
    seen.source_at = now_;
    seen.status.emplace();
    seen.status->phase = phase;
    seen.status->reason_code = std::move(code);
    seen.steps = std::move(steps);
    return seen;
  }
  Body Succeeded(const model::ClusterId& id) const {
    return Seen(id,
                ClusterPhase::kTerminated,
                "ALL_STEPS_COMPLETED",
                {{"s-1", "work", model::StepState::kCompleted, "", {}, {}}});
  }

  void AddLaunchMoves(const model::LaunchRow& launch, std::vector<Move>& moves) const {
    const model::LaunchToken& token = launch.token;
    std::string of = base::Cat(" ", launch.attempt.job.job.str(), launch.attempt.n);
    if (launch.state == LaunchState::kIntent) {
      using Kind = model::LaunchRefused::Kind;
      moves.push_back({"accepted" + of, model::LaunchAccepted{token, ClusterOf(token, 1), now_}});
      moves.push_back({"throttled" + of, model::LaunchRefused{token, Kind::kNotYet, "slow"}});
      if (menu_ == Menu::kPeople)
        return;
      moves.push_back({"uncertain" + of, model::LaunchUncertain{token, now_, "no reply"}});
      moves.push_back({"rejected" + of, model::LaunchRefused{token, Kind::kRejected, "no"}});
    }
    if (launch.state == LaunchState::kUnknown || launch.state == LaunchState::kNotFound) {
      model::LaunchesLookedUp two{{token},
                                  {{token, ClusterOf(token, 1), "", now_},
                                   {token, ClusterOf(token, 2), "", now_ + base::seconds(1)}},
                                  now_};
      moves.push_back({"two found" + of, two});
      moves.push_back({"late reply" + of, model::LaunchAccepted{token, ClusterOf(token, 1), now_}});
    }
    if (launch.state == LaunchState::kUnknown)
      moves.push_back({"later", NotFound(token)});
  }

  void AddClusterMoves(const model::ClusterRow& cluster, std::vector<Move>& moves) const {
    const model::ClusterId& id = cluster.id;
    std::string of = base::Cat(" ", id.str().substr(id.str().size() - 6));
    if (IsLost(cluster)) {
      auto back = std::get<model::ClusterSeen>(Seen(id, ClusterPhase::kRunning, "", {}));
      back.source_at = cluster.lost_since.value_or(cluster.phase_seen_at) + base::seconds(1);
      moves.push_back({"back" + of, std::move(back)});
    }
    if (IsTerminal(cluster.phase))
      return;
    moves.push_back({"succeeded" + of, Succeeded(id)});
    moves.push_back({"step failed" + of,
                     Seen(id,
                          ClusterPhase::kTerminatedWithErrors,
                          "STEP_FAILURE",
                          {{"s-1", "work", model::StepState::kFailed, "", {}, {}}})});
    if (menu_ == Menu::kPeople)
      return;
    moves.push_back({"lost" + of,
                     model::ClusterGone{id,
                                        cluster.lost_since
                                            ? *cluster.lost_since + work::EmrOptions().list_lag_max
                                            : std::max(now_, cluster.phase_seen_at)}});
    moves.push_back({"killed" + of, model::TerminateCluster{id, "ada"}});
    if (Rank(cluster.phase) < Rank(ClusterPhase::kTerminating))
      moves.push_back({"terminating" + of, Seen(id, ClusterPhase::kTerminating, "", {})});
  }

  // All that decides what may follow; not times and texts.
  static std::string Fingerprint(const engine::State& state, const work::EmrState& emr) {
    std::ostringstream out;
    for (const auto& [key, run] : state.runs) {
      out << key.run.str() << ToString(run.row.state) << run.open_jobs
          << state.lingering.contains(key);
      for (const engine::JobInstance& job : run.jobs) {
        out << "|" << job.row.try_number << job.row.application_failures
            << job.row.infrastructure_failures << job.upstream.succeeded << job.live
            << (job.attempt && !job.attempt->ended_at) << job.row.next_try_at.has_value()
            << ToString(job.row.end_note);
        for (const model::TaskRow& task : job.tasks)
          out << ToString(task.state);
      }
    }
    for (const auto& [key, run] : state.runs) {
      for (const engine::GroupTries& tries : run.groups)
        out << "g" << tries.row.failures << tries.row.next_try_at.has_value() << tries.open;
    }
    for (const auto& [token, launch] : emr.launches)
      out << token.str() << ToString(launch.state) << launch.cluster.str();
    for (const auto& [id, cluster] : emr.clusters)
      out << id.str() << ToString(cluster.phase) << cluster.judged << cluster.lost_since.has_value()
          << cluster.terminate_requested_at.has_value();
    for (const auto& [key, command] : state.commands)
      out << key.first;
    size_t queued = 0;
    for (const auto& [id, pool] : state.pools)
      queued += pool.queue.size();
    out << "h" << state.holds.size() << "p" << state.dags.at(kRun.dag).row.is_paused << "b"
        << state.last_backfill;
    for (const auto& [id, backfill] : state.backfills)
      out << backfill.row.is_paused << backfill.next << backfill.queued_runs
          << backfill.running_runs;
    out << "q" << queued << "r" << state.retries.size() << "," << state.group_retries.size();
    return out.str();
  }

  const Menu menu_;
  schedule::ZoneSet zones_;
  store::MemoryStore store_{{"test", "0123456789abcdef0123456789abcdef", 0}};
  std::unique_ptr<engine::Engine> engine_;
  base::Time now_ = base::ParseTime("2026-01-05T00:00:00Z").value();
};

// Breadth first: a state is gone on from where it is reached by the fewest events.
class Explorer {
 public:
  Explorer(DagPtr dag, size_t depth, Menu menu = Menu::kEmr)
      : dag_(std::move(dag)), depth_(depth), menu_(menu) {}

  void Explore() {
    paths_.push_back({});
    while (!paths_.empty() && !::testing::Test::HasFailure()) {
      std::vector<Move> path = std::move(paths_.front());
      paths_.pop_front();
      Visit(path);
    }
  }
  size_t states() const { return seen_.size(); }

 private:
  static std::string Names(const std::vector<Move>& path) {
    std::string names;
    for (const Move& move : path)
      names += base::Cat(names.empty() ? "" : ", ", move.name);
    return names;
  }

  void Visit(const std::vector<Move>& path) {
    Life life(dag_, menu_);
    for (const Move& move : path)
      life.Play(move);
    std::vector<std::string> broken = engine::BrokenInvariants(life.engine());
    if (!broken.empty())
      ADD_FAILURE() << broken[0] << "\nafter: " << Names(path);
    std::string now = life.Fingerprint();
    if (!seen_.insert(now).second)
      return;
    EXPECT_EQ(life.FingerprintOfStore(), now) << "after: " << Names(path);
    std::vector<Move> moves = life.Moves();
    if (!life.ReachesItsEnd())
      ADD_FAILURE() << "the run never ends\nafter: " << Names(path);
    for (size_t i = 0; i < moves.size() && path.size() < depth_; ++i) {
      paths_.push_back(path);
      paths_.back().push_back(std::move(moves[i]));
    }
  }

  const DagPtr dag_;
  const size_t depth_;
  const Menu menu_;
  std::deque<std::vector<Move>> paths_;
  std::set<std::string> seen_;
};

TEST(Interleavings, R1_R2_R4_T7_NothingLeaksWhateverTheOrder) {
  Explorer explorer(TwoJobs(), 6);
  explorer.Explore();
  EXPECT_GT(explorer.states(), 500u);
  std::cout << explorer.states() << " states\n";
}

TEST(Interleavings, I3_I4_WhatPeopleDoLeadsToItsEndWhateverTheOrder) {
  Explorer explorer(TwoJobsOfASchedule(), 6, Menu::kPeople);
  explorer.Explore();
  EXPECT_GT(explorer.states(), 500u);
  std::cout << explorer.states() << " states\n";
}

TEST(Interleavings, I4_AGroupIsTriedAgainWhateverTheOrder) {
  Explorer explorer(AGroupAndWhatFollows(), 5);
  explorer.Explore();
  EXPECT_GT(explorer.states(), 500u);
  std::cout << explorer.states() << " states\n";
}

}  // namespace
