#pragma once

// A RunJobFlow request that is put together from several files, and where each part of it stands:
// template, then the job's overrides, then the lane's. Only for this folder.

#include <map>
#include <string>
#include <string_view>

#include "base/json.h"
#include "dagfile/draft.h"

namespace dagfile {

struct Origin {
  FileReport* report = nullptr;
  yaml::Mark mark;
};

class RequestDraft {
 public:
  // `job` is the place of everything that stands nowhere else.
  explicit RequestDraft(Origin job) : job_(job) {}

  // REQUIRES a map. Later parts win, member by member; lists are replaced.
  void SetTemplate(const yaml::Node& map, FileReport* report);
  // A null removes the member.
  void Override(const yaml::Node& map, FileReport* report);
  // Puts a value at a path ("Steps[0].Name") of which only the origins are kept apart.
  void SetSteps(json::array steps) { request_["Steps"] = std::move(steps); }
  void Record(const std::string& path, Origin origin) { origins_[path] = origin; }
  void RecordAll(const std::string& path, const yaml::Node& node, FileReport* report);

  json::object& request() { return request_; }
  const json::object& request() const { return request_; }
  // Of the part at the path, or of the smallest part around it that stands somewhere.
  Origin OriginOf(std::string_view path) const;
  // Some part at or around the path was given a place of its own.
  bool HasOrigin(std::string_view path) const { return FindOrigin(path) != nullptr; }

 private:
  void Merge(json::object& under,
             const yaml::Node& over,
             FileReport* report,
             const std::string& path);

  const Origin* FindOrigin(std::string_view path) const;

  Origin job_;
  json::object request_;
  std::map<std::string, Origin, std::less<>> origins_;
};

// The path of a member or an item.
std::string MemberPath(const std::string& path, std::string_view member);
std::string ItemPath(const std::string& path, size_t index);

// How long each step should take, where that is said.
using Expectations = std::vector<std::optional<base::Duration>>;

// The steps of a job, into the draft. REQUIRES a list.
Expectations ReadSteps(const yaml::Node& steps, FileReport* report, RequestDraft* draft);

// A file in clusters/: a RunJobFlow request in EMR's own names.
struct ClusterTemplate {
  FileReport* report = nullptr;
  yaml::Node root;
  bool allow_unknown = false;  // members that our table does not have are not reported
  bool broken = false;         // it has mistakes of its own: these have been told
  bool judged = false;         // in the request of some job
};
// The one key of a template that is not EMR's.
inline constexpr std::string_view kAllowUnknown = "allow_unknown";
using ClusterTemplates = std::map<std::string, ClusterTemplate>;

// How much all requests may take together, over DAGs: each lane has a copy of its own.
struct SizeBudget {
  size_t left = 256 << 20;
};

// Fills in the requests of the DAG's jobs and checks them, templates included.
void BuildRequests(DagDraft* draft, ClusterTemplates& templates, SizeBudget& budget);

// Judges the templates that no job's request was made from, as far as they go without steps.
void CheckUnusedTemplates(ClusterTemplates& templates);

}  // namespace dagfile
