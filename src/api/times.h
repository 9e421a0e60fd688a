#pragma once

// Members of a request's body that several resources read.

#include <optional>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"

namespace api {

// It is there and not null.
bool IsGiven(const json::object& body, std::string_view name);
// Nothing where the member is null or absent.
base::Result<std::optional<base::Time>> ReadTime(const json::object& body, std::string_view name);
// A run's params, which the body has under `name`: not too large, and every number finite.
base::Status CheckConf(const json::object& conf, std::string_view name);

}  // namespace api
