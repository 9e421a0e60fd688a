#pragma once

// What others say of clusters: EventBridge's events, and the items that the forwarder made of them.
// Every one is a hint. It may be lost, doubled, late, out of order or forged, so that
//
//  - it must be of our account, region and deployment, and of a cluster that the engine knows;
//  - a phase in which a cluster lives is posted as a ClusterSeen with the source's time, and the
//    engine judges whether it is news;
//  - an end, a wait, a lack of nodes and trouble only bring EMR's own word forward: nothing is ever
//    ended, retried or killed because of a hint.

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "driver/context.h"
#include "driver/pace.h"
#include "driver/watch.h"
#include "wire/emr_event.h"
#include "wire/state_item.h"

namespace driver {

enum class HintSource { kWebhook, kQueue, kTable };
std::string_view ToString(HintSource source);  // "webhook"

// What became of a hint.
enum class HintOutcome {
  kNews,       // it brought something forward
  kKnown,      // nothing new: late, doubled, or learnt otherwise
  kHeld,       // of a cluster that is not known yet, for a short while
  kNoCluster,  // of a cluster that is not known, or is over
  kForeign,    // of another account, region or deployment
  kUnused,     // of a type that nothing is made of
  kMalformed,
};
std::string_view ToString(HintOutcome outcome);  // "news"

// The types of events that are told apart.
inline constexpr std::array<std::string_view, 9> kHintTypes{"cluster",
                                                            "step",
                                                            "fleet",
                                                            "group",
                                                            "provisioning",
                                                            "scaling",
                                                            "configuration",
                                                            "spot",
                                                            "other"};

class Hints {
 public:
  struct Key {
    HintSource source;
    std::string_view type;  // "cluster", "step", "fleet", …, "other"
    HintOutcome outcome;
    auto operator<=>(const Key&) const = default;
  };
  using Counts = std::map<Key, int64_t>;

  Hints(Context& context, Watches& watches, Pace& pace)
      : context_(context), watches_(watches), pace_(pace) {}

  // An event as EventBridge gives it to its targets.
  HintOutcome Take(HintSource source, std::string_view event);
  // An item of the state table, of a cluster that was asked for.
  HintOutcome Take(const wire::StateItem& item);
  // Clusters were recorded since: takes what was held for them, and forgets what is too old.
  void OnStateChanged();
  // Whose events are believed, once EMR has said so.
  void LearnAccount(const std::string& account);

  // EC2's latest warning names an instance, of which it is not known whose it is.
  std::optional<base::Time> spot_warned_at() const { return spot_warned_at_; }
  const Counts& counts() const { return counts_; }
  // When the source last brought something that could be read.
  std::optional<base::Time> last_at(HintSource source) const;
  // A sentence while the latest posts to the webhook cannot be used; "" while all is well.
  std::string WebhookTrouble() const;

 private:
  struct Held {
    base::Time since;
    HintSource source;
    model::ClusterId cluster;
    wire::EmrEvent event;
  };

  HintOutcome Count(HintSource source, std::string_view type, HintOutcome outcome);
  HintOutcome Judge(HintSource source, const wire::EmrEvent& event);
  HintOutcome OnEvent(const wire::EmrEvent& event);
  HintOutcome OnCluster(const model::ClusterRow& row,
                        Watch& watch,
                        const wire::ClusterStateChange& change,
                        base::Time at);
  HintOutcome OnStep(const model::ClusterRow& row,
                     Watch& watch,
                     const wire::StepStatusChange& change);
  HintOutcome OnCapacity(const model::ClusterRow& row,
                         Watch& watch,
                         const wire::CapacityChange& change,
                         base::Time at);

  Context& context_;
  Watches& watches_;
  Pace& pace_;
  std::string account_;
  std::deque<Held> held_;
  std::optional<base::Time> spot_warned_at_;
  Counts counts_;
  std::map<HintSource, base::Time> last_at_;
  std::map<HintSource, int> unread_;  // in a row
};

}  // namespace driver
