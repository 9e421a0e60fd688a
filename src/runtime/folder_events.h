#pragma once

// Tells at once when something in the project folder has changed: inotify on the folder itself, on
// dags/, on clusters/ and on calendars/, and on folders of DAG files of Airflow, of which each file
// counts. A file that is being written is reported when it is
// closed. It is a hint to look, no more: network file systems send no events, a queue that
// overflows has lost some, and the kernel's watches may be used up. So the folder is scanned as
// well.
//
// Thread rule: the loop thread.

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "http/loop.h"

namespace runtime {

class FolderEvents {
 public:
  // `on_change` may be called several times for one change.
  FolderEvents(http::Loop& loop, std::string folder, std::function<void()> on_change);
  FolderEvents(const FolderEvents&) = delete;
  ~FolderEvents();

  // Watches what is there now; to be called again at times, for a folder may be replaced. Where the
  // kernel has no watch left, one warning says so, and the next call tries again. `airflow`: the
  // folders of Airflow's files, absolute or as seen from the project's.
  void Watch(const std::set<std::string>& airflow = {});

 private:
  using File = std::pair<int, std::string>;  // watch descriptor, name

  void Open();
  void Read();
  void Take(int watch, uint32_t mask, std::string_view name);
  void Add(const std::string& folder, bool is_airflow, std::string* trouble);
  std::string PathOf(std::string_view folder) const;
  bool WillBeClosed(const File& file) const;
  bool IsOfInterest(int watch, uint32_t mask, std::string_view name) const;
  void SetTrouble(std::string trouble);

  http::Loop& loop_;
  const std::string folder_;
  const std::function<void()> on_change_;
  int inotify_ = -1;
  http::Readiness readiness_;
  std::map<int, std::string> below_;  // by watch descriptor: "", "dags", "clusters"
  std::set<int> airflow_;             // of these, those where each file counts
  std::set<File> being_written_;
  bool is_news_ = false;
  std::string trouble_;
};

}  // namespace runtime
