#include "yaml/yaml.h"

#include "base/check.h"
#include "targets.h"

namespace fuzz {

// A tree or a reason; a tree without complaints is JSON that our reader takes back.
void FuzzYaml(std::string_view bytes) {
  const yaml::Parsed parsed = yaml::Parse("f.yaml", bytes);
  for (const yaml::Diagnostic& diagnostic : parsed.diagnostics) {
    CHECK(diagnostic.mark.line >= 1 && diagnostic.mark.column >= 1);
    CHECK(!diagnostic.message.empty());
  }
  CHECK(parsed.root.has_value() || !parsed.diagnostics.empty());
  if (!parsed.root)
    return;
  const json::value value = yaml::ToJson(*parsed.root);
  if (parsed.diagnostics.empty())
    CHECK(base::ParseJson(json::serialize(value)).has_value());
}

}  // namespace fuzz
