#include "api/times.h"

#include <algorithm>
#include <cmath>

#include "base/json_text.h"
#include "base/text.h"
#include "model/limits.h"

namespace api {

namespace {

bool IsFinite(const json::value& value) {
  if (const json::object* object = value.if_object())
    return std::ranges::all_of(*object,
                               [](const auto& member) { return IsFinite(member.value()); });
  if (const json::array* array = value.if_array())
    return std::ranges::all_of(*array, IsFinite);
  return !value.is_double() || std::isfinite(value.get_double());
}

}  // namespace

bool IsGiven(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  return value != nullptr && !value->is_null();
}

base::Result<std::optional<base::Time>> ReadTime(const json::object& body, std::string_view name) {
  if (!IsGiven(body, name))
    return std::nullopt;
  ASSIGN_OR_RETURN(base::Time time, base::ParseTime(body.at(name).get_string()));
  return time;
}

base::Status CheckConf(const json::object& conf, std::string_view name) {
  const size_t size = base::Serialize(conf).size();
  if (size > model::kConfBytesMax)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'",
                                name,
                                "' has ",
                                size,
                                " bytes as JSON, and at most ",
                                model::kConfBytesMax,
                                " are taken: put large inputs into S3 and pass their address"));
  if (!IsFinite(conf))
    return base::Fail(
        base::ErrorCode::kInvalidArgument,
        base::Cat("'", name, "' holds a number that is too large: write it as a text"));
  return {};
}

}  // namespace api
