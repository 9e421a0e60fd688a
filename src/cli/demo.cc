// `signalbox demo`: the main job from end to end. It starts the emulator and a standalone server as
// processes of its own, with test keys and the endpoint pinned to the emulator, so that it never
// reaches a real account; follows the server's API until every DAG has run; and gives an account.
//
// In OUT: emulator.jsonl (the emulator's journal), summary.json, the logs of both processes, and
// state/ with the database.

#include <algorithm>
#include <array>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <sys/file.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "accounts/secret.h"
#include "base/clock.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/live_view.h"
#include "cli/progress.h"
#include "cli/project.h"
#include "cli/summary.h"
#include "http/loop.h"

namespace cli {

namespace {

namespace fs = std::filesystem;
using base::Cat;

// Monday, five minutes before sessionize fires at 01:00 in Istanbul.
constexpr char kWorldEpoch[] = "2026-01-05T00:55:00+03:00";
constexpr char kSelf[] = "/proc/self/exe";
constexpr base::Duration kLook = base::milliseconds(200);
constexpr base::Duration kStartTimeout = base::seconds(20);
constexpr base::Duration kStopTimeout = base::seconds(10);
constexpr base::Duration kStallTimeout = base::minutes(20);
// The world begins this much later than the processes are started: they must listen by then, or
// the first schedule is missed. A machine that is too slow for one gets the next.
constexpr std::array<base::Duration, 3> kHeadStarts = {
    base::milliseconds(1500), base::seconds(6), base::seconds(20)};
constexpr int kQuietLooks = 3;  // with equal call counts: nothing is under way any more

// What a program of ours told people before it ended; its other lines are JSON.
std::string MessageIn(const std::string& log) {
  constexpr std::string_view kPrefix = "signalbox: ";
  std::vector<std::string> message;
  for (const std::string& line : base::Split(base::Trim(ReadFile(log).value_or("")), '\n')) {
    if (!line.starts_with('{'))
      message.push_back(line.starts_with(kPrefix) ? line.substr(kPrefix.size()) : line);
  }
  return base::Join(message, "\n");
}

class Demo {
 public:
  Demo(const DemoOptions& options, Project project)
      : options_(options),
        project_(std::move(project)),
        terminal_(Terminal::Of(STDOUT_FILENO)),
        screen_(terminal_),
        view_({project_.loaded.dags, ZoneToShow(), options.speed}) {}

  Outcome<void> Run();

 private:
  std::shared_ptr<const schedule::TimeZone> ZoneToShow() const;
  std::string Out(std::string_view name) const { return (fs::path(options_.out) / name).string(); }

  Outcome<void> Prepare();
  Outcome<bool> StartAll(base::Duration head_start);  // false: too late for the first schedule
  Outcome<std::string> StartChild(std::optional<base::Process>& child,
                                  const std::string& name,
                                  std::vector<std::string> arguments);
  std::map<std::string, std::string> ChildEnvironment() const;
  void InviteToBoard(const std::string& url);
  Outcome<std::string> MakeVisitor(const std::string& name) const;

  void Look();
  void Show(const Progress& progress);
  bool IsOver(const Progress& progress);
  Outcome<void> Stop();
  Outcome<void> Account();
  void End(std::optional<Failure> failure);

  const DemoOptions options_;
  const Project project_;
  const Terminal terminal_;
  Screen screen_;
  const LiveView view_;

  http::Loop loop_;
  http::Timer next_look_;
  int lock_ = -1;
  base::Clock clock_;
  base::Time wall_begin_;
  std::string endpoint_;  // of the emulator
  // The server's clients stop before what they call.
  std::optional<base::Process> emulator_;
  std::optional<base::Process> server_;
  std::optional<ServerClient> client_;
  std::string board_;  // where it is, and who may log in
  Progress progress_;
  base::Time world_end_;
  int quiet_looks_ = 0;
  std::optional<Failure> failure_;
};

std::shared_ptr<const schedule::TimeZone> Demo::ZoneToShow() const {
  for (const auto& dag : project_.loaded.dags) {
    if (auto zone = project_.zones.Find(dag->timezone); zone != nullptr)
      return zone;
  }
  return project_.zones.Find("UTC");
}

// A fresh OUT that no other demo uses.
Outcome<void> Demo::Prepare() {
  if (auto made = MakeFolder(Out("state")); !made)
    return FailEnvironment(made.error());
  // Held until this process ends.
  if (lock_ < 0)
    lock_ = ::open(Out("demo.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0)
    return Fail(Exit::kEnvironment, Cat("cannot write to ", options_.out));
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    return Fail(Exit::kLocked,
                Cat("another demo is running in ", options_.out, ": choose another --out"));
  }
  std::error_code ignored;
  for (const char* name : {"emulator.jsonl", "summary.json", "emulator.log", "standalone.log"})
    fs::remove(Out(name), ignored);
  for (const char* suffix : {"", "-wal", "-shm", ".lock", ".reserve"})
    fs::remove(Out("state/signalbox.db") + suffix, ignored);
  fs::remove(Out("state/database.json"), ignored);  // that there was a database
  return {};
}

std::map<std::string, std::string> Demo::ChildEnvironment() const {
  // An empty value removes a variable: nothing of the caller's AWS settings reaches the children.
  return {{"SIGNALBOX_CLOCK", clock_.Setting()},
          {"AWS_ENDPOINT_URL_EMR", endpoint_},
          {"AWS_ENDPOINT_URL_S3", endpoint_},
          {"AWS_REGION", "us-east-1"},
          {"AWS_ACCESS_KEY_ID", "test"},
          {"AWS_SECRET_ACCESS_KEY", "test"},
          {"AWS_SESSION_TOKEN", ""},
          {"AWS_SECURITY_TOKEN", ""},
          {"AWS_CREDENTIAL_EXPIRATION", ""},
          {"AWS_PROFILE", ""},
          {"AWS_DEFAULT_PROFILE", ""},
          {"AWS_CONFIG_FILE", "/dev/null"},
          {"AWS_SHARED_CREDENTIALS_FILE", "/dev/null"},
          {"SIGNALBOX__EMR__PROFILE", "\"\""},  // the project's own, whose keys are real
          // Its passes go on for ever; a demo is over when no calls are made.
          {"SIGNALBOX__REAPER__INTERVAL", "365d"},
          {"http_proxy", ""},
          {"HTTP_PROXY", ""},
          {"AWS_ENDPOINT_URL", ""},
          {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", ""}};
}

// The URL that the child listens on.
Outcome<std::string> Demo::StartChild(std::optional<base::Process>& child,
                                      const std::string& name,
                                      std::vector<std::string> arguments) {
  constexpr std::string_view kListening = "listening on ";
  const std::string log = Out(name + ".log");
  base::ProcessOptions process{.argv = {kSelf, name, "--log-format", "json"},
                               .env = ChildEnvironment(),
                               .stderr_path = log,
                               .pipe_stdout = true};
  process.argv.insert(process.argv.end(), arguments.begin(), arguments.end());
  auto started = base::Process::Start(process);
  if (!started)
    return FailEnvironment(started.error());
  child.emplace(*std::move(started));
  if (auto line = child->ReadLine(kStartTimeout); line && line->starts_with(kListening))
    return line->substr(kListening.size());
  const int code = child->WaitOrKill(base::seconds(1));
  const bool known = code > 0 && code <= static_cast<int>(Exit::kEnvironment);
  return Fail(
      known ? static_cast<Exit>(code) : Exit::kFailed,
      Cat("`signalbox ", name, "` did not start: ", MessageIn(log), " (its log: ", log, ")"));
}

Outcome<bool> Demo::StartAll(base::Duration head_start) {
  if (auto prepared = Prepare(); !prepared)
    return tl::unexpected(prepared.error());
  auto epoch = base::ParseTime(kWorldEpoch);
  wall_begin_ = base::Clock::Wall();
  clock_ = base::Clock(*epoch, options_.speed, wall_begin_ + head_start);
  std::vector<std::string> arguments = {"--port", "0", "--journal", Out("emulator.jsonl")};
  const std::string faults =
      options_.faults.empty() ? project_.folder + "/faults.yaml" : options_.faults;
  if (!options_.faults.empty() || fs::exists(faults))
    arguments.insert(arguments.end(), {"--faults", faults});
  if (options_.run_steps) {
    const std::string root = options_.s3_root.empty() ? Out("s3") : options_.s3_root;
    arguments.insert(
        arguments.end(),
        {"--steps", "run", "--s3-root", root, "--spark-submit", options_.spark_submit});
  }
  auto emulator = StartChild(emulator_, "emulator", std::move(arguments));
  if (!emulator)
    return tl::unexpected(emulator.error());
  endpoint_ = *emulator;

  arguments = {"--port", "0", "--project", project_.folder, "--state-dir", Out("state")};
  if (!options_.database.empty())
    arguments.insert(arguments.end(), {"--db", options_.database});
  else
    arguments.insert(arguments.end(), {"--db", "sqlite:///" + Out("state/signalbox.db")});
  auto server = StartChild(server_, "standalone", std::move(arguments));
  if (!server)
    return tl::unexpected(server.error());
  if (clock_.World() > *epoch)
    return false;
  auto client = ServerClient::Find(
      {.url = *server, .state_dir = Out("state"), .token_file = TokenPath(Out("state"))});
  if (!client)
    return tl::unexpected(client.error());
  client_.emplace(*std::move(client));
  InviteToBoard(*server);
  return true;
}

// The password of a user whom nobody else knows.
Outcome<std::string> Demo::MakeVisitor(const std::string& name) const {
  auto user = client_->Post("/users", {{"name", name}, {"role", "operator"}});
  if (!user)  // a database of the caller's may have one
    user = client_->Post(Cat("/users/", name, "/resetPassword"), {});
  if (!user)
    return tl::unexpected(user.error());
  std::string password = accounts::DrawPassword();
  auto changed = client_->PostAtRoot("/auth/password",
                                     {{"username", name},
                                      {"password", base::GetString(*user, "one_time_password")},
                                      {"new_password", password}});
  if (!changed)
    return tl::unexpected(changed.error());
  return password;
}

// Where the board is, and who may log in; a demo goes on without a visitor, too.
void Demo::InviteToBoard(const std::string& url) {
  constexpr char kName[] = "demo";
  board_ = Cat("board      ", url);
  if (const auto password = MakeVisitor(kName))
    board_ += Cat("  (name: ", kName, ", password: ", *password, ")");
  board_ += "\n";
  if (!terminal_.is_tty)
    Print(board_);
}

// Every DAG that fires by itself has had a run, and no run goes on.
bool Demo::IsOver(const Progress& progress) {
  for (const auto& dag : project_.loaded.dags) {
    const bool has_run =
        std::any_of(progress.runs.begin(), progress.runs.end(), [&](const RunProgress& run) {
          return run.dag == dag->id.str();
        });
    if (!has_run && !dag->schedule.cron.empty() && !dag->is_paused_upon_creation)
      return false;
  }
  return progress.LiveClusters() == 0 &&
         std::all_of(progress.runs.begin(), progress.runs.end(), [](const RunProgress& run) {
           return run.Ended();
         });
}

void Demo::Show(const Progress& progress) {
  const base::Time now = clock_.World();
  if (terminal_.is_tty) {
    PrintFrame(screen_.Redraw(view_.Frame(progress, now, terminal_) + board_));
  } else {
    for (const std::string& line : view_.Changes(progress_, progress, now))
      Print(line + "\n");
  }
  std::fflush(stdout);
}

void Demo::Look() {
  for (auto* child : {&emulator_, &server_}) {
    if (auto code = (*child)->Poll())
      return End(Failure{Exit::kFailed,
                         Cat(child == &server_ ? "the server" : "the emulator",
                             " ended in the middle, with exit code ",
                             *code,
                             ": see ",
                             Out(child == &server_ ? "standalone.log" : "emulator.log"))});
  }
  auto progress = FetchProgress(*client_);
  if (!progress)
    return End(progress.error());
  Show(*progress);
  const bool quiet = IsOver(*progress) && progress->calls == progress_.calls;
  quiet_looks_ = quiet ? quiet_looks_ + 1 : 0;
  if (quiet_looks_ <= 1)
    world_end_ = clock_.World();
  progress_ = *std::move(progress);
  if (quiet_looks_ >= kQuietLooks)
    return End(std::nullopt);
  if (base::Clock::Wall() - wall_begin_ > kStallTimeout)
    return End(Failure{Exit::kFailed,
                       Cat("the runs did not end within ",
                           HumanDuration(kStallTimeout),
                           ": see ",
                           Out("standalone.log"))});
  next_look_ = loop_.After(kLook, [this] { Look(); });
}

void Demo::End(std::optional<Failure> failure) {
  failure_ = std::move(failure);
  loop_.Stop();
}

Outcome<void> Demo::Stop() {
  // The server first: an emulator that is gone would look like an outage.
  for (auto* child : {&server_, &emulator_}) {
    if (!*child)
      continue;
    (*child)->Signal(SIGTERM);
    const int code = (*child)->WaitOrKill(kStopTimeout);
    child->reset();
    if (code != 0 && !failure_)
      failure_ = Failure{Exit::kFailed,
                         Cat(child == &server_ ? "the server" : "the emulator",
                             " did not stop cleanly: exit code ",
                             code)};
  }
  if (failure_)
    return tl::unexpected(*failure_);
  return {};
}

Outcome<void> Demo::Account() {
  const json::object summary = SummaryJson(
      progress_,
      {clock_.WorldAt(wall_begin_), world_end_, base::Clock::Wall() - wall_begin_, options_.speed});
  if (auto written = WriteFile(Out("summary.json"), PrettyJson(summary)); !written)
    return FailEnvironment(written.error());
  PrintPainted(Cat("\n",
                   SummaryText(summary, terminal_),
                   "\n",
                   Out("summary.json"),
                   " and ",
                   Out("emulator.jsonl"),
                   " hold the details.\n"));
  if (!AllIsWell(progress_))
    return Fail(Exit::kFailed, "not every run succeeded, or clusters are left over");
  return {};
}

Outcome<void> Demo::Run() {
  loop_.OnSignal([this](int) { End(Failure{Exit::kFailed, "interrupted"}); });
  bool started = false;
  for (size_t i = 0; !started && i < kHeadStarts.size(); ++i) {
    auto in_time = StartAll(kHeadStarts[i]);
    if (!in_time) {
      failure_ = in_time.error();
      return Stop();
    }
    started = *in_time;
    if (!started) {
      if (auto stopped = Stop(); !stopped)
        return stopped;
    }
  }
  if (!started)
    return Fail(Exit::kFailed, "this machine is too slow for this speed: choose a lower --speed");
  loop_.Post([this] { Look(); });
  loop_.Run();
  if (auto stopped = Stop(); !stopped)
    return stopped;
  return Account();
}

}  // namespace

Outcome<void> RunDemo(const DemoOptions& options) {
  auto project = LoadProject(options.project);
  if (!project)
    return tl::unexpected(project.error());
  if (!project->loaded.errors.empty()) {
    return Fail(
        Exit::kInvalidProject,
        Cat(project->folder, " has errors: see `signalbox dags validate ", project->folder, "`"));
  }
  return Demo(options, *std::move(project)).Run();
}

}  // namespace cli
