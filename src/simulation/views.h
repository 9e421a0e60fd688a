#pragma once

// What EMR's reads may say besides what is so now: something older, all but one cluster, or
// that there is no such cluster. Each kind of read (DescribeCluster, ListSteps, …) is wrong on its
// own, so that two of them may contradict each other.
// Distorts replies on their way to the driver; the model of EMR itself stays honest.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
  // Reads of this action answer what was so up to this long ago, always.
  std::map<std::string, base::Duration, std::less<>> behind;
  // Each kind of read does not know a cluster until some moment after its launch, drawn up to this.
  base::Duration unborn_for{0};
  // No kind of read knows the cluster with this ordinal, from so long after its launch on. Each
  // kind knows it again by itself, after at least half of the span.
  struct Amnesia {
    uint64_t ordinal = 0;
    base::Duration from{0};
    base::Duration span{0};
  };
  std::vector<Amnesia> amnesias;
  uint64_t seed = 0;
};

class Views {
 public:
  Views(const emulator::Emulator& emr, const ViewOptions& options) : emr_(emr), options_(options) {}

  void Distort(const driver::Call& call, base::Time now, emulator::Reply& reply);
  // Reads do not know the cluster for longer than the product allows for, until then.
  std::optional<base::Time> LostUntil(const emulator::Cluster& cluster) const;

 private:
  bool IsUnknown(std::string_view action, const emulator::Cluster& cluster, base::Time now) const;
  const emulator::Cluster* Find(std::string_view id);
  void HideUnknown(base::Time now, json::array& clusters);
  void MakeStale(const driver::Call& call, base::Time now, json::value& body);
  void HideOne(base::Time now, json::array& clusters);
  bool IsForgotten(std::string_view cluster_id, base::Time now);

  const emulator::Emulator& emr_;
  const ViewOptions options_;
  std::map<std::string, const emulator::Cluster*, std::less<>> by_id_;
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
