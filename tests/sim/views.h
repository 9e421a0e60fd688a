#pragma once

// What EMR's reads may say besides what is so now: something older, or all but one cluster.
// Distorts replies on their way to the driver, by position; the model of EMR itself stays honest.

#include <map>
#include <string>

#include "base/json.h"
#include "driver/world.h"
#include "emulator/emulator.h"

namespace sim {

struct ViewOptions {
  // Every k-th read (DescribeCluster and all lists) answers what the equal request before it was
  // answered; 0: none.
  int stale_every = 0;
  // Every k-th ListClusters lacks one cluster, each in its turn; 0: none.
  int hide_every = 0;
};

class Views {
 public:
  explicit Views(const ViewOptions& options) : options_(options) {}

  void Distort(const driver::Call& call, emulator::Reply& reply);

 private:
  void MakeStale(const driver::Call& call, json::value& body);
  void HideOne(json::array& clusters);

  const ViewOptions options_;
  std::map<std::string, json::value> latest_;  // by request: what was so when it was last made
  int reads_ = 0;
  int lists_ = 0;
  size_t turn_ = 0;
};

}  // namespace sim
