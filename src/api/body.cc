#include "api/body.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/safe_text.h"
#include "base/text.h"
#include "base/time.h"

namespace api {

namespace {

tl::unexpected<base::Error> Invalid(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

std::string Names(const BodySchema& schema) {
  if (schema.empty())
    return "there are none here";
  std::vector<std::string> names;
  for (const Member& member : schema)
    names.emplace_back(member.name);
  return base::Cat("known: ", base::Join(names, ", "));
}

base::Status CheckNames(const json::object& body, const BodySchema& schema) {
  for (const auto& given : body) {
    const std::string_view name = given.key();
    if (std::ranges::none_of(schema, [&](const Member& member) { return member.name == name; }))
      return Invalid(
          base::Cat("'", base::Excerpt(name), "' in the body is not supported; ", Names(schema)));
  }
  return {};
}

// "" where it fits, else how it must be.
std::string_view Wanted(const Member& member, const json::value& value) {
  switch (member.type) {
    case Member::Type::kText:
      return value.is_string() ? "" : "must be a text";
    case Member::Type::kFlag:
      return value.is_bool() ? "" : "must be true or false";
    case Member::Type::kNumber:
      return value.is_int64() ? "" : "must be a whole number";
    case Member::Type::kReal:
      return value.is_number() ? "" : "must be a number";
    case Member::Type::kObject:
      return value.is_object() ? "" : "must be a JSON object";
    case Member::Type::kList:
      return value.is_array() ? "" : "must be a list";
    case Member::Type::kTime:
      return value.is_string() ? "" : "must be a text such as 2026-01-05T02:00:00Z";
    case Member::Type::kAny:
      return "";
    case Member::Type::kNotYet:
      return value == json::value(false) ? "" : "is not supported yet";
  }
  return "";
}

base::Status CheckMember(const json::object& body, const Member& member) {
  const json::value* value = body.if_contains(member.name);
  if (value == nullptr && member.presence == Member::Presence::kRequired)
    return Invalid(base::Cat("'", member.name, "' is required; it may be null"));
  if (value == nullptr || value->is_null())
    return {};
  if (const std::string_view wanted = Wanted(member, *value); !wanted.empty())
    return Invalid(base::Cat("'", member.name, "' ", wanted));
  if (member.type == Member::Type::kTime)
    RETURN_IF_ERROR(base::ParseTime(value->get_string()));
  return {};
}

}  // namespace

base::Result<json::object> ReadBody(std::string_view body, const BodySchema& schema) {
  // As Airflow: a body whose members are all optional may be left out.
  if (body.empty() && std::ranges::none_of(schema, [](const Member& member) {
        return member.presence == Member::Presence::kRequired;
      }))
    return json::object();
  ASSIGN_OR_RETURN(json::value value, base::ParseJson(body, "the body"));
  if (!value.is_object())
    return Invalid("the body must be a JSON object");
  const json::object& object = value.get_object();
  RETURN_IF_ERROR(CheckNames(object, schema));
  for (const bool not_yet : {true, false}) {
    for (const Member& member : schema) {
      if ((member.type == Member::Type::kNotYet) == not_yet)
        RETURN_IF_ERROR(CheckMember(object, member));
    }
  }
  return std::move(value.get_object());
}

}  // namespace api
