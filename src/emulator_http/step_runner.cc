#include "emulator_http/step_runner.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/gzip.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/text.h"

namespace emulator_http {

namespace fs = std::filesystem;
using base::Cat;
using emulator::StepOrder;
using Steady = std::chrono::steady_clock;

namespace {

constexpr base::Duration kLookInterval = base::milliseconds(20);
// A message of EMR is a line, not a log.
constexpr size_t kFailureMax = 500;
// An error stands in the last part of a log.
constexpr size_t kTailBytes = size_t{64} << 10;
constexpr int kNotStarted = -1;
// Of util-linux: what it starts gets SIGTERM when we die, even by a SIGKILL.
constexpr char kSetPriv[] = "/usr/bin/setpriv";

// All that a step may know of the emulator's environment. Neither keys nor tokens have such names.
constexpr const char* kPassedOn[] = {"PATH",
                                     "LANG",
                                     "LC_ALL",
                                     "TZ",
                                     "USER",
                                     "LOGNAME",
                                     "JAVA_HOME",
                                     "SPARK_HOME",
                                     "PYSPARK_PYTHON",
                                     "PYSPARK_DRIVER_PYTHON"};

std::string ReadTail(const std::string& path, size_t bytes_max) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::streamoff>(file.tellg());
  if (!file || size < 0)
    return "";
  const std::streamoff begin = std::max<std::streamoff>(0, size - std::streamoff(bytes_max));
  std::string text(static_cast<size_t>(size - begin), '\0');
  file.seekg(begin);
  file.read(text.data(), std::streamsize(text.size()));
  return text;
}

std::string ReadHead(const std::string& path, size_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  std::string text(bytes_max, '\0');
  file.read(text.data(), std::streamsize(text.size()));
  text.resize(static_cast<size_t>(std::max<std::streamsize>(0, file.gcount())));
  return text;
}

// "ValueError: no rows", "org.apache.spark.SparkException: …": a word that ends so, and a colon.
bool IsError(std::string_view line) {
  const std::string_view word = line.substr(0, line.find(':'));
  return word.size() < line.size() && word.find_first_of(" \t") == std::string_view::npos &&
         (word.ends_with("Error") || word.ends_with("Exception"));
}

std::string FailureIn(const std::string& stderr_path, int code) {
  std::string failure = Cat("The step's process ended with exit code ", code, ".");
  const std::vector<std::string> lines = base::Split(ReadTail(stderr_path, kTailBytes), '\n');
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    constexpr std::string_view kThread = "Exception in thread ";
    if (IsError(*line) || line->starts_with(kThread))
      return Cat(line->substr(0, kFailureMax), " (exit code ", code, ")");
  }
  return failure;
}

std::string Quoted(const std::vector<std::string>& argv) {
  std::vector<std::string> words;
  for (const std::string& word : argv)
    words.push_back(base::Serialize(json::value(word)));
  return base::Join(words, " ");
}

std::string Stamp() {
  return base::FormatRfc3339(base::Clock::Wall()) + " INFO ";
}

}  // namespace

struct StepRunner::Run {
  StepOrder order;
  std::string folder;
  std::string controller;  // its log: what was run and how it ended
  std::optional<base::Process> process;
  std::optional<Steady::time_point> stopped_at;  // by a kStop
  std::string refusal;

  std::string StreamPath(std::string_view stream) const { return Cat(folder, "/", stream); }
};

StepRunner::StepRunner(http::Loop& loop, StepRunnerOptions options, Finished finished)
    : loop_(loop), options_(std::move(options)), finished_(std::move(finished)) {}

StepRunner::~StepRunner() {
  for (const auto& run : runs_)
    if (run->process)
      run->process->Signal(SIGTERM);
  const auto deadline = Steady::now() + options_.grace;
  for (const auto& run : runs_) {
    if (run->process) {
      const auto left = std::chrono::duration_cast<base::Duration>(deadline - Steady::now());
      Finish(*run, run->process->WaitOrKill(std::max(left, base::Duration(0))));
    }
  }
}

base::Status StepRunner::Check() {
  const std::string& program = options_.spark_submit;
  bool found = program.find('/') != std::string::npos && ::access(program.c_str(), X_OK) == 0;
  if (const char* path = std::getenv("PATH"); path != nullptr && !found)
    for (const std::string& folder : base::Split(path, ':'))
      found = found || (program.find('/') == std::string::npos &&
                        ::access(Cat(folder, "/", program).c_str(), X_OK) == 0);
  if (!found)
    return base::Fail(base::ErrorCode::kNotFound,
                      Cat(program,
                          ": there is no such program; --spark-submit names Spark's, which "
                          "tools/spark-setup installs as build/spark-venv/bin/quick-spark-submit"));
  std::error_code error;
  fs::create_directories(options_.s3_root + "/.steps", error);
  if (error)
    return base::Fail(base::ErrorCode::kPermission,
                      Cat(options_.s3_root, ": cannot be written to: ", error.message()));
  return {};
}

void StepRunner::Take(const StepOrder& order) {
  if (order.kind == StepOrder::Kind::kStop)
    Stop(order.step_id);
  else
    waiting_.push_back(order);
  WakeUp(base::Duration(0));
}

void StepRunner::Stop(const std::string& step_id) {
  std::erase_if(waiting_, [&](const StepOrder& order) {
    if (order.step_id != step_id)
      return false;
    KeepLog(order, "controller", Stamp() + "stopped before a slot was free\n");
    KeepLog(order, "stdout", "");
    KeepLog(order, "stderr", "");
    return true;
  });
  for (const auto& run : runs_) {
    if (run->order.step_id != step_id || run->stopped_at)
      continue;
    run->stopped_at = Steady::now();
    run->controller += Stamp() + "the step is stopped\n";
    if (run->process)
      run->process->Signal(SIGTERM);
  }
}

void StepRunner::WakeUp(base::Duration after) {
  tick_ = loop_.After(after, [this] { Tick(); });
}

void StepRunner::Tick() {
  StartWaiting();
  std::vector<std::unique_ptr<Run>> ended;
  for (auto& run : runs_)
    if (Look(*run))
      ended.push_back(std::move(run));
  std::erase(runs_, nullptr);
  if (!waiting_.empty() || !runs_.empty())
    WakeUp(ended.empty() ? kLookInterval : base::Duration(0));
  for (const auto& run : ended)
    if (!run->stopped_at)
      finished_(run->order, run->refusal);
}

void StepRunner::StartWaiting() {
  while (!waiting_.empty() && runs_.size() < options_.slots) {
    StepOrder order = std::move(waiting_.front());
    waiting_.pop_front();
    Start(std::move(order));
  }
}

void StepRunner::Start(StepOrder order) {
  auto run = std::make_unique<Run>(Run{.order = std::move(order)});
  run->folder = Cat(options_.s3_root, "/.steps/", run->order.step_id);
  auto argv = StepCommand(run->order,
                          {.s3_root = options_.s3_root,
                           .spark_submit = options_.spark_submit,
                           .threads = options_.threads});
  std::error_code error;
  fs::create_directories(run->folder + "/tmp", error);
  if (!argv) {
    run->refusal = argv.error().message;
  } else {
    run->controller = Cat(Stamp(), "running ", Quoted(*argv), "\n");
    if (::access(kSetPriv, X_OK) == 0)
      argv->insert(argv->begin(), {kSetPriv, "--pdeathsig", "TERM"});
    auto process = base::Process::Start({.argv = *argv,
                                         .env = Environment(run->folder),
                                         .stdout_path = run->StreamPath("stdout"),
                                         .stderr_path = run->StreamPath("stderr"),
                                         .only_env = true,
                                         .directory = run->folder,
                                         .own_group = true});
    if (process)
      run->process.emplace(*std::move(process));
    else
      run->refusal = process.error().message;
  }
  runs_.push_back(std::move(run));
}

std::map<std::string, std::string> StepRunner::Environment(const std::string& folder) const {
  std::map<std::string, std::string> env;
  for (const char* name : kPassedOn)
    if (const char* value = std::getenv(name))
      env[name] = value;
  env["HOME"] = folder;
  env["SPARK_LOCAL_IP"] = "127.0.0.1";
  env["SPARK_LOCAL_DIRS"] = folder + "/tmp";
  env["TMPDIR"] = folder + "/tmp";
  env["AWS_EC2_METADATA_DISABLED"] = "true";
  // The Python that PySpark was installed for stands beside its spark-submit.
  const fs::path python = fs::path(options_.spark_submit).replace_filename("python3");
  if (python.has_parent_path() && ::access(python.c_str(), X_OK) == 0)
    env.emplace("PYSPARK_PYTHON", python.string());
  return env;
}

bool StepRunner::Look(Run& run) {
  if (!run.process) {
    Finish(run, kNotStarted);
    return true;
  }
  if (auto code = run.process->Poll()) {
    Finish(run, *code);
    return true;
  }
  if (run.stopped_at && Steady::now() - *run.stopped_at > options_.grace)
    run.process->Signal(SIGKILL);
  // Appending goes on at the new end, so that no step fills the disk.
  for (const char* stream : {"stdout", "stderr"}) {
    std::error_code error;
    const std::string path = run.StreamPath(stream);
    if (fs::file_size(path, error) > 2 * kLogBytesMax && !error)
      fs::resize_file(path, kLogBytesMax + 1, error);
  }
  return false;
}

void StepRunner::Finish(Run& run, int code) {
  if (run.process && code != 0)
    run.refusal = FailureIn(run.StreamPath("stderr"), code);
  run.controller += run.process ? Cat(Stamp(), "exit code ", code, "\n")
                                : Cat(Stamp(), "not started: ", run.refusal, "\n");
  KeepLog(run.order, "controller", run.controller);
  for (const char* stream : {"stdout", "stderr"})
    KeepLog(run.order, stream, ReadHead(run.StreamPath(stream), kLogBytesMax + 1));
  std::error_code ignored;
  fs::remove_all(run.folder, ignored);
}

void StepRunner::KeepLog(const StepOrder& order, std::string_view stream, std::string text) {
  if (order.log_folder.empty())
    return;
  if (text.size() > kLogBytesMax) {
    text.resize(kLogBytesMax);
    text += Cat("\n[cut: what came after ", kLogBytesMax >> 20, " MiB was not kept]\n");
  }
  auto folder = LocalPath(order.log_folder, options_.s3_root);
  if (!folder) {
    base::LogError("step_log_not_kept", {{"step_id", json::value(order.step_id)}});
    return;
  }
  std::error_code error;
  fs::create_directories(*folder, error);
  std::ofstream file(*folder + emulator::LogFileName(stream), std::ios::binary);
  if (!(file << base::Gzip(text) << std::flush))
    base::LogError("step_log_not_kept", {{"step_id", json::value(order.step_id)}});
}

}  // namespace emulator_http
