// docs/dag-format.md names exactly the keys that the program knows. What it knows is taken from
// what it answers to an unknown key: "…; it may have a, b, c".

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "dagfile/test_support.h"

namespace dagfile {
namespace {

using base::Cat;
using Keys = std::set<std::string>;

std::vector<std::string> DocumentLines() {
  std::ifstream in(Cat(SIGNALBOX_SOURCE_DIR, "/docs/dag-format.md"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

// The texts between backquotes.
std::vector<std::string> Quoted(std::string_view text) {
  std::vector<std::string> parts = base::Split(text, '`');
  std::vector<std::string> quoted;
  for (size_t i = 1; i < parts.size(); i += 2)
    quoted.push_back(parts[i]);
  return quoted;
}

// The part of a project that a heading begins; "" for what has no table.
std::string RootOf(std::string_view heading) {
  return heading.starts_with("## A DAG")              ? "dag"
         : heading.starts_with("## A job that runs")  ? "command"
         : heading.starts_with("## A job that is")    ? "airflow_task"
         : heading.starts_with("## A job that")       ? "trigger"
         : heading.starts_with("## A job")            ? "job"
         : heading.starts_with("## A group")          ? "group"
         : heading.starts_with("## A calendar")       ? "calendar"
         : heading.starts_with("## `signalbox.yaml`") ? "project"
                                                      : "";
}

// The keys of the document's tables, by place: "job", "job.steps[]", "project.emr.budget".
std::map<std::string, Keys> DocumentedKeys() {
  std::map<std::string, Keys> keys;
  std::string root;
  for (const std::string& line : DocumentLines()) {
    if (line.starts_with("## "))
      root = RootOf(line);
    if (!line.starts_with("| `") || root.empty())
      continue;
    std::vector<std::string> cells = base::Split(line, '|');
    std::string place;
    for (const std::string& key : Quoted(cells.at(1))) {
      size_t dot = key.rfind('.');
      if (dot != 0)
        place = dot == std::string::npos ? root : Cat(root, ".", key.substr(0, dot));
      keys[place].insert(dot == std::string::npos ? key : key.substr(dot + 1));
      if (root == "job" && place == root && cells.at(3).starts_with(" D,"))
        keys["dag.default_args"].insert(key);
    }
  }
  keys["dag.default_args"].insert("owner");
  return keys;
}

struct Default {
  std::string root;
  std::string key;
  std::string value;
};

// The documented defaults that are values, without those of keys in a list.
std::vector<Default> DocumentedDefaults() {
  std::vector<Default> defaults;
  std::string root;
  for (const std::string& line : DocumentLines()) {
    if (line.starts_with("## "))
      root = RootOf(line);
    if (!line.starts_with("| `") || root.empty() || line.find("[]") != std::string::npos)
      continue;
    std::vector<std::string> cells = base::Split(line, '|');
    std::string_view cell = base::Trim(cells.at(3));
    if (cell.starts_with("D, "))
      cell.remove_prefix(3);
    std::vector<std::string> quoted = Quoted(cell);
    bool is_text = quoted.size() == 1 && cell.size() == quoted[0].size() + 2;
    if (!is_text && !base::ParseDouble(cell))
      continue;
    std::string value = is_text ? quoted[0] : std::string(cell);
    if (value == "retries" || value == "retry_delay")
      continue;  // another key
    for (const std::string& key : Quoted(cells.at(1)))
      defaults.push_back({root, key, value});
  }
  return defaults;
}

// The keys that are told where the file has one that does not exist.
Keys KnownKeys(const SourceFile& file) {
  std::string errors = Text(Load({file}).errors);
  constexpr std::string_view kBefore = "; it may have ";
  size_t begin = errors.find(kBefore);
  if (begin == std::string::npos)
    return {errors};
  begin += kBefore.size();
  Keys keys;
  for (const std::string& key :
       base::Split(errors.substr(begin, errors.find('\n', begin) - begin), ','))
    keys.emplace(base::Trim(key));
  return keys;
}

TEST(FormatDocument, NamesExactlyTheKeysThatThereAre) {
  auto dag = [](std::string_view before, std::string_view job) {
    return SourceFile{"dags/a.yaml", Cat("dag_id: a\n", before, "\ntasks:\n  x: {", job, "}\n")};
  };
  auto emr_job = [&](std::string_view keys) { return dag("", Cat("type: emr_job, ", keys)); };
  auto project = [](std::string_view text) {
    return SourceFile{"signalbox.yaml", Cat("deployment: demo\n", text, "\n")};
  };
  const std::map<std::string, SourceFile> probes = {
      {"dag", dag("zzzzzzzzzzzz: 1", "type: empty")},
      {"dag.schedule", dag("schedule: {cron: '@daily', zzzzzzzzzzzz: 1}", "type: empty")},
      {"dag.catchup",
       dag("start_date: 2026-01-01\ncatchup: {max: 1, zzzzzzzzzzzz: 1}", "type: empty")},
      {"dag.limits[]", dag("limits: [{by: dag_id, max: 1, zzzzzzzzzzzz: 1}]", "type: empty")},
      {"dag.spend_cap", dag("spend_cap: {per_day: 1, zzzzzzzzzzzz: 1}", "type: empty")},
      {"project.spend_cap", project("spend_cap: {per_day: 1, zzzzzzzzzzzz: 1}")},
      {"project.prices.*", project("prices: {a: {on_demand: 1, zzzzzzzzzzzz: 1}}")},
      {"dag.blackout[]",
       dag("blackout: [{from: 2026-01-01, to: 2026-01-02, zzzzzzzzzzzz: 1}]", "type: empty")},
      {"calendar", {"calendars/a.yaml", "business_days: true\nzzzzzzzzzzzz: 1\n"}},
      {"calendar.dates[]",
       {"calendars/a.yaml", "dates: [{from: 2026-01-01, to: 2026-01-02, zzzzzzzzzzzz: 1}]\n"}},
      {"calendar.exclude[]",
       {"calendars/a.yaml", "exclude: [{from: 2026-01-01, to: 2026-01-02, zzzzzzzzzzzz: 1}]\n"}},
      {"dag.deadline", dag("deadline: {within: 1h, zzzzzzzzzzzz: 1}", "type: empty")},
      {"dag.notifications[]",
       dag("notifications: [{on: failed, to: a, zzzzzzzzzzzz: 1}]", "type: empty")},
      {"project.deadlines.*",
       project("deadlines: {week: {by: '06:00', dags: [a], zzzzzzzzzzzz: 1}}")},
      {"dag.default_args", dag("default_args: {zzzzzzzzzzzz: 1}", "type: empty")},
      {"dag.lanes[]", dag("lanes: [{id: 1, zzzzzzzzzzzz: 1}]", "type: empty")},
      {"job", emr_job(Cat("cluster: spot, zzzzzzzzzzzz: 1, steps: ", kStep))},
      {"job.depends_on[]",
       emr_job(Cat("cluster: spot, depends_on: [{job: b/y, zzzzzzzzzzzz: 1}], steps: ", kStep))},
      {"command", dag("", "type: command, command: [x], zzzzzzzzzzzz: 1")},
      {"command.resources", dag("", "type: command, command: [x], resources: {zzzzzzzzzzzz: 1}")},
      {"airflow_task", dag("", "type: airflow_task, file: a.py, zzzzzzzzzzzz: 1")},
      {"trigger", dag("", "type: trigger_dag_run, trigger_dag_id: a, zzzzzzzzzzzz: 1")},
      {"job.outlets[]", emr_job("cluster: spot, outlets: [{name: a, zzzzzzzzzzzz: 1}]")},
      {"project.assets.*", project("assets: {a: {zzzzzzzzzzzz: 1}}")},
      {"job.cluster", emr_job(Cat("cluster: {template: spot, zzzzzzzzzzzz: 1}, steps: ", kStep))},
      {"job.teardown", emr_job(Cat("cluster: spot, teardown: {zzzzzzzzzzzz: 1}, steps: ", kStep))},
      {"group",
       {"dags/a.yaml", "dag_id: a\ngroups:\n  g: {zzzzzzzzzzzz: 1, tasks: {x: {type: empty}}}\n"}},
      {"job.on_retry[]",
       emr_job(Cat("cluster: spot, on_retry: [{from_try: 2, overrides: {}, zzzzzzzzzzzz: 1}], "
                   "steps: ",
                   kStep))},
      {"job.map_over",
       emr_job(Cat("cluster: spot, map_over: {file: x, zzzzzzzzzzzz: 1}, steps: ", kStep))},
      {"job.steps[]",
       emr_job("cluster: spot, steps: [{name: s, spark_submit: {application: x}, "
               "zzzzzzzzzzzz: 1}]")},
      {"job.steps[].spark_submit",
       emr_job("cluster: spot, steps: [{name: s, spark_submit: {application: x, "
               "zzzzzzzzzzzz: 1}}]")},
      {"project", project("zzzzzzzzzzzz: 1")},
      {"project.pools.*", project("pools: {clusters: {slots: 1, zzzzzzzzzzzz: 1}}")},
      {"project.emr", project("emr: {zzzzzzzzzzzz: 1}")},
      {"project.emr.budget", project("emr: {budget: {zzzzzzzzzzzz: 1}}")},
      {"project.emr.budget.*",
       project("emr: {budget: {account: {burst: 1, per_second: 1, zzzzzzzzzzzz: 1}}}")},
      {"project.airflow", project("airflow: {zzzzzzzzzzzz: 1}")},
      {"project.reaper", project("reaper: {zzzzzzzzzzzz: 1}")},
      {"project.server", project("server: {zzzzzzzzzzzz: 1}")},
      {"project.server.oidc", project("server: {oidc: {zzzzzzzzzzzz: 1}}")},
      {"project.server.oidc.roles[]",
       project("server: {oidc: {roles: [{group: a, role: viewer, zzzzzzzzzzzz: 1}]}}")},
      {"project.openlineage", project("openlineage: {zzzzzzzzzzzz: 1}")},
      {"project.traces", project("traces: {zzzzzzzzzzzz: 1}")},
      {"project.limits", project("limits: {zzzzzzzzzzzz: 1}")},
      {"project.limits.active[]", project("limits: {active: [{tag: x, max: 1, zzzzzzzzzzzz: 1}]}")},
      {"project.sources", project("sources: {zzzzzzzzzzzz: 1}")},
      {"project.sources.dynamodb", project("sources: {dynamodb: {zzzzzzzzzzzz: 1}}")},
      {"project.sources.dynamodb.names",
       project("sources: {dynamodb: {names: {zzzzzzzzzzzz: 1}}}")},
      {"project.sources.sqs", project("sources: {sqs: {zzzzzzzzzzzz: 1}}")},
      {"project.sources.webhook", project("sources: {webhook: {zzzzzzzzzzzz: 1}}")},
      {"project.sources.emr", project("sources: {emr: {zzzzzzzzzzzz: 1}}")},
  };
  std::map<std::string, Keys> known;
  for (const auto& [place, file] : probes)
    known[place] = KnownKeys(file);
  // Beside those of every job.
  for (const char* other : {"trigger", "command", "airflow_task"})
    std::erase_if(known[other], [&](const std::string& key) { return known["job"].contains(key); });
  known["airflow_task"].erase("resources");  // as a command's
  const std::map<std::string, Keys> documented = DocumentedKeys();
  for (const auto& [place, keys] : known)
    EXPECT_EQ(documented.contains(place) ? documented.at(place) : Keys(), keys) << place;
  for (const auto& [place, keys] : documented)
    EXPECT_TRUE(known.contains(place)) << place << " is documented and not compared";
}

TEST(FormatDocument, TellsTheDefaults) {
  auto load = [](const std::string& dag_key, const std::string& job_key, const std::string& text) {
    std::string dag = Cat("dag_id: a\n",
                          dag_key,
                          "\ntasks:\n  x:\n    cluster: spot\n    steps: ",
                          kStep,
                          "\n    ",
                          job_key,
                          "\n");
    Loaded loaded = Load({{"signalbox.yaml", text}, {"dags/a.yaml", dag}});
    EXPECT_EQ(Text(loaded.errors), "") << dag << text;
    return loaded;
  };
  constexpr std::string_view kProject = "deployment: demo\n";
  const Loaded bare = load("", "", std::string(kProject));
  std::map<std::string, int> compared;
  for (const Default& each : DocumentedDefaults()) {
    if (each.key == "schedule.timetable" || each.key.starts_with("teardown.") ||
        each.key.starts_with("deadline") || each.key.starts_with("openlineage.") ||
        each.key.starts_with("traces.") || each.root == "calendar" || each.root == "trigger" ||
        each.root == "command")
      continue;  // they need something beside them
    ++compared[each.root];
    std::vector<std::string> path = base::Split(each.key, '.');
    std::string text = Cat(path.back(), ": ", each.value);
    for (size_t i = path.size() - 1; i > 0; --i)
      text = Cat(path[i - 1], ": {", text, "}");
    Loaded loaded = load(each.root == "dag" ? text : "",
                         each.root == "job" ? text : "",
                         Cat(kProject, each.root == "project" ? text : ""));
    ASSERT_EQ(loaded.dags.size(), 1u);
    EXPECT_EQ(loaded.dags[0]->version, bare.dags.at(0)->version) << text;
    EXPECT_TRUE(loaded.project == bare.project) << text;
  }
  EXPECT_GE(compared["dag"], 5);
  EXPECT_GE(compared["job"], 7);
  EXPECT_GE(compared["project"], 12);
}

TEST(FormatDocument, NamesTheKeysThatAreNotSupportedYet) {
  bool later = false;
  size_t count = 0;
  for (const std::string& line : DocumentLines()) {
    if (line.starts_with("## "))
      later = line == "## Later";
    if (!later)
      continue;
    for (const std::string& key : Quoted(line)) {
      if (key == "default_args")
        continue;
      ++count;
      std::string refused = Cat("'", key, "' is not supported yet in this version\n");
      auto errors = [](const std::string& text) {
        return Text(Load({{"dags/a.yaml", text}}).errors);
      };
      EXPECT_EQ(errors(Cat("dag_id: a\n", key, ": 1\ntasks: {x: {type: empty}}\n")),
                Cat("dags/a.yaml:2:1: ", refused));
      EXPECT_EQ(errors(Cat("dag_id: a\ndefault_args: {", key, ": 1}\ntasks: {x: {type: empty}}\n")),
                Cat("dags/a.yaml:2:16: ", refused));
      EXPECT_EQ(errors(Cat("dag_id: a\ntasks: {x: {type: empty, ", key, ": 1}}\n")),
                Cat("dags/a.yaml:2:26: ", refused));
    }
  }
  EXPECT_GE(count, 7u);
}

}  // namespace
}  // namespace dagfile
