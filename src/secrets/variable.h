#pragma once

// A variable: a text under a name, which templates use ("{{ var.value.NAME }}"). Plain data, and
// the document that is sealed. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace secrets {

inline constexpr size_t kVariableKeyMax = 250;  // characters, as in Airflow

struct Variable {
  std::string key;
  std::string value;
  std::optional<std::string> description;
  friend bool operator==(const Variable&, const Variable&) = default;
};

// What of it may not be stored; kInvalidArgument.
base::Status Check(const Variable& variable);

// The document, without the key.
std::string ToDocument(const Variable& variable);
// kCorrupt where it is none.
base::Result<Variable> ParseVariable(std::string_view key, std::string_view document);

}  // namespace secrets
