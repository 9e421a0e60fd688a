#include "secrets/redact.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "base/json_text.h"
#include "base/mask.h"
#include "base/text.h"

namespace secrets {

namespace {

enum class Hidden { kSecrets, kAll };

// Whether anything was hidden.
bool Hide(json::value& value, Hidden hidden) {
  bool any = false;
  if (json::object* object = value.if_object()) {
    for (auto& [name, member] : *object)
      any |= Hide(member, base::IsSecretName(name) ? Hidden::kAll : hidden);
  } else if (json::array* list = value.if_array()) {
    for (json::value& item : *list)
      any |= Hide(item, hidden);
  } else if (hidden == Hidden::kAll && !value.is_null()) {
    value = json::string(base::kMask);
    any = true;
  }
  return any;
}

// The object or list that the text is; nothing for any other.
std::optional<json::value> ParseStructure(std::string_view text) {
  auto parsed = base::ParseJson(text);
  if (!parsed || !parsed->is_structured())
    return std::nullopt;
  return std::move(*parsed);
}

json::value Restored(json::value after, const json::value* before) {
  if (before == nullptr)
    return after;
  if (after.is_string() && after.get_string() == base::kMask)
    return *before;
  if (json::array* list = after.if_array(); list != nullptr && before->is_array()) {
    for (size_t i = 0; i < std::min(list->size(), before->get_array().size()); ++i)
      (*list)[i] = Restored(std::move((*list)[i]), &before->get_array()[i]);
    return after;
  }
  json::object* object = after.if_object();
  if (object == nullptr || !before->is_object())
    return after;
  for (auto& [name, member] : *object)
    member = Restored(std::move(member), before->get_object().if_contains(name));
  return after;
}

}  // namespace

std::string Redact(std::string_view name, std::string_view value) {
  const bool is_secret = base::IsSecretName(name);
  std::optional<json::value> parsed = ParseStructure(value);
  if (!parsed)
    return std::string(is_secret ? base::kMask : value);
  if (!Hide(*parsed, is_secret ? Hidden::kAll : Hidden::kSecrets))
    return std::string(value);
  return base::Serialize(*parsed);
}

bool HoldsSecret(std::string_view name, std::string_view value) {
  if (base::IsSecretName(name))
    return true;
  std::optional<json::value> parsed = ParseStructure(value);
  return parsed && Hide(*parsed, Hidden::kSecrets);
}

std::string Masked(std::string text, const std::set<std::string>& secrets) {
  // One may begin like another.
  std::vector<std::string_view> found;
  for (const std::string& secret : secrets) {
    if (text.find(secret) != std::string::npos)
      found.push_back(secret);
  }
  std::ranges::sort(found, std::ranges::greater(), &std::string_view::size);
  for (const std::string_view secret : found)
    text = base::ReplaceAll(text, secret, base::kMask);
  return text;
}

std::string Unredact(std::string_view name, std::string_view after, std::string_view before) {
  if (after == base::kMask && base::IsSecretName(name))
    return std::string(before);
  std::optional<json::value> parsed = ParseStructure(after);
  std::optional<json::value> old = ParseStructure(before);
  if (!parsed || !old)
    return std::string(after);
  const json::value restored = Restored(*parsed, &*old);
  return restored == *parsed ? std::string(after) : base::Serialize(restored);
}

}  // namespace secrets
