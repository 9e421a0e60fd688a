#pragma once

// AWS shapes as tables, and checking a JSON value against one. A shape says what the service's
// model says (type, members, required, enumeration, length or range), no more: rules between
// members and documented ranges belong to the one who knows the service (src/emr).
//
// Shapes are constants that refer to each other by address, so that recursive ones can exist.
// Thread rule: immutable; pure functions.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace wire {

enum class ShapeKind {
  kString,
  kInteger,
  kLong,
  kDouble,
  kBoolean,
  kTimestamp,
  kList,
  kMap,
  kStruct
};

struct Shape;

enum class Presence { kOptional, kRequired };

struct Member {
  std::string_view name;
  const Shape* shape;
  Presence presence = Presence::kOptional;
};

struct Shape {
  ShapeKind kind;
  std::span<const Member> members;           // of a struct
  const Shape* key = nullptr;                // of a map
  const Shape* element = nullptr;            // of a list; the value of a map
  std::span<const std::string_view> values;  // of a string: the enumeration; empty for a free one
  std::optional<int64_t> min, max;           // characters of a string, value of a number
};

struct ShapeFinding {
  std::string path;  // "Instances.InstanceFleets[0].InstanceFleetType"
  std::string message;
};

struct ShapeOptions {
  // Members that the table does not have: a newer service may know them.
  bool allow_unknown = false;
  // Templates: a string with `{{` is unknown until it is rendered, so its text is not judged, and
  // one that is exactly one `{{ }}` may become any type.
  bool allow_templates = false;
};

// What is wrong with `value`, in the order of the value's members. Nothing: it fits.
std::vector<ShapeFinding> CheckShape(const Shape& shape,
                                     const json::value& value,
                                     const ShapeOptions& options = {});

// Numbers and booleans where the shape wants a string become their text (base/json_text.h): a
// rendered `{{ }}` keeps its type, and AWS does not convert.
void WriteScalarsAsTexts(const Shape& shape, json::value& value);

// A string whose text is known only once it is rendered.
bool HasTemplate(std::string_view text);

// Characters as AWS counts them: code points, not bytes.
size_t CharacterCount(std::string_view text);

}  // namespace wire
