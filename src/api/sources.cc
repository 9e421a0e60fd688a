// What the server reads: the project's files with the DAGs that come from them, and who brings news
// of clusters.

#include <algorithm>

#include "api/resources.h"
#include "base/text.h"

namespace api {

namespace {

// Of the components of health, those that bring something.
constexpr std::string_view kSources[] = {"emr", "state_table", "event_queue", "webhook"};

std::string_view KindOf(std::string_view path) {
  const size_t slash = path.find('/');
  const std::string_view folder = slash == std::string_view::npos ? "" : path.substr(0, slash);
  if (folder.empty())
    return "settings";
  if (folder == "dags")
    return "dag";
  if (folder == "clusters")
    return "cluster_template";
  if (folder == "calendars")
    return "calendar";
  return folder == "lists" ? "list" : "other";
}

int64_t ErrorsOf(const runtime::Published& now, const std::string& path) {
  return std::ranges::count(*now.import_errors, path, &yaml::Diagnostic::file);
}

json::object FileJson(const runtime::Published& now,
                      const runtime::FileView& file,
                      json::array dags) {
  return {{"path", file.path},
          {"kind", KindOf(file.path)},
          {"size", file.size},
          {"modified_at", TimeOrNull(file.modified_at)},
          {"import_errors", ErrorsOf(now, file.path)},
          {"dags", std::move(dags)}};
}

json::object NewsJson(const runtime::HealthView::Part& part) {
  return {{"source", part.name},
          {"status", part.healthy() ? "healthy" : "unhealthy"},
          {"since", TimeOrNull(part.since)},
          {"message", TextOrNull(part.message)},
          {"last_answer", TimeOrNull(part.last_answer)}};
}

}  // namespace

Answer ListSources(Context& context, const Exchange& exchange) {
  const runtime::ProjectView project = context.views.Project();
  const runtime::Published now = context.views.Publish();
  json::array files;
  for (const runtime::FileView& file : project.files) {
    json::array dags;
    for (const runtime::FileView::Dag& dag : file.dags) {
      if (exchange.MaySee(dag.id))
        dags.push_back(json::object{{"dag_id", dag.id.str()}, {"version", dag.version.str()}});
    }
    // A file of other people's DAGs alone is theirs.
    if (file.dags.empty() ? !exchange.IsScoped() : !dags.empty())
      files.push_back(FileJson(now, file, std::move(dags)));
  }
  json::array news;
  for (const runtime::HealthView::Part& part : context.views.Health().parts) {
    if (std::ranges::find(kSources, part.name) != std::end(kSources))
      news.push_back(NewsJson(part));
  }
  const size_t total = files.size();
  return json::object{{"project",
                       {{"folder", project.folder},
                        {"deployment", project.deployment},
                        {"region", project.region},
                        {"read_at", TimeOrNull(project.read_at)},
                        {"trouble", TextOrNull(exchange.IsScoped() ? "" : project.trouble)}}},
                      {"files", std::move(files)},
                      {"total_entries", total},
                      {"news", std::move(news)}};
}

}  // namespace api
