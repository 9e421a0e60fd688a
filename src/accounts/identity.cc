#include "accounts/identity.h"

#include <algorithm>
#include <array>

#include "base/safe_text.h"
#include "base/text.h"

namespace accounts {

namespace {

constexpr std::array<std::string_view, 4> kRoles{"viewer", "operator", "author", "admin"};
constexpr std::string_view kDagScope = "dag:", kTagScope = "tag:";
constexpr size_t kScopeMost = 250;  // bytes

}  // namespace

std::string_view ToString(Role role) {
  return kRoles[static_cast<size_t>(role)];
}

std::optional<Role> ParseRole(std::string_view text) {
  const auto found = std::ranges::find(kRoles, text);
  if (found == kRoles.end())
    return std::nullopt;
  return static_cast<Role>(found - kRoles.begin());
}

std::string ToString(const Scope& scope) {
  return base::Cat(scope.by == Scope::By::kDag ? kDagScope : kTagScope, scope.text);
}

base::Result<Scope> ParseScope(std::string_view text) {
  const bool is_dag = text.starts_with(kDagScope);
  if ((!is_dag && !text.starts_with(kTagScope)) || text.size() == kDagScope.size() ||
      text.size() > kScopeMost || !base::IsUtf8(text))
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'",
                                base::Excerpt(text),
                                "' is no scope: write 'dag:' and a pattern of DAG ids, such as "
                                "dag:team_a_*, or 'tag:' and a tag, such as tag:team-a"));
  return Scope{is_dag ? Scope::By::kDag : Scope::By::kTag,
               std::string(text.substr(kDagScope.size()))};
}

bool Fits(const Scopes& scopes, const model::DagId& dag, const std::vector<std::string>& tags) {
  return std::ranges::any_of(scopes, [&](const Scope& scope) {
    return scope.by == Scope::By::kDag ? base::GlobMatch(scope.text, dag.str())
                                       : std::ranges::find(tags, scope.text) != tags.end();
  });
}

std::string_view ToString(Means means) {
  switch (means) {
    case Means::kProjectToken:
      return "api";
    case Means::kToken:
      return "token";
    case Means::kSession:
      return "session";
  }
  return "";
}

bool MaySee(const Identity& identity,
            const model::DagId& dag,
            const std::vector<std::string>& tags) {
  return std::ranges::all_of(identity.scopes,
                             [&](const Scopes& scopes) { return Fits(scopes, dag, tags); });
}

}  // namespace accounts
