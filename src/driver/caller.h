#pragma once

// Every call of the process goes through here: one to EMR waits for its budget in the order of its
// priority; it is submitted once, and its reply is handed to the part that asked.

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/json.h"
#include "driver/budget.h"
#include "driver/call_counts.h"
#include "driver/call_history.h"
#include "driver/world.h"

namespace driver {

using CountsByPriority = std::array<CallCounts, kPriorities>;

class Caller {
 public:
  using Done = std::function<void(const Reply&)>;

  explicit Caller(World& world, const BudgetOptions& options = {})
      : world_(world), budget_(options) {}

  void Request(Priority priority, std::string action, json::object body, Done done);
  // The same, but not before a time: a call that failed is asked for again after a pause.
  void RequestAt(
      base::Time not_before, Priority priority, std::string action, json::object body, Done done);
  // Of a service other than EMR: at once, for it has no share in EMR's quotas.
  void Request(Service service, std::string action, json::object body, Done done);
  // At once: its budget was taken before (a launch, whose turn came first).
  void SubmitPaid(std::string action, std::string body, Done done);
  // A reply to a call that is not known (of an earlier life) is ignored.
  void OnReply(uint64_t id, const Reply& reply);
  // Submits what the budget allows.
  void Pump();
  // When a call that waits may go.
  std::optional<base::Time> NextWake();

  Budget& budget() { return budget_; }
  const Budget& budget() const { return budget_; }
  // Of EMR's, by action.
  const std::map<std::string, CountsByPriority>& counts() const { return counts_; }
  const CallHistory& history() const { return history_; }
  // Of the others; nothing waits.
  using OtherAction = std::pair<Service, std::string>;
  const std::map<OtherAction, CallCounts>& other_counts() const { return other_counts_; }

 private:
  struct Waiting {
    uint64_t number;  // in the order of asking
    base::Time since;
    std::string body;
    Done done;
  };
  // By action, none empty: an action without budget does not hold up the others.
  using Queues = std::map<std::string, std::deque<Waiting>>;
  struct InFlight {
    Service service;
    std::string action;
    Priority priority;
    Done done;
  };
  struct Later {
    Priority priority;
    std::string action;
    json::object body;
    Done done;
  };
  CallCounts& CountsOf(const std::string& action, Priority priority);
  Queues::iterator NextReady(Priority priority);
  void Submit(Priority priority, std::string action, std::string body, Done done);

  World& world_;
  Budget budget_;
  std::array<Queues, kPriorities> queues_;
  std::multimap<base::Time, Later> later_;
  std::map<uint64_t, InFlight> in_flight_;
  std::map<std::string, CountsByPriority> counts_;
  CallHistory history_;
  std::map<OtherAction, CallCounts> other_counts_;
  uint64_t next_id_ = 1;
  uint64_t next_number_ = 0;
};

}  // namespace driver
