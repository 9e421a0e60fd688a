#include "wire/shape.h"

#include <algorithm>
#include <limits>

#include "base/json_text.h"
#include "base/text.h"

namespace wire {
namespace {

std::string_view TextOf(const json::string& text) {
  return {text.data(), text.size()};
}

// The whole string is one `{{ }}`: it may render to a value of any type.
bool IsOneTemplate(std::string_view text) {
  text = base::Trim(text);
  return text.starts_with("{{") && text.find("}}") == text.size() - 2 &&
         text.find("{{", 2) == std::string_view::npos;
}

// "the string \"on\"", "3", "a list": for "expected …, got …".
std::string Describe(const json::value& value) {
  constexpr size_t kShownMax = 40;
  switch (value.kind()) {
    case json::kind::object:
      return "a map";
    case json::kind::array:
      return "a list";
    case json::kind::null:
      return "null";
    case json::kind::string:
      return base::Cat("the string \"", TextOf(value.get_string()).substr(0, kShownMax), '"');
    case json::kind::bool_:
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return base::Serialize(value);
  }
  return "";
}

std::string_view Expected(ShapeKind kind) {
  switch (kind) {
    case ShapeKind::kString:
      return "a string";
    case ShapeKind::kInteger:
    case ShapeKind::kLong:
      return "an integer";
    case ShapeKind::kDouble:
      return "a number";
    case ShapeKind::kBoolean:
      return "true or false";
    case ShapeKind::kTimestamp:
      return "epoch seconds";
    case ShapeKind::kList:
      return "a list";
    case ShapeKind::kMap:
    case ShapeKind::kStruct:
      return "a map";
  }
  return "";
}

// ReleaseLabel, release_label and releaselabel are one word to a person.
std::string Folded(std::string_view name) {
  return base::ReplaceAll(base::ReplaceAll(base::ToLower(name), "_", ""), "-", "");
}

std::optional<std::string> NearestMember(std::string_view name, std::span<const Member> members) {
  std::vector<std::string> names;
  for (const Member& member : members) {
    if (Folded(member.name) == Folded(name))
      return std::string(member.name);
    names.emplace_back(member.name);
  }
  return base::DidYouMean(name, names);
}

class Checker {
 public:
  explicit Checker(const ShapeOptions& options) : options_(options) {}

  void Check(const Shape& shape, const json::value& value, const std::string& path) {
    const json::string* text = value.if_string();
    if (options_.allow_templates && text && IsOneTemplate(TextOf(*text)))
      return;
    switch (shape.kind) {
      case ShapeKind::kString:
        return text ? CheckText(shape, TextOf(*text), path) : WrongType(shape, value, path);
      case ShapeKind::kInteger:
      case ShapeKind::kLong:
      case ShapeKind::kDouble:
      case ShapeKind::kTimestamp:
        return CheckNumber(shape, value, path);
      case ShapeKind::kBoolean:
        return value.is_bool() ? void() : WrongType(shape, value, path);
      case ShapeKind::kList:
        return value.is_array() ? CheckList(shape, value.get_array(), path)
                                : WrongType(shape, value, path);
      case ShapeKind::kMap:
        return value.is_object() ? CheckMap(shape, value.get_object(), path)
                                 : WrongType(shape, value, path);
      case ShapeKind::kStruct:
        return value.is_object() ? CheckStruct(shape, value.get_object(), path)
                                 : WrongType(shape, value, path);
    }
  }

  std::vector<ShapeFinding> Take() { return std::move(findings_); }

 private:
  void Add(const std::string& path, std::string message) {
    findings_.push_back({path, std::move(message)});
  }

  void WrongType(const Shape& shape, const json::value& value, const std::string& path) {
    std::string message = base::Cat("expected ", Expected(shape.kind), ", got ", Describe(value));
    if (shape.kind == ShapeKind::kString && (value.is_number() || value.is_bool()))
      message += " (quote it)";
    Add(path, std::move(message));
  }

  void CheckText(const Shape& shape, std::string_view text, const std::string& path) {
    if (options_.allow_templates && HasTemplate(text))
      return;
    if (!shape.values.empty()) {
      if (std::find(shape.values.begin(), shape.values.end(), text) != shape.values.end())
        return;
      std::vector<std::string> allowed(shape.values.begin(), shape.values.end());
      std::string message = base::Cat('"', text, "\" is not one of ", base::Join(allowed, ", "));
      if (auto nearest = base::DidYouMean(text, allowed))
        message += base::Cat("; did you mean \"", *nearest, "\"?");
      return Add(path, std::move(message));
    }
    auto count = static_cast<int64_t>(CharacterCount(text));
    if (shape.max && count > *shape.max)
      Add(path, base::Cat("has ", count, " characters; at most ", *shape.max, " are allowed"));
    if (shape.min && count < *shape.min)
      Add(path, base::Cat("has ", count, " characters; at least ", *shape.min, " are required"));
  }

  void CheckNumber(const Shape& shape, const json::value& value, const std::string& path) {
    bool whole = shape.kind == ShapeKind::kInteger || shape.kind == ShapeKind::kLong;
    if (!value.is_number() || (whole && value.is_double()))
      return WrongType(shape, value, path);
    double number = value.is_double()  ? value.get_double()
                    : value.is_int64() ? static_cast<double>(value.get_int64())
                                       : static_cast<double>(value.get_uint64());
    constexpr double kInt32Max = std::numeric_limits<int32_t>::max();
    if (shape.kind == ShapeKind::kInteger && (number > kInt32Max || number < -kInt32Max - 1))
      return Add(path, base::Cat(base::Serialize(value), " does not fit into 32 bits"));
    if (shape.min && number < static_cast<double>(*shape.min))
      Add(path, base::Cat(base::Serialize(value), " is less than ", *shape.min));
    if (shape.max && number > static_cast<double>(*shape.max))
      Add(path, base::Cat(base::Serialize(value), " is more than ", *shape.max));
  }

  void CheckList(const Shape& shape, const json::array& list, const std::string& path) {
    for (size_t i = 0; i < list.size(); ++i)
      Check(*shape.element, list[i], base::Cat(path, '[', i, ']'));
  }

  void CheckMap(const Shape& shape, const json::object& map, const std::string& path) {
    for (const auto& [key, value] : map) {
      std::string name(key.data(), key.size());
      std::string at = Join(path, name);
      CheckText(*shape.key, name, at);
      Check(*shape.element, value, at);
    }
  }

  void CheckStruct(const Shape& shape, const json::object& object, const std::string& path) {
    for (const auto& [key, value] : object) {
      std::string name(key.data(), key.size());
      auto member = std::find_if(shape.members.begin(),
                                 shape.members.end(),
                                 [&name](const Member& each) { return each.name == name; });
      if (member != shape.members.end()) {
        Check(*member->shape, value, Join(path, name));
      } else if (!options_.allow_unknown) {
        std::string message = "is not a known member";
        if (auto nearest = NearestMember(name, shape.members))
          message += base::Cat("; did you mean \"", *nearest, "\"?");
        Add(Join(path, name), std::move(message));
      }
    }
    for (const Member& member : shape.members) {
      if (member.presence == Presence::kRequired &&
          !object.contains({member.name.data(), member.name.size()}))
        Add(Join(path, member.name), "is required");
    }
  }

  static std::string Join(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : base::Cat(path, '.', name);
  }

  const ShapeOptions& options_;
  std::vector<ShapeFinding> findings_;
};

}  // namespace

size_t CharacterCount(std::string_view text) {
  auto starts_one = [](unsigned char byte) { return (byte & 0xC0) != 0x80; };
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), starts_one));
}

bool HasTemplate(std::string_view text) {
  return text.find("{{") != std::string_view::npos;
}

std::vector<ShapeFinding> CheckShape(const Shape& shape,
                                     const json::value& value,
                                     const ShapeOptions& options) {
  Checker checker(options);
  checker.Check(shape, value, "");
  return checker.Take();
}

void WriteScalarsAsTexts(const Shape& shape, json::value& value) {
  switch (shape.kind) {
    case ShapeKind::kString:
      if (value.is_number() || value.is_bool())
        value = base::ScalarText(value);
      return;
    case ShapeKind::kList:
      if (json::array* items = value.if_array()) {
        for (json::value& item : *items)
          WriteScalarsAsTexts(*shape.element, item);
      }
      return;
    case ShapeKind::kMap:
      if (json::object* entries = value.if_object()) {
        for (auto& entry : *entries)
          WriteScalarsAsTexts(*shape.element, entry.value());
      }
      return;
    case ShapeKind::kStruct:
      if (json::object* object = value.if_object()) {
        for (const Member& member : shape.members) {
          if (json::value* held = object->if_contains({member.name.data(), member.name.size()}))
            WriteScalarsAsTexts(*member.shape, *held);
        }
      }
      return;
    case ShapeKind::kInteger:
    case ShapeKind::kLong:
    case ShapeKind::kDouble:
    case ShapeKind::kBoolean:
    case ShapeKind::kTimestamp:
      return;
  }
}

}  // namespace wire
