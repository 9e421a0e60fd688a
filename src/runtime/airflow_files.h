#pragma once

// Has Python read the project's DAG files of Airflow, on a thread beside the loop, whenever the
// folder, a variable or a connection that they depend on has changed. Until a file is read, what
// was known of it stays.
//
// Thread rule: the loop thread.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "airflow/shelf.h"
#include "dagfile/project.h"
#include "http/loop.h"
#include "project/folder.h"

namespace runtime {

class AirflowFiles {
 public:
  struct Parts {
    http::Loop& loop;
    std::string project_dir;
    std::map<std::string, std::string> environment;  // what Python has of one
    std::function<airflow::Secrets()> secrets;
    std::function<void()> on_news;  // files() or errors() say something else now
  };

  explicit AirflowFiles(Parts parts);
  AirflowFiles(const AirflowFiles&) = delete;
  ~AirflowFiles();

  // As the project and its folder are now. Cheap if nothing has changed.
  void Look(const dagfile::Project& project, const std::vector<project::FileStamp>& stamps);
  // Variables or connections have changed.
  void OnSecretsChanged();

  // Only of a project that names a Python.
  std::vector<dagfile::SourceFile> Files() const;
  std::vector<yaml::Diagnostic> Errors() const;
  std::vector<yaml::Diagnostic> Warnings() const;
  // Whether the DAG may be in the file, of which nobody may have read the present text.
  bool MayHave(const std::string& file, const model::DagId& dag) const;

 private:
  class Worker;
  void Forget();
  void Begin();
  void OnListed(std::vector<std::string> files);
  void OnEnd(const std::string& trouble);
  void NoteNews();
  void TellNews();

  const Parts parts_;
  std::unique_ptr<airflow::Shelf> shelf_;  // null: the project names no Python
  airflow::Surroundings now_;              // as the folder is
  airflow::Surroundings asked_;            // as it was before Python was asked
  bool is_asking_ = false;
  bool is_again_ = false;  // something has changed since Python was asked
  bool has_news_ = false;  // since on_news was called
  std::string trouble_;    // why nothing can be read; "" if it can
  http::Timer retry_;
  http::Timer news_;
  std::unique_ptr<Worker> worker_;
  // What is posted on the loop holds this weakly.
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace runtime
