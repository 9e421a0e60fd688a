#pragma once

// A project folder's files in, resolved DAGs and diagnostics out. Pure: the caller has read the
// files and knows the time zones. A bad file never stops the good ones: its DAG is absent, and
// every error of every file is told at once.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dagfile/project.h"
#include "model/dag.h"
#include "schedule/time_zone.h"
#include "yaml/yaml.h"

namespace dagfile {

struct SourceFile {
  std::string path;  // relative to the project: signalbox.yaml, clusters/*.yaml, dags/*.yaml, …
  std::string text;
  // The text is a DAG as JSON that was made of a file in another language, by what stands at this
  // line of it: diagnostics name that line. Several may have one path.
  std::optional<int> made_at = {};
  // What it says is not known, so any DAG may be in it.
  bool is_unread = false;
};

// The zone of an IANA name; null where there is none.
using ZoneLookup = std::function<std::shared_ptr<const schedule::TimeZone>(std::string_view name)>;

struct Loaded {
  std::optional<Project> project;                       // nothing where signalbox.yaml has an error
  std::vector<std::shared_ptr<const model::Dag>> dags;  // the good ones, by id
  std::vector<yaml::Diagnostic> errors;                 // by file and place
  std::vector<yaml::Diagnostic> warnings;
};

// `now`: also warns of what is over by then; none: the answer is the same at any time.
Loaded LoadProject(std::vector<SourceFile> files,
                   const ZoneLookup& zones,
                   const Environment& environment = {},
                   std::optional<base::Time> now = {});

}  // namespace dagfile
