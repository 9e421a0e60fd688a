// People clear, mark, abort and terminate while EMR loses replies and nodes: each at every minute
// and while every call is under way, alone, and with a crash before and after every effect.
// Whatever they stopped is dead within minutes, and the run ends as they said.

#include <gtest/gtest.h>
#include <set>

#include "base/text.h"
#include "scenarios.h"

namespace sim {
namespace {

constexpr base::Duration kSpan = base::minutes(45);

// Every minute, and while each call of an undisturbed life is under way.
std::vector<base::Duration> Moments(const EstateOptions& scenario) {
  Estate estate(scenario);
  estate.Run();
  std::set<base::Duration> moments;
  for (base::Duration at = base::minutes(1); at <= kSpan; at += base::minutes(1))
    moments.insert(at);
  for (base::Time effect : estate.effect_times())
    moments.insert(effect - scenario.start + base::milliseconds(50));
  return {moments.begin(), moments.end()};
}

// Marked failed before its success the job fails the run; after it what has begun may go on.
bool EndedAsAsked(Estate& estate) {
  for (const Deed& deed : estate.people().Accepted()) {
    if (deed.act == Act::kMarkFailed)
      return true;
    if (deed.act == Act::kAbort)
      return estate.store().reader().Runs({})->rows.front().state == model::RunState::kFailed;
  }
  return AllSucceeded(estate);
}

std::string Describe(const Deed& deed) {
  return base::Cat(ToString(deed.act),
                   " of job ",
                   deed.job,
                   " after ",
                   deed.after / base::milliseconds(1),
                   " ms");
}

std::vector<Deed> Deeds(base::Duration after) {
  std::vector<Deed> deeds;
  for (Act act : kActs) {
    deeds.push_back({after, act, 0});
    if (act != Act::kAbort && act != Act::kTerminate && act != Act::kClearDownstream)
      deeds.push_back({after, act, 1});
  }
  return deeds;
}

void PeopleAtEveryMoment(EstateOptions scenario) {
  std::map<Act, int> accepted;
  int lives = 0;
  for (base::Duration moment : Moments(scenario)) {
    for (const Deed& deed : Deeds(moment)) {
      scenario.deeds = {deed};
      Estate estate(scenario);
      estate.Run();
      ++lives;
      accepted[deed.act] += static_cast<int>(estate.people().Accepted().size());
      ASSERT_EQ(Complaints(estate), "") << Describe(deed);
      ASSERT_TRUE(EndedAsAsked(estate)) << Describe(deed);
    }
  }
  for (Act act : kActs)
    EXPECT_GT(accepted[act], 20) << ToString(act);
  std::cout << lives << " lives with a person in them\n";
}

TEST(CrashSweep, R1_R4_T7_PeopleAtEveryMoment) {
  PeopleAtEveryMoment(ShortScenario(2));
}

TEST(CrashSweep, R1_R4_W1_W5_PeopleAtEveryMomentWhileReadsAreStaleAndListsLackClusters) {
  EstateOptions scenario = ShortScenario(2);
  scenario.views = {.stale_every = 2, .hide_every = 3};
  PeopleAtEveryMoment(scenario);
}

TEST(CrashSweep, R1_R4_T4_T7_PeopleAndACrashAtEveryEffect) {
  EstateOptions scenario = ShortScenario(2);
  const std::vector<base::Duration> moments = Moments(scenario);
  int lives = 0;
  for (size_t i = 0; i < moments.size(); i += 8) {
    for (const Deed& deed : Deeds(moments[i])) {
      scenario.deeds = {deed};
      Estate whole(scenario);
      whole.Run();
      for (const CrashPoint& point : CrashPoints(whole.effects())) {
        Estate estate(scenario);
        estate.Run(point);
        ++lives;
        ASSERT_EQ(Complaints(estate), "") << Describe(deed) << " and " << point;
        ASSERT_TRUE(EndedAsAsked(estate)) << Describe(deed) << " and " << point;
      }
    }
  }
  std::cout << lives << " lives with a person and a crash in them\n";
}

}  // namespace
}  // namespace sim
