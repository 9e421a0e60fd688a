#include "base/json.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace base {

namespace {

// Years 1 to 9999: a time outside them can be neither written nor computed with.
constexpr double kFirstEpochSecond = -62'135'596'800;
constexpr double kLastEpochSecond = 253'402'300'800;

std::optional<double> NumberOf(const json::value& value) {
  if (value.is_double())
    return value.get_double();
  if (value.is_int64())
    return static_cast<double>(value.get_int64());
  if (value.is_uint64())
    return static_cast<double>(value.get_uint64());
  return std::nullopt;
}

}  // namespace

const json::value* Find(const json::object& object, std::string_view path) {
  const json::object* at = &object;
  while (true) {
    size_t dot = path.find('.');
    std::string_view name = path.substr(0, dot);
    const json::value* next = at->if_contains({name.data(), name.size()});
    if (next == nullptr || dot == std::string_view::npos)
      return next;
    at = next->if_object();
    if (at == nullptr)
      return nullptr;
    path.remove_prefix(dot + 1);
  }
}

const json::value* Find(const json::value& value, std::string_view path) {
  const json::object* object = value.if_object();
  return object == nullptr ? nullptr : Find(*object, path);
}

std::string GetString(const json::object& object,
                      std::string_view path,
                      std::string_view otherwise) {
  const json::value* value = Find(object, path);
  if (value == nullptr || !value->is_string())
    return std::string(otherwise);
  const json::string& text = value->get_string();
  return std::string(text.data(), text.size());
}

double GetDouble(const json::object& object, std::string_view path, double otherwise) {
  const json::value* value = Find(object, path);
  return value == nullptr ? otherwise : NumberOf(*value).value_or(otherwise);
}

int64_t GetInt(const json::object& object, std::string_view path, int64_t otherwise) {
  const json::value* value = Find(object, path);
  if (value == nullptr)
    return otherwise;
  if (value->is_int64())
    return value->get_int64();
  // A fraction is cut off; what no int64_t can hold is no integer.
  constexpr double kTooLarge = 0x1p63;
  if (value->is_double() && value->get_double() >= -kTooLarge && value->get_double() < kTooLarge)
    return static_cast<int64_t>(value->get_double());
  return otherwise;
}

bool GetBool(const json::object& object, std::string_view path, bool otherwise) {
  const json::value* value = Find(object, path);
  return value != nullptr && value->is_bool() ? value->get_bool() : otherwise;
}

std::optional<Time> GetEpoch(const json::object& object, std::string_view path) {
  const json::value* value = Find(object, path);
  const std::optional<double> number = value == nullptr ? std::nullopt : NumberOf(*value);
  if (!number)
    return std::nullopt;
  const double seconds = *number;
  if (seconds < kFirstEpochSecond || seconds >= kLastEpochSecond)
    return std::nullopt;
  return FromEpochSeconds(seconds);
}

const json::array& GetArray(const json::object& object, std::string_view path) {
  static const json::array kEmpty;
  const json::value* value = Find(object, path);
  return value != nullptr && value->is_array() ? value->get_array() : kEmpty;
}

const json::object& GetObject(const json::object& object, std::string_view path) {
  static const json::object kEmpty;
  const json::value* value = Find(object, path);
  return value != nullptr && value->is_object() ? value->get_object() : kEmpty;
}

void DeepMerge(json::object& under, const json::object& over) {
  for (const auto& [name, value] : over) {
    if (value.is_null()) {
      under.erase(name);
      continue;
    }
    json::value& slot = under[name];
    if (!value.is_object()) {
      slot = value;
      continue;
    }
    if (!slot.is_object())
      slot = json::object();
    DeepMerge(slot.get_object(), value.get_object());
  }
}

namespace {
void AppendCanonical(const json::value& value, std::string& out) {
  if (const json::object* object = value.if_object()) {
    std::vector<const json::key_value_pair*> members;
    for (const auto& member : *object)
      members.push_back(&member);
    std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) {
      return a->key() < b->key();
    });
    out += '{';
    for (size_t i = 0; i < members.size(); ++i) {
      if (i > 0)
        out += ',';
      out += json::serialize(json::value(members[i]->key()));
      out += ':';
      AppendCanonical(members[i]->value(), out);
    }
    out += '}';
  } else if (const json::array* array = value.if_array()) {
    out += '[';
    for (size_t i = 0; i < array->size(); ++i) {
      if (i > 0)
        out += ',';
      AppendCanonical((*array)[i], out);
    }
    out += ']';
  } else {
    out += json::serialize(value);
  }
}
}  // namespace

std::string Canonical(const json::value& value) {
  std::string out;
  AppendCanonical(value, out);
  return out;
}

}  // namespace base
