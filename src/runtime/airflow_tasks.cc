#include "runtime/airflow_tasks.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "airflow/package.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/text.h"
#include "base/uuid.h"

namespace runtime {

namespace {

using base::Cat;

constexpr char kTokenPrefix[] = "sbxt.";
constexpr char kRecord[] = "/tasks.json";

base::Error Trouble(std::string_view what, const std::string& path) {
  return {base::ErrorCode::kUnavailable, Cat(what, " ", path, ": ", std::strerror(errno))};
}

// Whole or not at all, and for its owner alone.
base::Status WriteFile(const std::string& path, std::string_view bytes) {
  const std::string beside = Cat(path, ".", getpid(), ".new");
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0)
    return base::Fail(Trouble("cannot make", beside));
  base::Status written;
  while (written && !bytes.empty()) {
    const ssize_t put = write(file, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0)
      written = base::Fail(Trouble("cannot write", beside));
    else
      bytes.remove_prefix(static_cast<size_t>(put));
  }
  if (written && fsync(file) != 0)
    written = base::Fail(Trouble("cannot sync", beside));
  close(file);
  if (written && rename(beside.c_str(), path.c_str()) != 0)
    written = base::Fail(Trouble("cannot rename", beside));
  if (!written)
    unlink(beside.c_str());
  return written;
}

// By Airflow's own names, so that its configuration says the same to everything in the process.
// After a restart we may have another port: tasks look it up in the record.
json::object EnvironmentOf(const airflow::Settings& settings,
                           const std::string& record,
                           const std::string& package,
                           uint16_t port) {
  return {
      {"PYTHONPATH", package},
      {"PYTHONDONTWRITEBYTECODE", "1"},
      {"SIGNALBOX_TASKS", record},
      {"AIRFLOW__CORE__DAGS_FOLDER", settings.dags_folder},
      {"AIRFLOW__CORE__LOAD_EXAMPLES", "False"},
      {"AIRFLOW__CORE__EXECUTION_API_SERVER_URL", Cat("http://127.0.0.1:", port, "/execution/")}};
}

}  // namespace

AirflowTasks::AirflowTasks(std::string folder,
                           std::map<std::string, std::string> environment,
                           std::function<airflow::Settings()> settings)
    : folder_(std::move(folder)),
      environment_(std::move(environment)),
      settings_(std::move(settings)) {
  environment_.emplace("AIRFLOW_HOME", folder_ + "/home");
}

std::string TaskUuidOf(const model::ProcessToken& process) {
  return base::UuidText(base::Sha256Hex(Cat("task instance ", process.str())));
}

void AirflowTasks::Resume() {
  if (folder_.empty() || !std::filesystem::exists(folder_ + kRecord))
    return;
  if (const base::Status served = Serve(); !served)
    base::LogError("task_api", {{"message", served.error().message}});
}

AirflowTasks::~AirflowTasks() {
  StopWarm();
}

// In a folder of its own: the path of a socket has at most 107 characters.
void AirflowTasks::WarmUp() {
  const airflow::Settings settings = settings_();
  if (warm_ && warm_settings_ == settings && !warm_->Poll())
    return;
  StopWarm();
  if (settings.python.empty() || !Serve())
    return;
  const auto package = Package();
  std::string folder = (std::filesystem::temp_directory_path() / "signalbox-tasks-XXXXXX").string();
  if (!package || mkdtemp(folder.data()) == nullptr)
    return;
  warm_folder_ = folder;
  base::ProcessOptions options{
      .argv = {settings.python, "-m", "signalbox_airflow.warm", folder + "/warm.sock"}};
  options.env = environment_;
  for (const auto& item : EnvironmentOf(settings, folder_ + kRecord, *package, port_))
    options.env[std::string(item.key())] = item.value().as_string();
  options.only_env = true;
  options.own_group = true;
  options.pipe_stdin = true;
  options.stdout_path = options.stderr_path = folder_ + "/warm.log";
  auto started = base::Process::Start(options);
  if (!started) {
    base::LogWarning("airflow_tasks", {{"message", started.error().message}});
    return;
  }
  warm_ = *std::move(started);
  warm_settings_ = settings;
}

void AirflowTasks::StopWarm() {
  warm_ = std::nullopt;
  std::error_code ignored;
  if (!warm_folder_.empty())
    std::filesystem::remove_all(std::exchange(warm_folder_, ""), ignored);
}

base::Result<json::object> AirflowTasks::Fill(const std::string& token, json::object request) {
  const airflow::Settings settings = settings_();
  if (settings.python.empty())
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      "no Python can run it: name an environment with Airflow in signalbox.yaml, "
                      "such as 'python: airflow/bin/python'");
  RETURN_IF_ERROR(Serve());
  ASSIGN_OR_RETURN(const std::string package, Package());
  const json::object airflow = base::GetObject(request, "airflow");
  json::object ti = base::GetObject(airflow, "ti");
  const model::ProcessToken process(token);
  ti["id"] = TaskUuidOf(process);
  ti["dag_version_id"] = TaskUuidOf(process);
  const json::object workload{
      {"type", "ExecuteTask"},
      {"token", TokenOf(token)},
      {"ti", std::move(ti)},
      {"dag_rel_path", base::GetString(airflow, "file")},
      {"bundle_info", json::object{{"name", "dags-folder"}, {"version", nullptr}}},
      {"log_path", nullptr}};
  json::object env = EnvironmentOf(settings, folder_ + kRecord, package, port_);
  env["AIRFLOW_HOME"] = environment_.at("AIRFLOW_HOME");
  json::object filled{
      {"argv", json::array{settings.python, "-m", "signalbox_airflow.task"}},
      {"env", std::move(env)},
      {"cwd", settings.dags_folder},
      {"stdin",
       base::Serialize(json::object{{"workload", workload},
                                    {"airflow_version", base::GetInt(airflow, "version", 3)}})}};
  WarmUp();
  if (!warm_folder_.empty())
    filled["warm"] = warm_folder_ + "/warm.sock";
  for (const char* kept : {"outputs", "limits", "timeout_us"}) {
    if (const json::value* value = request.if_contains(kept))
      filled[kept] = *value;
  }
  return filled;
}

std::optional<model::ProcessToken> AirflowTasks::ProcessOf(std::string_view token) const {
  constexpr std::string_view kPrefix(kTokenPrefix);
  const size_t dot = token.rfind('.');
  if (key_.empty() || !token.starts_with(kPrefix) || dot < kPrefix.size())
    return std::nullopt;
  const std::string process(token.substr(kPrefix.size(), dot - kPrefix.size()));
  if (!base::SameSecret(token, TokenOf(process)))
    return std::nullopt;
  return model::ProcessToken(process);
}

std::string AirflowTasks::TokenOf(std::string_view process) const {
  return Cat(kTokenPrefix, process, ".", base::Hex(base::AsText(base::HmacSha256(key_, process))));
}

base::Status AirflowTasks::Load() {
  if (!key_.empty())
    return {};
  if (folder_.empty())
    return base::Fail(base::ErrorCode::kInvalidArgument, "there is no folder for tasks of Airflow");
  if (mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST)
    return base::Fail(Trouble("cannot make the folder", folder_));
  std::ifstream file(folder_ + kRecord, std::ios::binary);
  if (file) {
    std::ostringstream text;
    text << file.rdbuf();
    const auto record = base::ParseJson(text.str());
    if (record && record->is_object()) {
      key_ = base::GetString(record->get_object(), "key");
      port_ = static_cast<uint16_t>(base::GetInt(record->get_object(), "port"));
    }
  }
  if (key_.empty())
    key_ = base::Hex(base::RandomBytes(32));
  return {};
}

base::Status AirflowTasks::Save() const {
  return WriteFile(folder_ + kRecord,
                   base::Serialize(json::object{{"key", key_}, {"port", port_}}));
}

base::Status AirflowTasks::Serve() {
  if (!serve_)
    return port_ != 0 && !key_.empty()
               ? base::Status()
               : base::Fail(base::ErrorCode::kUnavailable, "tasks of Airflow are not served here");
  RETURN_IF_ERROR(Load());
  const uint16_t before = port_;
  base::Result<uint16_t> port = serve_(before);
  if (!port && before != 0) {
    // Another program has it by now. Tasks that an earlier life has started look the new one up.
    base::LogWarning("task_api_moved", {{"port", before}, {"message", port.error().message}});
    port = serve_(0);
  }
  if (!port)
    return base::Fail(port.error());
  port_ = *port;
  serve_ = nullptr;
  return Save();
}

// Under a name that follows from its bytes: tasks that run keep theirs over an upgrade.
base::Result<std::string> AirflowTasks::Package() const {
  const std::string path =
      Cat(folder_, "/signalbox_airflow-", base::Sha256Hex(airflow::kPackage).substr(0, 12), ".zip");
  if (!std::filesystem::exists(path))
    RETURN_IF_ERROR(WriteFile(path, airflow::kPackage));
  return path;
}

}  // namespace runtime
