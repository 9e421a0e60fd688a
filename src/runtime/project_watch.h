#pragma once

// What the project says now, across edits: reads the folder when it has changed and come to rest,
// and keeps what was good where an edit is not.
//
// A file that is gone may be back in a moment: editors and checkouts replace files. It counts as
// gone only when two scans in a row have missed it.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "dagfile/load.h"
#include "engine/state.h"
#include "model/event.h"
#include "project/folder.h"
#include "runtime/airflow_files.h"
#include "schedule/time_zone.h"

namespace runtime {

class ProjectWatch {
 public:
  // Why the folder is looked at: at set intervals, or because something in it has changed.
  enum class Look { kScan, kEvent };
  enum class Seen {
    kNothing,
    kUnrest,  // something has changed, and may still be changing: look again soon
    kNews,    // other texts were read, or files are gone for certain
  };

  // `airflow`: what its DAG files of Airflow mean; null where nobody reads them.
  ProjectWatch(std::string folder,
               dagfile::Environment overrides,
               const schedule::ZoneSet& zones,
               const AirflowFiles* airflow = nullptr);

  // The first read. kInvalidArgument with every diagnostic where signalbox.yaml is not good,
  // kPermission where it can't be read.
  base::Status Read();
  Seen ReadAgainIfChanged(Look look);
  // The DAG files of Airflow mean something else now.
  Seen ReadAgain();

  // As last read with a good signalbox.yaml.
  const dagfile::Project& project() const { return project_; }
  // The event for the engine: the good DAGs, and those of `state` whose file is still there but no
  // longer good.
  model::ProjectLoaded LoadedEvent(const engine::State& state) const;
  // False where signalbox.yaml has errors or a folder cannot be listed: then there is nothing to
  // tell the engine, and everything stays as it was.
  bool CanTell() const { return project_is_good_ && listing_is_whole_; }
  const std::vector<yaml::Diagnostic>& errors() const { return errors_; }
  // Why the folder could not be read at the latest look, with what stays; "" where it could.
  const std::string& trouble() const { return trouble_; }
  // `access` of a DAG's file; none where the file is gone, or does not give any. A file that is no
  // longer good has what it had when it was, in this process.
  const std::vector<std::string>& AccessTo(const model::DagId& dag) const;
  bool HasDagFiles() const;
  // Of the texts that were read.
  const project::Listing& listing() const { return read_; }

 private:
  void Take(project::ProjectFiles files);
  void TakeAccess();
  void NoteVanished(const project::Listing& before);
  std::string AirflowFolder() const;
  bool MayHave(const std::string& file, const model::DagId& dag) const;
  // True where a file was missed often enough.
  bool CountScan();
  void SetTrouble(std::string trouble);

  const std::string folder_;
  const dagfile::Environment overrides_;
  const schedule::ZoneSet& zones_;
  const AirflowFiles* const airflow_;
  project::Listing seen_;  // at the latest look
  project::Listing read_;  // of the texts that were read
  std::string hash_;
  std::map<std::string, int> vanishing_;  // files that have gone missing, and the scans since
  dagfile::Project project_;
  bool project_is_good_ = false;
  bool listing_is_whole_ = true;
  std::vector<std::shared_ptr<const model::Dag>> dags_;
  struct Access {
    std::string file;
    std::vector<std::string> names;
  };
  std::map<model::DagId, Access> access_;
  std::vector<yaml::Diagnostic> errors_, warnings_;
  std::string trouble_;
};

}  // namespace runtime
