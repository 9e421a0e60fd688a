#include "yaml/reader.h"

#include <algorithm>

#include "base/text.h"

namespace yaml {

using base::Cat;

namespace {

std::nullopt_t Expected(std::string_view expected,
                        const Node& found,
                        std::string_view name,
                        Diagnostics* diagnostics) {
  std::string seen;
  if (found.kind() == Kind::kNull)
    seen = "nothing (give a value, or remove the key)";
  else if (found.is_string() && found.raw().size() <= 40)
    seen = Cat("the text '", found.raw(), "'");
  else if (!found.raw().empty() && !found.is_string())
    seen = found.raw();
  else
    seen = Describe(found.kind());
  diagnostics->Add(found.mark(), Cat(name, ": expected ", expected, ", found ", seen));
  return std::nullopt;
}

}  // namespace

template <>
std::optional<Node> Read(const Node& node, std::string_view name, Diagnostics* diagnostics) {
  if (node.kind() == Kind::kNull)
    return Expected("a value", node, name, diagnostics);
  return node;
}

template <>
std::optional<std::string> Read(const Node& node, std::string_view name, Diagnostics* diagnostics) {
  switch (node.kind()) {
    case Kind::kString:
    case Kind::kInt:
    case Kind::kDouble:
      return node.raw();
    case Kind::kBool:
      return Expected("a text (put it in quotes if it is one)", node, name, diagnostics);
    case Kind::kNull:
    case Kind::kSequence:
    case Kind::kMap:
      break;
  }
  return Expected("a text", node, name, diagnostics);
}

template <>
std::optional<int64_t> Read(const Node& node, std::string_view name, Diagnostics* diagnostics) {
  if (node.kind() != Kind::kInt)
    return Expected("a whole number", node, name, diagnostics);
  return node.int_value();
}

template <>
std::optional<double> Read(const Node& node, std::string_view name, Diagnostics* diagnostics) {
  if (node.kind() != Kind::kInt && node.kind() != Kind::kDouble)
    return Expected("a number", node, name, diagnostics);
  return node.double_value();
}

template <>
std::optional<bool> Read(const Node& node, std::string_view name, Diagnostics* diagnostics) {
  if (node.kind() != Kind::kBool)
    return Expected("true or false", node, name, diagnostics);
  return node.bool_value();
}

template <>
std::optional<base::Duration> Read(const Node& node,
                                   std::string_view name,
                                   Diagnostics* diagnostics) {
  auto duration = base::ParseDuration(node.raw());
  if (!node.is_string() || !duration)
    return Expected("a duration such as 90s, 10m, 1h30m or 5d", node, name, diagnostics);
  return *duration;
}

template <>
std::optional<base::Time> Read(const Node& node, std::string_view name, Diagnostics* diagnostics) {
  auto time = base::ParseTime(node.raw());
  if (!node.is_string() || !time)
    return Expected("a time such as 2026-01-05 or 2026-01-05T02:00:00Z", node, name, diagnostics);
  return *time;
}

template <>
std::optional<std::vector<Node>> Read(const Node& node,
                                      std::string_view name,
                                      Diagnostics* diagnostics) {
  if (!node.is_sequence())
    return Expected("a list", node, name, diagnostics);
  return node.items();
}

template <>
std::optional<std::vector<std::string>> Read(const Node& node,
                                             std::string_view name,
                                             Diagnostics* diagnostics) {
  if (!node.is_sequence())
    return Expected("a list of texts", node, name, diagnostics);
  std::vector<std::string> texts;
  bool good = true;
  for (size_t i = 0; i < node.items().size(); ++i) {
    auto text = Read<std::string>(node.items()[i], Cat(name, " item ", i + 1), diagnostics);
    good = good && text;
    texts.push_back(text.value_or(""));
  }
  if (!good)
    return std::nullopt;
  return texts;
}

template <>
std::optional<json::object> Read(const Node& node,
                                 std::string_view name,
                                 Diagnostics* diagnostics) {
  if (!node.is_map())
    return Expected("a map", node, name, diagnostics);
  return ToJson(node).get_object();
}

MapReader::MapReader(const Node& node, std::string_view what, Diagnostics* diagnostics)
    : node_(node), what_(what), diagnostics_(diagnostics) {
  if (!node.is_map())
    Expected("a map", node, what, diagnostics);
}

std::string MapReader::Quote(std::string_view key) {
  return Cat("'", key, "'");
}

const Node* MapReader::Take(std::string_view key) {
  known_.emplace_back(key);
  return node_.Find(key);
}

Mark MapReader::MarkOf(std::string_view key) const {
  const Node* value = node_.Find(key);
  return value != nullptr ? value->mark() : node_.mark();
}

void MapReader::Later(std::initializer_list<std::string_view> keys) {
  later_.insert(later_.end(), keys.begin(), keys.end());
}

void MapReader::Missing(std::string_view key) {
  if (is_map())
    diagnostics_->Add(node_.mark(), Cat(what_, " needs the key '", key, "'"));
}

void MapReader::Finish() {
  auto contains = [](const std::vector<std::string>& keys, const std::string& key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  for (const Member& member : node_.members()) {
    if (contains(known_, member.key))
      continue;
    if (contains(later_, member.key)) {
      diagnostics_->Add(member.key_mark,
                        Cat("'", member.key, "' is not supported yet in this version"));
      continue;
    }
    auto near = base::DidYouMean(member.key, known_);
    std::string help;
    if (near) {
      help = Cat("; did you mean '", *near, "'?");
    } else if (!known_.empty()) {
      std::vector<std::string> sorted = known_;
      std::sort(sorted.begin(), sorted.end());
      sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
      help = Cat("; it may have ", base::Join(sorted, ", "));
    }
    diagnostics_->Add(member.key_mark, Cat("unknown key '", member.key, "' in ", what_, help));
  }
}

}  // namespace yaml
