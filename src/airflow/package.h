#pragma once

// The Python package that reads Airflow's DAG files (airflow/signalbox_airflow), as the program
// carries it: no other file is needed but a Python with apache-airflow-core in it.
//
// Thread rule: any thread.

#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"
#include "base/result.h"

namespace airflow {

// The package as a zip file, which Python imports from.
extern const std::string_view kPackage;

// A file with it that lives as long as this. The name is new, and only its owner can read it.
class PackageFile {
 public:
  static base::Result<PackageFile> Make();
  PackageFile(PackageFile&& other) noexcept;
  PackageFile& operator=(PackageFile&&) = delete;
  ~PackageFile();

  const std::string& path() const { return path_; }
  // `python -m MODULE WORDS…` with the package.
  base::ProcessOptions Run(const std::string& python,
                           const std::string& module,
                           const std::vector<std::string>& words) const;

 private:
  explicit PackageFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace airflow
