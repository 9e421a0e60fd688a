#pragma once

// `notifiers` of signalbox.yaml: whom messages can go to, and by which way. Only for this folder.

#include <optional>
#include <string_view>

#include "notify/notifier.h"
#include "yaml/yaml.h"

namespace dagfile {

// Nothing where it has an error.
std::optional<notify::Notifier> ReadNotifier(std::string_view name,
                                             const yaml::Node& node,
                                             yaml::Diagnostics* errors,
                                             yaml::Diagnostics* warnings);

}  // namespace dagfile
