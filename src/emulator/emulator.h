#pragma once

// A strict, pure model of Amazon EMR: a JSON request in at a world time, a JSON reply out. No
// sockets, no clock, no threads; everything follows from (seed, fault plan, calls with their
// times). The same object serves `signalbox emulator` over HTTP (emulator_http) and simulations
// in-process.
//
// Beside it the least of S3 (objects.h), for what steps leave there.
//
// It is not EMR's whole API: IsOperation (request_shape.h) lists what it answers. States, reasons
// and messages are those that EMR was seen to give; where no source says, the code does.
//
// Thread rule: none; one thread at a time.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "emulator/cluster.h"
#include "emulator/events.h"
#include "emulator/fault_plan.h"
#include "emulator/lifecycle.h"
#include "emulator/objects.h"
#include "emulator/quotas.h"
#include "emulator/replies.h"
#include "emulator/step_order.h"

namespace emulator {

struct Reply {
  // What the transport does with this reply.
  enum class Delivery {
    kNormal,
    kDrop,   // closes the connection without an answer, after `wall_delay`
    kDelay,  // answers after `wall_delay`
  };
  int http_status = 200;
  json::value body;        // null: none; an error: {"__type", "message" or "Message", "ErrorCode"}
  std::string error_code;  // "" on success
  std::string request_id;
  Delivery delivery = Delivery::kNormal;
  base::Duration wall_delay{0};
};

struct Options {
  uint64_t seed = 1;
  std::string region = "us-east-1";
  std::string account = "000000000000";
  FaultPlan plan;    // timing, quotas and faults
  double speed = 1;  // world seconds a wall second: places the effect of kAcceptLate
  bool journal = true;
  bool events = false;     // what EventBridge would be given (events.h)
  bool run_steps = false;  // for real (step_order.h); else a step's time is pretended
};

struct StepTruth {
  std::string id;
  std::string name;
  StepState state;
  std::optional<base::Time> started_at;
  std::optional<base::Time> ended_at;
};

struct FleetTruth {
  FleetType type;
  int64_t target;   // units of capacity, as are the next
  int64_t running;  // 0 before its instances are ready
};

struct ClusterTruth {
  std::string id;
  std::string name;
  ClusterState state;
  Reason reason;
  base::Time created_at;
  std::optional<base::Time> ended_at;  // nothing while it lives
  std::vector<StepTruth> steps;
  std::vector<FleetTruth> fleets;
  double instance_seconds;

  bool Live() const { return !ended_at.has_value(); }
  bool RanSteps() const;
};

class Emulator {
 public:
  explicit Emulator(Options options);
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;

  // Advances the model to `now` (world; it never goes back, an earlier time counts as the latest),
  // then handles one call.
  Reply Handle(std::string_view action, const json::value& request, base::Time now);
  // A call that the transport refused (a wrong signature, say): an error reply, and a journal line.
  Reply Refuse(std::string_view action,
               std::string_view code,
               std::string_view message,
               base::Time now);
  void AdvanceTo(base::Time now);
  // When something next changes without a call; nothing where everything is at rest.
  std::optional<base::Time> NextChange() const;

  // With run_steps: the work to begin and to stop, in order, since the last call of this.
  std::vector<StepOrder> TakeStepOrders() { return lifecycle_.TakeStepOrders(); }
  // What came of an order to start, at `now`: the step has COMPLETED, or FAILED with `failure` as
  // its message. A step that was to stop meanwhile is left as it is.
  void FinishStep(std::string_view cluster_id,
                  std::string_view step_id,
                  std::string failure,
                  base::Time now);

  // Everything that happened since the last call of this, in order: the journal's lines.
  //
  //   {t, action, http, code, cluster_id, name, request_id, request, [steps], [delivery], [fault]}
  //   {t, change: cluster | step | fleet, …}    a state was entered
  //   {t, fault, …}                             a fault struck a cluster
  //   {t, late, cluster_id, name, request_id}   the effect of an accept_late call (that had http 0)
  std::vector<json::object> TakeJournal() { return journal_.Take(); }

  // With `events`: those that AWS would have sent since the last call of this, in order of their
  // making, each as EventBridge gives it to its targets.
  std::vector<json::object> TakeEvents() { return events_.Take(); }

  // The truth for checkers, by order of arrival.
  std::vector<ClusterTruth> Clusters() const;
  // The same without a copy, for callers that look after every call: clusters stay where they are.
  const std::deque<Cluster>& clusters() const { return lifecycle_.clusters(); }
  const Objects& objects() const { return objects_; }
  base::Time now() const { return lifecycle_.now(); }

 private:
  struct LateCall {
    std::string action;
    json::value request;
    std::string request_id;
  };
  struct Call;

  const Fault* FaultOn(std::string_view action, const json::value& request);
  bool NameMatches(const Fault& fault, const json::value& request);
  Reply Execute(Call& call);
  Reply ApplyFault(const Fault& fault, Call& call);
  void RunLateCalls(base::Time now);
  void WriteJournal(const Call& call,
                    const Reply& reply,
                    const json::value& request,
                    const Fault* fault);

  Reply RunJobFlow(Call& call);
  Reply DescribeCluster(Call& call);
  Reply ListClusters(Call& call);
  Reply ListSteps(Call& call);
  Reply DescribeStep(Call& call);
  Reply ListInstanceFleets(Call& call);
  Reply ListInstanceGroups(Call& call);
  Reply ListInstances(Call& call);
  Reply ListReleaseLabels(Call& call);
  Reply TerminateJobFlows(Call& call);
  Reply SetTerminationProtection(Call& call);
  // The cluster of ClusterId (JobFlowId, ResourceId), or null.
  Cluster* FindOne(Call& call);
  // The clusters of JobFlowIds, or an error reply.
  std::optional<Reply> FindAll(Call& call, std::vector<Cluster*>* clusters);

  // The rows that the call's Marker asks for, or nothing where it is not one of `scope`'s.
  struct Page {
    size_t begin;
    size_t end;
  };
  std::optional<Page> FindPage(const Call& call, std::string_view scope, size_t rows) const;
  std::string MakeMarker(std::string_view scope, size_t position) const;
  std::optional<size_t> ReadMarker(std::string_view scope, std::string_view marker) const;

  const Options options_;
  const Place place_;
  Journal journal_;
  Events events_;
  Objects objects_;
  Lifecycle lifecycle_;
  Quotas quotas_;
  std::vector<int64_t> fault_matches_;  // parallel to the plan's faults
  std::multimap<base::Time, LateCall> late_calls_;
  uint64_t calls_ = 0;
};

}  // namespace emulator
