// `limits list`, `sources list` and `dags lanes`.

#include <utility>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"
#include "cli/output.h"

namespace cli {

namespace {

// "3 of 4", or "" where there is no such bound.
std::string UsedOf(const json::value& used, const json::object& limit, std::string_view bound) {
  const json::value* most = limit.if_contains(bound);
  if (most == nullptr || most->is_null())
    return "";
  return base::Cat(
      used.is_null() ? 0 : used.to_number<int64_t>(), " of ", most->to_number<int64_t>());
}

// A line for each value, so that a limit by lane shows which lane is full.
json::array LimitLines(const json::array& limits) {
  json::array lines;
  for (const json::value& each : limits) {
    const json::object& limit = each.get_object();
    const std::string dag = base::GetString(limit, "dag_id");
    json::object line{{"limit", limit.at("limit")},
                      {"of", dag.empty() ? "signalbox.yaml" : json::value(dag)}};
    json::array values = base::GetArray(limit, "values");
    if (values.empty())
      values.push_back(json::object{{"value", nullptr}, {"held", 0}, {"vcpus", 0}, {"queued", 0}});
    for (const json::value& value : values) {
      const json::object& of = value.get_object();
      line["value"] = of.at("value");
      line["jobs"] = UsedOf(of.at("held"), limit, "max");
      line["vcpus"] = UsedOf(of.at("vcpus"), limit, "max_vcpus");
      line["queued"] = of.at("queued");
      lines.push_back(line);
    }
  }
  return lines;
}

std::string DagsOf(const json::object& file) {
  std::vector<std::string> names;
  for (const json::value& dag : base::GetArray(file, "dags"))
    names.push_back(base::GetString(dag.get_object(), "dag_id"));
  return base::Join(names, ", ");
}

void PrintProject(const json::object& project) {
  Print(base::Cat("project ",
                  base::GetString(project, "folder"),
                  ", read at ",
                  base::GetString(project, "read_at"),
                  "\n"));
  if (const std::string trouble = base::GetString(project, "trouble"); !trouble.empty())
    Print(base::Cat(trouble, "\n"));
}

}  // namespace

Outcome<void> ListLimits(const LiveOptions& options) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto limits = server->List("/limits", "limits");
  if (!limits)
    return tl::unexpected(limits.error());
  const json::array lines = IsData(options.format) ? *limits : LimitLines(*limits);
  PrintList(options.format,
            lines,
            {{"LIMIT", "limit", false, Table::Fit::kCut},
             {"OF", "of"},
             {"VALUE", "value"},
             {"JOBS", "jobs"},
             {"VCPUS", "vcpus"},
             {"QUEUED", "queued"}});
  return {};
}

Outcome<void> ListSources(const LiveOptions& options) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto sources = server->Get("/sources");
  if (!sources)
    return tl::unexpected(sources.error());
  if (IsData(options.format)) {
    PrintData(options.format, *sources);
    return {};
  }
  // Plain rows have one meaning: those of the files.
  if (options.format == Format::kTable)
    PrintProject(sources->at("project").get_object());
  json::array files;
  for (const json::value& each : base::GetArray(*sources, "files")) {
    json::object file = each.get_object();
    file["dag_ids"] = DagsOf(file);
    files.push_back(std::move(file));
  }
  PrintList(options.format,
            files,
            {{"FILE", "path"},
             {"KIND", "kind"},
             {"MODIFIED", "modified_at", false, Table::Fit::kDrop},
             {"ERRORS", "import_errors"},
             {"DAGS", "dag_ids", false, Table::Fit::kCut}});
  if (options.format == Format::kPlain)
    return {};
  Print("\n");
  PrintList(options.format,
            base::GetArray(*sources, "news"),
            {{"NEWS FROM", "source"},
             {"STATUS", "status", true},
             {"LAST ANSWER", "last_answer"},
             {"MESSAGE", "message", false, Table::Fit::kCut}});
  return {};
}

Outcome<void> ListLanes(const LiveOptions& options, const std::string& dag) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto lanes = server->List(DagPath(dag) + "/lanes", "lanes");
  if (!lanes)
    return tl::unexpected(lanes.error());
  PrintList(options.format,
            *lanes,
            {{"LANE", "lane_id"},
             {"STATES", "states"},
             {"JOBS", "jobs", false, Table::Fit::kCut},
             {"PARAMS", "params", false, Table::Fit::kCut}});
  return {};
}

}  // namespace cli
