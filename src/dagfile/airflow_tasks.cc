#include "dagfile/airflow_tasks.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "dagfile/commands.h"

namespace dagfile {

using base::Cat;

namespace {

constexpr std::array<std::string_view, 4> kKeys = {
    "file", "task_id", "operator", "airflow_version"};
constexpr std::array<std::string_view, 4> kOperations = {"product", "sum", "min", "max"};
constexpr std::string_view kLengths =
    "a length is a number, {job: ID}, or one of product, sum, min and max of a list of lengths";

bool IsBelow(std::string_view path) {
  return !path.empty() && !path.starts_with('/') && path != ".." && !path.starts_with("../") &&
         path.find("/../") == std::string_view::npos && !path.ends_with("/..");
}

}  // namespace

void ReadAirflowTask(yaml::MapReader& reader, yaml::Diagnostics* errors, JobDraft* job) {
  auto& work = std::get<model::CommandWork>(job->settings.work);
  model::AirflowTask& task = work.airflow.emplace();
  task.file = reader.Required<std::string>("file").value_or("");
  if (!task.file.empty() && !IsBelow(task.file))
    reader.Error("file", "'file' is the path of a DAG file below the folder of DAG files");
  task.task_id = reader.Optional<std::string>("task_id").value_or(job->id.str());
  task.operator_class = reader.Optional<std::string>("operator").value_or("BaseOperator");
  const int64_t version = reader.Optional<int64_t>("airflow_version").value_or(3);
  if (version != 2 && version != 3)
    reader.Error("airflow_version", "'airflow_version' is 2 or 3");
  task.version = static_cast<int>(version);
  work.skips_on.clear();
  work.outputs = model::OutputsFrom::kTold;
  ReadResources(reader, errors, work.limits);
}

void RefuseAirflowTask(yaml::MapReader& reader) {
  for (const std::string_view key : kKeys) {
    if (reader.node().Find(key) == nullptr)
      continue;
    reader.Take(key);
    reader.Error(key, Cat("'", key, "' is for jobs of type airflow_task"));
  }
}

json::value ReadLengths(const yaml::Node& node, yaml::Diagnostics* errors) {
  if (!node.is_map() && !node.is_sequence()) {
    const auto number = yaml::Read<int64_t>(node, "a length", errors);
    if (number && *number < 0)
      errors->Add(node.mark(), Cat("a length is not negative, found ", *number));
    return number.value_or(0);
  }
  const yaml::Node* job = node.is_map() ? node.Find("job") : nullptr;
  if (job != nullptr && node.members().size() == 1)
    return json::object{{"job", job->raw()}};
  const std::string_view operation =
      node.is_map() && node.members().size() == 1 ? node.members().front().key : std::string_view();
  if (std::ranges::find(kOperations, operation) == kOperations.end() ||
      !node.members().front().value.is_sequence()) {
    errors->Add(node.mark(), std::string(kLengths));
    return nullptr;
  }
  json::array parts;
  for (const yaml::Node& part : node.members().front().value.items())
    parts.push_back(ReadLengths(part, errors));
  return json::object{{operation, std::move(parts)}};
}

std::vector<std::string> JobsInLengths(const json::value& lengths) {
  std::vector<std::string> jobs;
  const json::object* object = lengths.if_object();
  if (object == nullptr)
    return jobs;
  for (const auto& member : *object) {
    if (const json::string* job = member.value().if_string())
      jobs.emplace_back(*job);
    else if (const json::array* parts = member.value().if_array()) {
      for (const json::value& part : *parts) {
        const auto more = JobsInLengths(part);
        jobs.insert(jobs.end(), more.begin(), more.end());
      }
    }
  }
  return jobs;
}

}  // namespace dagfile
