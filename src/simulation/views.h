#pragma once

// What EMR's reads may say besides what is so now: something older, all but one cluster, or
// that there is no such cluster yet.
// Distorts replies on their way to the driver, by position; the model of EMR itself stays honest.

#include <deque>
#include <map>
#include <string>

#include "base/json.h"
#include "driver/world.h"
#include "emulator/emulator.h"

namespace simulation {

struct ViewOptions {
  // Every k-th read (DescribeCluster and all lists) answers what the equal request before it was
  // answered; 0: none.
  int stale_every = 0;
  // … unless that was longer ago than this: what is read may be late, not of another day.
  base::Duration stale_for = base::hours(24);
  // … and what it answers is the oldest answer since then, not the one before: two copies of what
  // EMR knows, one of them behind, that answer in turn.
  bool stale_is_oldest = false;
  // Every k-th ListClusters lacks one cluster, each in its turn; 0: none.
  int hide_every = 0;
  // … but only one that was created, got ready or ended this recently: EMR says that lists may miss
  // what changes state meanwhile.
  base::Duration hide_for = base::hours(24 * 365);
  // DescribeCluster does not know every k-th cluster that it is asked for, at first; 0: none.
  int forget_every = 0;
};

class Views {
 public:
  explicit Views(const ViewOptions& options) : options_(options) {}

  void Distort(const driver::Call& call, base::Time now, emulator::Reply& reply);

 private:
  void MakeStale(const driver::Call& call, base::Time now, json::value& body);
  void HideOne(base::Time now, json::array& clusters);
  bool IsForgotten(std::string_view cluster_id, base::Time now);

  const ViewOptions options_;
  struct Answer {
    base::Time at;
    json::value body;
  };
  // By request: what was so when it was last made, and before that where it matters.
  std::map<std::string, std::deque<Answer>> latest_;
  int reads_ = 0;
  std::map<std::string, base::Time, std::less<>> asked_for_;  // clusters, since when
  int lists_ = 0;
  size_t turn_ = 0;
};

}  // namespace simulation
