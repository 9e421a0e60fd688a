#include "driver/terminator.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace driver {

namespace {
constexpr size_t kBatch = 10;  // JobFlowIds, EMR API reference, TerminateJobFlows
// What is decided while that many wait for their turn or their reply goes out together: when EMR
// throttles, one call takes ten clusters along.
constexpr int kMostCalls = 2;
constexpr std::string_view kTerminate = "TerminateJobFlows";
constexpr std::string_view kLift = "SetTerminationProtection";

json::array Ids(const std::vector<model::ClusterId>& clusters) {
  json::array ids;
  for (const model::ClusterId& cluster : clusters)
    ids.emplace_back(cluster.str());
  return ids;
}
}  // namespace

void Terminator::Forget() {
  std::erase_if(kills_, [&](const auto& item) {
    return !item.second.in_flight && !context_.state().commands.contains({item.first.str(), 0}) &&
           !(denied_ && item.first == denied_cluster_);
  });
}

void Terminator::Plan() {
  Forget();
  base::Time now = context_.Now();
  for (const auto& [id, command] : context_.state().commands) {
    if (command.kind == model::CommandKind::kTerminate)
      kills_.try_emplace(model::ClusterId(command.aggregate));
  }
  std::vector<model::ClusterId> batch;
  std::vector<model::ClusterId> alone;
  for (auto& [cluster, kill] : kills_) {
    if (!kill.in_flight && now >= kill.due)
      (kill.alone ? alone : batch).push_back(cluster);
  }
  // A new kill does not wait for those that are difficult.
  for (auto next = batch.begin(); next != batch.end() && calls_ < kMostCalls;) {
    const auto end = next + std::min<ptrdiff_t>(kBatch, batch.end() - next);
    Send({next, end});
    next = end;
  }
  for (auto next = alone.begin(); next != alone.end() && calls_ < kMostCalls; ++next)
    Send({*next});
}

void Terminator::Send(std::vector<model::ClusterId> clusters) {
  ++calls_;
  for (const model::ClusterId& cluster : clusters)
    kills_[cluster].in_flight = true;
  json::object request{{"JobFlowIds", Ids(clusters)}};
  context_.caller.Request(Priority::kTerminate,
                          std::string(kTerminate),
                          std::move(request),
                          [this, clusters](const Reply& reply) { OnReply(clusters, reply); });
}

void Terminator::OnReply(const std::vector<model::ClusterId>& clusters, const Reply& reply) {
  using wire::ErrorClass;
  --calls_;
  base::Time now = context_.Now();
  const bool denied = reply.error && reply.error->error_class == ErrorClass::kPermission;
  const bool refused = reply.error && (reply.error->error_class == ErrorClass::kClean ||
                                       reply.error->error_class == ErrorClass::kNotFound);
  if (denied)
    OnDenied(kTerminate, clusters.front(), reply);
  else if (IsDenied(kTerminate) && (reply.body || refused))
    OnGranted();
  else if (IsDenied(kLift) && reply.body && clusters.front() == denied_cluster_)
    OnGranted();
  for (const model::ClusterId& cluster : clusters) {
    Kill& kill = kills_[cluster];
    kill.in_flight = false;
    kill.due = now + context_.options.terminate_interval;
    if (reply.error && !refused && !denied)
      kill.due = now + context_.options.throttle_pause;
    if (!refused && !denied)
      continue;
    if (!kill.alone && clusters.size() > 1) {
      kill.alone = true;  // one of them spoilt the batch
      kill.due = now;
    } else if (refused) {
      LiftProtection(cluster);
    }
  }
}

void Terminator::OnDenied(std::string_view action,
                          const model::ClusterId& cluster,
                          const Reply& reply) {
  const bool is_news = !denied_.has_value();
  denied_action_ = action;
  denied_cluster_ = cluster;
  denied_ = base::Cat("launching is held: EMR refuses ",
                      action,
                      " of ",
                      cluster.str(),
                      ": ",
                      reply.error->message.empty() ? reply.error->code : reply.error->message,
                      "; give the role elasticmapreduce:",
                      action);
  if (is_news)
    base::LogError("terminate_denied", {{"message", *denied_}});
}

void Terminator::OnGranted() {
  base::LogInfo("launching_resumed", {{"message", "EMR grants terminates again"}});
  denied_ = std::nullopt;
}

void Terminator::LiftProtection(const model::ClusterId& cluster) {
  kills_[cluster].in_flight = true;
  json::object request{{"JobFlowIds", Ids({cluster})}, {"TerminationProtected", false}};
  context_.caller.Request(
      Priority::kTerminate,
      std::string(kLift),
      std::move(request),
      [this, cluster](const Reply& reply) {
        if (reply.error && reply.error->error_class == wire::ErrorClass::kPermission)
          OnDenied(kLift, cluster, reply);
        else if (reply.body && IsDenied(kLift))
          OnGranted();
        Kill& kill = kills_[cluster];
        kill.in_flight = false;
        kill.alone = true;
        kill.due = context_.Now();
        if (!reply.body)
          kill.due += context_.options.terminate_interval;
      });
}

std::optional<base::Time> Terminator::NextWake() {
  std::optional<base::Time> wake;
  if (calls_ >= kMostCalls)
    return wake;  // a reply wakes us
  for (const auto& [cluster, kill] : kills_) {
    if (!kill.in_flight)
      Earlier(wake, kill.due);
  }
  return wake;
}

}  // namespace driver
