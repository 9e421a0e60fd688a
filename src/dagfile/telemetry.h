#pragma once

// `openlineage` and `traces` of signalbox.yaml: who is told what ran. Read at the start of the
// process. Plain data; secrets are references here: "env:NAME", or "file:PATH" as seen from the
// project's folder.

#include <map>
#include <string>

#include "base/time.h"
#include "yaml/yaml.h"

namespace dagfile {

struct OpenLineage {
  std::string url;  // "": nobody is told
  std::string endpoint = "api/v1/lineage";
  std::string api_key;  // a reference; "": none is sent
  std::string space;    // `namespace`; "": "signalbox.DEPLOYMENT"
  base::Duration timeout = base::seconds(10);
  bool allow_private = false;  // loopback and link-local addresses, too
  bool spark = false;          // Spark jobs are told who their parent is
  friend bool operator==(const OpenLineage&, const OpenLineage&) = default;
};

struct Traces {
  std::string endpoint;                        // of OTLP over HTTP, without /v1/traces; "": none
  std::map<std::string, std::string> headers;  // by name, references
  base::Duration timeout = base::seconds(10);
  bool allow_private = false;
  friend bool operator==(const Traces&, const Traces&) = default;
};

// What depends on several keys.
void CheckTraces(const Traces& settings, yaml::Mark mark, yaml::Diagnostics* errors);
void CheckOpenLineage(const OpenLineage& settings, yaml::Mark mark, yaml::Diagnostics* errors);

struct Project;
// OpenLineage's namespace of the project's jobs.
std::string SpaceOf(const Project& project);

// What is wrong with a receiver's URL, as the end of a sentence; "" for nothing. A name is not
// looked up: an address of this machine is recognised as it is written.
std::string ReceiverMistake(std::string_view url, bool allow_private);
// What is wrong with a reference to a secret; it is not repeated, for it may be the secret itself.
std::string ReferenceMistake(std::string_view reference);

}  // namespace dagfile
