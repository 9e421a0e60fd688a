#pragma once

// Assets in files: `assets:` in signalbox.yaml and assets/*.yaml, `outlets` and `inlets` of a job,
// `assets` of a schedule. A name means the same in the whole project.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/asset.h"
#include "yaml/reader.h"

namespace dagfile {

// An asset as a file names it, with what it says of it beside the name.
struct NamedAsset {
  yaml::Mark mark;
  std::string name;
  std::optional<std::string> uri, group;
};

// `outlets: [NAME, {name: NAME, uri: …, group: …, extra: {…}}]`; what is named goes to `named`.
std::vector<model::Outlet> ReadOutlets(const yaml::Node& node,
                                       std::vector<NamedAsset>& named,
                                       yaml::Diagnostics* errors);
std::vector<std::string> ReadInlets(const yaml::Node& node,
                                    std::vector<NamedAsset>& named,
                                    yaml::Diagnostics* errors);
// `[a, b]`: all of them; `{any: […]}`, `{all: […]}`, nested; `NAME`.
std::optional<model::AssetCondition> ReadCondition(const yaml::Node& node,
                                                   std::vector<NamedAsset>& named,
                                                   yaml::Diagnostics* errors);
// `{NAME: {uri: …, group: …}, NAME: null}` or `[NAME, …]`.
std::vector<NamedAsset> ReadDeclarations(const yaml::Node& node, yaml::Diagnostics* errors);

// What the project says of its assets, by name.
class AssetBook {
 public:
  // A second, different word about one asset is an error.
  void Add(const NamedAsset& asset, const std::string& file, yaml::Diagnostics* errors);
  model::Asset Find(const std::string& name) const;

 private:
  struct Entry {
    std::optional<std::string> uri, group;
    std::string uri_at, group_at;  // where it was said
  };
  std::map<std::string, Entry> entries_;
};

}  // namespace dagfile
