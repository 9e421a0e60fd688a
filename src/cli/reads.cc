#include "cli/reads.h"

#include <map>
#include <utility>

#include "base/text.h"

namespace cli {

namespace {

using enum Table::Fit;

// Of a list of texts.
json::array Named(json::array items) {
  for (json::value& item : items)
    item = json::object{{"name", std::exchange(item, nullptr)}};
  return items;
}

// A line for each option of each section.
json::array Options(json::array sections) {
  json::array lines;
  for (const json::value& section : sections) {
    for (const json::value& option : base::GetArray(section.as_object(), "options")) {
      json::object line = option.as_object();
      line["section"] = section.at("name");
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

// How many runs there are by state: a column each.
json::array Counted(json::array dags) {
  for (json::value& dag : dags) {
    const json::array stats = base::GetArray(dag.as_object(), "stats");
    for (const json::value& stat : stats)
      dag.as_object()[stat.at("state").as_string()] = stat.at("count");
  }
  return dags;
}

// "3 success, 1 running" of a DAG's members in its latest run.
json::array States(json::array dags) {
  for (json::value& dag : dags) {
    std::map<std::string, int> counts;
    for (const json::value& job : base::GetArray(dag.as_object(), "jobs")) {
      for (const json::value& member : base::GetArray(job.as_object(), "members")) {
        const std::string state = base::GetString(member.as_object(), "state");
        ++counts[state.empty() ? "none" : state];
      }
    }
    std::vector<std::string> texts;
    for (const auto& [state, count] : counts)
      texts.push_back(base::Cat(count, " ", state));
    dag.as_object()["states"] = base::Join(texts, ", ");
  }
  return dags;
}

std::vector<Read> AllReads() {
  return {
      {"", "info", "What the server is: its version", "/version", ""},
      {"", "openapi", "The API's own description, OpenAPI 3.1", "/openapi.json", ""},
      {"",
       "map",
       "The whole estate: DAGs and how their latest runs stand",
       "/map",
       "dags",
       {{"DAG", "dag_id"},
        {"RUN", "run.dag_run_id", false, kCut},
        {"STATE", "run.state", true},
        {"JOBS", "states", false, kCut},
        {"NEXT RUN", "next_run.run_after", false, kDrop}},
       false,
       States},
      {"jobs",
       "list",
       "The scheduler's process: when it began, when it last did something",
       "/jobs",
       "jobs",
       {{"ID", "id"},
        {"TYPE", "job_type"},
        {"STATE", "state", true},
        {"START", "start_date"},
        {"HEARTBEAT", "latest_heartbeat"}},
       true},
      {"config",
       "list",
       "The settings in force, without secrets",
       "/config",
       "sections",
       {{"SECTION", "section"}, {"OPTION", "key"}, {"VALUE", "value", false, kCut}},
       false,
       Options},
      {"config",
       "get-value",
       "One setting",
       "/config/section/{SECTION}/option/{OPTION}",
       "sections",
       {{"SECTION", "section"}, {"OPTION", "key"}, {"VALUE", "value"}},
       false,
       Options},
      {"pools", "get", "One pool", "/pools/{POOL}", ""},
      {"dags", "tags", "The tags of all DAGs", "/dagTags", "tags", {{"TAG", "name"}}, true, Named},
      {"dags",
       "stats",
       "How many runs each DAG has, by state",
       "/dagStats",
       "dags",
       {{"DAG", "dag_id"},
        {"QUEUED", "queued"},
        {"RUNNING", "running"},
        {"SUCCESS", "success"},
        {"FAILED", "failed"}},
       false,
       Counted},
      {"dags",
       "warnings",
       "What is odd about DAGs, such as a pool that is gone",
       "/dagWarnings",
       "dag_warnings",
       {{"DAG", "dag_id"}, {"TYPE", "warning_type"}, {"MESSAGE", "message", false, kCut}},
       true},
      {"dags", "source", "What a DAG's file means: its version, resolved", "/dagSources/{DAG}", ""},
      {"dags",
       "favorites",
       "The DAGs that you have marked",
       "/dags?is_favorite=true",
       "dags",
       {{"DAG", "dag_id"}, {"PAUSED", "is_paused"}, {"LAST RUN", "last_run_state", true}},
       true},
      {"dags",
       "next-ticks",
       "The next ticks of a DAG's schedule, as the server knows it",
       "/dags/{DAG}/nextTicks",
       "ticks",
       {{"RUN AFTER", "run_after"},
        {"LOGICAL DATE", "logical_date"},
        {"INTERVAL START", "data_interval_start", false, kDrop},
        {"INTERVAL END", "data_interval_end", false, kDrop}}},
      {"dags", "show-run", "One run", "/dags/{DAG}/dagRuns/{RUN}", ""},
      {"dags",
       "asset-events",
       "The events of assets that made a run",
       "/dags/{DAG}/dagRuns/{RUN}/upstreamAssetEvents",
       "asset_events",
       {{"ID", "id"},
        {"ASSET", "name"},
        {"TIME", "timestamp"},
        {"DAG", "source_dag_id"},
        {"RUN", "source_run_id", false, kCut}}},
      {"tasks",
       "list",
       "The tasks of a DAG",
       "/dags/{DAG}/tasks",
       "tasks",
       {{"TASK", "task_id"},
        {"OPERATOR", "operator_name"},
        {"POOL", "pool"},
        {"RULE", "trigger_rule", false, kDrop},
        {"BEFORE", "downstream_task_ids", false, kCut}}},
      {"tasks", "state", "One task instance", "/dags/{DAG}/dagRuns/{RUN}/taskInstances/{TASK}", ""},
      {"tasks",
       "tries",
       "The tries of a task instance",
       "/dags/{DAG}/dagRuns/{RUN}/taskInstances/{TASK}/tries",
       "task_instances",
       {{"TRY", "try_number"},
        {"STATE", "state", true},
        {"CLUSTER", "cluster_id"},
        {"START", "start_date"},
        {"END", "end_date"},
        {"REASON", "reason", false, kCut}}},
      {"tasks",
       "attempts",
       "All tries of a run's jobs, with verdicts and clusters",
       "/dags/{DAG}/dagRuns/{RUN}/attempts",
       "attempts",
       {{"JOB", "display_name"},
        {"TRY", "try_number"},
        {"VERDICT", "verdict"},
        {"CLUSTERS", "cluster_ids"},
        {"START", "started_at", false, kDrop},
        {"END", "ended_at", false, kDrop},
        {"REASON", "reason", false, kCut}},
       true},
      {"tasks",
       "decisions",
       "What was decided and seen in one try of a task instance",
       "/dags/{DAG}/dagRuns/{RUN}/taskInstances/{TASK}/logs/{TRY}",
       "content",
       {{"TIME", "timestamp"}, {"LEVEL", "level"}, {"EVENT", "event", false, kCut}}},
      {"tasks",
       "links",
       "Where a task instance is shown in AWS's console",
       "/dags/{DAG}/dagRuns/{RUN}/taskInstances/{TASK}/links",
       "extra_links"},
  };
}

// The path with the arguments in place of its braces.
std::string PathOf(const Read& read, const std::vector<std::string>& arguments) {
  std::string path;
  size_t next = 0;
  for (size_t at = 0; at < read.path.size(); ++at) {
    if (read.path[at] != '{') {
      path += read.path[at];
      continue;
    }
    path += http::PercentEncode(arguments.at(next++));
    at = read.path.find('}', at);
  }
  return path;
}

// A line for each member that has a value.
void PrintMembers(Format format, const json::object& object) {
  json::array lines;
  for (const auto& [name, value] : object) {
    if (!value.is_null())
      lines.push_back(json::object{{"property", name}, {"value", Cell(object, name)}});
  }
  PrintList(format, lines, {{"PROPERTY", "property"}, {"VALUE", "value", false, kCut}});
}

}  // namespace

std::vector<std::string> Read::Arguments() const {
  std::vector<std::string> names;
  for (size_t open = path.find('{'); open != std::string_view::npos;
       open = path.find('{', open + 1))
    names.emplace_back(path.substr(open + 1, path.find('}', open) - open - 1));
  return names;
}

const std::vector<Read>& Reads() {
  static const std::vector<Read> kReads = AllReads();
  return kReads;
}

Outcome<void> Show(const Read& read, const ReadOptions& options) {
  auto server = ServerClient::Find(options.live.server);
  if (!server)
    return tl::unexpected(server.error());
  const Format format = options.live.format;
  const std::string path = PathOf(read, options.arguments);
  json::value shown;
  if (read.has_pages) {
    auto items = server->List(path, read.member);
    if (!items)
      return tl::unexpected(items.error());
    shown = *std::move(items);
  } else {
    auto answer = server->Get(path);
    if (!answer)
      return tl::unexpected(answer.error());
    const json::value* member = base::Find(*answer, read.member);
    shown = read.member.empty() || member == nullptr ? json::value(*answer) : *member;
  }
  if (IsData(format))
    PrintData(format, shown);
  else if (shown.is_array())
    PrintList(format,
              read.for_people == nullptr ? shown.get_array() : read.for_people(shown.get_array()),
              read.fields);
  else
    PrintMembers(format, shown.as_object());
  return {};
}

}  // namespace cli
