#pragma once

// What a project's DAG files of Airflow mean: the latest answer about each, and of what it was
// made. Pure: who asks Python, and when, is the caller's business.
//
//   the folder has changed ─► OnListed(the DAG files) ─► Stale(now): these are to be read
//                          ─► Put(each answer) ─► files() and errors() for dagfile/load.h

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "airflow/answer.h"
#include "airflow/reader.h"
#include "dagfile/load.h"
#include "dagfile/project.h"
#include "project/folder.h"
#include "yaml/yaml.h"

namespace airflow {

// `folder`: the project's.
Settings SettingsOf(const dagfile::Project& project, const std::string& folder);
// The folder of the DAG files for project/folder.h; "" if the project names no Python.
// As paths are called: seen from the project's folder if it is below that, else absolute.
std::string FolderOf(const dagfile::Project& project, const std::string& folder);

// The error of signalbox.yaml where Python reads nothing.
std::string UnreadableByPython(const std::string& why);

// What an answer may depend on, as it is at one moment.
struct Surroundings {
  std::vector<project::FileStamp>
      stamps;  // of all files below the folder of the DAG files, by path
  Secrets secrets;
};

class Shelf {
 public:
  // `folder`: the project's. Files below it are named as seen from there.
  Shelf(const std::string& folder, Settings settings);

  const Settings& settings() const { return settings_; }
  // Which of the files are DAG files, as absolute paths. What was known of others is forgotten.
  // True if they are others than before.
  bool OnListed(const std::vector<std::string>& files);
  // DAG files of which nothing is known, or whose answer was made of something else.
  std::vector<std::string> Stale(const Surroundings& now) const;
  // `at`: as it was before Python was asked.
  void Put(Answer answer, const Surroundings& at);

  // The DAGs and templates of clusters, and the files of which not all is known.
  std::vector<dagfile::SourceFile> Files() const;
  std::vector<yaml::Diagnostic> Errors() const;
  std::vector<yaml::Diagnostic> Warnings() const;
  // What a file is called by its absolute path: as seen from the project's folder if it is below
  // it.
  std::string NameOf(const std::string& file) const;
  // Whether the file may have the DAG: it has, or it could not be read to its end, or nobody has
  // read it yet.
  bool MayHave(const std::string& path, std::string_view dag) const;
  // What became of each task of the DAG; null where no file has it.
  const TranslatedDag* Find(std::string_view dag) const;

 private:
  struct Entry {
    std::optional<Answer> answer;
    std::string made_of;
  };
  std::string MadeOf(const Answer& answer, const Surroundings& at) const;

  const std::string project_;  // the folder's absolute path, and a slash
  const Settings settings_;
  bool is_listed_ = false;
  std::map<std::string, Entry> entries_;  // by absolute path
};

}  // namespace airflow
