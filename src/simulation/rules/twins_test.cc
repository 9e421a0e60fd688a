#include "simulation/rules/twins.h"

#include <gtest/gtest.h>

namespace simulation {
namespace {

emulator::Cluster Made(std::string id, base::Duration at) {
  emulator::Cluster out;
  out.id = std::move(id);
  out.created_at = base::Time(base::hours(1)) + at;
  return out;
}

driver::Reply Listed(const std::vector<std::string>& ids) {
  json::array clusters;
  for (const std::string& id : ids)
    clusters.push_back(json::object{{"Id", id}});
  driver::Reply reply;
  reply.body = json::object{{"Clusters", std::move(clusters)}};
  return reply;
}

class TwinsTest : public ::testing::Test {
 protected:
  TwinsTest() { twins_.OnMade(old_, young_); }
  void Tell(const std::vector<std::string>& ids) { twins_.OnReply(list_, Listed(ids)); }

  const emulator::Cluster old_ = Made("j-OLD", base::seconds(0));
  const emulator::Cluster young_ = Made("j-YOUNG", base::seconds(5));
  driver::Call list_{1, "ListClusters", "{}"};
  Twins twins_;
};

TEST_F(TwinsTest, I2_OfTwoThatAListShowsTheYoungerIsNotKept) {
  EXPECT_FALSE(twins_.IsWrongToKeep("j-YOUNG"));
  Tell({"j-YOUNG", "j-OLD"});
  EXPECT_TRUE(twins_.IsWrongToKeep("j-YOUNG"));
  EXPECT_FALSE(twins_.IsWrongToKeep("j-OLD"));
}

TEST_F(TwinsTest, WhereAListLacksTheOlderNobodyCouldKnow) {
  Tell({"j-YOUNG", "j-OTHER"});
  Tell({"j-YOUNG", "j-OLD"});
  EXPECT_FALSE(twins_.IsWrongToKeep("j-YOUNG"));
}

TEST_F(TwinsTest, WhatRunJobFlowItselfNamedMayBeKept) {
  driver::Reply reply;
  reply.body = json::object{{"JobFlowId", "j-YOUNG"}};
  twins_.OnReply({2, "RunJobFlow", "{}"}, reply);
  Tell({"j-YOUNG", "j-OLD"});
  EXPECT_FALSE(twins_.IsWrongToKeep("j-YOUNG"));
}

TEST_F(TwinsTest, OfOneMomentNeitherIsTheOlder) {
  twins_.OnMade(Made("j-A", base::seconds(9)), Made("j-B", base::seconds(9)));
  Tell({"j-A", "j-B"});
  EXPECT_FALSE(twins_.IsWrongToKeep("j-B"));
}

}  // namespace
}  // namespace simulation
