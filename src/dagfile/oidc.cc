#include "dagfile/oidc.h"

#include <algorithm>
#include <set>

#include "accounts/accounts.h"
#include "base/text.h"
#include "oidc/metadata.h"
#include "yaml/reader.h"

namespace dagfile {

using base::Cat;

namespace {

constexpr base::Duration kLongestSkew = base::minutes(5), kLongestTimeout = base::seconds(30);
constexpr base::Duration kShortestSession = base::minutes(5);

std::optional<oidc::GroupRule> ReadGroupRule(const yaml::Node& node, yaml::Diagnostics* errors) {
  yaml::MapReader reader(node, "one of 'roles'", errors);
  const auto group = reader.Required<std::string>("group");
  const auto role = reader.Required<std::string>("role");
  const auto scopes = reader.Optional<std::vector<std::string>>("scopes");
  reader.Finish();
  if (!group || !role)
    return std::nullopt;
  oidc::GroupRule rule{.group = *group};
  if (group->empty())
    reader.Error("group", "'group' is empty: name one of the provider's groups");
  const auto parsed = accounts::ParseRole(*role);
  if (!parsed) {
    const auto near = base::DidYouMean(*role, {"viewer", "operator", "author", "admin"});
    reader.Error("role",
                 Cat("'role' is '",
                     *role,
                     "'; expected one of viewer, operator, author, admin",
                     near ? Cat("; did you mean ", *near, "?") : ""));
    return std::nullopt;
  }
  rule.role = *parsed;
  for (const std::string& text : scopes.value_or(std::vector<std::string>{})) {
    auto scope = accounts::ParseScope(text);
    if (scope)
      rule.scopes.push_back(*std::move(scope));
    else
      reader.Error("scopes", scope.error().message);
  }
  if (rule.role == accounts::Role::kAdmin && !rule.scopes.empty())
    reader.Error("scopes", "an admin sees all DAGs: leave out the scopes, or choose another role");
  return rule;
}

bool IsReference(std::string_view text) {
  const std::string_view name = text.substr(std::min(text.find(':') + 1, text.size()));
  return (text.starts_with("env:") || text.starts_with("file:")) && !name.empty();
}

}  // namespace

std::vector<oidc::GroupRule> ReadGroupRules(const yaml::Node& list, yaml::Diagnostics* errors) {
  std::vector<oidc::GroupRule> rules;
  const auto nodes = yaml::Read<std::vector<yaml::Node>>(list, "'roles'", errors);
  if (!nodes)
    return rules;
  std::set<std::string> groups;
  for (const yaml::Node& node : *nodes) {
    auto rule = ReadGroupRule(node, errors);
    if (!rule)
      continue;
    if (!groups.insert(rule->group).second)
      errors->Add(node.mark(), Cat("the group '", rule->group, "' has two entries: join them"));
    rules.push_back(*std::move(rule));
  }
  return rules;
}

std::string OidcScopeMistake(std::string_view scope) {
  const bool is_good = !scope.empty() && std::ranges::all_of(scope, [](unsigned char c) {
    return c > 0x20 && c < 0x7f && c != '"' && c != '\\';
  });
  return is_good ? "" : "is no scope of a provider, such as openid or profile";
}

void CheckOidc(const oidc::Settings& settings, yaml::Mark mark, yaml::Diagnostics* errors) {
  if (settings == oidc::Settings())
    return;
  const auto check_url = [&](std::string_view key, const std::string& url, bool allow_http) {
    if (const std::string mistake = oidc::UrlMistake(url, allow_http); !mistake.empty())
      errors->Add(mark, Cat("'", key, "' of 'server.oidc' ", mistake));
  };
  check_url("issuer", settings.issuer, settings.allow_http);
  if (settings.issuer.find('?') != std::string::npos)
    errors->Add(mark, "'issuer' of 'server.oidc' has a query, which an issuer cannot have");
  // Where TLS ends before us, and on this machine, browsers come without.
  if (!settings.redirect_url.empty())
    check_url("redirect_url", settings.redirect_url, true);
  if (!settings.redirect_url.empty() && !settings.redirect_url.ends_with("/auth/callback"))
    errors->Add(mark, "'redirect_url' of 'server.oidc' must end in /auth/callback");
  if (!settings.post_logout_url.empty())
    check_url("post_logout_url", settings.post_logout_url, true);
  if (settings.client_id.empty())
    errors->Add(mark, "'server.oidc' needs the key 'client_id', as the provider knows us");
  // Its value is not told: somebody may have put the secret itself there.
  if (!settings.client_secret.empty() && !IsReference(settings.client_secret))
    errors->Add(mark,
                "'client_secret' of 'server.oidc' must say where the secret is: env:NAME is an "
                "environment variable, file:PATH a file");
  if (std::ranges::find(settings.scopes, "openid") == settings.scopes.end())
    errors->Add(mark, "'scopes' of 'server.oidc' must hold 'openid': without it there is no login");
  if (settings.username_claim.empty() || settings.groups_claim.empty())
    errors->Add(mark, "'username_claim' and 'groups_claim' of 'server.oidc' must not be empty");
  if (settings.roles.empty())
    errors->Add(mark,
                "'server.oidc' needs the key 'roles', a list of {group, role, scopes}: without it "
                "nobody could log in");
  if (settings.session_length < kShortestSession ||
      settings.session_length > accounts::kSessionLife)
    errors->Add(mark,
                Cat("'session_length' of 'server.oidc' must be from ",
                    base::FormatDuration(kShortestSession),
                    " to ",
                    base::FormatDuration(accounts::kSessionLife)));
  if (settings.clock_skew > kLongestSkew)
    errors->Add(
        mark, Cat("'clock_skew' of 'server.oidc' is at most ", base::FormatDuration(kLongestSkew)));
  if (settings.timeout > kLongestTimeout)
    errors->Add(
        mark, Cat("'timeout' of 'server.oidc' is at most ", base::FormatDuration(kLongestTimeout)));
}

}  // namespace dagfile
