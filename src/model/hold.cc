#include "model/hold.h"

#include <array>

#include "base/text.h"

namespace model {

namespace {

constexpr std::array<std::string_view, 5> kScopes = {"all", "pool", "tag", "dag", "job"};

}  // namespace

std::string_view ToString(HoldScope scope) {
  return kScopes[static_cast<size_t>(scope)];
}

std::optional<HoldScope> ParseHoldScope(std::string_view text) {
  for (size_t i = 0; i < kScopes.size(); ++i) {
    if (kScopes[i] == text)
      return static_cast<HoldScope>(i);
  }
  return std::nullopt;
}

std::string WhatIsHeld(HoldScope scope, std::string_view target) {
  if (scope == HoldScope::kAll)
    return "all launches";
  return base::Cat("the launches of the ",
                   scope == HoldScope::kDag ? "DAG" : ToString(scope),
                   " '",
                   target,
                   "'");
}

}  // namespace model
