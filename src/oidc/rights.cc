#include "oidc/rights.h"

#include <algorithm>

namespace oidc {

std::optional<Rights> RightsOf(const std::vector<GroupRule>& rules,
                               const std::vector<std::string>& groups) {
  std::vector<const GroupRule*> fitting;
  for (const GroupRule& rule : rules) {
    if (std::ranges::find(groups, rule.group) != groups.end())
      fitting.push_back(&rule);
  }
  if (fitting.empty())
    return std::nullopt;
  Rights rights{.role = (*std::ranges::max_element(fitting, {}, &GroupRule::role))->role};
  std::erase_if(fitting, [&](const GroupRule* rule) { return rule->role != rights.role; });
  const bool sees_all =
      std::ranges::any_of(fitting, [](const GroupRule* rule) { return rule->scopes.empty(); });
  if (sees_all)
    return rights;
  for (const GroupRule* rule : fitting) {
    for (const accounts::Scope& scope : rule->scopes) {
      if (std::ranges::find(rights.scopes, scope) == rights.scopes.end())
        rights.scopes.push_back(scope);
    }
  }
  return rights;
}

}  // namespace oidc
