#pragma once

// The project's settings that this process began with, as people may read them: by the sections and
// keys of signalbox.yaml. Whose keys sign, endpoints and names of other services are not among
// them.

#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace dagfile {
struct Project;
}

namespace runtime {

struct SettingsSection {
  std::string name;  // "emr"; "core": the keys that stand in no section
  std::vector<std::pair<std::string, json::value>> options;
};

// `region`: in force, wherever it was set.
std::vector<SettingsSection> ShownSettings(const dagfile::Project& project,
                                           const std::string& region);

}  // namespace runtime
