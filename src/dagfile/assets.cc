#include "dagfile/assets.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/text.h"

namespace dagfile {

using base::Cat;

namespace {

constexpr size_t kLongestName = 1500;  // as Airflow's
constexpr int kDeepest = 16;
constexpr size_t kMostExtra = 16 * 1024;

// Printable, and no space at either end: it stands in URLs and in messages.
bool IsAssetName(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName && text.front() != ' ' &&
         text.back() != ' ' && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return c >= 0x20 && c != 0x7f;
         });
}

bool Check(const std::string& name, yaml::Mark mark, yaml::Diagnostics* errors) {
  if (IsAssetName(name))
    return true;
  errors->Add(mark, Cat("'", name, "' is no name of an asset: 1 to ", kLongestName, " characters"));
  return false;
}

// A name, or a map with one; `extra` where it is wanted.
std::optional<NamedAsset> ReadNamed(const yaml::Node& node,
                                    std::string_view what,
                                    json::object* extra,
                                    yaml::Diagnostics* errors) {
  NamedAsset asset{.mark = node.mark()};
  if (!node.is_map()) {
    auto name = yaml::Read<std::string>(node, what, errors);
    if (!name || !Check(*name, node.mark(), errors))
      return std::nullopt;
    asset.name = std::move(*name);
    return asset;
  }
  yaml::MapReader map(node, what, errors);
  auto name = map.Required<std::string>("name");
  asset.uri = map.Optional<std::string>("uri");
  asset.group = map.Optional<std::string>("group");
  if (extra != nullptr)
    *extra = map.Optional<json::object>("extra").value_or(json::object());
  if (extra != nullptr && base::Serialize(*extra).size() > kMostExtra)
    map.Error("extra", Cat("'extra' is larger than ", kMostExtra, " bytes"));
  map.Finish();
  if (!name || !Check(*name, map.MarkOf("name"), errors))
    return std::nullopt;
  asset.name = std::move(*name);
  return asset;
}

class ConditionReader {
 public:
  ConditionReader(std::vector<NamedAsset>& named, yaml::Diagnostics* errors)
      : named_(named), errors_(errors) {}

  std::optional<model::AssetCondition> Read(const yaml::Node& node, int depth) {
    using Kind = model::AssetCondition::Kind;
    if (depth > kDeepest) {
      errors_->Add(node.mark(), Cat("'assets' is nested deeper than ", kDeepest, " levels"));
      return std::nullopt;
    }
    if (node.kind() == yaml::Kind::kSequence)
      return ReadList(node, Kind::kAll, depth);
    if (node.is_map() && (node.Find("any") != nullptr || node.Find("all") != nullptr)) {
      yaml::MapReader map(node, "'assets'", errors_);
      const auto any = map.Optional<yaml::Node>("any");
      const auto all = map.Optional<yaml::Node>("all");
      map.Finish();
      if (any && all) {
        map.Error("all", "'all' stands beside 'any': put one into the other's list");
        return std::nullopt;
      }
      if (!any && !all)
        return std::nullopt;
      return ReadList(any ? *any : *all, any ? Kind::kAny : Kind::kAll, depth);
    }
    auto asset = ReadNamed(node, "'assets'", nullptr, errors_);
    if (!asset)
      return std::nullopt;
    named_.push_back(*asset);
    return model::AssetCondition{Kind::kAsset, asset->name, {}};
  }

 private:
  std::optional<model::AssetCondition> ReadList(const yaml::Node& node,
                                                model::AssetCondition::Kind kind,
                                                int depth) {
    const auto nodes = yaml::Read<std::vector<yaml::Node>>(node, "'assets'", errors_);
    if (!nodes)
      return std::nullopt;
    if (nodes->empty()) {
      errors_->Add(node.mark(), "'assets' has an empty list; give at least one asset");
      return std::nullopt;
    }
    model::AssetCondition condition{kind, "", {}};
    for (const yaml::Node& each : *nodes) {
      if (auto one = Read(each, depth + 1))
        condition.of.push_back(std::move(*one));
    }
    if (condition.of.size() != nodes->size())
      return std::nullopt;
    return condition;
  }

  std::vector<NamedAsset>& named_;
  yaml::Diagnostics* errors_;
};

}  // namespace

std::vector<model::Outlet> ReadOutlets(const yaml::Node& node,
                                       std::vector<NamedAsset>& named,
                                       yaml::Diagnostics* errors) {
  std::vector<model::Outlet> outlets;
  const auto nodes = yaml::Read<std::vector<yaml::Node>>(node, "'outlets'", errors);
  for (const yaml::Node& each : nodes.value_or(std::vector<yaml::Node>())) {
    json::object extra;
    const auto asset = ReadNamed(each, "'outlets'", &extra, errors);
    if (!asset)
      continue;
    if (std::ranges::find(outlets, asset->name, &model::Outlet::asset) != outlets.end()) {
      errors->Add(each.mark(), Cat("the asset '", asset->name, "' is in 'outlets' twice"));
      continue;
    }
    outlets.push_back({asset->name, std::move(extra)});
    named.push_back(*asset);
  }
  return outlets;
}

std::vector<std::string> ReadInlets(const yaml::Node& node,
                                    std::vector<NamedAsset>& named,
                                    yaml::Diagnostics* errors) {
  std::vector<std::string> inlets;
  const auto nodes = yaml::Read<std::vector<yaml::Node>>(node, "'inlets'", errors);
  for (const yaml::Node& each : nodes.value_or(std::vector<yaml::Node>())) {
    const auto asset = ReadNamed(each, "'inlets'", nullptr, errors);
    if (!asset || std::ranges::find(inlets, asset->name) != inlets.end())
      continue;
    inlets.push_back(asset->name);
    named.push_back(*asset);
  }
  return inlets;
}

std::optional<model::AssetCondition> ReadCondition(const yaml::Node& node,
                                                   std::vector<NamedAsset>& named,
                                                   yaml::Diagnostics* errors) {
  return ConditionReader(named, errors).Read(node, 0);
}

std::vector<NamedAsset> ReadDeclarations(const yaml::Node& node, yaml::Diagnostics* errors) {
  std::vector<NamedAsset> declared;
  if (node.kind() == yaml::Kind::kSequence) {
    for (const yaml::Node& each : node.items()) {
      if (auto asset = ReadNamed(each, "'assets'", nullptr, errors))
        declared.push_back(std::move(*asset));
    }
    return declared;
  }
  if (!node.is_map()) {
    errors->Add(node.mark(),
                Cat("'assets': expected a map of names, found ", yaml::Describe(node.kind())));
    return declared;
  }
  for (const yaml::Member& member : node.members()) {
    if (!Check(member.key, member.key_mark, errors))
      continue;
    NamedAsset asset{.mark = member.key_mark, .name = member.key};
    if (member.value.kind() != yaml::Kind::kNull) {
      yaml::MapReader map(member.value, Cat("the asset '", member.key, "'"), errors);
      asset.uri = map.Optional<std::string>("uri");
      asset.group = map.Optional<std::string>("group");
      map.Finish();
    }
    declared.push_back(std::move(asset));
  }
  return declared;
}

void AssetBook::Add(const NamedAsset& asset, const std::string& file, yaml::Diagnostics* errors) {
  Entry& entry = entries_[asset.name];
  const std::string here = Cat(file, ":", asset.mark.line);
  const auto take = [&](std::string_view what,
                        const std::optional<std::string>& said,
                        std::optional<std::string>& known,
                        std::string& known_at) {
    if (!said)
      return;
    if (known && *known != *said) {
      errors->Add(asset.mark,
                  Cat("the asset '",
                      asset.name,
                      "' has the ",
                      what,
                      " '",
                      *known,
                      "' at ",
                      known_at,
                      ", and '",
                      *said,
                      "' here: say it in one place"));
      return;
    }
    known = said;
    known_at = here;
  };
  take("uri", asset.uri, entry.uri, entry.uri_at);
  take("group", asset.group, entry.group, entry.group_at);
}

model::Asset AssetBook::Find(const std::string& name) const {
  const auto found = entries_.find(name);
  model::Asset asset{.name = name, .uri = name};
  if (found == entries_.end())
    return asset;
  asset.uri = found->second.uri.value_or(name);
  asset.group = found->second.group.value_or(asset.group);
  return asset;
}

}  // namespace dagfile
