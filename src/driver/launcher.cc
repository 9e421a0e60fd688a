#include "driver/launcher.h"

#include <algorithm>

#include "base/text.h"
#include "emr/name.h"

namespace driver {

namespace {

constexpr std::string_view kRunJobFlow = "RunJobFlow";
// Clusters are dated by EMR's clock, launches by ours.
constexpr base::Duration kClockMargin = base::minutes(10);
constexpr base::Duration kTellAgain = base::seconds(30);

std::string Describe(const wire::AwsError& error) {
  std::string text = error.code;
  if (!error.message.empty())
    text += base::Cat(text.empty() ? "" : ": ", error.message);
  return text;
}

}  // namespace

// Where the store refuses this too, memory is dropped and it has to be told again: not at once.
void Launcher::TellUnanswered() {
  if (!has_loaded_ || context_.Now() < next_tell_)
    return;
  has_loaded_ = false;
  next_tell_ = context_.Now() + kTellAgain;
  for (const auto& [token, launch] : context_.state().launches) {
    if (launch.state == model::LaunchState::kIntent && !in_flight_.contains(token))
      context_.post(model::LaunchUncertain{token, context_.Now(), "its answer was lost"});
  }
}

void Launcher::OnCommitted(const model::LaunchRow& launch) {
  in_flight_.insert(launch.token);
  context_.caller.SubmitPaid(
      std::string(kRunJobFlow), launch.request, [this, token = launch.token](const Reply& reply) {
        in_flight_.erase(token);
        OnReply(token, reply);
      });
}

void Launcher::OnTurnTaken(int launches) {
  for (; granted_ > launches; --granted_)
    context_.caller.budget().Return(kRunJobFlow);
  granted_ = 0;
}

void Launcher::PauseFor(base::Duration pause) {
  paused_until_ = std::max(paused_until_, context_.Now() + pause);
}

void Launcher::OnReply(const model::LaunchToken& token, const Reply& reply) {
  if (reply.body) {
    model::ClusterId cluster = emr::ReadRunJobFlow(*reply.body);
    if (cluster.empty())
      context_.post(model::LaunchUncertain{token, reply.sent_at, "the reply names no cluster"});
    else
      context_.post(model::LaunchAccepted{token, cluster, reply.sent_at});
    return;
  }
  using Kind = model::LaunchRefused::Kind;
  const wire::AwsError& error = *reply.error;
  switch (error.error_class) {
    case wire::ErrorClass::kThrottled:
      PauseFor(context_.options.throttle_pause);
      context_.post(model::LaunchRefused{token, Kind::kNotYet, Describe(error)});
      return;
    case wire::ErrorClass::kUnavailable:
    case wire::ErrorClass::kCredentials:
    case wire::ErrorClass::kClockSkew:
      // Nothing was launched, and the job is not to blame.
      PauseFor(context_.options.trouble_pause);
      context_.post(model::LaunchRefused{token, Kind::kNotYet, Describe(error)});
      return;
    case wire::ErrorClass::kClean:
    case wire::ErrorClass::kPermission:
    case wire::ErrorClass::kNotFound:
      context_.post(model::LaunchRefused{token, Kind::kRejected, Describe(error)});
      return;
    case wire::ErrorClass::kMayHaveHappened:
      context_.post(model::LaunchUncertain{token, reply.sent_at, Describe(error)});
      return;
  }
}

int Launcher::TakeTurn() {
  base::Time now = context_.Now();
  if (held_ || denied_ || granted_ > 0 || now < paused_until_ || context_.state().queue.empty())
    return 0;
  int budget = context_.caller.budget().Available(kRunJobFlow, now, Priority::kLaunch);
  int launches = budget > 0 ? context_.engine().Launchable(budget) : 0;
  for (; granted_ < launches; ++granted_)
    context_.caller.budget().Take(kRunJobFlow, now);
  return launches;
}

void Launcher::Plan() {
  TellUnanswered();
  base::Time now = context_.Now();
  if (look_up_ || now < next_look_up_)
    return;
  LookUp look_up;
  for (const model::LaunchToken& token : context_.state().unsettled) {
    const model::LaunchRow& launch = context_.state().launches.at(token);
    if (launch.state != model::LaunchState::kUnknown)
      continue;
    look_up.created_after = look_up.asked.empty()
                                ? launch.created_at
                                : std::min(look_up.created_after, launch.created_at);
    look_up.asked.push_back(token);
  }
  if (look_up.asked.empty())
    return;
  look_up.began_at = now;
  look_up.created_after -= kClockMargin;
  look_up_ = std::move(look_up);
  RequestPage("");
}

void Launcher::RequestPage(std::string marker) {
  // Never filtered by state: what was launched and has died already must be found too.
  json::object request{{"CreatedAfter", base::ToEpochSeconds(look_up_->created_after)}};
  if (!marker.empty())
    request["Marker"] = marker;
  context_.caller.Request(
      Priority::kLaunch, "ListClusters", std::move(request), [this](const Reply& reply) {
        OnPage(reply);
      });
}

void Launcher::OnPage(const Reply& reply) {
  if (!reply.body) {
    look_up_.reset();
    next_look_up_ = context_.Now() + context_.options.throttle_pause;
    return;
  }
  const model::Identity& identity = context_.state().identity;
  emr::PageOf<emr::ClusterSummary> page = emr::ReadListClusters(*reply.body);
  for (const emr::ClusterSummary& cluster : page.items) {
    auto name = emr::ParseClusterName(cluster.name);
    if (!name || !emr::IsOurs(*name, identity.deployment, identity.incarnation) ||
        !context_.IsClaimable(cluster.id, name->token))
      continue;
    base::Time created = cluster.status ? cluster.status->created_at.value_or(look_up_->began_at)
                                        : look_up_->began_at;
    look_up_->found.push_back({name->token, cluster.id, cluster.name, created});
  }
  if (!page.marker.empty()) {
    RequestPage(page.marker);
    return;
  }
  context_.post(model::LaunchesLookedUp{
      std::move(look_up_->asked), std::move(look_up_->found), look_up_->began_at});
  look_up_.reset();
  next_look_up_ = context_.Now() + context_.options.poll_interval;
}

std::optional<base::Time> Launcher::NextWake() {
  std::optional<base::Time> wake;
  base::Time now = context_.Now();
  if (!held_ && !denied_ && granted_ == 0 && context_.engine().Launchable(1) > 0) {
    if (auto ready = context_.caller.budget().ReadyAt(kRunJobFlow, now, Priority::kLaunch))
      Earlier(wake, std::max(paused_until_, *ready));
  }
  const engine::State& state = context_.state();
  bool uncertain = std::any_of(
      state.unsettled.begin(), state.unsettled.end(), [&](const model::LaunchToken& token) {
        return state.launches.at(token).state == model::LaunchState::kUnknown;
      });
  if (uncertain && !look_up_)
    Earlier(wake, next_look_up_);
  if (has_loaded_)
    Earlier(wake, next_tell_);
  return wake;
}

}  // namespace driver
