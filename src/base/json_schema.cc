#include "base/json_schema.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <re2/re2.h>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "base/time.h"

namespace base {

namespace {

constexpr size_t kShownMost = 80;  // characters of a value in a message

std::string Shown(const json::value& value) {
  if (const json::string* text = value.if_string())
    return Cat("'", Excerpt(*text, kShownMost), "'");
  return value.is_null() || value.is_bool() ? ScalarText(value)
                                            : Excerpt(Serialize(value), kShownMost);
}

std::string ShownList(const json::array& values) {
  std::vector<std::string> shown;
  for (const json::value& value : values)
    shown.push_back(Shown(value));
  return Join(shown, ", ");
}

// "core.count", "[2].name": below the value itself, which is "".
std::string Below(const std::string& place, std::string_view name) {
  return place.empty() ? std::string(name) : Cat(place, ".", name);
}
std::string Below(const std::string& place, size_t index) {
  return Cat(place, "[", index, "]");
}

Status Invalid(std::string message, const std::string& place) {
  if (!place.empty())
    message += Cat(" (at ", place, ")");
  return Fail(ErrorCode::kInvalidArgument, std::move(message));
}

// A subschema: `true` and `{}` take everything, `false` takes nothing.
bool IsSchema(const json::value& value) {
  return value.is_object() || value.is_bool();
}

bool IsWhole(const json::value& value) {
  if (const double* number = value.if_double())
    return std::isfinite(*number) && std::floor(*number) == *number;
  return value.is_int64() || value.is_uint64();
}

double NumberOf(const json::value& value) {
  if (const double* number = value.if_double())
    return *number;
  return value.is_uint64() ? static_cast<double>(value.get_uint64())
                           : static_cast<double>(value.get_int64());
}

// Equal values, as JSON Schema means it, have the same one: 1 and 1.0 are equal, 1 and true not.
json::value Plain(const json::value& value) {
  constexpr double kExact = 9007199254740992.0;  // below 2^53 each whole number has its double
  if (value.is_double() && IsWhole(value) && std::abs(value.get_double()) <= kExact)
    return static_cast<int64_t>(value.get_double());
  if (const json::array* items = value.if_array()) {
    json::array out;
    for (const json::value& item : *items)
      out.push_back(Plain(item));
    return out;
  }
  if (const json::object* members = value.if_object()) {
    json::object out;
    for (const auto& member : *members)
      out[member.key()] = Plain(member.value());
    return out;
  }
  return value;
}
std::string KeyOf(const json::value& value) {
  return Canonical(Plain(value));
}

int64_t CharactersOf(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
}

// ---- The schema itself

constexpr std::array kTypes{"array", "boolean", "integer", "null", "number", "object", "string"};
constexpr std::array kFormats{"date", "date-time", "multiline", "time"};

// What the value of a keyword has to be.
enum class Want {
  kAnything,
  kText,
  kFlag,
  kCount,
  kNumber,
  kPositive,
  kNames,   // a list of texts
  kValues,  // a list that is not empty
  kType,    // a type, or a list of types
  kPattern,
  kFormat,
  kSchema,
  kSchemas,       // a list of schemas that is not empty
  kSchemaMap,     // by name
  kPatternMap,    // by pattern
  kItems,         // a schema, or a list of schemas
  kDependencies,  // by name: a schema, or a list of texts
};
struct Keyword {
  std::string_view name;
  Want want;
};
constexpr std::array kKeywords{
    // These describe, and check nothing; the last four are Airflow's.
    Keyword{"$comment", Want::kText},
    Keyword{"$schema", Want::kText},
    Keyword{"title", Want::kText},
    Keyword{"description", Want::kText},
    Keyword{"default", Want::kAnything},
    Keyword{"examples", Want::kAnything},
    Keyword{"readOnly", Want::kFlag},
    Keyword{"writeOnly", Want::kFlag},
    Keyword{"section", Want::kText},
    Keyword{"description_md", Want::kText},
    Keyword{"values_display", Want::kAnything},
    // These check.
    Keyword{"type", Want::kType},
    Keyword{"enum", Want::kValues},
    Keyword{"const", Want::kAnything},
    Keyword{"multipleOf", Want::kPositive},
    Keyword{"maximum", Want::kNumber},
    Keyword{"exclusiveMaximum", Want::kNumber},
    Keyword{"minimum", Want::kNumber},
    Keyword{"exclusiveMinimum", Want::kNumber},
    Keyword{"maxLength", Want::kCount},
    Keyword{"minLength", Want::kCount},
    Keyword{"pattern", Want::kPattern},
    Keyword{"format", Want::kFormat},
    Keyword{"items", Want::kItems},
    Keyword{"additionalItems", Want::kSchema},
    Keyword{"maxItems", Want::kCount},
    Keyword{"minItems", Want::kCount},
    Keyword{"uniqueItems", Want::kFlag},
    Keyword{"contains", Want::kSchema},
    Keyword{"maxProperties", Want::kCount},
    Keyword{"minProperties", Want::kCount},
    Keyword{"required", Want::kNames},
    Keyword{"properties", Want::kSchemaMap},
    Keyword{"patternProperties", Want::kPatternMap},
    Keyword{"additionalProperties", Want::kSchema},
    Keyword{"dependencies", Want::kDependencies},
    Keyword{"propertyNames", Want::kSchema},
    Keyword{"if", Want::kSchema},
    Keyword{"then", Want::kSchema},
    Keyword{"else", Want::kSchema},
    Keyword{"allOf", Want::kSchemas},
    Keyword{"anyOf", Want::kSchemas},
    Keyword{"oneOf", Want::kSchemas},
    Keyword{"not", Want::kSchema},
};

Status CheckOneOf(std::string_view what,
                  const json::value& value,
                  const auto& known,
                  const std::string& place) {
  const json::string* text = value.if_string();
  const std::vector<std::string> names(known.begin(), known.end());
  if (text != nullptr && std::ranges::find(names, std::string_view(*text)) != names.end())
    return {};
  const auto near = text != nullptr ? DidYouMean(std::string_view(*text), names) : std::nullopt;
  return Invalid(
      Cat(Shown(value),
          " is no ",
          what,
          near ? Cat("; did you mean '", *near, "'?") : Cat("; known: ", Join(names, ", "))),
      place);
}

Status CheckPattern(std::string_view pattern, const std::string& place) {
  const RE2 compiled(re2::StringPiece(pattern.data(), pattern.size()), RE2::Quiet);
  if (compiled.ok())
    return {};
  return Invalid(
      Cat("'", Excerpt(pattern, kShownMost), "' is no pattern of RE2: ", compiled.error()), place);
}

Status CheckSchemaAt(const json::value& schema, const std::string& place);

Status CheckSchemas(const json::array& schemas, const std::string& place) {
  for (size_t i = 0; i < schemas.size(); ++i)
    RETURN_IF_ERROR(CheckSchemaAt(schemas[i], Below(place, i)));
  return {};
}

bool IsListOfTexts(const json::value& value) {
  const json::array* list = value.if_array();
  return list != nullptr &&
         std::ranges::all_of(*list, [](const json::value& item) { return item.is_string(); });
}

bool IsCount(const json::value& value) {
  return value.is_uint64() || (value.is_int64() && value.get_int64() >= 0);
}

// "" where the value has the right form, else what it has to be.
std::string_view Wanted(Want want, const json::value& value) {
  switch (want) {
    case Want::kAnything:
      return "";
    case Want::kText:
    case Want::kPattern:
    case Want::kFormat:
      return value.is_string() ? "" : "a text";
    case Want::kFlag:
      return value.is_bool() ? "" : "true or false";
    case Want::kCount:
      return IsCount(value) ? "" : "a whole number from 0 on";
    case Want::kNumber:
      return value.is_number() ? "" : "a number";
    case Want::kPositive:
      return value.is_number() && NumberOf(value) > 0 ? "" : "a number above 0";
    case Want::kNames:
      return IsListOfTexts(value) ? "" : "a list of texts";
    case Want::kValues:
    case Want::kSchemas:
      return value.is_array() && !value.get_array().empty() ? "" : "a list that is not empty";
    case Want::kType:
      return value.is_string() || (value.is_array() && !value.get_array().empty())
                 ? ""
                 : "a type, or a list of types";
    case Want::kSchema:
      return IsSchema(value) ? "" : "a schema (a map), true or false";
    case Want::kSchemaMap:
    case Want::kPatternMap:
    case Want::kDependencies:
      return value.is_object() ? "" : "a map";
    case Want::kItems:
      return IsSchema(value) || value.is_array() ? "" : "a schema, or a list of schemas";
  }
  return "";
}

Status CheckMap(Want want, const json::object& map, const std::string& place) {
  for (const auto& member : map) {
    const std::string at = Below(place, member.key());
    if (want == Want::kPatternMap)
      RETURN_IF_ERROR(CheckPattern(member.key(), at));
    if (want == Want::kDependencies && IsListOfTexts(member.value()))
      continue;
    RETURN_IF_ERROR(CheckSchemaAt(member.value(), at));
  }
  return {};
}

// What stands inside the value. REQUIRES: Wanted(…) is "".
Status CheckInside(Want want, const json::value& value, const std::string& place) {
  switch (want) {
    case Want::kPattern:
      return CheckPattern(value.get_string(), place);
    case Want::kFormat:
      return CheckOneOf("format that is checked", value, kFormats, place);
    case Want::kType:
      if (value.is_string())
        return CheckOneOf("type", value, kTypes, place);
      for (const json::value& type : value.get_array())
        RETURN_IF_ERROR(CheckOneOf("type", type, kTypes, place));
      return {};
    case Want::kSchema:
      return CheckSchemaAt(value, place);
    case Want::kSchemas:
      return CheckSchemas(value.get_array(), place);
    case Want::kItems:
      return value.is_array() ? CheckSchemas(value.get_array(), place)
                              : CheckSchemaAt(value, place);
    case Want::kSchemaMap:
    case Want::kPatternMap:
    case Want::kDependencies:
      return CheckMap(want, value.get_object(), place);
    case Want::kAnything:
    case Want::kText:
    case Want::kFlag:
    case Want::kCount:
    case Want::kNumber:
    case Want::kPositive:
    case Want::kNames:
    case Want::kValues:
      return {};
  }
  return {};
}

Status CheckSchemaAt(const json::value& schema, const std::string& place) {
  if (!IsSchema(schema))
    return Invalid("a schema is a map, true or false", place);
  if (schema.is_bool())
    return {};
  for (const auto& member : schema.get_object()) {
    const std::string name(member.key());
    const auto keyword = std::ranges::find(kKeywords, std::string_view(name), &Keyword::name);
    if (keyword == kKeywords.end()) {
      std::vector<std::string> names;
      for (const Keyword& known : kKeywords)
        names.emplace_back(known.name);
      const auto near = DidYouMean(name, names);
      return Invalid(Cat("'",
                         Excerpt(name, kShownMost),
                         "' is no keyword of JSON Schema draft 7 that is checked here",
                         near ? Cat("; did you mean '", *near, "'?") : ""),
                     place);
    }
    const std::string at = Below(place, name);
    if (const std::string_view wanted = Wanted(keyword->want, member.value()); !wanted.empty())
      return Invalid(Cat("'", name, "' has to be ", wanted), place);
    RETURN_IF_ERROR(CheckInside(keyword->want, member.value(), at));
  }
  return {};
}

// ---- A value against it

bool IsOfType(std::string_view type, const json::value& value) {
  if (type == "integer")
    return IsWhole(value);
  if (type == "number")
    return value.is_number();
  if (type == "string")
    return value.is_string();
  if (type == "boolean")
    return value.is_bool();
  if (type == "null")
    return value.is_null();
  return type == "array" ? value.is_array() : value.is_object();
}

bool HasDigits(std::string_view text, std::string_view form) {
  return text.size() == form.size() && std::ranges::equal(text, form, [](char c, char wanted) {
           return wanted == '0' ? c >= '0' && c <= '9' : c == wanted;
         });
}

// The day exists.
bool IsDate(std::string_view text) {
  return HasDigits(text, "0000-00-00") && ParseTime(text).has_value();
}

// "12:13:14", with a fraction and an offset or without.
bool IsTime(std::string_view text) {
  constexpr std::string_view kWhole = "00:00:00";
  if (!HasDigits(text.substr(0, kWhole.size()), kWhole))
    return false;
  return ParseTime(Cat("2000-01-01T", text)).has_value();
}

bool IsDateTime(std::string_view text) {
  constexpr size_t kDate = 10;
  if (text.size() <= kDate || (text[kDate] != 'T' && text[kDate] != 't'))
    return false;
  const bool has_offset = text.ends_with('Z') || text.ends_with('z') ||
                          text.substr(kDate).find_first_of("+-") != std::string_view::npos;
  return has_offset && IsDate(text.substr(0, kDate)) && IsTime(text.substr(kDate + 1));
}

bool HasFormat(std::string_view format, std::string_view text) {
  if (format == "date")
    return IsDate(text);
  if (format == "time")
    return IsTime(text);
  return format != "date-time" || IsDateTime(text);
}

bool Matches(std::string_view pattern, std::string_view text) {
  const RE2 compiled(re2::StringPiece(pattern.data(), pattern.size()), RE2::Quiet);
  return compiled.ok() && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled);
}

bool IsMultiple(const json::value& value, const json::value& of) {
  if (value.is_int64() && of.is_int64())
    return value.get_int64() % of.get_int64() == 0;
  const double times = NumberOf(value) / NumberOf(of);
  return std::isfinite(times) && std::floor(times) == times;
}

// One value against one schema.
class Judge {
 public:
  Judge(const json::object& schema, const json::value& value, const std::string& place)
      : schema_(schema), value_(value), place_(place) {}

  Status Run() {
    RETURN_IF_ERROR(Values());
    if (value_.is_number())
      RETURN_IF_ERROR(Number());
    if (value_.is_string())
      RETURN_IF_ERROR(Text(value_.get_string()));
    if (const json::array* items = value_.if_array())
      RETURN_IF_ERROR(List(*items));
    if (const json::object* members = value_.if_object())
      RETURN_IF_ERROR(Map(*members));
    return Combined();
  }

 private:
  const json::value* Find(std::string_view keyword) const { return schema_.if_contains(keyword); }
  Status No(std::string_view what) const { return Invalid(Cat(Shown(value_), what), place_); }
  Status Of(const json::value& schema, const json::value& value, const std::string& place) const {
    if (schema.is_bool())
      return schema.get_bool() ? Status()
                               : Invalid(Cat("nothing is allowed here, not ", Shown(value)), place);
    return Judge(schema.get_object(), value, place).Run();
  }
  bool Fits(const json::value& schema, const json::value& value) const {
    return Of(schema, value, place_).has_value();
  }
  // The keyword's number, compared with `is`.
  bool Breaks(std::string_view keyword, double is, auto breaks) const {
    const json::value* bound = Find(keyword);
    return bound != nullptr && breaks(is, NumberOf(*bound));
  }
  Status Values() const;
  Status Number() const;
  Status Text(std::string_view text) const;
  Status List(const json::array& items) const;
  Status Items(const json::array& items) const;
  Status Map(const json::object& members) const;
  Status Members(const json::object& members) const;
  Status Dependencies(const json::object& members) const;
  Status Combined() const;
  Status OneOf(const json::array& schemas) const;

  const json::object& schema_;
  const json::value& value_;
  const std::string& place_;
};

Status Judge::Values() const {
  if (const json::value* type = Find("type")) {
    const json::array types = type->is_array() ? type->get_array() : json::array{*type};
    if (std::ranges::none_of(
            types, [&](const json::value& one) { return IsOfType(one.get_string(), value_); }))
      return No(Cat(" is not of type ", ShownList(types)));
  }
  if (const json::value* values = Find("enum")) {
    const std::string key = KeyOf(value_);
    if (std::ranges::none_of(values->get_array(),
                             [&](const json::value& one) { return KeyOf(one) == key; }))
      return No(Cat(" is not one of [", ShownList(values->get_array()), "]"));
  }
  const json::value* only = Find("const");
  if (only != nullptr && KeyOf(*only) != KeyOf(value_))
    return Invalid(Cat(Shown(*only), " was expected, not ", Shown(value_)), place_);
  return {};
}

Status Judge::Number() const {
  const double is = NumberOf(value_);
  if (Breaks("minimum", is, std::less<>()))
    return No(Cat(" is less than the minimum of ", Shown(*Find("minimum"))));
  if (Breaks("maximum", is, std::greater<>()))
    return No(Cat(" is greater than the maximum of ", Shown(*Find("maximum"))));
  if (Breaks("exclusiveMinimum", is, std::less_equal<>()))
    return No(Cat(" is less than or equal to the minimum of ", Shown(*Find("exclusiveMinimum"))));
  if (Breaks("exclusiveMaximum", is, std::greater_equal<>()))
    return No(
        Cat(" is greater than or equal to the maximum of ", Shown(*Find("exclusiveMaximum"))));
  const json::value* of = Find("multipleOf");
  if (of != nullptr && !IsMultiple(value_, *of))
    return No(Cat(" is not a multiple of ", Shown(*of)));
  return {};
}

Status Judge::Text(std::string_view text) const {
  const auto length = static_cast<double>(CharactersOf(text));
  if (Breaks("minLength", length, std::less<>()))
    return No(Cat(" is too short: at least ", Shown(*Find("minLength")), " characters"));
  if (Breaks("maxLength", length, std::greater<>()))
    return No(Cat(" is too long: at most ", Shown(*Find("maxLength")), " characters"));
  const json::value* pattern = Find("pattern");
  if (pattern != nullptr && !Matches(pattern->get_string(), text))
    return No(Cat(" does not match ", Shown(*pattern)));
  const json::value* format = Find("format");
  if (format != nullptr && !HasFormat(format->get_string(), text))
    return No(Cat(" is not a ", Shown(*format)));
  return {};
}

Status Judge::List(const json::array& items) const {
  const auto length = static_cast<double>(items.size());
  if (Breaks("minItems", length, std::less<>()))
    return No(Cat(" is too short: at least ", Shown(*Find("minItems")), " items"));
  if (Breaks("maxItems", length, std::greater<>()))
    return No(Cat(" is too long: at most ", Shown(*Find("maxItems")), " items"));
  const json::value* unique = Find("uniqueItems");
  if (unique != nullptr && unique->get_bool()) {
    std::set<std::string> keys;
    for (const json::value& item : items) {
      if (!keys.insert(KeyOf(item)).second)
        return No(" has non-unique elements");
    }
  }
  const json::value* contains = Find("contains");
  if (contains != nullptr &&
      std::ranges::none_of(items, [&](const json::value& item) { return Fits(*contains, item); }))
    return No(" does not contain items matching the given schema");
  return Items(items);
}

Status Judge::Items(const json::array& items) const {
  const json::value* of = Find("items");
  if (of == nullptr)
    return {};
  const json::value* rest = of->is_array() ? Find("additionalItems") : of;
  const size_t own = of->is_array() ? of->get_array().size() : 0;
  for (size_t i = 0; i < items.size(); ++i) {
    const json::value* schema = i < own ? &of->get_array()[i] : rest;
    if (schema != nullptr)
      RETURN_IF_ERROR(Of(*schema, items[i], Below(place_, i)));
  }
  return {};
}

Status Judge::Map(const json::object& members) const {
  const auto size = static_cast<double>(members.size());
  if (Breaks("minProperties", size, std::less<>()))
    return No(" does not have enough properties");
  if (Breaks("maxProperties", size, std::greater<>()))
    return No(" has too many properties");
  if (const json::value* required = Find("required")) {
    for (const json::value& name : required->get_array()) {
      if (!members.contains(name.get_string()))
        return Invalid(Cat(Shown(name), " is a required property"), place_);
    }
  }
  if (const json::value* names = Find("propertyNames")) {
    for (const auto& member : members)
      RETURN_IF_ERROR(Of(*names, json::value(member.key()), place_));
  }
  RETURN_IF_ERROR(Dependencies(members));
  return Members(members);
}

Status Judge::Dependencies(const json::object& members) const {
  const json::value* dependencies = Find("dependencies");
  if (dependencies == nullptr)
    return {};
  for (const auto& of : dependencies->get_object()) {
    if (!members.contains(of.key()))
      continue;
    if (!of.value().is_array()) {
      RETURN_IF_ERROR(Of(of.value(), value_, place_));
      continue;
    }
    for (const json::value& name : of.value().get_array()) {
      if (!members.contains(name.get_string()))
        return Invalid(Cat(Shown(name), " is a dependency of '", of.key(), "'"), place_);
    }
  }
  return {};
}

Status Judge::Members(const json::object& members) const {
  const json::value* properties = Find("properties");
  const json::value* patterns = Find("patternProperties");
  const json::value* others = Find("additionalProperties");
  for (const auto& member : members) {
    const std::string at = Below(place_, member.key());
    bool is_known = false;
    if (properties != nullptr && properties->get_object().contains(member.key())) {
      is_known = true;
      RETURN_IF_ERROR(Of(properties->get_object().at(member.key()), member.value(), at));
    }
    for (const auto& pattern : patterns != nullptr ? patterns->get_object() : json::object()) {
      if (!Matches(pattern.key(), member.key()))
        continue;
      is_known = true;
      RETURN_IF_ERROR(Of(pattern.value(), member.value(), at));
    }
    if (is_known || others == nullptr)
      continue;
    if (*others == json::value(false))
      return Invalid(Cat("Additional properties are not allowed ('",
                         Excerpt(member.key(), kShownMost),
                         "' was unexpected)"),
                     place_);
    RETURN_IF_ERROR(Of(*others, member.value(), at));
  }
  return {};
}

Status Judge::OneOf(const json::array& schemas) const {
  const auto fitting =
      std::ranges::count_if(schemas, [&](const json::value& one) { return Fits(one, value_); });
  if (fitting == 0)
    return No(" is not valid under any of the given schemas");
  return fitting == 1 ? Status() : No(" is valid under more than one of the schemas of 'oneOf'");
}

Status Judge::Combined() const {
  if (const json::value* all = Find("allOf")) {
    for (const json::value& one : all->get_array())
      RETURN_IF_ERROR(Of(one, value_, place_));
  }
  const json::value* any = Find("anyOf");
  if (any != nullptr && std::ranges::none_of(any->get_array(), [&](const json::value& one) {
        return Fits(one, value_);
      }))
    return No(" is not valid under any of the given schemas");
  if (const json::value* one = Find("oneOf"))
    RETURN_IF_ERROR(OneOf(one->get_array()));
  const json::value* none = Find("not");
  if (none != nullptr && Fits(*none, value_))
    return No(Cat(" should not be valid under ", Shown(*none)));
  if (const json::value* condition = Find("if")) {
    const json::value* then = Find(Fits(*condition, value_) ? "then" : "else");
    if (then != nullptr)
      return Of(*then, value_, place_);
  }
  return {};
}

}  // namespace

Status CheckSchema(const json::object& schema) {
  return CheckSchemaAt(schema, "");
}

Status CheckAgainst(const json::object& schema, const json::value& value) {
  const std::string place;
  return Judge(schema, value, place).Run();
}

}  // namespace base
