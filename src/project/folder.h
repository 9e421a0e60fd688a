#pragma once

// The project folder as a value: signalbox.yaml, clusters/*.yaml, calendars/*.yaml, dags/*.yaml and
// lists/*.yaml (or .yml; lists/*.json too), read as they were at one moment. Only here are the
// project's files touched; what they mean is dagfile's business.
//
// Of Airflow's DAG files only the stamps are taken, for Python reads them: of every file below
// their folder, because a DAG file may read any of them.
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
  std::string path;  // relative to the folder, or absolute if it is not in it
  int64_t modified_ns = 0;
  int64_t size = 0;
  uint64_t inode = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

// What is there. A folder that is not there has no files; one that is there and cannot be listed
// may have some.
struct Listing {
  std::vector<FileStamp> stamps;         // by path; a file that cannot be reached has a stamp, too
  std::vector<FileStamp> airflow;        // below the folder of Airflow's DAG files, by path
  std::vector<yaml::Diagnostic> closed;  // folders that cannot be listed
  bool Has(const std::string& path) const;
  friend bool operator==(const Listing&, const Listing&) = default;
};

struct ProjectFiles {
  Listing listing;
  std::vector<dagfile::SourceFile> files;    // those that could be read
  std::vector<yaml::Diagnostic> unreadable;  // the others
  std::string hash;                          // of all paths and texts
};

// `airflow`: the folder of Airflow's DAG files, as seen from `folder`; "": they are not read.
Listing ListProject(const std::string& folder, const std::string& airflow = "");

// Reads again when the folder changes meanwhile; kUnavailable where it does not come to rest,
// kNotFound where there is no folder.
base::Result<ProjectFiles> ReadProjectFiles(const std::string& folder,
                                            const std::string& airflow = "");

}  // namespace project
