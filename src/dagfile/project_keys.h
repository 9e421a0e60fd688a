#pragma once

// The keys of signalbox.yaml that have one value, or a list of texts, and where each goes. A table,
// so that a file and an environment variable set them alike. Only for this folder.

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dagfile/project.h"

namespace dagfile {

using TextSlot = std::string& (*)(Project&);
using DurationSlot = base::Duration& (*)(Project&);
using SwitchSlot = bool& (*)(Project&);
using PolicySlot = WatchPolicy& (*)(Project&);
struct CountSlot {
  int& (*slot)(Project&);
  int min;
  int max;
};
enum class Bound { kFromOne, kPositive, kFraction, kShare };  // ≥ 1, > 0, 0 < x ≤ 1, 0 ≤ x ≤ 1
struct NumberSlot {
  double& (*slot)(Project&);
  Bound bound;
};

// A text, or a list of texts.
struct ListSlot {
  std::vector<std::string>& (*slot)(Project&);
  std::string (*mistake)(std::string_view);  // in one of them; "": none
};

struct ScalarKey {
  std::string_view section;  // "emr.budget"; "" at the top
  std::string_view key;
  std::variant<TextSlot, DurationSlot, SwitchSlot, PolicySlot, CountSlot, NumberSlot, ListSlot>
      slot;
};

std::span<const ScalarKey> ScalarKeys();

inline constexpr std::string_view kBudget = "emr.budget";
inline constexpr std::string_view kSources = "sources";
inline constexpr std::string_view kOidc = "server.oidc";

// Whose quota a budget may name: what Signalbox calls, and the account's sum.
std::span<const std::string_view> BudgetNames();
// What stands in an item of the state table; each may be called otherwise there.
std::span<const std::string_view> TableAttributes();

}  // namespace dagfile
