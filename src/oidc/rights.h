#pragma once

// What the groups of a person may do here. Pure.

#include <optional>
#include <string>
#include <vector>

#include "oidc/settings.h"

namespace oidc {

struct Rights {
  accounts::Role role = accounts::Role::kViewer;
  accounts::Scopes scopes;  // none: all DAGs
  friend bool operator==(const Rights&, const Rights&) = default;
};

// The highest role that any of the groups has, with the scopes of all groups that have that very
// role; all DAGs where one of them has no scopes. The order of groups and rules does not count.
// Nothing where no group has a rule.
std::optional<Rights> RightsOf(const std::vector<GroupRule>& rules,
                               const std::vector<std::string>& groups);

}  // namespace oidc
