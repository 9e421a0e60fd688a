#include "engine/readiness.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"

namespace engine {
namespace {

using model::TriggerRule;

constexpr JobState kEnds[] = {
    JobState::kSuccess, JobState::kFailed, JobState::kUpstreamFailed, JobState::kSkipped};

std::vector<TriggerRule> AllRules() {
  std::vector<TriggerRule> rules(model::kTriggerRules.begin(), model::kTriggerRules.end());
  rules.push_back(TriggerRule::kAllDoneSetupSuccess);
  return rules;
}

// One upstream job; kNone while it is open.
struct Up {
  JobState state = JobState::kNone;
  bool is_setup = false;
};
using Ups = std::vector<Up>;

UpstreamEnds EndsOf(const Ups& ups) {
  UpstreamEnds ends{.jobs = static_cast<int>(ups.size())};
  for (const Up& up : ups) {
    ends.setups += up.is_setup ? 1 : 0;
    Count(ends, up.state, up.is_setup);
  }
  return ends;
}

// What Airflow makes of jobs that have all ended: its documentation's sentences, and the state that
// TriggerRuleDep gives where the rule does not hold.
Readiness Documented(TriggerRule rule, const Ups& ups) {
  const auto count = [&](auto predicate) {
    return std::count_if(ups.begin(), ups.end(), predicate);
  };
  const auto all = static_cast<std::ptrdiff_t>(ups.size());
  const auto succeeded = count([](const Up& up) { return up.state == JobState::kSuccess; });
  const auto skipped = count([](const Up& up) { return up.state == JobState::kSkipped; });
  const auto broke = count([](const Up& up) { return up.state == JobState::kFailed; });
  const auto failed =
      broke + count([](const Up& up) { return up.state == JobState::kUpstreamFailed; });
  const auto setups = count([](const Up& up) { return up.is_setup; });
  const auto good =
      count([](const Up& up) { return up.is_setup && up.state == JobState::kSuccess; });
  const auto idle =
      count([](const Up& up) { return up.is_setup && up.state == JobState::kSkipped; });
  const auto pick = [](bool holds, Readiness otherwise) {
    return holds ? Readiness::kReady : otherwise;
  };
  switch (rule) {
    case TriggerRule::kAllSuccess:
      return pick(succeeded == all, failed > 0 ? Readiness::kUpstreamFailed : Readiness::kSkipped);
    case TriggerRule::kAllFailed:
      return pick(failed == all, Readiness::kSkipped);
    case TriggerRule::kAllDone:
    case TriggerRule::kAlways:
      return Readiness::kReady;
    case TriggerRule::kAllDoneMinOneSuccess:
      return pick(succeeded > 0 && skipped == 0,
                  skipped > 0 ? Readiness::kSkipped : Readiness::kUpstreamFailed);
    case TriggerRule::kAllSkipped:
      return pick(skipped == all, Readiness::kSkipped);
    case TriggerRule::kOneFailed:
      return pick(failed > 0, Readiness::kSkipped);
    case TriggerRule::kOneSuccess:
      return pick(succeeded > 0, skipped == all ? Readiness::kSkipped : Readiness::kUpstreamFailed);
    case TriggerRule::kOneDone:
      return pick(succeeded + broke > 0, Readiness::kSkipped);
    case TriggerRule::kNoneFailed:
      return pick(failed == 0, Readiness::kUpstreamFailed);
    case TriggerRule::kNoneFailedMinOneSuccess:
      return pick(failed == 0 && succeeded > 0,
                  failed > 0 ? Readiness::kUpstreamFailed : Readiness::kSkipped);
    case TriggerRule::kNoneSkipped:
      return pick(skipped == 0, Readiness::kSkipped);
    case TriggerRule::kAllDoneSetupSuccess:
      return pick(setups == 0 || good > 0,
                  idle == setups ? Readiness::kSkipped : Readiness::kUpstreamFailed);
  }
  return Readiness::kWaits;
}

// All that may become of jobs of which some are open.
void Complete(Ups ups, size_t from, std::vector<Ups>& out) {
  for (size_t i = from; i < ups.size(); ++i) {
    if (ups[i].state != JobState::kNone)
      continue;
    for (JobState end : kEnds) {
      ups[i].state = end;
      Complete(ups, i + 1, out);
    }
    return;
  }
  out.push_back(std::move(ups));
}

std::string Show(TriggerRule rule, const Ups& ups) {
  std::string text(ToString(rule));
  for (const Up& up : ups)
    text += base::Cat(" ", static_cast<int>(up.state), up.is_setup ? "s" : "");
  return text;
}

std::vector<Ups> AllUpTo(size_t most, bool with_setups) {
  std::vector<Ups> all{{}}, last{{}};
  for (size_t size = 1; size <= most; ++size) {
    std::vector<Ups> next;
    for (const Ups& ups : last) {
      for (JobState state : {JobState::kNone,
                             JobState::kSuccess,
                             JobState::kFailed,
                             JobState::kUpstreamFailed,
                             JobState::kSkipped}) {
        for (bool is_setup : {false, true}) {
          if (is_setup && !with_setups)
            continue;
          next.push_back(ups);
          next.back().push_back({state, is_setup});
        }
      }
    }
    all.insert(all.end(), next.begin(), next.end());
    last = std::move(next);
  }
  return all;
}

// Each rule, over all states of up to four upstream jobs: it decides as Airflow documents once all
// have ended, and before that as soon as whatever is open cannot change the decision.
TEST(Readiness, EachRuleDecidesAsDocumentedAndAsSoonAsItCan) {
  size_t open = 0, decided_early = 0;
  for (TriggerRule rule : AllRules()) {
    const bool of_teardowns = rule == TriggerRule::kAllDoneSetupSuccess;
    for (const Ups& ups : AllUpTo(of_teardowns ? 3 : 4, of_teardowns)) {
      const Readiness decision = Decide(rule, EndsOf(ups));
      if (ups.empty()) {
        EXPECT_EQ(decision, Readiness::kReady) << Show(rule, ups);
        continue;
      }
      std::vector<Ups> futures;
      Complete(ups, 0, futures);
      std::set<Readiness> possible;
      for (const Ups& future : futures)
        possible.insert(Documented(rule, future));
      if (futures.size() > 1) {
        ++open;
        decided_early += decision == Readiness::kWaits ? 0 : 1;
      }
      // all_done and the teardowns' rule wait for the last one although they know what they will
      // do.
      const bool waits_for_all =
          rule == TriggerRule::kAllDone || of_teardowns || *possible.begin() == Readiness::kReady;
      if (possible.size() == 1 && (futures.size() == 1 || !waits_for_all))
        EXPECT_EQ(decision, *possible.begin()) << Show(rule, ups);
      if (decision != Readiness::kWaits)
        EXPECT_EQ(possible, std::set{decision}) << Show(rule, ups);
    }
  }
  EXPECT_GT(open, 5000u);
  EXPECT_GT(decided_early, 1000u);
}

TEST(Readiness, SomeRulesDoNotWaitForTheOthers) {
  const Ups one_succeeded{{JobState::kSuccess}, {JobState::kNone}};
  const Ups one_failed{{JobState::kFailed}, {JobState::kNone}};
  EXPECT_EQ(Decide(TriggerRule::kOneSuccess, EndsOf(one_succeeded)), Readiness::kReady);
  EXPECT_EQ(Decide(TriggerRule::kOneFailed, EndsOf(one_failed)), Readiness::kReady);
  EXPECT_EQ(Decide(TriggerRule::kOneDone, EndsOf(one_failed)), Readiness::kReady);
  EXPECT_EQ(Decide(TriggerRule::kAlways, EndsOf(one_failed)), Readiness::kReady);
  EXPECT_EQ(Decide(TriggerRule::kAllDone, EndsOf(one_failed)), Readiness::kWaits);
  EXPECT_EQ(Decide(TriggerRule::kAllSuccess, EndsOf(one_failed)), Readiness::kUpstreamFailed);
}

TEST(Readiness, ASetupThatFailedCountsBeforeTheRuleAndASkipWaitsForIt) {
  EXPECT_EQ(Both(Readiness::kReady, Readiness::kUpstreamFailed), Readiness::kUpstreamFailed);
  EXPECT_EQ(Both(Readiness::kSkipped, Readiness::kWaits), Readiness::kWaits);
  EXPECT_EQ(Both(Readiness::kReady, Readiness::kSkipped), Readiness::kSkipped);
  EXPECT_EQ(Both(Readiness::kReady, Readiness::kReady), Readiness::kReady);
}

}  // namespace
}  // namespace engine
