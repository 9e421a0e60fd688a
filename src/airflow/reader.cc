#include "airflow/reader.h"

#include <chrono>
#include <csignal>
#include <utility>

#include "base/json_text.h"
#include "base/text.h"

namespace airflow {

namespace {

using base::Cat;

// How soon `stop` is heeded.
constexpr base::Duration kSlice = base::milliseconds(100);
// The first answer waits for the import of Airflow, on a machine that is busy.
constexpr base::Duration kLongestImport = base::minutes(3);
// The sandbox gives a file 30 s of its own.
constexpr base::Duration kLongestFile = base::minutes(2);

json::object RequestFor(const Settings& settings) {
  json::object request{{"dags_folder", settings.dags_folder}, {"strict_emr", settings.strict_emr}};
  request["unknown_schedules_by_hand"] = settings.unknown_schedules_by_hand;
  request["by_airflow"] = json::array(settings.by_airflow.begin(), settings.by_airflow.end());
  request["airflow_version"] =
      settings.version == 0 ? json::value(nullptr) : json::value(settings.version);
  return request;
}

}  // namespace

base::Result<Reader> Reader::Start(const Settings& settings,
                                   std::map<std::string, std::string> environment,
                                   const std::atomic<bool>& stop) {
  ASSIGN_OR_RETURN(PackageFile package, PackageFile::Make());
  base::ProcessOptions options = package.Run(settings.python, "signalbox_airflow.parse", {});
  std::erase_if(environment, [](const auto& each) { return each.first.starts_with("SIGNALBOX_"); });
  environment.merge(options.env);
  options.env = std::move(environment);
  options.only_env = true;
  options.own_group = true;
  options.pipe_stdin = true;
  options.pipe_stdout = true;
  options.stderr_path = "/dev/null";  // what files print is in their answers
  ASSIGN_OR_RETURN(base::Process process, base::Process::Start(options));
  return Reader(settings, std::move(package), std::move(process), stop);
}

base::Result<json::object> Reader::NextLine(base::Duration longest) {
  const auto until = std::chrono::steady_clock::now() + longest;
  while (!*stop_ && std::chrono::steady_clock::now() < until) {
    const std::optional<std::string> line = process_.ReadLine(kSlice);
    if (!line && process_.Poll())
      return base::Fail(
          base::ErrorCode::kUnavailable,
          Cat("'",
              settings_.python,
              "' has ended with the exit code ",
              *process_.Poll(),
              ": `",
              settings_.python,
              " -c 'import airflow.sdk'` says whether Airflow is in its environment"));
    if (!line)
      continue;
    ASSIGN_OR_RETURN(const json::value value, base::ParseJson(*line, "Python's answer"));
    if (!value.is_object())
      return base::Fail(base::ErrorCode::kCorrupt, "Python's answer is no object");
    if (const json::value* bad = base::Find(value, "bad_request"))
      return base::Fail(base::ErrorCode::kInvalidArgument,
                        bad->is_string() ? std::string(bad->get_string()) : "bad request");
    return value.get_object();
  }
  process_.Signal(SIGKILL);
  return base::Fail(base::ErrorCode::kUnavailable,
                    *stop_ ? "stopped" : Cat("'", settings_.python, "' does not answer"));
}

base::Result<json::object> Reader::Ask(const json::object& request) {
  RETURN_IF_ERROR(process_.Write(base::Serialize(request) + "\n"));
  return NextLine(kLongestImport);
}

base::Result<std::vector<std::string>> Reader::List() {
  ASSIGN_OR_RETURN(const json::object answer, Ask({{"list", settings_.dags_folder}}));
  std::vector<std::string> files;
  for (const json::value& file : base::GetArray(answer, "listed")) {
    if (file.is_string())
      files.emplace_back(file.get_string());
  }
  return files;
}

base::Status Reader::Read(const std::vector<std::string>& files,
                          const Secrets& secrets,
                          const std::function<void(Answer)>& on_answer) {
  json::object request = RequestFor(settings_);
  request["files"] = json::array(files.begin(), files.end());
  request["variables"] = secrets.variables;
  request["connections"] = secrets.connections;
  RETURN_IF_ERROR(process_.Write(base::Serialize(request) + "\n"));
  for (size_t i = 0; i < files.size(); ++i) {
    ASSIGN_OR_RETURN(const json::object line, NextLine(kLongestFile));
    ASSIGN_OR_RETURN(Answer answer, ReadAnswer(line));
    on_answer(std::move(answer));
  }
  ASSIGN_OR_RETURN(const json::object done, NextLine(kLongestFile));
  if (!done.contains("done"))
    return base::Fail(base::ErrorCode::kCorrupt, "Python's answers are not as many as the files");
  return {};
}

}  // namespace airflow
