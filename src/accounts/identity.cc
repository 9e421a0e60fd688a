#include "accounts/identity.h"

#include <algorithm>
#include <array>

#include "base/safe_text.h"
#include "base/text.h"

namespace accounts {

namespace {

constexpr std::array<std::string_view, 4> kRoles{"viewer", "operator", "author", "admin"};
constexpr std::array<std::string_view, 3> kScopes{"dag:", "tag:", "access:"};  // as Scope::By
constexpr size_t kScopeMost = 250;                                             // bytes

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

base::Result<Role> ReadRole(std::string_view text) {
  const auto role = ParseRole(text);
  if (!role)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'role' is '",
                                base::Excerpt(text),
                                "', and must be ",
                                base::Join({kRoles.begin(), kRoles.end() - 1}, ", "),
                                " or ",
                                kRoles.back()));
  return *role;
}

std::string ToString(const Scope& scope) {
  return base::Cat(kScopes[static_cast<size_t>(scope.by)], scope.text);
}

base::Result<Scope> ParseScope(std::string_view text) {
  const auto kind = std::ranges::find_if(
      kScopes, [&](std::string_view prefix) { return text.starts_with(prefix); });
  if (kind == kScopes.end() || text.size() == kind->size() || text.size() > kScopeMost ||
      !base::IsUtf8(text))
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'",
                                base::Excerpt(text),
                                "' is no scope: write 'dag:' and a pattern of DAG ids, such as "
                                "dag:team_a_*, 'tag:' and a tag, such as tag:team-a, or 'access:' "
                                "and a name that DAG files have in their 'access', such as "
                                "access:team_a"));
  return Scope{static_cast<Scope::By>(kind - kScopes.begin()),
               std::string(text.substr(kind->size()))};
}

namespace {

bool Fits(const Scope& scope, const Marks& marks) {
  switch (scope.by) {
    case Scope::By::kDag:
      return base::GlobMatch(scope.text, marks.dag.str());
    case Scope::By::kTag:
      return std::ranges::find(marks.tags, scope.text) != marks.tags.end();
    case Scope::By::kAccess:
      return std::ranges::find(marks.access, scope.text) != marks.access.end();
  }
  return false;
}

}  // namespace

bool Fits(const Scopes& scopes, const Marks& marks) {
  return std::ranges::any_of(scopes, [&](const Scope& scope) { return Fits(scope, marks); });
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

bool MaySee(const Identity& identity, const Marks& marks) {
  return std::ranges::all_of(identity.scopes,
                             [&](const Scopes& scopes) { return Fits(scopes, marks); });
}

}  // namespace accounts
