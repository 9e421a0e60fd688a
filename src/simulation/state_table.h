#pragma once

// The DynamoDB table into which a forwarder writes EMR's events (wire/state_item.h), and what
// DynamoDB answers when it is asked for items.
//
// Not here: who brings the events (event_bus.h), and what is lost on the way (network.h).

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/json.h"
#include "base/time.h"

namespace simulation {

class StateTable {
 public:
  static constexpr char kName[] = "states";

  // Puts what an event says, where the table does not know as much or more. An event that says
  // nothing of a state is passed over.
  void Take(std::string_view event);
  // The body of the answer.
  json::value BatchGetItem(const json::object& request) const;

 private:
  struct Item {
    std::tuple<int, base::Time, std::string> place;  // the phase rule: the greatest stays
    json::object attributes;
  };
  std::map<std::pair<std::string, std::string>, Item> items_;  // by cluster and sort key
};

}  // namespace simulation
