// DrawLies: reads that do not know a cluster which lives, that contradict one another, and lists
// that are throttled at one of their pages. Their bounds are the product's (`list_lag_max`), but
// for a cluster that is denied for longer: that one may be done again, and must not live on unseen.

#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

namespace {

using base::minutes;
using base::seconds;

constexpr const char* kReads[] = {"DescribeCluster",
                                  "DescribeCluster",
                                  "ListSteps",
                                  "ListSteps",
                                  "ListClusters",
                                  "ListInstanceFleets",
                                  "ListInstanceGroups"};
constexpr const char* kPaged[] = {"ListClusters", "ListClusters", "DescribeCluster", "ListSteps"};

class Liar {
 public:
  explicit Liar(Plan& plan) : plan_(plan), dice_(plan.seed, "lies") {}

  void Draw() {
    if (dice_.Percent(15))
      Add<UnbornClusters>(plan_).at_most = dice_.Between(seconds(20), seconds(170));
    if (dice_.Percent(10))
      DrawAmnesias(seconds(30), minutes(4));
    if (dice_.Percent(5))
      DrawAmnesias(minutes(6), minutes(30));
    for (int64_t i = dice_.Percent(12) ? dice_.Between(1, 2) : 0; i > 0; --i) {
      ReadsBehind& behind = Add<ReadsBehind>(plan_);
      behind.by = dice_.Between(seconds(30), seconds(150));
      behind.action = dice_.Of(kReads);
    }
    if (dice_.Percent(6))
      DrawPaced();
    if (dice_.Percent(4))
      DrawOldStates();
  }

 private:
  // Soon after its launch, or later.
  void DrawAmnesias(base::Duration least, base::Duration most) {
    for (int64_t i = dice_.Between(1, 4); i > 0; --i) {
      const base::Duration at =
          dice_.Percent(40) ? base::Duration(0) : dice_.Between(seconds(1), minutes(25));
      Amnesia& amnesia = Add<Amnesia>(plan_);
      amnesia.since_launch = at;
      amnesia.at_most = dice_.Between(least, most);
      amnesia.cluster = dice_.Between(0, 20);
    }
  }

  // What reads say of a cluster and of its steps is old, and its nodes are seen as they are: a
  // cluster that ends looks as if it lost its nodes at work.
  void DrawOldStates() {
    for (const char* read : {"DescribeCluster", "ListSteps", "ListClusters"})
      Add<ReadsBehind>(plan_, {read, dice_.Between(seconds(100), seconds(150))});
    plan_.settings.fleet_interval = seconds(30);
  }

  // With so many clusters of others that lists have several pages.
  void DrawPaced() {
    PacedCalls& paced = Add<PacedCalls>(plan_);
    paced.every = dice_.Between(2, 4);
    paced.action = dice_.Of(kPaged);
    if (paced.action != "ListClusters")
      return;
    const int64_t clusters = dice_.Between(60, 250);
    const base::Duration at = dice_.Between(base::Duration(0), plan_.work.fires_for);
    Add<CrowdOfClusters>(plan_, {at, clusters * dice_.Between(seconds(3), seconds(12)), clusters});
  }

  Plan& plan_;
  simulation::Dice dice_;
};

}  // namespace

void DrawLies(Plan& plan) {
  Liar(plan).Draw();
}

}  // namespace fault_finder
