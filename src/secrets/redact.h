#pragma once

// What of variables and connections is shown: what Airflow's API hides is "***" here, too. Pure.

#include <set>
#include <string>
#include <string_view>

#include "base/json.h"

namespace secrets {

// All of it where its name is a secret's (base/mask.h), otherwise the members with such names of a
// JSON value; a text without any stays as it is.
std::string Redact(std::string_view name, std::string_view value);

// Whether Redact hides anything.
bool HoldsSecret(std::string_view name, std::string_view value);

// `after` as somebody sent it back who was shown `before` redacted: "***" stands for what it was.
std::string Unredact(std::string_view name, std::string_view after, std::string_view before);

// "***" for each of these in the text.
std::string Masked(std::string text, const std::set<std::string>& secrets);

}  // namespace secrets
