#include "driver/caller.h"

#include <deque>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <set>

namespace driver {
namespace {

// Keeps the calls; the test ends them.
class KeepingWorld : public World {
 public:
  base::Time Now() override { return now; }
  void Submit(const Call& call) override { calls.push_back(call); }
  int Count(std::string_view action) const {
    return static_cast<int>(std::count_if(
        calls.begin(), calls.end(), [&](const Call& call) { return call.action == action; }));
  }

  base::Time now = base::ParseTime("2026-01-05T00:00:00Z").value();
  std::deque<Call> calls;
};

void Nothing(const Reply&) {}

void Flood(Caller& caller, Priority priority, const std::string& action, int calls) {
  for (int i = 0; i < calls; ++i)
    caller.Request(priority, action, {}, Nothing);
}

TEST(Caller, Q2_TerminatesGoFirstAndAreNotStarvedByPolls) {
  KeepingWorld world;
  Caller caller(world);
  Flood(caller, Priority::kPoll, "DescribeCluster", 100);
  Flood(caller, Priority::kPoll, "ListClusters", 100);
  caller.Pump();
  EXPECT_EQ(world.calls.size(), 20u);  // a reserve is left in the account's bucket
  caller.Request(Priority::kTerminate, "TerminateJobFlows", {}, Nothing);
  caller.Pump();
  EXPECT_EQ(world.Count("TerminateJobFlows"), 1);
}

TEST(Caller, Q2_LookUpsAreNotStarvedBySweeps) {
  KeepingWorld world;
  Caller caller(world);
  Flood(caller, Priority::kPoll, "ListClusters", 100);
  caller.Pump();
  EXPECT_EQ(world.calls.size(), 16u);
  Flood(caller, Priority::kLaunch, "ListClusters", 4);
  caller.Pump();
  EXPECT_EQ(world.calls.size(), 20u);
}

TEST(Caller, AnActionWithoutBudgetDoesNotHoldUpOthersAndKeepsItsOrder) {
  KeepingWorld world;
  Caller caller(world);
  for (int i = 0; i < 12; ++i)
    caller.Request(Priority::kInspect, "ListSteps", {{"ClusterId", i}}, Nothing);
  caller.Request(Priority::kInspect, "DescribeCluster", {}, Nothing);
  caller.Pump();
  EXPECT_EQ(world.Count("ListSteps"), 10);
  EXPECT_EQ(world.Count("DescribeCluster"), 1);
  EXPECT_EQ(world.calls[9].body, R"({"ClusterId":9})");
  caller.OnReply(world.calls[0].id, Reply{});
  world.now = *caller.NextWake();
  caller.Pump();
  EXPECT_EQ(world.calls.back().body, R"({"ClusterId":10})");
}

TEST(Caller, CountsCallsByActionAndPriorityAndHowLongTheyWaited) {
  KeepingWorld world;
  Caller caller(world);
  Flood(caller, Priority::kPoll, "ListInstanceFleets", 6);
  caller.Pump();
  auto counts = [&] {
    return caller.counts().at("ListInstanceFleets")[static_cast<size_t>(Priority::kPoll)];
  };
  EXPECT_EQ(counts().made, 4);
  EXPECT_EQ(caller.history().minutes().front().calls.begin()->second.made, 4);
  EXPECT_EQ(counts().waiting, 2);
  Reply throttled{.error = wire::AwsError{.error_class = wire::ErrorClass::kThrottled},
                  .sent_at = world.now};
  Reply failed{.error = wire::AwsError{.error_class = wire::ErrorClass::kUnavailable},
               .sent_at = world.now};
  caller.OnReply(world.calls[0].id, failed);
  caller.OnReply(world.calls[1].id, Reply{});
  caller.OnReply(world.calls[2].id, Reply{});
  caller.OnReply(world.calls[3].id, throttled);
  world.now += base::minutes(2);
  caller.Pump();
  EXPECT_EQ(counts().throttled, 1);
  EXPECT_EQ(counts().failed, 1);
  EXPECT_EQ(counts().waiting, 0);
  EXPECT_EQ(counts().longest_wait, base::minutes(2));
  EXPECT_EQ(counts().waited, base::minutes(4));
}

// Whatever floods in, a terminate waits for its own action's quota and for no one else.
RC_GTEST_PROP(Caller, Q2_TerminateIsNeverStarvedByReads, ()) {
  KeepingWorld world;
  Caller caller(world);
  const auto latency = base::milliseconds(*rc::gen::inRange(1, 400));
  std::multimap<base::Time, uint64_t> replies;
  std::set<uint64_t> terminates;
  int asked = 0;
  auto step = [&](base::Time until) {
    while (true) {
      caller.Pump();
      for (; !world.calls.empty(); world.calls.pop_front()) {
        replies.emplace(world.now + latency, world.calls.front().id);
        if (world.calls.front().action == "TerminateJobFlows")
          terminates.insert(world.calls.front().id);
      }
      std::optional<base::Time> next = caller.NextWake();
      if (!replies.empty() && (!next || replies.begin()->first < *next))
        next = replies.begin()->first;
      if (!next || *next > until)
        break;
      world.now = std::max(world.now, *next);
      while (!replies.empty() && replies.begin()->first <= world.now) {
        caller.OnReply(replies.begin()->second, Reply{});
        replies.erase(replies.begin());
      }
    }
    world.now = until;
  };
  const char* const reads[] = {
      "ListClusters", "DescribeCluster", "ListSteps", "ListInstanceFleets"};
  for (const char* read : reads)
    Flood(caller, Priority::kPoll, read, 200);
  const auto pauses = *rc::gen::container<std::vector<int>>(rc::gen::inRange(2000, 20000));
  for (int pause : pauses) {
    for (const char* read : reads)
      Flood(caller,
            *rc::gen::element(Priority::kLaunch, Priority::kInspect, Priority::kPoll),
            read,
            20);
    step(world.now + base::milliseconds(pause));
    caller.Request(Priority::kTerminate, "TerminateJobFlows", {}, Nothing);
    ++asked;
    // Its own quota has refilled since the last, and the account's reserve is there for it.
    step(world.now + base::milliseconds(400));
    RC_ASSERT(static_cast<int>(terminates.size()) == asked);
  }
}

}  // namespace
}  // namespace driver
