#include "cli/lists.h"

#include <algorithm>
#include <iostream>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "base/text.h"
#include "base/time.h"

namespace cli {

std::string DagPath(const std::string& dag) {
  return "/dags/" + http::PercentEncode(dag);
}

std::string RunPath(const std::string& dag, const std::string& run) {
  return base::Cat(DagPath(dag), "/dagRuns/", http::PercentEncode(run));
}

std::string WithoutFraction(std::string cell) {
  constexpr size_t kSeconds = std::string_view("2026-01-05T00:00:33").size();
  if (cell.size() <= kSeconds || cell[kSeconds] != '.' || !base::ParseTime(cell))
    return cell;
  return cell.erase(kSeconds, cell.size() - 1 - kSeconds);
}

void PrintList(Format format, const json::array& items, const std::vector<Field>& fields) {
  if (IsData(format))
    return PrintData(format, items);
  std::vector<Table::Column> columns;
  for (const Field& field : fields)
    columns.push_back({field.title, field.is_state, field.fit});
  Table table(std::move(columns));
  for (const json::value& item : items) {
    if (!item.is_object())
      continue;
    std::vector<std::string> cells;
    for (const Field& field : fields)
      cells.push_back(WithoutFraction(Cell(item.get_object(), field.path)));
    table.Add(std::move(cells));
  }
  PrintTable(format, table);
}

void PrintOne(Format format, const json::object& item, const std::vector<Field>& fields) {
  if (IsData(format))
    PrintData(format, item);
  else
    PrintList(format, json::array{item}, fields);
}

void PrintList(Format format, const ServerClient::Items& list, const std::vector<Field>& fields) {
  PrintList(format, list.items, fields);
  const int64_t more = list.total - static_cast<int64_t>(list.items.size());
  if (more > 0)
    PrintError(
        base::Cat(list.is_total_limited ? "more than " : "", more, " more: --limit 0 shows all\n"));
}

const std::vector<Field>& RunFields() {
  static const std::vector<Field> kFields = {
      {"DAG", "dag_id"},
      {"RUN", "dag_run_id"},
      {"STATE", "state", true},
      {"TYPE", "run_type", false, Table::Fit::kDrop},
      {"LOGICAL DATE", "logical_date", false, Table::Fit::kDrop},
      {"START", "start_date", false, Table::Fit::kDrop},
      {"END", "end_date", false, Table::Fit::kDrop},
      {"NOTE", "note", false, Table::Fit::kCut}};
  return kFields;
}

const std::vector<Field>& TaskFields() {
  static const std::vector<Field> kFields = {{"TASK", "task_id"},
                                             {"STATE", "state", true},
                                             {"TRY", "try_number"},
                                             {"CLUSTER", "cluster_id"},
                                             {"WHY", "why", false, Table::Fit::kCut}};
  return kFields;
}

std::vector<Field> TaskFieldsOf(const json::array& tasks) {
  static const std::vector<Field> kOfRuns = [] {
    std::vector<Field> fields = {{"DAG", "dag_id"}, {"RUN", "dag_run_id"}};
    fields.insert(fields.end(), TaskFields().begin(), TaskFields().end());
    return fields;
  }();
  const auto run_of = [](const json::value& task) {
    return std::pair(base::GetString(task.get_object(), "dag_id"),
                     base::GetString(task.get_object(), "dag_run_id"));
  };
  const bool is_one_run = std::all_of(tasks.begin(), tasks.end(), [&](const json::value& task) {
    return run_of(task) == run_of(tasks.front());
  });
  std::vector<Field> fields = is_one_run ? TaskFields() : kOfRuns;
  // Of a clear that takes the newest version.
  if (std::ranges::any_of(tasks, [](const json::value& task) {
        return task.get_object().contains("version_change");
      }))
    fields.push_back({"VERSION", "version_change"});
  return fields;
}

namespace {

// Of a mapped job: "12 instances: 3 success, 9 queued".
std::string InstancesOf(const json::object& task) {
  int64_t instances = 0;
  std::vector<std::string> states;
  for (const auto& [state, count] : base::GetObject(task, "mapped_states")) {
    instances += count.as_int64();
    states.push_back(base::Cat(count.as_int64(), " ", std::string_view(state)));
  }
  return states.empty() ? "" : base::Cat(instances, " instances: ", base::Join(states, ", "));
}

}  // namespace

json::array ForPeople(json::array tasks) {
  for (json::value& value : tasks) {
    json::object& task = value.get_object();
    std::vector<std::string> why;
    if (std::string instances = InstancesOf(task); !instances.empty())
      why.push_back(std::move(instances));
    if (const int64_t index = base::GetInt(task, "map_index", -1); index >= 0)
      task["task_id"] = base::Cat(base::GetString(task, "task_id"), "[", index, "]");
    if (const std::string reason = base::GetString(task, "reason"); !reason.empty())
      why.push_back(reason);
    if (const std::string cause = base::GetString(task, "cause");
        !cause.empty() && !base::GetString(task, "reason").empty())
      why.push_back(cause);
    for (const json::value& blocker : base::GetArray(task, "blocked_by"))
      why.push_back(base::GetString(blocker.get_object(), "message"));
    if (const std::string note = base::GetString(task, "note"); !note.empty())
      why.push_back("note: " + note);
    task["why"] = base::Join(why, "; ");
    if (task["state"].is_null())
      task["state"] = "none";
  }
  return tasks;
}

Outcome<void> Confirm(const Consequence& consequence, bool yes) {
  if (yes)
    return {};
  if (isatty(STDIN_FILENO) == 0)
    return Fail(Exit::kUsage,
                "nobody can be asked here: give --yes, or --dry-run to see what it would touch");
  PrintList(Format::kTable, consequence.touched, consequence.fields);
  PrintError(consequence.question + " [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  if (answer != "y" && answer != "Y" && answer != "yes")
    return Fail(Exit::kFailed, "nothing was changed");
  return {};
}

Outcome<json::array> FindListed(const ServerClient& server,
                                std::string_view path,
                                std::string_view list,
                                std::string_view member,
                                std::string_view name) {
  auto all = server.List(path, list);
  if (!all)
    return all;
  json::array found;
  for (const json::value& each : *all) {
    if (base::GetString(each.as_object(), member) == name)
      found.push_back(each);
  }
  return found;
}

std::string ScopesText(const json::array& scopes) {
  std::vector<std::string> texts, lists;
  for (const json::value& scope : scopes) {
    if (scope.is_array())
      lists.push_back(ScopesText(scope.get_array()));
    else if (scope.is_string())
      texts.emplace_back(scope.get_string());
  }
  if (!lists.empty())
    return base::Join(lists, " and ");
  return texts.empty() ? "all" : base::Join(texts, ", ");
}

json::array WithScopes(json::array items) {
  for (json::value& item : items) {
    json::object& of = item.as_object();
    of["scopes"] = ScopesText(base::GetArray(of, "scopes"));
  }
  return items;
}

Query& Query::Add(std::string_view name, std::string_view value) {
  if (!value.empty())
    text_ += base::Cat(text_.empty() ? '?' : '&', name, '=', http::PercentEncode(value));
  return *this;
}

Query& Query::Add(std::string_view name, const std::vector<std::string>& values) {
  for (const std::string& value : values)
    Add(name, value);
  return *this;
}

}  // namespace cli
