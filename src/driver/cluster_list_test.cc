#include "driver/cluster_list.h"

#include <gtest/gtest.h>

#include "base/draw.h"
#include "driver/test_support.h"

namespace driver {
namespace {

// A pass over some pages, of which calls are refused as a pattern says.
class ClusterListTest : public testing::Test {
 protected:
  struct Sum {
    int calls = 0;
    int refused = 0;
    std::vector<std::string> listed;
    bool ended = false;
    base::Duration took{0};
  };

  // `refuse(call)`: the error of the call with this number; nothing where it is answered.
  Sum Pass(int pages, const std::function<std::optional<wire::ErrorClass>(int)>& refuse) {
    Caller caller(world_);
    Context context{options_, world_, caller, {}, {}, {}};
    Sum sum;
    ClusterList list(context,
                     Priority::kPoll,
                     {.on_cluster = [&](const emr::ClusterSummary& cluster,
                                        base::Time) { sum.listed.push_back(cluster.id.str()); },
                      .on_end = [&] { sum.ended = true; }});
    const base::Time began_at = world_.now;
    list.Start(world_.now, ClusterList::States::kLiving);
    while (!sum.ended && sum.calls < 10'000) {
      caller.Pump();
      if (!world_.calls.empty()) {
        const Call call = world_.Take("ListClusters");
        caller.OnReply(call.id, ReplyTo(call, pages, refuse(++sum.calls), sum));
        continue;
      }
      world_.now = std::max(world_.now + base::milliseconds(1), *caller.NextWake());
    }
    sum.took = world_.now - began_at;
    EXPECT_EQ(list.began_at(), began_at);
    return sum;
  }

  Reply ReplyTo(const Call& call, int pages, std::optional<wire::ErrorClass> error, Sum& sum) {
    const json::value request = base::ParseJson(call.body).value();
    const std::string marker = base::GetString(request.as_object(), "Marker");
    Reply reply;
    reply.sent_at = world_.now;
    if (error) {
      ++sum.refused;
      reply.error = wire::AwsError{*error, "Code", "", "message", 400, ""};
      return reply;
    }
    const int page = marker.empty() ? 1 : std::stoi(marker);
    json::object body{{"Clusters", json::array{{{"Id", base::Cat("j-", page)}, {"Name", "n"}}}}};
    if (page < pages)
      body["Marker"] = base::Cat(page + 1);
    reply.body = std::move(body);
    return reply;
  }

  Options options_;
  ScriptedWorld world_;
};

std::vector<std::string> PagesUpTo(int pages) {
  std::vector<std::string> ids;
  for (int page = 1; page <= pages; ++page)
    ids.push_back(base::Cat("j-", page));
  return ids;
}

// The bound: n pages take n calls, and one more for each that is refused; each page is seen once.
TEST_F(ClusterListTest, APassEndsUnderAnyPatternOfThrottlingThatLetsSomeCallsThrough) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const int pages = 1 + static_cast<int>(base::Draw(seed, "pages", 0) % 20);
    const uint64_t one_in = 2 + base::Draw(seed, "one_in", 0) % 9;
    const bool by_count = base::Draw(seed, "by_count", 0) % 2 == 0;
    const Sum sum = Pass(pages, [&](int call) -> std::optional<wire::ErrorClass> {
      const auto number = static_cast<uint64_t>(call);
      // All but one call in so many, by count or drawn.
      const bool passes =
          by_count ? number % one_in == 0 : base::Draw(seed, "call", number) % one_in == 0;
      if (passes)
        return std::nullopt;
      return call % 3 == 0 ? wire::ErrorClass::kMayHaveHappened : wire::ErrorClass::kThrottled;
    });
    ASSERT_TRUE(sum.ended) << seed;
    EXPECT_EQ(sum.calls, pages + sum.refused) << seed;
    EXPECT_EQ(sum.listed, PagesUpTo(pages)) << seed;
  }
}

TEST_F(ClusterListTest, AMarkerThatEmrDoesNotTakeBeginsThePassAgain) {
  const Sum sum = Pass(3, [](int call) -> std::optional<wire::ErrorClass> {
    return call == 3 || call == 4 ? std::optional(wire::ErrorClass::kClean) : std::nullopt;
  });
  EXPECT_TRUE(sum.ended);
  EXPECT_EQ(sum.listed, (std::vector<std::string>{"j-1", "j-2", "j-1", "j-2", "j-3"}));
}

}  // namespace
}  // namespace driver
