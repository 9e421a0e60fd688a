// What people and scripts read, and the account that the demo gives.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

#include "api/api.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/dag_picture.h"
#include "cli/files.h"
#include "cli/listening.h"
#include "cli/lists.h"
#include "cli/live_view.h"
#include "cli/output.h"
#include "cli/sealed.h"
#include "cli/server_client.h"
#include "cli/summary.h"
#include "cli/version_words.h"
#include "model/dag_json.h"

namespace cli {
namespace {

const Terminal kPipe;
const Terminal kColour{.is_tty = true, .colour = true, .columns = 100, .rows = 30};

TEST(Table, AlignsColumnsByWhatIsSeen) {
  Table table({{"NAME"}, {"STATE", true}, {"END"}});
  table.Add({"größe", "success", "x"});
  table.Add({"a", "up_for_retry", ""});
  EXPECT_EQ(table.Render(kPipe),
            "NAME   STATE         END\n"
            "größe  success       x\n"
            "a      up_for_retry\n");
}

TEST(Table, ColoursStatesOnTerminalsOnly) {
  Table table({{"STATE", true}});
  table.Add({"failed"});
  EXPECT_EQ(table.Render(kPipe), "STATE\nfailed\n");
  EXPECT_EQ(table.Render(kColour), "\x1b[1mSTATE\x1b[0m\n\x1b[31mfailed\x1b[0m\n");
}

TEST(PrettyJson, KeepsOrderAndNests) {
  json::value value{{"b", 1}, {"a", {{"x", json::array{1, "two"}}, {"none", json::object()}}}};
  EXPECT_EQ(PrettyJson(value),
            "{\n"
            "  \"b\": 1,\n"
            "  \"a\": {\n"
            "    \"x\": [\n"
            "      1,\n"
            "      \"two\"\n"
            "    ],\n"
            "    \"none\": {}\n"
            "  }\n"
            "}\n");
  EXPECT_EQ(PrettyJson(json::array()), "[]\n");
}

TEST(Shorten, CountsCodePoints) {
  EXPECT_EQ(Shorten("training", 8), "training");
  EXPECT_EQ(Shorten("training", 5), "trai…");
  EXPECT_EQ(Shorten("größe", 4), "grö…");
  EXPECT_EQ(Shorten("x", 0), "");
}

TEST(Table, IsCutToTheTerminalFirstWhereItMayBe) {
  Table table({{"ID"}, {"WHY", false, Table::Fit::kCut}});
  table.Add({"j-0123456789", "core nodes were lost to Spot"});
  EXPECT_EQ(table.Render({.is_tty = true, .columns = 24}),
            "ID            WHY\n"
            "j-0123456789  core node…\n");
  EXPECT_EQ(table.Render({.is_tty = true, .columns = 20}),
            "ID          WHY\n"
            "j-0123456…  core no…\n")
      << "then where it should not";
  EXPECT_NE(table.Render({.columns = 10}).find("core nodes were lost to Spot"), std::string::npos)
      << "a pipe gets everything";
}

TEST(Table, LeavesOutWhatMayGoBeforeItCutsAnId) {
  Table table({{"ID"}, {"SINCE", false, Table::Fit::kDrop}, {"WHY", false, Table::Fit::kCut}});
  table.Add({"j-0123456789", "2026-01-05T00:00:33Z", "core nodes were lost to Spot"});
  EXPECT_EQ(table.Render({.is_tty = true, .columns = 30}),
            "ID            WHY\n"
            "j-0123456789  core nodes were…\n");
  EXPECT_EQ(table.Render({.is_tty = true, .columns = 60}),
            "ID            SINCE                 WHY\n"
            "j-0123456789  2026-01-05T00:00:33Z  core nodes were lost to…\n");
}

TEST(VersionWords, AreThoseOfTheFile) {
  model::Dag dag;
  dag.id = model::DagId("d");
  dag.schedule.cron = "0 2 * * *";
  dag.start_date = base::ParseTime("2026-01-05T00:00:00Z").value();
  dag.catchup = true;
  dag.catchup_max = 3;
  dag.limits = {{.by = "lane.id", .tag = "", .max = 2}};
  dag.spend_cap.per_run = 1'500'000;
  model::Job first, second;
  first.id = model::JobId("build");
  first.lane = model::LaneId("eu");
  first.lane_params = {{"customer", "x"}};
  model::EmrWork work;
  work.request = {{"LogUri", "s3://logs"}};
  work.expected_durations = {base::minutes(90)};
  first.work = work;
  first.retry_delay = base::minutes(10);
  first.hold_on_configuration_failure = true;
  second.id = model::JobId("publish");
  second.upstream = {0};
  second.map_over = model::MapOver{.items = {}, .expression = "params.x", .index_template = ""};
  model::CrossDependency edge;
  edge.dag = model::DagId("etl");
  edge.job = model::JobId("load");
  edge.within = base::hours(24);
  edge.window = model::Window::kWithin;
  second.cross = {edge};
  dag.jobs = {first, second};
  const Leaves words = InFileWords(model::DagToJson(dag));
  const Leaves expected = {{"schedule.cron", R"("0 2 * * *")"},
                           {"start_date", R"("2026-01-05T00:00:00Z")"},
                           {"catchup.max", "3"},
                           {"limits.by: lane.id.max", "2"},
                           {"spend_cap.per_run", R"("1.50")"},
                           {"tasks.build_eu.lane.params.customer", R"("x")"},
                           {"tasks.build_eu.cluster.LogUri", R"("s3://logs")"},
                           {"tasks.build_eu.expected_duration", R"("1h30m")"},
                           {"tasks.build_eu.retry_delay", R"("10m")"},
                           {"tasks.build_eu.on_configuration_failure", R"("hold")"},
                           {"tasks.publish.depends_on.build_eu", "true"},
                           {"tasks.publish.depends_on.etl/load.within", R"("1d")"},
                           {"tasks.publish.map_over", R"("{{ params.x }}")"}};
  for (const auto& [path, value] : expected) {
    ASSERT_TRUE(words.contains(path)) << path;
    EXPECT_EQ(words.at(path), value) << path;
  }
  for (const auto& [path, value] : words) {
    for (const char* inner : {"_us", "jobs.", "upstream", "request", "cron_"})
      EXPECT_EQ(path.find(inner), std::string::npos) << path;
  }
}

TEST(HumanDuration, UsesTwoUnits) {
  EXPECT_EQ(HumanDuration(base::seconds(45)), "45s");
  EXPECT_EQ(HumanDuration(base::seconds(605)), "10m05s");
  EXPECT_EQ(HumanDuration(base::minutes(185)), "3h05m");
  EXPECT_EQ(HumanDuration(base::hours(75)), "3d03h");
}

TEST(ErrorDetail, ReadsTextsAndValidationLists) {
  EXPECT_EQ(ErrorDetail(R"({"detail": "there is no DAG 'x'"})"), "there is no DAG 'x'");
  EXPECT_EQ(ErrorDetail(R"({"detail": [{"loc": ["body", "conf"], "msg": "must be an object"}]})"),
            "body.conf: must be an object");
  EXPECT_EQ(ErrorDetail(" <html> "), "<html>");
}

TEST(SqlitePath, HasThreeSlashesWhereRelativeAndFourWhereAbsolute) {
  EXPECT_EQ(SqlitePath("sqlite:///state/a.db", "/project").value(), "/project/state/a.db");
  EXPECT_EQ(SqlitePath("sqlite:////var/a.db", "/project").value(), "/var/a.db");
  EXPECT_FALSE(SqlitePath("postgresql://host/db", ".").has_value());
  EXPECT_FALSE(SqlitePath("sqlite:///", ".").has_value());
}

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "cli_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(path_); }
  std::string path_;
};

TEST_F(Folder, ProjectIsFoundFromAFileInside) {
  ASSERT_TRUE(MakeFolder(path_ + "/project/dags"));
  ASSERT_TRUE(WriteFile(path_ + "/project/signalbox.yaml", "deployment: x\n"));
  ASSERT_TRUE(WriteFile(path_ + "/project/dags/a.yaml", ""));
  EXPECT_EQ(FindProject(path_ + "/project/dags/a.yaml"), path_ + "/project");
  EXPECT_EQ(FindProject(path_ + "/project/"), path_ + "/project");
  EXPECT_EQ(FindProject(path_), std::nullopt);
}

class Access : public Folder {
 protected:
  void SetUp() override {
    Folder::SetUp();
    Clear();
    ASSERT_TRUE(WriteServerRecord(path_, {"https://127.0.0.1:1234", 77, "abc"}));
    ASSERT_TRUE(WriteFile(path_ + "/token", "projects\n"));
    ASSERT_TRUE(WriteFile(path_ + "/other", "others\n"));
  }
  void TearDown() override {
    Clear();
    Folder::TearDown();
  }
  static void Clear() {
    for (const char* name :
         {"SIGNALBOX_SERVER", "SIGNALBOX_CA", "SIGNALBOX_TOKEN", "SIGNALBOX_TOKEN_FILE"})
      ::unsetenv(name);
  }
  static void Set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }
  // "URL TOKEN", and what proves the server.
  static std::string Found(const ServerChoice& choice) {
    const auto access = FindAccess(choice);
    if (!access)
      return access.error().message;
    return base::Cat(access->url.scheme,
                     "://",
                     access->url.HostHeader(),
                     " ",
                     access->token,
                     access->client.certificate.empty() ? "" : " by its certificate",
                     access->client.ca_file.empty() ? "" : " by a CA");
  }
};

TEST_F(Access, OfAProjectIsItsServersAndItsToken) {
  EXPECT_EQ(Found({.state_dir = path_}), "https://127.0.0.1:1234 projects by its certificate");
  EXPECT_EQ(Found({.state_dir = path_, .ca_file = "ca.pem"}),
            "https://127.0.0.1:1234 projects by a CA");
  EXPECT_EQ(Found({.url = "https://localhost:1234", .state_dir = path_}),
            "https://localhost:1234 projects");
  EXPECT_EQ(Found({.state_dir = path_, .token_file = path_ + "/other"}),
            "https://127.0.0.1:1234 others by its certificate");
}

TEST_F(Access, AProjectsTokenGoesToNoOtherMachineByItself) {
  const auto here = std::filesystem::current_path();
  ASSERT_TRUE(MakeFolder(path_ + "/.signalbox"));
  std::filesystem::copy(path_ + "/server.json", path_ + "/.signalbox/server.json");
  std::filesystem::copy(path_ + "/token", path_ + "/.signalbox/token");
  std::filesystem::current_path(path_);
  EXPECT_EQ(Found({}), "https://127.0.0.1:1234 projects by its certificate");
  EXPECT_EQ(Found({.url = "https://box.example"}), "https://box.example ");
  EXPECT_EQ(Found({.url = "http://127.0.0.1:9"}), "http://127.0.0.1:9 projects");
  Set("SIGNALBOX_SERVER", "https://box.example");
  EXPECT_EQ(Found({}), "https://box.example ");
  std::filesystem::current_path(here);
}

TEST_F(Access, TheEnvironmentsTokenGoesToItsServerAlone) {
  Set("SIGNALBOX_TOKEN", "mine");
  Set("SIGNALBOX_CA", "ca.pem");
  EXPECT_EQ(Found({.state_dir = path_}), "https://127.0.0.1:1234 mine by its certificate");
  Set("SIGNALBOX_SERVER", "https://box.example");
  EXPECT_EQ(Found({}), "https://box.example mine by a CA");
  EXPECT_EQ(Found({.url = "https://b.example"}), "https://b.example mine by a CA");
  EXPECT_EQ(Found({.state_dir = path_}), "https://127.0.0.1:1234 projects by its certificate");
  ::unsetenv("SIGNALBOX_TOKEN");
  Set("SIGNALBOX_TOKEN_FILE", path_ + "/other");
  EXPECT_EQ(Found({}), "https://box.example others by a CA");
  Set("SIGNALBOX_TOKEN_FILE", path_ + "/none");
  EXPECT_NE(Found({}).find("cannot read"), std::string::npos);
}

TEST_F(Access, WhatIsSetAndEmptyIsNoOtherToken) {
  Set("SIGNALBOX_TOKEN", "");
  EXPECT_NE(Found({.state_dir = path_}).find("SIGNALBOX_TOKEN is set, but empty"),
            std::string::npos);
  EXPECT_EQ(Found({.state_dir = path_, .token_file = path_ + "/other"}),
            "https://127.0.0.1:1234 others by its certificate");
  ::unsetenv("SIGNALBOX_TOKEN");
  Set("SIGNALBOX_TOKEN_FILE", "");
  EXPECT_NE(Found({.state_dir = path_}).find("SIGNALBOX_TOKEN_FILE is set, but empty"),
            std::string::npos);
  std::ofstream(path_ + "/blank") << "\n";
  Set("SIGNALBOX_TOKEN_FILE", path_ + "/blank");
  EXPECT_NE(Found({.state_dir = path_}).find("holds no token"), std::string::npos);
  Set("SIGNALBOX_SERVER", "");
  EXPECT_NE(Found({}).find("SIGNALBOX_SERVER is set, but empty"), std::string::npos);
}

TEST(ScopesText, IsWhatIsTypedAndAllWhereThereAreNone) {
  EXPECT_EQ(ScopesText({}), "all");
  EXPECT_EQ(ScopesText({"dag:a_*", "tag:b"}), "dag:a_*, tag:b");
  EXPECT_EQ(ScopesText({json::array{"tag:a"}, json::array{"dag:x", "dag:y"}}),
            "tag:a and dag:x, dag:y");
}

TEST(CheckAllOpen, NamesThoseThatDoNot) {
  const json::array records{json::object{{"key", "a"}, {"value", "x"}},
                            json::object{{"key", "b"}, {"value", nullptr}, {"trouble", "no key"}}};
  const auto checked = CheckAllOpen(records, "key");
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().exit, Exit::kFailed);
  EXPECT_NE(checked.error().message.find("do not open: b. Of the last: no key"), std::string::npos);
  EXPECT_TRUE(CheckAllOpen({records[0]}, "key").has_value());
}

TEST_F(Folder, ServerRecordIsReadBackAndRemoved) {
  ASSERT_TRUE(WriteServerRecord(path_, {"http://127.0.0.1:1234", 77}));
  auto record = ReadServerRecord(path_);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->url, "http://127.0.0.1:1234");
  EXPECT_EQ(record->pid, 77);
  RemoveServerRecord(path_);
  EXPECT_FALSE(ReadServerRecord(path_));
}

TEST_F(Folder, UnwritablePlaceIsNamed) {
  ASSERT_TRUE(WriteFile(path_ + "/file", ""));
  auto made = MakeFolder(path_ + "/file/below");
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find(path_ + "/file/below"), std::string::npos);
}

model::Job MakeJob(const std::string& id, const std::string& lane, std::vector<int> upstream) {
  return {.id = model::JobId(id),
          .lane = model::LaneId(lane),
          .work = model::EmrWork(),
          .upstream = std::move(upstream)};
}

model::Dag TwoLanes() {
  model::Dag dag{.id = model::DagId("weekly")};
  dag.jobs = {MakeJob("label", "1", {}),
              MakeJob("label", "big", {}),
              MakeJob("train", "1", {0}),
              MakeJob("train", "big", {1}),
              MakeJob("publish", "", {2, 3})};
  dag.jobs[0].cross = {{.dag = model::DagId("daily"), .job = model::JobId("build")}};
  return dag;
}

TEST(DrawDag, LanesAreRowsAndJoinOnABus) {
  EXPECT_EQ(DrawDag(TwoLanes()),
            "  1    label_1 ------> train_1 ----+\n"
            "  big  label_big ----> train_big --+\n"
            "                                   +-> publish\n");
}

TEST(DrawDag, ForkWithoutLanesHasABus) {
  model::Dag dag;
  dag.jobs = {MakeJob("a", "", {}), MakeJob("b", "", {0}), MakeJob("c", "", {0})};
  EXPECT_EQ(DrawDag(dag),
            "  a --+-> b\n"
            "      +-> c\n");
}

TEST(DependenciesOf, AreWrittenAsInTheFile) {
  const model::Dag dag = TwoLanes();
  using Names = std::vector<std::string>;
  EXPECT_EQ(DependenciesOf(dag, model::JobId("label")), Names{"daily/build"});
  EXPECT_EQ(DependenciesOf(dag, model::JobId("train")), Names{"label"});
  EXPECT_EQ(DependenciesOf(dag, model::JobId("publish")), Names{"train[*]"});
}

// label_1 has failed once and its second cluster runs; the rest has not begun.
Progress MidWay() {
  RunProgress run{.dag = "weekly", .run = "manual__1", .state = "running"};
  for (const model::Job& job : TwoLanes().jobs) {
    run.tasks[TaskDisplayId(job, 0)] = {};
    run.tasks[TaskDisplayId(job, 1)] = {};
  }
  run.tasks["label_1.start_cluster"] = {"success", 2};
  run.tasks["label_1.wait_cluster_termination"] = {"deferred", 2};
  run.tasks["label_big.start_cluster"] = {"queued", 0};
  run.attempts = {{"label_1", 1, "infrastructure", "ZERO_CORE: no CORE node", {"j-1"}},
                  {"label_1", 2, "", "", {"j-2"}}};
  Progress progress;
  progress.runs = {run};
  progress.clusters = {{"j-2", "BOOTSTRAPPING", "weekly", "manual__1", "label_1", 2, true},
                       {"j-1", "TERMINATED", "weekly", "manual__1", "label_1", 1, false}};
  progress.calls = {{"RunJobFlow", {3, 1, 0}}, {"ListClusters", {40, 0, 0}}};
  return progress;
}

TEST(StatusOf, ShowsTheClusterWhileItLives) {
  const Progress progress = MidWay();
  const model::Dag dag = TwoLanes();
  EXPECT_EQ(StatusOf(progress, progress.runs[0], dag.jobs[0]).Text(), "BOOTSTRAPPING #2");
  EXPECT_EQ(StatusOf(progress, progress.runs[0], dag.jobs[1]).Text(), "queued");
  EXPECT_EQ(StatusOf(progress, progress.runs[0], dag.jobs[2]).Text(), "-");
}

LiveView MakeView() {
  return LiveView({.dags = {std::make_shared<const model::Dag>(TwoLanes())},
                   .zone = std::make_shared<const schedule::TimeZone>(schedule::TimeZone::Utc()),
                   .speed = 60});
}

const base::Time kNow = base::ParseTime("2026-01-05T02:30:00Z").value();

TEST(LiveView, FrameIsPlainTextWithoutColour) {
  const std::string frame = MakeView().Frame(MidWay(), kNow, kPipe);
  EXPECT_EQ(frame,
            "world time 2026-01-05 02:30:00+00:00  (60 times as fast as the wall's)\n"
            "\n"
            "weekly  manual__1  running  1/10 tasks\n"
            "       label             train             publish         \n"
            "  1    BOOTSTRAPPING #2  -                                 \n"
            "  big  queued            -                                 \n"
            "                                           -               \n"
            "\n"
            "clusters   2 launched, 1 up: 1 BOOTSTRAPPING\n"
            "EMR calls  43: ListClusters 40, RunJobFlow 3 (1 throttled)\n"
            "! label_1 try 1 failed (infrastructure): ZERO_CORE: no CORE node\n");
}

TEST(LiveView, FrameFitsTheTerminal) {
  Terminal narrow{.is_tty = true, .colour = false, .columns = 50, .rows = 30};
  for (const std::string& line : base::Split(MakeView().Frame(MidWay(), kNow, narrow), '\n'))
    EXPECT_LE(Width(line), 50u) << line;
}

TEST(LiveView, ChangesAreToldOnce) {
  const Progress now = MidWay();
  Progress before = now;
  before.runs[0].attempts.pop_back();
  before.runs[0].attempts[0].verdict = "";
  before.runs[0].tasks["label_1.wait_cluster_termination"] = {"up_for_retry", 1};
  before.runs[0].tasks["label_1.start_cluster"] = {"up_for_retry", 1};
  using Lines = std::vector<std::string>;
  EXPECT_EQ(MakeView().Changes(before, now, kNow),
            (Lines{"2026-01-05 02:30:00+00:00  weekly label_1: BOOTSTRAPPING #2",
                   "2026-01-05 02:30:00+00:00  weekly label_1 try 1 failed (infrastructure): "
                   "ZERO_CORE: no CORE node"}));
  EXPECT_EQ(MakeView().Changes(now, now, kNow), Lines{});
}

TEST(Screen, DrawsOverTheLastFrame) {
  Screen screen({.is_tty = true, .colour = false, .columns = 80, .rows = 3});
  EXPECT_EQ(screen.Redraw("a\nb"), "\x1b[?7l\x1b[2Ka\n\x1b[2Kb\n\x1b[J\x1b[?7h");
  // What is taller than the terminal is cut, and the cursor goes up by what was drawn.
  EXPECT_EQ(screen.Redraw("c\nd\ne"), "\x1b[?7l\x1b[2A\x1b[2Kc\n\x1b[2Kd\n\x1b[J\x1b[?7h");
}

// A title, a colour, a clear screen, a CSI in one character, a turned line, and bytes of no text.
constexpr char kHostile[] = "\x1b]0;T\a\x1b[31mred\x1b[2J\u009b1m\u202eabc\xff";
constexpr char kShown[] =
    "\\u001b]0;T\\u0007\\u001b[31mred\\u001b[2J\\u009b1m\\u202eabc\xEF\xBF\xBD";

TEST(Shown, LetsNothingSteerTheTerminal) {
  EXPECT_EQ(Shown(kHostile, kPipe), kShown);
  EXPECT_EQ(kPipe.Paint(kHostile, Colour::kRed), kShown);
  // Colours are ours where we painted, and pass once.
  EXPECT_EQ(Shown(kColour.Paint(kHostile, Colour::kGreen), kColour),
            base::Cat("\x1b[32m", kShown, "\x1b[0m"));
  EXPECT_EQ(Shown(kColour.Paint("x", Colour::kGreen), kPipe), "\\u001b[32mx\\u001b[0m");
  EXPECT_EQ(Shown("a\x1b[2Jb\x1b", kColour), "a\\u001b[2Jb\\u001b");
  EXPECT_EQ(Shown("1\r\n2\t3\n", kPipe), "1\n2\t3\n");
}

TEST(Shown, KeepsTablesAndFramesInTheirLines) {
  Table table({{"NAME"}, {"STATE", true}});
  table.Add({kHostile, "two\nlines"});
  EXPECT_EQ(
      table.Render(kPipe),
      base::Cat("NAME", std::string(Width(kShown) - 2, ' '), "STATE\n", kShown, "  two lines\n"));
  EXPECT_EQ(Shorten("a\nb\x1b", 9), "a b\\u001b");
  Screen screen({.is_tty = true, .colour = true, .columns = 80, .rows = 9});
  EXPECT_EQ(screen.Redraw("a\x1b[2Jb"),
            base::Cat("\x1b[?7l\x1b[2K", "a\\u001b[2Jb", "\n\x1b[J\x1b[?7h"));
}

TEST(Shown, KeepsJsonTheSame) {
  const json::value value{{"reason", "\x1b[2J\a\x7f\u009b\u202e \"q\" \\"}};
  const std::string text = Shown(PrettyJson(value), kPipe);
  EXPECT_EQ(text.find_first_of("\x1b\x7f\a"), std::string::npos);
  EXPECT_EQ(text.find("\u009b"), std::string::npos);
  EXPECT_EQ(base::ParseJson(text).value(), value);
}

TEST(Summary, CountsWhatTheProgressHolds) {
  const json::object summary = SummaryJson(MidWay(),
                                           {.world_begin = kNow,
                                            .world_end = kNow + base::hours(2),
                                            .wall = base::seconds(120),
                                            .speed = 60});
  EXPECT_FALSE(base::GetBool(summary, "ok", true));
  EXPECT_EQ(base::GetInt(summary, "clusters.launched"), 2);
  EXPECT_EQ(base::GetInt(summary, "clusters.left_over"), 1);
  EXPECT_EQ(base::GetInt(summary, "tries"), 2);
  EXPECT_EQ(base::GetInt(summary, "calls_total"), 43);
  EXPECT_EQ(base::GetInt(summary, "calls.RunJobFlow.throttled"), 1);
  ASSERT_EQ(base::GetArray(summary, "incidents").size(), 2u);
  const json::object& run = base::GetArray(summary, "runs")[0].get_object();
  EXPECT_EQ(base::GetInt(run, "jobs"), 5);
  EXPECT_EQ(base::GetInt(run, "tasks"), 10);

  const std::string text = SummaryText(summary, kPipe);
  EXPECT_NE(text.find("label_1 try 1 (j-1): infrastructure failure, ZERO_CORE: no CORE node"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("2 launched, 1 terminated, 1 left over"), std::string::npos) << text;
  EXPECT_NE(text.find("tries      2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("2h00m of world time in 2m00s"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Summary, IsWellOnlyWhereEveryRunSucceededAndNothingIsLeft) {
  Progress progress = MidWay();
  EXPECT_FALSE(AllIsWell(progress));
  progress.runs[0].state = "success";
  EXPECT_FALSE(AllIsWell(progress)) << "a cluster is left";
  progress.clusters[0].live = false;
  EXPECT_TRUE(AllIsWell(progress));
  EXPECT_FALSE(AllIsWell(Progress{})) << "no run at all";
}

TEST(Yaml, QuotesWhatCouldBeSomethingElse) {
  const json::value value = *base::ParseJson(R"({
    "plain": "dags/a-b_1.yaml", "yes": "no", "number": "12", "time": "2026-01-05", "empty": "",
    "colon": "a: b", "lines": "a\nb", "null": null, "list": [], "map": {}, "deep": [[1, [2]], {"a": {"b": [true]}}],
    "small": 0.00001})");
  EXPECT_EQ(Yaml(value),
            "plain: dags/a-b_1.yaml\n"
            "\"yes\": \"no\"\n"
            "number: \"12\"\n"
            "time: \"2026-01-05\"\n"
            "empty: \"\"\n"
            "colon: \"a: b\"\n"
            "lines: \"a\\nb\"\n"
            "\"null\": null\n"
            "list: []\n"
            "map: {}\n"
            "deep:\n"
            "  - - 1\n"
            "    - - 2\n"
            "  - a:\n"
            "      b:\n"
            "        - true\n"
            "small: 1.0e-05\n");
  EXPECT_EQ(Yaml(json::array()), "[]\n");
}

TEST(Table, PlainIsItsRowsPartedByTabs) {
  Table table({{"STATE", true}, {"NOTE"}});
  table.Add({"failed", "two\twords\nlines"});
  table.Add({"", "x"});
  EXPECT_EQ(table.Plain(), "failed\ttwo words lines\n\tx\n");
}

TEST(Listening, TheCommandLineComesBeforeTheProject) {
  const dagfile::Server project{.bind = {"10.0.0.1"},
                                .port = 1,
                                .tls_certificate = "tls/c.pem",
                                .tls_key = "/etc/k.pem",
                                .allowed_hosts = {"a.example"}};
  auto settings = ServerSettings({.project = "some/project"}, project);
  ASSERT_TRUE(settings.has_value()) << settings.error().message;
  EXPECT_EQ(settings->tls_certificate, "some/project/tls/c.pem");
  EXPECT_EQ(settings->tls_key, "/etc/k.pem");
  settings = ServerSettings({.project = "some/project",
                             .bind = {"::1"},
                             .allowed_hosts = {"B.example"},
                             .port = 2,
                             .tls_certificate = "c2.pem",
                             .tls_key = "k2.pem"},
                            project);
  ASSERT_TRUE(settings.has_value()) << settings.error().message;
  EXPECT_EQ(settings->bind, std::vector<std::string>{"::1"});
  EXPECT_EQ(settings->allowed_hosts, std::vector<std::string>{"b.example"});
  EXPECT_EQ(settings->port, 2);
  EXPECT_EQ(settings->tls_certificate, "c2.pem");
  EXPECT_EQ(settings->tls_key, "k2.pem");
}

TEST(Listening, NothingGoesBeyondThisMachineInTheClear) {
  const auto outcome_of = [](const StandaloneOptions& options, const dagfile::Server& project) {
    const auto settings = ServerSettings(options, project);
    return settings ? Exit::kOk : settings.error().exit;
  };
  EXPECT_EQ(outcome_of({.bind = {"0.0.0.0"}}, {}), Exit::kUsage);
  EXPECT_EQ(outcome_of({.bind = {"127.0.0.1", "::"}}, {}), Exit::kUsage);
  EXPECT_EQ(outcome_of({}, {.bind = {"10.0.0.1"}}), Exit::kInvalidProject);
  EXPECT_EQ(outcome_of({.bind = {"127.0.0.1", "::1", "localhost", "127.0.0.9"}}, {}), Exit::kOk);
  EXPECT_EQ(outcome_of({.bind = {"0.0.0.0"}, .insecure_http = true}, {}), Exit::kOk);
  EXPECT_EQ(outcome_of({.bind = {"0.0.0.0"}, .trusted_proxies = {"10.0.0.1"}}, {}), Exit::kOk);
  EXPECT_EQ(outcome_of({.bind = {"0.0.0.0"}, .tls_certificate = "c", .tls_key = "k"}, {}),
            Exit::kOk);
  EXPECT_EQ(outcome_of({.bind = {"box.example"}}, {}), Exit::kUsage);
  EXPECT_EQ(outcome_of({.trusted_proxies = {"10.0.0.1/8"}}, {}), Exit::kUsage);
}

TEST(Listening, BehindAProxyWithoutTlsTheProxyAloneIsServed) {
  EXPECT_TRUE(BoundsOf({.trusted_proxies = {"10.0.0.1"}}).proxies_alone);
  EXPECT_FALSE(BoundsOf({.trusted_proxies = {"10.0.0.1"}, .insecure_http = true}).proxies_alone);
  EXPECT_FALSE(BoundsOf({.tls_certificate = "c", .tls_key = "k"}).proxies_alone);
}

TEST(Listening, ASettingThatIsNotGivenIsTheApisOwnBound) {
  const http::ServerOptions bounds = BoundsOf({});
  const http::ServerOptions own = api::ServerBounds();
  EXPECT_EQ(bounds.max_body, own.max_body);
  EXPECT_EQ(bounds.max_header, own.max_header);
  EXPECT_EQ(bounds.read_timeout, own.read_timeout);
  EXPECT_EQ(bounds.idle_timeout, own.idle_timeout);
  EXPECT_EQ(bounds.max_connections, own.max_connections);
  EXPECT_EQ(bounds.max_strangers, own.max_strangers);
  EXPECT_EQ(bounds.max_strangers_per_peer, own.max_strangers_per_peer);
  EXPECT_EQ(EventLimitsOf({}).streams, api::EventLimits().streams);
  EXPECT_EQ(EventLimitsOf({.max_event_streams = 3}).streams, 3U);
}

TEST(Listening, ServesTheNamesAndAddressesThatItHas) {
  EXPECT_EQ(HostsOf({.bind = {"0.0.0.0", "10.0.0.1", "2001:DB8::1"},
                     .allowed_hosts = {"a.example", "::2"}}),
            (std::vector<std::string>{"a.example", "[::2]", "10.0.0.1", "[2001:db8::1]"}));
}

TEST(Listening, ProgramsOnThisMachineFindTheFirstUrl) {
  EXPECT_EQ(UrlsOf({.bind = {"10.0.0.1", "127.0.0.1"}}, 80),
            (std::vector<std::string>{"http://127.0.0.1:80", "http://10.0.0.1:80"}));
  EXPECT_EQ(UrlsOf({.bind = {"::"}, .tls_certificate = "c"}, 80),
            (std::vector<std::string>{"https://[::1]:80", "https://[::]:80"}));
}

}  // namespace
}  // namespace cli
