#include "emr/secret_places.h"

namespace emr {

bool MayHoldSecret(std::string_view path) {
  const auto has = [&](std::string_view part) { return path.find(part) != std::string_view::npos; };
  if (path.starts_with("Steps["))
    return has("].HadoopJarStep.Args[") || has("].HadoopJarStep.Properties[");
  if (path.starts_with("BootstrapActions["))
    return has("].ScriptBootstrapAction.Args[");
  return has("Configurations[") && has("].Properties.");
}

}  // namespace emr
