#include "machine/machine.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "base/text.h"

namespace machine {
namespace {

namespace fs = std::filesystem;
using base::Cat;

class MachineTest : public ::testing::Test {
 protected:
  MachineTest() {
    std::string name = (fs::temp_directory_path() / "machine-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    Begin();
  }
  ~MachineTest() override {
    machine_.reset();
    fs::remove_all(folder_);
  }

  // A new life: the one before is gone, its processes go on.
  void Begin(std::map<std::string, std::string> environment = {{"PATH", "/usr/bin:/bin"}}) {
    machine_ = std::make_unique<Machine>(Options{.folder = folder_ + "/processes",
                                                 .cwd = folder_,
                                                 .program = SIGNALBOX_SUPERVISOR,
                                                 .environment = std::move(environment)});
  }

  using Answer = std::optional<base::Result<json::object>>;
  template <typename Ask>
  std::future<base::Result<json::object>> Future(const Ask& ask) {
    auto promise = std::make_shared<std::promise<base::Result<json::object>>>();
    ask([promise](base::Result<json::object> answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }
  base::Result<json::object> Get(std::future<base::Result<json::object>> future) {
    if (future.wait_for(std::chrono::seconds(60)) != std::future_status::ready)
      return base::Fail(base::ErrorCode::kTimeoutUnknown, "no answer in a minute");
    return future.get();
  }
  base::Result<json::object> Start(const std::string& token, const json::object& request) {
    return Get(Future([&](auto done) { machine_->Start(token, request, done); }));
  }
  std::future<base::Result<json::object>> Awaits(const std::string& token,
                                                 const std::string& outputs = "") {
    return Future([&](auto done) { machine_->Await(token, outputs, done); });
  }
  json::object Await(const std::string& token, const std::string& outputs = "") {
    auto end = Get(Awaits(token, outputs));
    EXPECT_TRUE(end) << (end ? "" : end.error().message);
    return end ? *end : json::object();
  }
  base::Result<json::object> Stop(const std::string& token) {
    return Get(Future([&](auto done) { machine_->Stop(token, done); }));
  }
  json::object Run(const std::string& token,
                   const std::string& script,
                   const std::string& outputs = "") {
    EXPECT_TRUE(Start(token, Bash(script)));
    return Await(token, outputs);
  }

  static json::object Bash(const std::string& script) {
    return {{"argv", json::array{"bash", "-c", script}}};
  }
  Record RecordOf(const std::string& token) const { return {folder_ + "/processes", token}; }
  std::string Stdout(const std::string& token) const {
    return RecordOf(token).Tail("stdout", 1 << 20);
  }
  // Waits for the file; its text.
  std::string Read(const std::string& name) const {
    for (int i = 0; i < 5000; ++i) {
      std::ifstream file(folder_ + "/" + name);
      std::string text;
      if (file && std::getline(file, text) && !text.empty())
        return text;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ADD_FAILURE() << name << " does not come";
    return "";
  }
  static bool DiesSoon(pid_t pid) {
    for (int i = 0; i < 5000; ++i) {
      if (!StartOf(pid))
        return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return false;
  }

  std::string folder_;
  std::unique_ptr<Machine> machine_;
};

TEST_F(MachineTest, ACommandEndsWithItsExitCodeAndItsTexts) {
  const json::object end = Run("t", "echo to out; echo 'to err' >&2; exit 3");
  EXPECT_EQ(base::GetString(end, "end"), "ended");
  EXPECT_EQ(base::GetInt(end, "exit_code"), 3);
  EXPECT_EQ(base::GetString(end, "text"), "to err");
  EXPECT_EQ(Stdout("t"), "to out\n");
  EXPECT_GE(base::GetInt(end, "ended_at_us"), base::GetInt(end, "began_at_us"));
}

TEST_F(MachineTest, ATokenBeginsOnce) {
  ASSERT_TRUE(Start("t", Bash("echo x >> runs; sleep 0.2")));
  ASSERT_TRUE(Start("t", Bash("echo x >> runs")));
  Await("t");
  ASSERT_TRUE(Start("t", Bash("echo x >> runs")));
  Begin();
  ASSERT_TRUE(Start("t", Bash("echo x >> runs")));
  Await("t");
  EXPECT_EQ(fs::file_size(folder_ + "/runs"), 2U);
}

TEST_F(MachineTest, ANewLifeFindsWhatRunsAndWhatHasEnded) {
  ASSERT_TRUE(Start("runs", Bash("while [ ! -e go ]; do sleep 0.01; done; exit 7")));
  ASSERT_TRUE(Start("ended", Bash("exit 5")));
  EXPECT_EQ(base::GetInt(Await("ended"), "exit_code"), 5);
  Begin();
  EXPECT_EQ(base::GetInt(Await("ended"), "exit_code"), 5);
  const auto list = Get(Future([&](auto done) { machine_->List(done); }));
  ASSERT_TRUE(list);
  EXPECT_EQ(json::serialize(list->at("tokens")), R"(["runs"])");
  auto waits = Awaits("runs");
  std::ofstream(folder_ + "/go") << "go";
  EXPECT_EQ(base::GetInt(*Get(std::move(waits)), "exit_code"), 7);
}

TEST_F(MachineTest, WhatIsToldToEndEndsWithAllThatItStarted) {
  ASSERT_TRUE(Start("t", Bash("trap '' TERM; setsid sleep 600 & echo $! > child; sleep 600")));
  const auto child = static_cast<pid_t>(base::ParseInt(Read("child")).value());
  // It does not listen: what follows the grace is tried by the supervisor's own kill.
  const auto command = RecordOf("t").Read("child");
  ASSERT_TRUE(command);
  ASSERT_TRUE(Stop("t"));
  kill(-static_cast<pid_t>(base::GetInt(*command, "pid")), SIGKILL);
  const json::object end = Await("t");
  EXPECT_EQ(base::GetInt(end, "signal"), SIGKILL);
  EXPECT_TRUE(DiesSoon(child)) << "a process that left the group";
}

TEST_F(MachineTest, AStopEndsAListenerAtOnce) {
  ASSERT_TRUE(
      Start("t", Bash("trap 'exit 4' TERM; echo ready > ready; while :; do sleep 0.01; done")));
  Read("ready");
  ASSERT_TRUE(Stop("t"));
  EXPECT_EQ(base::GetInt(Await("t"), "exit_code"), 4);
}

TEST_F(MachineTest, WhatIsStoppedBeforeItBeganNeverBegins) {
  ASSERT_TRUE(Stop("t"));
  ASSERT_TRUE(Start("t", Bash("echo x > runs")));
  EXPECT_EQ(base::GetString(Await("t"), "end"), "not_begun");
  EXPECT_FALSE(fs::exists(folder_ + "/runs"));
}

TEST_F(MachineTest, ATimeoutEndsIt) {
  json::object request = Bash("sleep 600");
  request["timeout_us"] = 200'000;
  ASSERT_TRUE(Start("t", request));
  const json::object end = Await("t");
  EXPECT_TRUE(base::GetBool(end, "timed_out"));
  EXPECT_EQ(base::GetInt(end, "signal"), SIGTERM);
}

TEST_F(MachineTest, AMistakeInTheRequestIsTold) {
  ASSERT_TRUE(Start("program", {{"argv", json::array{"no-such-program"}}}));
  json::object end = Await("program");
  EXPECT_EQ(base::GetString(end, "end"), "refused");
  EXPECT_EQ(base::GetString(end, "text"),
            "'no-such-program' cannot be started: No such file or directory");
  json::object request = Bash("true");
  request["cwd"] = "/no/such/folder";
  ASSERT_TRUE(Start("cwd", request));
  end = Await("cwd");
  EXPECT_EQ(base::GetString(end, "end"), "refused");
  EXPECT_EQ(base::GetString(end, "text"),
            "the folder '/no/such/folder' cannot be entered: No such file or directory");
}

TEST_F(MachineTest, ASupervisorThatDiesTakesItsCommandWithIt) {
  ASSERT_TRUE(Start("t", Bash("echo $$ > pid; exec sleep 600")));
  const auto command = static_cast<pid_t>(base::ParseInt(Read("pid")).value());
  const auto began = RecordOf("t").Read("began");
  ASSERT_TRUE(began);
  kill(static_cast<pid_t>(base::GetInt(*began, "pid")), SIGKILL);
  const json::object end = Await("t");
  EXPECT_EQ(base::GetString(end, "end"), "lost");
  EXPECT_EQ(base::GetString(end, "text"), "its supervisor has died");
  EXPECT_TRUE(DiesSoon(command));
  EXPECT_EQ(base::GetString(Await("t"), "end"), "lost") << "and stays so";
  ASSERT_TRUE(Start("t", Bash("echo x > runs")));
  EXPECT_FALSE(fs::exists(folder_ + "/runs"));
}

TEST_F(MachineTest, WhatALostCommandHasLeftRunningIsKilledAlsoIfItIsGoneItself) {
  ASSERT_TRUE(Start("t",
                    Bash("setsid sleep 600 & echo $! > child; echo $$ > pid; "
                         "while [ ! -e go ]; do sleep 0.01; done")));
  const auto child = static_cast<pid_t>(base::ParseInt(Read("child")).value());
  const auto command = static_cast<pid_t>(base::ParseInt(Read("pid")).value());
  const auto began = RecordOf("t").Read("began");
  ASSERT_TRUE(began);
  kill(static_cast<pid_t>(base::GetInt(*began, "pid")), SIGKILL);
  std::ofstream(folder_ + "/go") << "go";
  ASSERT_TRUE(DiesSoon(command));
  EXPECT_EQ(base::GetString(Await("t"), "end"), "lost");
  EXPECT_TRUE(DiesSoon(child));
}

TEST_F(MachineTest, WhatBeganBeforeARestartOfTheMachineIsLost) {
  const Record record = RecordOf("t");
  ASSERT_TRUE(record.Make());
  ASSERT_TRUE(
      record.Write("began", {{"boot", "another"}, {"pid", getpid()}, {"start", 1}, {"at_us", 5}}));
  const json::object end = Await("t");
  EXPECT_EQ(base::GetString(end, "end"), "lost");
  EXPECT_EQ(base::GetString(end, "text"), "the machine was restarted");
  EXPECT_EQ(base::GetString(Await("none"), "text"), "its record is gone");
}

TEST_F(MachineTest, OutputsComeFromTheLastLineOrAFile) {
  const json::object line = Run("line", "echo first; printf '{\"rows\": 5}\\n\\n'", "last_line");
  EXPECT_EQ(base::GetString(line, "outputs"), R"({"rows": 5})");
  const json::object file = Run("file", "echo '[1]' > $SIGNALBOX_OUTPUTS", "file");
  EXPECT_EQ(base::GetString(file, "outputs"), "[1]\n");
  const json::object none = Run("none", "true", "last_line");
  EXPECT_FALSE(none.contains("outputs"));
  const json::object large = Run("large", "head -c 60000 /dev/zero | tr '\\0' x", "last_line");
  EXPECT_TRUE(base::GetBool(large, "outputs_too_large"));
}

TEST_F(MachineTest, MuchOutputIsKeptInParts) {
  const json::object end =
      Run("t",
          "for i in $(seq 40); do head -c 1000000 /dev/zero | tr '\\0' x; echo; done; echo end",
          "last_line");
  EXPECT_EQ(base::GetString(end, "outputs"), "end");
  EXPECT_LE(fs::file_size(RecordOf("t").PathOf("stdout")), static_cast<size_t>(kLogBytesMax));
  EXPECT_TRUE(RecordOf("t").Has("stdout.1"));
}

TEST_F(MachineTest, ItsInputEnvironmentFolderAndLimitsAreAsAsked) {
  Begin({{"PATH", "/usr/bin:/bin"}, {"OURS", "1"}, {"BOTH", "ours"}});
  json::object request = Bash("cat; echo $OURS $BOTH $PWD; ulimit -n; ulimit -f");
  request["stdin"] = "given\n";
  request["env"] = json::object{{"BOTH", "its own"}};
  request["cwd"] = "/";
  request["limits"] = json::object{{"open_files", 33}, {"file_size", 4096}};
  ASSERT_TRUE(Start("t", request));
  Await("t");
  EXPECT_EQ(Stdout("t"), "given\n1 its own /\n33\n4\n");
}

TEST_F(MachineTest, SecretsOfOursAreNotPassedOn) {
  EXPECT_FALSE(IsPassedOn("SIGNALBOX_SECRET_KEY"));
  EXPECT_FALSE(IsPassedOn("AIRFLOW_CONN_DB"));
  EXPECT_FALSE(IsPassedOn("AIRFLOW_VAR_X"));
  EXPECT_TRUE(IsPassedOn("AWS_PROFILE"));
}

TEST_F(MachineTest, AProcessIsKnownByItsStart) {
  const ProcessId us{.pid = getpid(), .boot = BootId(), .start = StartOf(getpid()).value()};
  EXPECT_TRUE(IsAlive(us));
  EXPECT_FALSE(IsAlive({us.pid, us.boot, us.start + 1}));
  EXPECT_FALSE(IsAlive({us.pid, "another", us.start}));
}

}  // namespace
}  // namespace machine
