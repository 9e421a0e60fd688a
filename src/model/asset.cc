#include "model/asset.h"

#include <algorithm>
#include <stdexcept>

#include "base/text.h"

namespace model {

namespace {

void Collect(const AssetCondition& condition, std::vector<std::string>& names) {
  if (condition.kind == AssetCondition::Kind::kAsset &&
      std::ranges::find(names, condition.asset) == names.end())
    names.push_back(condition.asset);
  for (const AssetCondition& each : condition.of)
    Collect(each, names);
}

std::string Words(const AssetCondition& condition, bool is_inside) {
  if (condition.kind == AssetCondition::Kind::kAsset)
    return condition.asset;
  std::vector<std::string> parts;
  for (const AssetCondition& each : condition.of)
    parts.push_back(Words(each, /*is_inside=*/true));
  std::string text =
      base::Join(parts, condition.kind == AssetCondition::Kind::kAny ? " or " : " and ");
  return is_inside && parts.size() > 1 ? base::Cat("(", text, ")") : text;
}

}  // namespace

bool Holds(const AssetCondition& condition,
           const std::function<bool(const std::string& asset)>& is_queued) {
  const auto holds = [&](const AssetCondition& each) { return Holds(each, is_queued); };
  switch (condition.kind) {
    case AssetCondition::Kind::kAsset:
      return is_queued(condition.asset);
    case AssetCondition::Kind::kAny:
      return std::ranges::any_of(condition.of, holds);
    case AssetCondition::Kind::kAll:
      return std::ranges::all_of(condition.of, holds);
  }
  return false;
}

std::vector<std::string> AssetsOf(const AssetCondition& condition) {
  std::vector<std::string> names;
  Collect(condition, names);
  return names;
}

std::string InWords(const AssetCondition& condition) {
  return Words(condition, /*is_inside=*/false);
}

json::value ToJson(const AssetCondition& condition) {
  if (condition.kind == AssetCondition::Kind::kAsset)
    return json::value(condition.asset);
  json::array of;
  for (const AssetCondition& each : condition.of)
    of.push_back(ToJson(each));
  return json::object{
      {condition.kind == AssetCondition::Kind::kAny ? "any" : "all", std::move(of)}};
}

AssetCondition AssetConditionFrom(const json::value& value) {
  if (value.is_string())
    return {AssetCondition::Kind::kAsset, std::string(value.get_string()), {}};
  if (!value.is_object() || value.get_object().size() != 1)
    throw std::runtime_error("a condition on assets is damaged");
  const auto& member = *value.get_object().begin();
  const bool is_any = member.key() == "any";
  if ((!is_any && member.key() != "all") || !member.value().is_array() ||
      member.value().get_array().empty())
    throw std::runtime_error("a condition on assets is damaged");
  AssetCondition condition{
      is_any ? AssetCondition::Kind::kAny : AssetCondition::Kind::kAll, "", {}};
  for (const json::value& each : member.value().get_array())
    condition.of.push_back(AssetConditionFrom(each));
  return condition;
}

}  // namespace model
