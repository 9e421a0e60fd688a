#include "driver/terminator.h"

#include <utility>

namespace driver {

namespace {
constexpr size_t kBatch = 10;  // JobFlowIds, EMR API reference, TerminateJobFlows

json::array Ids(const std::vector<model::ClusterId>& clusters) {
  json::array ids;
  for (const model::ClusterId& cluster : clusters)
    ids.emplace_back(cluster.str());
  return ids;
}
}  // namespace

void Terminator::Forget() {
  std::erase_if(kills_, [&](const auto& item) {
    return !item.second.in_flight && !context_.state().commands.contains({item.first.str(), 0});
  });
}

void Terminator::Plan() {
  Forget();
  base::Time now = context_.Now();
  std::vector<model::ClusterId> batch;
  for (const auto& [id, command] : context_.state().commands) {
    if (command.kind != model::CommandKind::kTerminate)
      continue;
    model::ClusterId cluster(command.aggregate);
    Kill& kill = kills_[cluster];
    if (kill.in_flight || now < kill.due)
      continue;
    kill.in_flight = true;
    if (kill.alone)
      Send({cluster});
    else
      batch.push_back(cluster);
    if (batch.size() == kBatch)
      Send(std::exchange(batch, {}));
  }
  if (!batch.empty())
    Send(std::move(batch));
}

void Terminator::Send(std::vector<model::ClusterId> clusters) {
  json::object request{{"JobFlowIds", Ids(clusters)}};
  context_.caller.Request(Priority::kTerminate,
                          "TerminateJobFlows",
                          std::move(request),
                          [this, clusters](const Reply& reply) { OnReply(clusters, reply); });
}

void Terminator::OnReply(const std::vector<model::ClusterId>& clusters, const Reply& reply) {
  base::Time now = context_.Now();
  bool refused = reply.error && (reply.error->error_class == wire::ErrorClass::kClean ||
                                 reply.error->error_class == wire::ErrorClass::kNotFound);
  for (const model::ClusterId& cluster : clusters) {
    Kill& kill = kills_[cluster];
    kill.in_flight = false;
    kill.due = now + context_.options.terminate_interval;
    if (reply.error && !refused)
      kill.due = now + context_.options.throttle_pause;
    if (!refused)
      continue;
    if (kill.alone || clusters.size() == 1) {
      LiftProtection(cluster);
    } else {
      kill.alone = true;
      kill.due = now;
    }
  }
}

void Terminator::LiftProtection(const model::ClusterId& cluster) {
  kills_[cluster].in_flight = true;
  json::object request{{"JobFlowIds", Ids({cluster})}, {"TerminationProtected", false}};
  context_.caller.Request(Priority::kTerminate,
                          "SetTerminationProtection",
                          std::move(request),
                          [this, cluster](const Reply& reply) {
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
  for (const auto& [cluster, kill] : kills_) {
    if (!kill.in_flight)
      Earlier(wake, kill.due);
  }
  return wake;
}

}  // namespace driver
