#include "engine/readiness.h"

namespace engine {

namespace {

using model::TriggerRule;

// The decision once `wanted` holds, or can hold no more.
Readiness AtOnce(bool wanted, const UpstreamEnds& ends, Readiness otherwise) {
  if (wanted)
    return Readiness::kReady;
  return ends.Open() > 0 ? Readiness::kWaits : otherwise;
}

// Ready when all have ended, unless one of them forbids it before.
Readiness Unless(bool forbidden, Readiness instead, const UpstreamEnds& ends) {
  if (forbidden)
    return instead;
  return ends.Open() > 0 ? Readiness::kWaits : Readiness::kReady;
}

Readiness AllSuccess(const UpstreamEnds& ends) {
  if (ends.failed > 0)
    return Readiness::kUpstreamFailed;
  if (ends.Open() > 0)
    return Readiness::kWaits;
  return ends.skipped > 0 ? Readiness::kSkipped : Readiness::kReady;
}

Readiness AllDoneMinOneSuccess(const UpstreamEnds& ends) {
  if (ends.skipped > 0)
    return Readiness::kSkipped;
  return AtOnce(ends.Open() == 0 && ends.succeeded > 0, ends, Readiness::kUpstreamFailed);
}

Readiness NoneFailedMinOneSuccess(const UpstreamEnds& ends) {
  if (ends.failed > 0)
    return Readiness::kUpstreamFailed;
  return AtOnce(ends.Open() == 0 && ends.succeeded > 0, ends, Readiness::kSkipped);
}

Readiness AllDoneSetupSuccess(const UpstreamEnds& ends) {
  if (ends.Open() > 0)
    return Readiness::kWaits;
  if (ends.setups == 0 || ends.setups_succeeded > 0)
    return Readiness::kReady;
  return ends.setups_skipped == ends.setups ? Readiness::kSkipped : Readiness::kUpstreamFailed;
}

}  // namespace

void Count(UpstreamEnds& ends, JobState state, bool is_setup) {
  switch (state) {
    case JobState::kSuccess:
      ++ends.succeeded;
      ends.setups_succeeded += is_setup ? 1 : 0;
      return;
    case JobState::kFailed:
      ++ends.broke;
      ++ends.failed;
      return;
    case JobState::kUpstreamFailed:
      ++ends.failed;
      return;
    case JobState::kSkipped:
      ++ends.skipped;
      ends.setups_skipped += is_setup ? 1 : 0;
      return;
    case JobState::kNone:
    case JobState::kQueued:
    case JobState::kStarting:
    case JobState::kWorking:
    case JobState::kMapped:
    case JobState::kUpForRetry:
    case JobState::kUpForGroupRetry:  // seen as kFailed, or not at all
    case JobState::kRestarting:
    case JobState::kRemoved:  // only an instance is, and nothing waits for one
      return;
  }
}

Readiness Decide(TriggerRule rule, const UpstreamEnds& ends) {
  // Airflow runs a job without upstream jobs under every rule.
  if (ends.jobs == 0)
    return Readiness::kReady;
  switch (rule) {
    case TriggerRule::kAllSuccess:
      return AllSuccess(ends);
    case TriggerRule::kAllFailed:
      return Unless(ends.succeeded + ends.skipped > 0, Readiness::kSkipped, ends);
    case TriggerRule::kAllDone:
      return Unless(false, Readiness::kSkipped, ends);
    case TriggerRule::kAllDoneMinOneSuccess:
      return AllDoneMinOneSuccess(ends);
    case TriggerRule::kAllSkipped:
      return Unless(ends.succeeded + ends.failed > 0, Readiness::kSkipped, ends);
    case TriggerRule::kOneFailed:
      return AtOnce(ends.failed > 0, ends, Readiness::kSkipped);
    case TriggerRule::kOneSuccess:
      return AtOnce(ends.succeeded > 0,
                    ends,
                    ends.skipped == ends.jobs ? Readiness::kSkipped : Readiness::kUpstreamFailed);
    case TriggerRule::kOneDone:
      return AtOnce(ends.succeeded + ends.broke > 0, ends, Readiness::kSkipped);
    case TriggerRule::kNoneFailed:
      return Unless(ends.failed > 0, Readiness::kUpstreamFailed, ends);
    case TriggerRule::kNoneFailedMinOneSuccess:
      return NoneFailedMinOneSuccess(ends);
    case TriggerRule::kNoneSkipped:
      return Unless(ends.skipped > 0, Readiness::kSkipped, ends);
    case TriggerRule::kAlways:
      return Readiness::kReady;
    case TriggerRule::kAllDoneSetupSuccess:
      return AllDoneSetupSuccess(ends);
  }
  return Readiness::kWaits;
}

Readiness Both(Readiness of_rule, Readiness of_setups) {
  for (Readiness bad : {Readiness::kUpstreamFailed, Readiness::kWaits, Readiness::kSkipped}) {
    if (of_rule == bad || of_setups == bad)
      return bad;
  }
  return Readiness::kReady;
}

}  // namespace engine
