// DrawNeighbours: an account that is not ours alone, and lists that lag as far as they may. Rare,
// and aimed: each of these takes several things to come together.

#include <algorithm>

#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

namespace {

using base::hours;
using base::minutes;
using base::seconds;
using emulator::FaultKind;

// What others use up, mostly; "" is the whole account's quota.
constexpr const char* kUsedUp[] = {"", "", "", "TerminateJobFlows", "RunJobFlow", "ListClusters"};

class Neighbours {
 public:
  explicit Neighbours(Plan& plan) : plan_(plan), dice_(plan.seed, "neighbours") {}

  void Draw() {
    if (dice_.Percent(3)) {
      const base::Duration at = dice_.Between(base::Duration(0), plan_.work.fires_for);
      DrawCrowd(at, dice_.Between(60, 300));
    }
    if (dice_.Percent(3))
      DrawUnseen();
    if (dice_.Percent(5))
      DrawBusy();
    if (dice_.Percent(4))
      DrawLate();
    for (int64_t i = dice_.Percent(4) ? dice_.Between(1, 3) : 0; i > 0; --i)
      DrawTwins();
  }

 private:
  // RunJobFlow's quota, for all of them: one in two seconds.
  void DrawCrowd(base::Duration at, int64_t clusters) {
    Add<CrowdOfClusters>(plan_, {at, clusters * dice_.Between(seconds(3), seconds(12)), clusters});
  }

  // Launched when a schedule fires, its replies lost, and we die; when we are back it has ended,
  // and a page of others' clusters is younger.
  void DrawUnseen() {
    const auto& dags = plan_.work.dags;
    const auto fires = simulation::Fires(plan_.work, dags[dice_.Throw() % dags.size()]);
    if (fires.empty())
      return;
    const base::Duration fire = fires[dice_.Throw() % fires.size()] - plan_.work.start;
    Add<RepliesLost>(plan_, {std::max(base::Duration(0), fire - seconds(5)), minutes(10)});
    const base::Duration died_at = fire + dice_.Between(seconds(5), minutes(2));
    Add<Outage>(plan_, {died_at, dice_.Between(minutes(100), hours(4))});
    DrawCrowd(died_at, dice_.Between(60, 120));
  }

  // Meanwhile somebody stops what runs: terminates are to go out before all else.
  void DrawBusy() {
    for (int64_t i = dice_.Between(1, 2); i > 0; --i) {
      const base::Duration at = dice_.Between(base::Duration(0), plan_.work.fires_for);
      const base::Duration span = dice_.Between(minutes(8), minutes(35));
      QuotasUsedUp& busy = Add<QuotasUsedUp>(plan_, {at, span, dice_.Between(75, 97)});
      busy.action = dice_.Of(kUsedUp);
      for (int64_t stops = dice_.Between(0, 3); stops > 0; --stops) {
        simulation::Deed& deed = Add<PersonAsks>(plan_).deed;
        deed.after = at + dice_.Between(minutes(3), span);
        deed.act = dice_.Percent(70) ? simulation::Act::kClear : simulation::Act::kAbort;
        deed.run = static_cast<size_t>(dice_.Between(0, 30));
        deed.job = static_cast<size_t>(dice_.Between(0, 15));
      }
    }
  }

  // Accepted as late as a signed request may be, not in lists for as long as they may lag, and then
  // in one that is older than it says.
  void DrawLate() {
    if (Has<ClockSet>(plan_))  // by which our signature would be older
      return;
    emulator::Fault& late = Add<EmrFault>(plan_).fault;
    late.kind = FaultKind::kAcceptLate;
    late.action = "RunJobFlow";
    late.nth = dice_.Between(1, 20);
    late.count = dice_.Between(1, 4);
    late.span = dice_.Between(minutes(14), minutes(15) - seconds(2));
    emulator::Fault& lag = Add<EmrFault>(plan_).fault;
    lag.kind = FaultKind::kListLag;
    lag.span = dice_.Between(seconds(160), seconds(178));
    Add<StaleReads>(plan_).every = dice_.Between(2, 3);
  }

  void DrawTwins() {
    LaunchTwice& twice = Add<LaunchTwice>(plan_);
    twice.apart = dice_.Between(seconds(1), seconds(9));
    twice.launch = dice_.Between(1, 20);
    twice.reply_is_lost = true;
  }

  Plan& plan_;
  simulation::Dice dice_;
};

}  // namespace

void DrawNeighbours(Plan& plan) {
  Neighbours(plan).Draw();
}

}  // namespace fault_finder
