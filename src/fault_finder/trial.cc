#include "fault_finder/trial.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/text.h"
#include "engine/backfills.h"
#include "engine/queue.h"
#include "fault_finder/asker.h"
#include "fault_finder/cause_teller.h"
#include "fault_finder/clerk.h"
#include "fault_finder/ending.h"
#include "fault_finder/mail.h"
#include "fault_finder/meddlers.h"
#include "fault_finder/promiser.h"
#include "fault_finder/remover.h"
#include "fault_finder/restorer.h"
#include "fault_finder/staging.h"
#include "fault_finder/usurper.h"
#include "simulation/archive.h"
#include "simulation/disk.h"
#include "simulation/event_bus.h"
#include "simulation/machine.h"
#include "simulation/narrator.h"
#include "simulation/network.h"
#include "simulation/rules/asset_rules.h"
#include "simulation/rules/backfill_rules.h"
#include "simulation/rules/begin_rules.h"
#include "simulation/rules/breaker_rules.h"
#include "simulation/rules/capacity_rules.h"
#include "simulation/rules/caps_rules.h"
#include "simulation/rules/cause_rules.h"
#include "simulation/rules/checks.h"
#include "simulation/rules/deadline_rules.h"
#include "simulation/rules/delete_rules.h"
#include "simulation/rules/edge_rules.h"
#include "simulation/rules/fence.h"
#include "simulation/rules/group_rules.h"
#include "simulation/rules/hold_rules.h"
#include "simulation/rules/mapping_rules.h"
#include "simulation/rules/process_rules.h"
#include "simulation/rules/readiness_rules.h"
#include "simulation/rules/reaper.h"
#include "simulation/rules/record_rules.h"
#include "simulation/rules/rerun_rules.h"
#include "simulation/rules/trigger_rules.h"
#include "simulation/trace.h"
#include "work/emr/orphans.h"

namespace fault_finder {

namespace {

using namespace simulation;  // NOLINT: its whole vocabulary is used here

constexpr char kDeployment[] = "sim";
constexpr char kIncarnation[] = "0123456789abcdef0123456789abcdef";
// Without trouble and without a launch for this long, everything has ended: the longest work, and
// the longest wait before a try.
constexpr base::Duration kConverge = base::hours(12);
constexpr base::Duration kEndless = base::hours(365 * 24);
// At rest for this long: nothing more will come.
constexpr base::Duration kQuiet = base::minutes(7);
constexpr base::Duration kDay = base::hours(24);
// Turns, but in plans that are made, which are small.
constexpr int kAskEngineEvery = 40;

class Trial {
 public:
  Trial(const Plan& plan, std::ostream* story)
      : plan_(plan),
        clock_(plan.work.start),
        emr_(EmrOf(plan)),
        effects_(CrashesOf(plan)),
        network_(clock_, emr_, effects_, witnesses_, NetworkOf(plan)),
        rows_({kDeployment, kIncarnation, 0},
              clock_,
              LosesATail(plan) ? Archive::Keeps::kCommitsToo : Archive::Keeps::kRows),
        disk_(clock_, effects_, witnesses_, rows_, DiskOf(plan)),
        ledger_(emr_, base::Cat("sbx-", kDeployment, "-", std::string_view(kIncarnation, 6), "-")),
        checks_(emr_, ledger_, PatienceFor(plan)),
        reaper_rules_(checks_, ledger_, ReaperRulesOf(plan)),
        caps_rules_(checks_,
                    ledger_,
                    capacity_rules_,
                    {.times_agree = !Has<ClockSet>(plan) && !LosesATail(plan)}),
        machine_(clock_, emr_, effects_, network_, disk_, witnesses_, zones_, DriverOf(plan)),
        editor_(machine_, checks_, plan),
        people_(machine_, DeedsOf(plan), plan.work.start, editor_.project().dags),
        pauser_(machine_, plan),
        asker_(machine_, plan),
        promiser_(machine_, plan),
        remover_(machine_, plan),
        clerk_(machine_, record_rules_, plan),
        cause_teller_(machine_, cause_rules_, plan),
        caretaker_(machine_),
        outsiders_(emr_, plan, kDeployment),
        keeper_(clock_, plan),
        oom_(network_.processes(), plan),
        usurper_(clock_, rows_, witnesses_, zones_, editor_, plan),
        restorer_(clock_, rows_, disk_, witnesses_, plan),
        events_(machine_, emr_, EventsOf(plan), plan.settings.is_sampled ? &table_ : nullptr) {
    witnesses_.Add(&checks_);
    witnesses_.Add(&fence_);
    witnesses_.Add(&reaper_rules_);
    if (Has<RunsDeleted>(plan))
      witnesses_.Add(&delete_rules_);
    else
      AddRulesOfRuns();
    witnesses_.Add(&record_rules_);
    witnesses_.Add(&cause_rules_);
    witnesses_.Add(&caretaker_);
    witnesses_.Add(&trace_);
    if (story != nullptr)
      witnesses_.Add(&narrator_.emplace(*story, emr_));
    network_.Attach(table_);
    machine_.Add(&editor_);
    machine_.Add(&people_);
    machine_.Add(&pauser_);
    machine_.Add(&asker_);
    machine_.Add(&promiser_);
    machine_.Add(&remover_);
    machine_.Add(&clerk_);
    machine_.Add(&cause_teller_);
    machine_.Add(&caretaker_);
    machine_.Add(&outsiders_);
    machine_.Add(&keeper_);
    machine_.Add(&oom_);
    machine_.Add(&usurper_);
    machine_.Add(&restorer_);
    restorer_.OnLost([this](base::Time since) {
      people_.ForgetGranted(since);
      pauser_.StartOver();
      asker_.StartOver();
    });
    reaper_rules_.AskForNames([this] { return NamedOrphans(); });
    if (const auto mails = AllOf<Mail>(plan); !mails.empty()) {
      mailing_.emplace(
          Mailing::World{machine_, clock_, effects_, checks_, record_rules_}, plan, *mails.front());
      witnesses_.Add(&mailing_->rules());
      machine_.Add(&mailing_->room());
    }
    if (HasEvents(plan))
      machine_.Add(&events_);
    checks_.AskWhoIsLost(
        [this](const emulator::Cluster& cluster) { return network_.views().LostUntil(cluster); });
    checks_.AlsoAsk([this] { return EngineToAsk(); }, plan.ending.is_good ? 1 : kAskEngineEvery);
    caps_rules_.AlsoAsk([this] { return EngineToAsk(); });
    delete_rules_.AlsoAsk([this] { return EngineToAsk(); });
    remover_.OnAborts([this](const People::Granted& asked) { checks_.OnAsked(asked); });
    hold_rules_.AlsoAsk([this] { return EngineToAsk(); });
    record_rules_.AlsoAsk([this] { return EngineToAsk(); });
    people_.OnAsked([this](const People::Granted& asked) {
      checks_.OnAsked(asked);
      rerun_rules_.OnAsked(asked);
    });
    people_.OnAnswered([this](const People::Granted& asked, bool accepted) {
      checks_.OnAnswered(asked, accepted);
      rerun_rules_.OnAnswered(asked, accepted);
    });
  }

  // They tell runs apart by their ids, and know of none that is deleted.
  void AddRulesOfRuns() {
    witnesses_.Add(&readiness_rules_);
    witnesses_.Add(&mapping_rules_);
    witnesses_.Add(&group_rules_);
    witnesses_.Add(&capacity_rules_);
    witnesses_.Add(&caps_rules_);
    witnesses_.Add(&backfill_rules_);
    witnesses_.Add(&hold_rules_);
    witnesses_.Add(&begin_rules_);
    witnesses_.Add(&deadline_rules_);
    witnesses_.Add(&breaker_rules_);
    witnesses_.Add(&edge_rules_);
    witnesses_.Add(&asset_rules_);
    witnesses_.Add(&trigger_rules_);
    witnesses_.Add(&process_rules_);
    process_rules_.Begin();
    witnesses_.Add(&rerun_rules_);
  }

  Result Run() {
    const base::Time start = plan_.work.start;
    const std::vector<const FinalDeath*> deaths = AllOf<FinalDeath>(plan_);
    if (!deaths.empty()) {
      machine_.Run(start + deaths.front()->at, [this] { return !checks_.ok(); });
      if (checks_.ok())
        Nightfall();
    } else {
      const base::Time busy_until = start + BusyFor(plan_);
      SufferOutages();
      machine_.Run(start + kEndless, [this, busy_until] {
        NoteEffects();
        return !checks_.ok() || IsQuiet(busy_until) || IsOverdue(busy_until);
      });
      if (checks_.ok())
        AtEnd();
      if (MustNotBeThrottled(plan_) && checks_.ok() && checks_.throttled() > 0)
        extra_.push_back(base::Cat("I11: ", checks_.throttled(), " calls were throttled"));
      if (checks_.ok()) {
        for (std::string& breach : people_.Breaches(
                 emr_,
                 plan_.ending.stops_within,
                 {.may_live_on =
                      [this](const auto& cluster) {
                        const LedgerEntry* entry = ledger_.Find(cluster.id);
                        return entry != nullptr && reaper_rules_.MayKeep(*entry);
                      },
                  .sent_at = [this](const auto& cluster) { return checks_.SentAt(cluster); }}))
          extra_.push_back("I1: " + std::move(breach));
        for (std::string& breach :
             EndingBreaches(plan_.ending, disk_.reader(), people_.Accepted(), checks_.launches()))
          extra_.push_back(std::move(breach));
      }
    }
    return Summary();
  }

 private:
  // Null while we are dead. One that is fenced knows what it could not store, and is about to die.
  const engine::Engine* EngineToAsk() {
    const bool is_ours = machine_.Lives() && !machine_.driver().fatal();
    return is_ours ? &machine_.driver().engine() : nullptr;
  }

  ReaperRules::Options ReaperRulesOf(const Plan& plan) const {
    const driver::Options options = DriverOf(plan);
    return {.reaper = options.emr.reaper,
            .ahead = ClockRangeOf(plan).Width(),
            .patience = PatienceFor(plan).kill + options.reaper_interval * 2,
            .is_hidden = [this](const emulator::Cluster& cluster) {
              return network_.views().LostUntil(cluster).has_value();
            }};
  }

  std::set<std::string> NamedOrphans() {
    std::set<std::string> ids;
    for (const work::OrphanView& orphan : work::ListOrphans(machine_.driver().emr()))
      ids.insert(orphan.row.id.str());
    return ids;
  }

  static std::vector<Deed> DeedsOf(const Plan& plan) {
    std::vector<Deed> deeds;
    for (const PersonAsks* person : AllOf<PersonAsks>(plan))
      deeds.push_back(person->deed);
    return deeds;
  }

  // Whatever others do meanwhile is done.
  void SufferOutages() {
    std::vector<std::pair<base::Time, base::Time>> outages;
    for (const Outage* outage : AllOf<Outage>(plan_)) {
      const base::Time from = plan_.work.start + outage->from;
      outages.emplace_back(from, from + outage->lasts);
    }
    std::sort(outages.begin(), outages.end());
    for (const auto& [from, until] : outages) {
      if (checks_.ok() && from > clock_.Now())
        machine_.Run(from, [this] { return !checks_.ok(); });
      if (!checks_.ok())
        return;
      if (machine_.Lives())
        machine_.Kill();
      while (auto due = outsiders_.NextDue()) {
        if (*due >= until)
          break;
        clock_.AdvanceTo(*due);
        outsiders_.OnTime(clock_.Now());
      }
      clock_.AdvanceTo(until);
      keeper_.OnTime(clock_.Now());  // what was done to our clock meanwhile
      emr_.AdvanceTo(clock_.Now());
    }
  }

  void NoteEffects() {
    const std::pair<size_t, int> done(effects_.life(), effects_.count());
    if (std::exchange(effects_done_, done) != done)
      effect_times_.push_back(clock_.Now() - plan_.work.start);
  }

  // What the runs that are left wait for are other DAGs' jobs, and runs that they have triggered;
  // Checks judges whether they may.
  static bool NothingIsUnderWay(const engine::State& state) {
    return std::all_of(state.runs.begin(), state.runs.end(), [](const auto& item) {
      bool is_idle = true;
      engine::ForEachJob(item.second, [&](const engine::JobInstance& job) {
        const bool waits_for_run =
            model::TriggerOf(*job.def) != nullptr && job.state == engine::JobState::kWorking;
        is_idle =
            is_idle && job.live == 0 && (!job.attempt || job.attempt->ended_at || waits_for_run);
      });
      return is_idle;
    });
  }

  static bool TakesTicks(const engine::State& state) {
    return std::any_of(state.backfills.begin(), state.backfills.end(), [&](const auto& item) {
      return engine::MayTakeTicks(state, item.second);
    });
  }

  // All has been done, here and with EMR, for a while.
  bool IsQuiet(base::Time busy_until) {
    const base::Time now = clock_.Now();
    const engine::State& state = machine_.driver().state();
    const bool is_at_rest =
        now > busy_until && people_.AreDone() && pauser_.IsDone() && asker_.IsDone() &&
        caretaker_.IsDone() && remover_.IsDone() && (!mailing_ || mailing_->room().IsIdle()) &&
        !TakesTicks(state) && state.commands.empty() && engine::IsQueueEmpty(state) &&
        state.retries.empty() && state.group_retries.empty() && state.lingering.empty() &&
        NothingIsUnderWay(state) && state.starts.empty() && state.dues.empty() &&
        !emr_.NextChange() &&
        std::none_of(ledger_.live().begin(), ledger_.live().end(), [this](size_t place) {
          const LedgerEntry& entry = ledger_.entries()[place];
          return entry.ours && !reaper_rules_.MayKeep(entry);
        });
    if (!is_at_rest) {
      quiet_since_ = std::nullopt;
    } else if (!quiet_since_) {
      quiet_since_ = now;
      effects_at_rest_ = effects_.count();
    }
    is_quiet_ = quiet_since_ && now - *quiet_since_ >= kQuiet;
    return is_quiet_;
  }

  // How often a job may be launched, or begin a process, is bounded by other rules.
  bool IsOverdue(base::Time busy_until) {
    const int64_t begun = checks_.launches() + std::ssize(network_.processes().all());
    if (std::exchange(begun_, begun) != begun)
      launched_at_ = clock_.Now();
    return clock_.Now() > std::max(busy_until, launched_at_) + kConverge;
  }

  // Who is left by right; ReaperRules sees to it that people are told.
  std::set<std::string> KeptOrphans() const {
    std::set<std::string> kept;
    for (const LedgerEntry& entry : ledger_.entries()) {
      if (reaper_rules_.MayKeep(entry))
        kept.insert(entry.cluster->id);
    }
    return kept;
  }

  void AtEnd() {
    checks_.AtEnd(clock_.Now(), is_quiet_, KeptOrphans());
    record_rules_.AtEnd(clock_.Now(), disk_.reader());
    if (mailing_ && is_quiet_)
      mailing_->rules().AtEnd(clock_.Now());
    if (Has<RunsDeleted>(plan_))
      return;
    readiness_rules_.AtEnd(clock_.Now());
    mapping_rules_.AtEnd(clock_.Now());
    trigger_rules_.AtEnd(clock_.Now());
    if (is_quiet_)
      process_rules_.AtEnd(clock_.Now());
    backfill_rules_.AtEnd(clock_.Now());
    rerun_rules_.AtEnd(clock_.Now(), LosesATail(plan_));
    if (machine_.Lives())
      deadline_rules_.AtEnd(clock_.Now(), machine_.driver().state().now);
  }

  void Nightfall() {
    if (machine_.Lives())
      machine_.Kill();
    emr_.AdvanceTo(clock_.Now() + kDay);
    checks_.AtNightfall();
  }

  Result Summary() {
    Result out;
    out.breaches = checks_.breaches();
    if (machine_.fatal())
      out.breaches.push_back("I10: the driver gave up: " + *machine_.fatal());
    out.breaches.insert(out.breaches.end(), extra_.begin(), extra_.end());
    out.trace = trace_.hash();
    out.launches = checks_.launches();
    out.calls = network_.calls();
    out.deaths = static_cast<int64_t>(effects_.life());
    out.runs = disk_.reader().Runs({.limit = 0})->total;
    out.attempts = checks_.attempts();
    out.effects = effects_at_rest_;
    out.effect_times = std::move(effect_times_);
    for (const People::Granted& granted : people_.Accepted())
      out.granted.push_back(granted.deed.act);
    out.lasted = clock_.Now() - plan_.work.start;
    out.bill = ledger_.Count(emr_.now());
    return out;
  }

  const Plan& plan_;
  Witnesses witnesses_;
  Clock clock_;
  emulator::Emulator emr_;
  Effects effects_;
  Network network_;
  Archive rows_;
  Disk disk_;
  Ledger ledger_;
  Checks checks_;
  Fence fence_{checks_};
  ReaperRules reaper_rules_;
  ReadinessRules readiness_rules_{checks_};
  MappingRules mapping_rules_{checks_};
  GroupRules group_rules_{checks_};
  CapacityRules capacity_rules_{checks_};
  CapsRules caps_rules_;
  BackfillRules backfill_rules_{checks_};
  HoldRules hold_rules_{checks_};
  BeginRules begin_rules_{checks_};
  DeadlineRules deadline_rules_{checks_};
  BreakerRules breaker_rules_{checks_};
  EdgeRules edge_rules_{checks_};
  AssetRules asset_rules_{checks_};
  TriggerRules trigger_rules_{checks_};
  ProcessRules process_rules_{checks_, network_.processes()};
  RerunRules rerun_rules_{checks_};
  DeleteRules delete_rules_{checks_};
  RecordRules record_rules_{checks_};
  CauseRules cause_rules_{checks_};
  Trace trace_;
  std::optional<Narrator> narrator_;
  schedule::ZoneSet zones_;
  StateTable table_;
  Machine machine_;
  Editor editor_;
  People people_;
  Pauser pauser_;
  Asker asker_;
  Promiser promiser_;
  Remover remover_;
  Clerk clerk_;
  CauseTeller cause_teller_;
  Caretaker caretaker_;
  Outsiders outsiders_;
  ClockKeeper keeper_;
  SupervisorKiller oom_;
  Usurper usurper_;
  Restorer restorer_;
  EventBus events_;
  std::optional<Mailing> mailing_;
  std::optional<base::Time> quiet_since_;
  int64_t begun_ = 0;
  base::Time launched_at_{};
  bool is_quiet_ = false;
  std::pair<size_t, int> effects_done_;  // life, number
  int effects_at_rest_ = 0;
  std::vector<base::Duration> effect_times_;
  std::vector<std::string> extra_;
};

}  // namespace

std::string Result::Rule() const {
  return breaches.empty() ? "" : breaches.front().substr(0, breaches.front().find(':'));
}

Result Play(const Plan& plan, std::ostream* story) {
  return Trial(plan, story).Run();
}

}  // namespace fault_finder
