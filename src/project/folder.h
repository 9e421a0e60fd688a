#pragma once

// The project folder as a value: signalbox.yaml, clusters/*.yaml and dags/*.yaml (or .yml), read as
// they were at one moment. Only here are the project's files touched; what they mean is dagfile's
// business.
//
// Passed over: hidden files and what editors leave behind (.a.yaml.swp, #a.yaml#, a.yaml~).

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "dagfile/load.h"
#include "yaml/yaml.h"

namespace project {

// What tells that a file may have changed without reading it.
struct FileStamp {
  std::string path;  // relative to the folder
  int64_t modified_ns = 0;
  int64_t size = 0;
  uint64_t inode = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

struct ProjectFiles {
  std::vector<FileStamp> stamps;           // by path
  std::vector<dagfile::SourceFile> files;  // those of them that could be read
  std::vector<yaml::Diagnostic> unreadable;
  std::string hash;  // of all paths and texts
};

// By path; empty where there is no folder.
std::vector<FileStamp> ListProject(const std::string& folder);

// Reads again when the folder changes meanwhile; kUnavailable where it does not come to rest,
// kNotFound where there is no folder.
base::Result<ProjectFiles> ReadProjectFiles(const std::string& folder);

}  // namespace project
