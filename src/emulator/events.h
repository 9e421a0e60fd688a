#pragma once

// The events that EMR and EC2 give to EventBridge, made from the model's changes of state: the
// envelope and the details as AWS's guides show them, every value a text. There is none for
// BOOTSTRAPPING and TERMINATING. Delivery is somebody else's: it may lose, double and reorder them.
//
// Facts: the CloudWatch Events and EMR Management guides, the event classes of AWS's CDK, EC2's
// guide ("Spot Instance interruption notices").

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "emulator/cluster.h"
#include "emulator/replies.h"

namespace emulator {

// Keeps nothing while it is off.
class Events {
 public:
  Events(bool on, uint64_t seed, Place place) : on_(on), seed_(seed), place_(std::move(place)) {}

  bool on() const { return on_; }
  // The state that each has now was just entered.
  void OnCluster(const Cluster& cluster, base::Time now);
  void OnStep(const Cluster& cluster, const Step& step, base::Time now);
  void OnFleet(const Cluster& cluster, const Fleet& fleet, base::Time now);
  // EC2 has no capacity for it.
  void OnShortage(const Cluster& cluster, std::string message, base::Time now);
  // EC2 will end the instance in two minutes.
  void OnInterruption(const Instance& instance, base::Time now);

  std::vector<json::object> Take() { return std::exchange(events_, {}); }

 private:
  void Add(std::string_view source,
           std::string_view detail_type,
           json::object detail,
           base::Time now);

  const bool on_;
  const uint64_t seed_;
  const Place place_;
  uint64_t made_ = 0;
  std::vector<json::object> events_;
};

}  // namespace emulator
