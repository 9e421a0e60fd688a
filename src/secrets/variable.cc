#include "secrets/variable.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace secrets {

namespace {
using base::Cat;

bool IsKey(std::string_view key) {
  return key != "." && key != ".." && base::IsUtf8(key) &&
         std::ranges::none_of(
             key, [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '/' || c == '\\'; });
}

}  // namespace

base::Status Check(const Variable& variable) {
  const auto refuse = [](std::string message) {
    return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
  };
  if (variable.key.empty())
    return refuse("a variable needs a 'key'");
  if (variable.key.size() > kVariableKeyMax)
    return refuse(Cat("the key of a variable has at most ", kVariableKeyMax, " characters"));
  if (!IsKey(variable.key))
    return refuse(
        "the key of a variable is a part of a path: it has no '/', no '\\' and no control "
        "characters, and is not '.' or '..'");
  return {};
}

std::string ToDocument(const Variable& variable) {
  json::object document{{"value", variable.value}};
  if (variable.description)
    document["description"] = *variable.description;
  return base::Serialize(document);
}

base::Result<Variable> ParseVariable(std::string_view key, std::string_view document) {
  const auto parsed = base::ParseJson(document);
  const json::object* object = parsed ? parsed->if_object() : nullptr;
  const json::value* value = object == nullptr ? nullptr : object->if_contains("value");
  if (value == nullptr || !value->is_string())
    return base::Fail(base::ErrorCode::kCorrupt,
                      Cat("what is stored of the variable '", base::Excerpt(key), "' is none"));
  Variable variable{.key = std::string(key), .value = std::string(value->get_string())};
  const json::value* description = object->if_contains("description");
  if (description != nullptr && description->is_string())
    variable.description = std::string(description->get_string());
  return variable;
}

}  // namespace secrets
