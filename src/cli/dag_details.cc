// `dags details`: what the server knows of one DAG, a line for each property.

#include <string>
#include <vector>

#include "base/json_text.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"

namespace cli {

namespace {

using base::Cat;

// The value, then its schema as the file has it.
std::string ParamText(const json::object& param) {
  const json::object schema = base::GetObject(param, "schema");
  const json::value* value = base::Find(param, "value");
  const std::string shown =
      value == nullptr || value->is_null() ? "has to be given, or null" : base::Serialize(*value);
  return schema.empty() ? shown : Cat(shown, "  ", base::Serialize(schema));
}

std::string GroupText(const json::object& group) {
  const int64_t retries = base::GetInt(group, "retries");
  return retries == 0 ? "no retries"
                      : Cat(retries,
                            retries == 1 ? " retry after " : " retries after ",
                            base::GetString(group, "retry_delay"));
}

// "2 of 3 are there; waits for a, b".
std::string AssetsText(const json::object& info) {
  std::vector<std::string> missing;
  for (const json::value& name : base::GetArray(info, "waits_for"))
    missing.emplace_back(name.as_string());
  return Cat(base::GetInt(info, "ready"),
             " of ",
             base::GetInt(info, "total"),
             " are there",
             missing.empty() ? "" : Cat("; it waits for ", base::Join(missing, ", ")));
}

std::string TextOf(const json::value& value) {
  if (value.is_null())
    return "";
  return value.is_string() ? std::string(value.get_string()) : base::Serialize(value);
}

class Properties {
 public:
  explicit Properties(const json::object& of) : of_(of) {}

  void Add(std::string_view name, std::string value) {
    if (!value.empty())
      rows_.push_back(json::object{{"property", name}, {"value", std::move(value)}});
  }
  void Add(std::string_view name) {
    if (const json::value* value = base::Find(of_, name))
      Add(name, TextOf(*value));
  }
  const json::array& rows() const { return rows_; }

 private:
  const json::object& of_;
  json::array rows_;
};

}  // namespace

Outcome<void> ShowDetails(const LiveOptions& options, const std::string& dag) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto details = server->Get(DagPath(dag) + "/details");
  if (!details)
    return tl::unexpected(details.error());
  if (IsData(options.format)) {
    PrintData(options.format, *details);
    return {};
  }
  Properties shown(*details);
  for (const char* name : {"dag_id",
                           "description",
                           "relative_fileloc",
                           "is_paused",
                           "is_stale",
                           "timetable_summary",
                           "timetable_description",
                           "timezone",
                           "start_date",
                           "end_date",
                           "catchup",
                           "next_dagrun_run_after",
                           "active_runs_count",
                           "max_active_runs",
                           "last_run_id",
                           "last_run_state",
                           "version"})
    shown.Add(name);
  const json::object assets = base::GetObject(*details, "asset_triggered_next_run_info");
  if (!assets.empty())
    shown.Add("assets", AssetsText(assets));
  for (const auto& param : base::GetObject(*details, "params"))
    shown.Add(Cat("param ", std::string_view(param.key())), ParamText(param.value().as_object()));
  for (const json::value& group : base::GetArray(*details, "groups"))
    shown.Add(Cat("group ", base::GetString(group.as_object(), "path")),
              GroupText(group.as_object()));
  shown.Add("jobs", Cat(base::GetArray(*details, "jobs").size()));
  PrintList(options.format, shown.rows(), {{"PROPERTY", "property"}, {"VALUE", "value"}});
  return {};
}

}  // namespace cli
