#pragma once

// Reads of a request that may still hold templates, and the list of what is wrong with it. Only for
// this folder.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "emr/request_check.h"
#include "wire/shape.h"

namespace emr {

// The text of a string member; nothing where it is absent or not known before rendering.
inline std::optional<std::string> KnownText(const json::object& object, std::string_view path) {
  const json::value* value = base::Find(object, path);
  if (value == nullptr || !value->is_string())
    return std::nullopt;
  std::string text = base::GetString(object, path);
  return wire::HasTemplate(text) ? std::nullopt : std::optional(std::move(text));
}

inline std::optional<int64_t> KnownInt(const json::object& object, std::string_view path) {
  const json::value* value = base::Find(object, path);
  return value != nullptr && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

// 0 where the member is absent, nothing where it is not known before rendering.
inline std::optional<int64_t> IntOrZero(const json::object& object, std::string_view path) {
  return base::Find(object, path) == nullptr ? 0 : KnownInt(object, path);
}

class Findings {
 public:
  void Error(std::string path, std::string message) {
    list_.push_back({std::move(path), std::move(message), Severity::kError});
  }
  void Warn(std::string path, std::string message) {
    list_.push_back({std::move(path), std::move(message), Severity::kWarning});
  }
  std::vector<Finding> Take() { return std::move(list_); }

 private:
  std::vector<Finding> list_;
};

// Calls visit(path, object) for every object of a list in the request.
template <typename Visit>
void EachObject(const json::object& request, std::string_view path, Visit visit) {
  size_t index = 0;
  for (const json::value& item : base::GetArray(request, path)) {
    if (const json::object* object = item.if_object())
      visit(base::Cat(path, '[', index, ']'), *object);
    ++index;
  }
}

}  // namespace emr
