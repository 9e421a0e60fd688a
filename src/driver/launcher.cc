#include "driver/launcher.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "driver/look_back.h"
#include "emr/name.h"
#include "engine/queue.h"

namespace driver {

namespace {

constexpr std::string_view kRunJobFlow = "RunJobFlow";
constexpr base::Duration kTellAgain = base::seconds(30);

std::string Describe(const wire::AwsError& error) {
  std::string text = error.code;
  if (!error.message.empty())
    text += base::Cat(text.empty() ? "" : ": ", error.message);
  return text;
}

}  // namespace

// Never filtered by state: what was launched and has died already must be found too.
Launcher::Launcher(Context& context)
    : context_(context),
      look_up_(context,
               Priority::kLaunch,
               {.on_cluster = [this](const emr::ClusterSummary& cluster,
                                     base::Time sent_at) { OnListed(cluster, sent_at); },
                .on_end = [this] { OnLookedUp(); }}) {}

// Where the store refuses this too, memory is dropped and it has to be told again: not at once.
void Launcher::TellUnanswered() {
  if (!has_loaded_ || context_.Now() < next_tell_)
    return;
  has_loaded_ = false;
  next_tell_ = context_.Now() + kTellAgain;
  for (const auto& [token, launch] : context_.emr().launches) {
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
  if (held_ || denied_ || granted_ > 0 || now < paused_until_ ||
      engine::IsQueueEmpty(context_.state()))
    return 0;
  int budget = context_.caller.budget().Available(kRunJobFlow, now, Priority::kLaunch);
  int launches = budget > 0 ? context_.engine().Startable(budget) : 0;
  for (; granted_ < launches; ++granted_)
    context_.caller.budget().Take(kRunJobFlow, now);
  return launches;
}

void Launcher::Plan() {
  TellUnanswered();
  base::Time now = context_.Now();
  if (look_up_.under_way() || now < next_look_up_)
    return;
  std::vector<model::LaunchToken> uncertain;
  base::Time oldest = now;
  for (const model::LaunchToken& token : context_.emr().unsettled) {
    const model::LaunchRow& launch = context_.emr().launches.at(token);
    if (launch.state != model::LaunchState::kUnknown)
      continue;
    oldest = std::min(oldest, launch.created_at);
    uncertain.push_back(token);
  }
  if (uncertain.empty())
    return;
  // Time that did not pass is no time in which AWS could have obeyed.
  const work::EmrOptions& options = context_.options.emr;
  skipped_ = context_.world.Skipped(options.launch_settle + options.list_lag_max);
  asked_ = std::move(uncertain);
  found_.clear();
  look_up_.Start(oldest, ClusterList::States::kAll);
}

void Launcher::OnListed(const emr::ClusterSummary& cluster, base::Time sent_at) {
  const model::Identity& ours = context_.state().identity;
  const auto row = context_.emr().clusters.find(cluster.id);
  if (row != context_.emr().clusters.end()) {
    // One that other reads do not know lives.
    if (IsLost(row->second) && cluster.status && !IsTerminal(cluster.status->phase))
      context_.post(model::ClusterSeen{cluster.id, sent_at, cluster.status, {}, {}});
    return;
  }
  auto name = emr::ParseClusterName(cluster.name);
  if (!name || !emr::IsOurs(*name, ours.deployment, ours.incarnation) ||
      !context_.IsClaimable(cluster.id, name->token))
    return;
  const base::Time began_at = look_up_.began_at();
  found_.push_back({name->token,
                    cluster.id,
                    cluster.name,
                    cluster.status ? cluster.status->created_at.value_or(began_at) : began_at,
                    HasFailed(cluster)});
}

void Launcher::OnLookedUp() {
  context_.post(model::LaunchesLookedUp{
      std::move(asked_), std::exchange(found_, {}), look_up_.began_at() - skipped_});
  next_look_up_ = context_.Now() + context_.options.poll_interval;
}

std::optional<base::Time> Launcher::NextWake() {
  std::optional<base::Time> wake;
  base::Time now = context_.Now();
  if (!held_ && !denied_ && granted_ == 0 && context_.engine().Startable(1) > 0) {
    if (auto ready = context_.caller.budget().ReadyAt(kRunJobFlow, now, Priority::kLaunch))
      Earlier(wake, std::max(paused_until_, *ready));
  }
  const work::EmrState& state = context_.emr();
  bool uncertain = std::any_of(
      state.unsettled.begin(), state.unsettled.end(), [&](const model::LaunchToken& token) {
        return state.launches.at(token).state == model::LaunchState::kUnknown;
      });
  if (uncertain && !look_up_.under_way())
    Earlier(wake, next_look_up_);
  if (has_loaded_)
    Earlier(wake, next_tell_);
  return wake;
}

}  // namespace driver
