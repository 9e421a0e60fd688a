#pragma once

// `server.oidc` of signalbox.yaml, beside its plain keys (project_keys.cc): the groups, and what
// depends on several keys.

#include <vector>

#include "oidc/settings.h"
#include "yaml/yaml.h"

namespace dagfile {

// A list of {group, role, scopes}.
std::vector<oidc::GroupRule> ReadGroupRules(const yaml::Node& list, yaml::Diagnostics* errors);

// What is wrong with one of the scopes that the provider is asked for; "": nothing.
std::string OidcScopeMistake(std::string_view scope);

void CheckOidc(const oidc::Settings& settings, yaml::Mark mark, yaml::Diagnostics* errors);

}  // namespace dagfile
