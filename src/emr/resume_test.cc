#include "emr/resume.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace emr {
namespace {

using model::StepState;
using ::testing::ElementsAre;

json::object Object(std::string_view text) {
  return base::ParseJson(text)->as_object();
}

TEST(OnRetry, MergesWhatATryHasReachedInOrder) {
  const std::vector<model::RetryPatch> patches = {
      {3, Object(R"({"A":{"x":3},"B":null})")},
      {2, Object(R"({"A":{"x":2,"y":2},"C":[1]})")},
  };
  auto request = [&](int try_number) {
    return base::Canonical(
        PatchedRequest(Object(R"({"A":{"x":1,"z":1},"B":1,"C":[0,0]})"), patches, try_number));
  };
  EXPECT_EQ(request(1), R"({"A":{"x":1,"z":1},"B":1,"C":[0,0]})");
  EXPECT_EQ(request(2), R"({"A":{"x":2,"y":2,"z":1},"B":1,"C":[1]})");
  EXPECT_EQ(request(3), R"({"A":{"x":2,"y":2,"z":1},"C":[1]})");
  EXPECT_EQ(request(9), request(3));
}

// C completed, F failed, X cancelled; all of one name, as names may be doubled.
std::vector<model::StepView> Ran(std::string_view letters) {
  std::vector<model::StepView> steps;
  for (char letter : letters) {
    StepState state = letter == 'C'   ? StepState::kCompleted
                      : letter == 'F' ? StepState::kFailed
                                      : StepState::kCancelled;
    steps.push_back({base::Cat("s-", steps.size()), "label", state, "", {}, {}});
  }
  return steps;
}

TEST(Resume, RunsTheStepsThatDidNotComplete) {
  EXPECT_THAT(StepsToRun(4, {}), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(StepsToRun(4, {Ran("CCFX")}), ElementsAre(2, 3));
  EXPECT_THAT(StepsToRun(4, {Ran("CFCX")}), ElementsAre(1, 3)) << "by place, not from a point on";
  EXPECT_THAT(StepsToRun(4, {Ran("CCFX"), Ran("CF")}), ElementsAre(3))
      << "the second cluster was given two steps";
}

TEST(Resume, TakesNothingFromAClusterThatItCannotRead) {
  EXPECT_THAT(StepsToRun(3, {Ran("CC")}), ElementsAre(0, 1, 2));
  EXPECT_THAT(StepsToRun(3, {Ran("CFX"), {}, Ran("CCC"), Ran("CX")}), ElementsAre(2));
  EXPECT_THAT(StepsToRun(2, {Ran("CF"), Ran("C")}), ElementsAre(1)) << "nothing is left: again";
}

}  // namespace
}  // namespace emr
