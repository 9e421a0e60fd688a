// Golden transcripts: events in, row changes and commands out, in tests/golden/engine/*.txt. Lines
// that begin with "> " are the script; the rest is what the engine answered. A change in behaviour
// is recorded again by SIGNALBOX_RECORD=1 and shows as a diff of these files. After every step the
// engine's invariants are checked.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "base/text.h"
#include "engine/engine.h"
#include "engine/invariants.h"
#include "engine/state.h"
#include "model/dag_json.h"
#include "work/kinds.h"

namespace engine {
namespace {

using Words = std::vector<std::string>;

// "key=value" among the words, or the default.
std::string Option(const Words& words, std::string_view key, std::string otherwise = "") {
  for (const std::string& word : words) {
    if (word.starts_with(base::Cat(key, "=")))
      return base::ReplaceAll(word.substr(key.size() + 1), "_", " ");
  }
  return otherwise;
}

class Script {
 public:
  Script() {
    model::Snapshot empty;
    empty.identity = {"test", "0123456789abcdef0123456789abcdef", 1};
    engine_ = Engine::Create({}, zones_, work::MakeKinds({}), empty).value();
  }

  std::string Play(const std::string& line) {
    Words words = base::Split(line, ' ');
    const std::string verb = words[0];
    if (verb == "at") {
      now_ = base::ParseTime(words[1]).value();
      return "";
    }
    if (verb == "dag")
      return DefineDag(words);
    if (verb == "group")
      return DefineGroup(words);
    if (verb == "job")
      return DefineJob(words);
    if (verb == "load") {
      model::ProjectLoaded project;
      for (auto& [id, dag] : dags_) {
        dag.version = model::ComputeVersion(dag);
        project.dags.push_back(std::make_shared<model::Dag>(dag));
      }
      if (words.size() > 1)
        project.pools.push_back({model::PoolId("clusters"), std::stoi(words[1]), ""});
      return Apply(project);
    }
    if (verb == "tick")
      return Apply(model::Tick{});
    if (verb == "turn")
      return Apply(model::Turns{std::stoi(words[1])});
    if (verb == "trigger") {
      model::TriggerRun event{model::DagId(words[1]), {}, {}, {}, "ada"};
      if (words.size() > 2)
        event.run_id = model::RunId(words[2]);
      if (std::string conf = Option(words, "conf"); !conf.empty())
        event.conf = base::ParseJson(conf)->get_object();
      return Apply(event);
    }
    if (verb == "pause" || verb == "unpause")
      return Apply(model::SetPaused{model::DagId(words[1]), verb == "pause", "ada"});
    if (verb == "event")
      return Apply(model::CreateAssetEvent{std::stoll(words[1]), {}, "ada"});
    if (verb == "drop")
      return Apply(model::DropQueuedEvents{model::DagId(words[1]), {}, "ada"});
    return PlayCluster(words);
  }

 private:
  std::string PlayCluster(const Words& words) {
    const std::string& verb = words[0];
    if (verb == "accepted")
      return Apply(model::LaunchAccepted{LatestToken(words[1]), model::ClusterId(words[2]), now_});
    if (verb == "refused")
      return Apply(model::LaunchRefused{LatestToken(words[1]),
                                        words[2] == "throttled"
                                            ? model::LaunchRefused::Kind::kNotYet
                                            : model::LaunchRefused::Kind::kRejected,
                                        words[2]});
    if (verb == "uncertain")
      return Apply(model::LaunchUncertain{LatestToken(words[1]), now_, "no reply"});
    if (verb == "lookup")
      return LookUp(words);
    if (verb == "gone")
      return Apply(model::ClusterGone{model::ClusterId(words[1]), now_});
    if (verb == "clear")  // clear DAG RUN JOB… downstream=true only_failed=true
      return Apply(model::ClearJobs{RequestOf(words),
                                    {.upstream = Option(words, "upstream") == "true",
                                     .downstream = Option(words, "downstream") == "true"},
                                    Option(words, "only_failed") == "true"});
    if (verb == "mark")  // mark DAG RUN JOB… to=success
      return Apply(
          model::MarkJobs{RequestOf(words), model::ParseTaskState(Option(words, "to")).value()});
    if (verb == "abort")
      return Apply(model::MarkRun{RequestOf(words), model::RunState::kFailed});
    if (verb == "kill")
      return Apply(model::TerminateCluster{model::ClusterId(words[1]), "ada"});
    if (verb == "seen")
      return Seen(words);
    if (verb == "outputs")
      return Outputs(words);
    ADD_FAILURE() << "unknown verb " << verb;
    return "";
  }

  model::RunRequest RequestOf(const Words& words) const {
    model::RunRequest request{{model::DagId(words[1]), model::RunId(words[2])}, {}, "ada", nullptr};
    for (size_t i = 3; i < words.size(); ++i) {
      if (words[i].find('=') != std::string::npos)
        continue;
      Words name = base::Split(words[i], '/');
      const size_t bracket = words[i].find('[');  // train/1[7]: an instance
      const int index = bracket == std::string::npos ? -1 : std::stoi(words[i].substr(bracket + 1));
      for (std::string& part : name)
        part = part.substr(0, part.find('['));
      request.jobs.push_back({request.run,
                              model::JobId(name[0]),
                              model::LaneId(name.size() > 1 ? name[1] : ""),
                              index});
    }
    return request;
  }

  std::string DefineDag(const Words& words) {
    model::Dag dag;
    dag.id = current_ = model::DagId(words[1]);
    dag.schedule.cron = Option(words, "cron");
    dag.max_active_runs = std::stoi(Option(words, "max_active_runs", "16"));
    dag.catchup = Option(words, "catchup") == "true";
    dag.params_open = Option(words, "open") == "true";
    dag.is_paused_upon_creation = Option(words, "paused") == "true";
    if (std::string start = Option(words, "start_date"); !start.empty())
      dag.start_date = base::ParseTime(start).value();
    if (const std::string assets = Option(words, "assets"); !assets.empty()) {
      dag.assets = {model::AssetCondition::Kind::kAll, "", {}};
      for (const std::string& asset : base::Split(assets, ','))
        dag.assets->of.push_back({model::AssetCondition::Kind::kAsset, asset, {}});
    }
    dags_[dag.id] = dag;
    return "";
  }

  // "a,b": the jobs with these display names.
  static std::vector<int> PlacesOf(const model::Dag& dag, const std::string& names) {
    std::vector<int> places;
    for (const std::string& name : names.empty() ? Words{} : base::Split(names, ',')) {
      for (size_t i = 0; i < dag.jobs.size(); ++i) {
        if (model::DisplayName(dag.jobs[i].id, dag.jobs[i].lane) ==
            base::ReplaceAll(name, " ", "_"))
          places.push_back(static_cast<int>(i));
      }
    }
    return places;
  }

  std::string DefineGroup(const Words& words) {
    dags_[current_].groups.push_back({.path = words[1],
                                      .retries = std::stoi(Option(words, "retries", "0")),
                                      .retry_delay = base::minutes(10)});
    return "";
  }

  std::string DefineJob(const Words& words) {
    model::Dag& dag = dags_[current_];
    model::Job job;
    Words name = base::Split(words[1], '/');
    job.id = model::JobId(name[0]);
    job.lane = model::LaneId(name.size() > 1 ? name[1] : "");
    job.group = Option(words, "group");
    job.retries = std::stoi(Option(words, "retries", "0"));
    job.infra_retries = std::stoi(Option(words, "infra_retries", base::Cat(job.retries)));
    job.retry_delay = job.infra_retry_delay = base::minutes(10);
    job.pool = model::PoolId(base::ReplaceAll(Option(words, "pool", "default pool"), " ", "_"));
    if (Option(words, "type", "emr") == "emr")
      DefineWork(words, job.work.emplace<model::EmrWork>());
    job.retry_exponential_backoff = Option(words, "backoff") == "true";
    if (auto on = model::ParseVerdictClass(Option(words, "retry_on")))
      job.retry_on = {*on};
    job.trigger_rule =
        model::ParseTriggerRule(base::ReplaceAll(Option(words, "rule", "all success"), " ", "_"))
            .value();
    if (std::string role = Option(words, "role"); !role.empty())
      job.role = role == "setup" ? model::Role::kSetup : model::Role::kTeardown;
    job.when = Option(words, "when");
    if (std::string over = Option(words, "over"); !over.empty())
      job.map_over = {.items = {}, .expression = over, .index_template = ""};
    job.on_failure_fail_dagrun = Option(words, "fails") == "true";
    if (std::string limit = Option(words, "timeout"); !limit.empty())
      job.execution_timeout = base::ParseDuration(limit).value();
    job.setups = PlacesOf(dag, Option(words, "setups"));
    job.upstream = PlacesOf(dag, Option(words, "after"));
    if (std::string needs = Option(words, "needs"); !needs.empty()) {
      Words edge = base::Split(needs, '/');
      model::CrossDependency cross{model::DagId(edge[0]), model::JobId(edge[1]), {}, {}};
      cross.window = model::ParseWindow(words.back()).value_or(model::Window::kLatestDue);
      cross.rule = model::ParseTriggerRule(
                       base::ReplaceAll(Option(words, "edge_rule", "all success"), " ", "_"))
                       .value();
      cross.ends_job = Option(words, "otherwise") == "end";
      job.cross.push_back(cross);
    }
    if (const std::string outlets = Option(words, "outlets"); !outlets.empty()) {
      for (const std::string& asset : base::Split(outlets, ','))
        job.outlets.push_back({asset, {}});
    }
    dag.jobs.push_back(job);
    return "";
  }

  // steps=a,b resume=true patch=2:s3://other backoff=true retry_on=application …
  static void DefineWork(const Words& words, model::EmrWork& work) {
    work.request = json::object{
        {"ReleaseLabel", "emr-7.8.0"},
        {"LogUri", Option(words, "uri", "s3://b/{{ ds }}/{{ lane.id }}")},
        {"Instances", json::object{{"MasterInstanceType", "m5.xlarge"}, {"InstanceCount", 1}}}};
    auto duration = [&](std::string_view key, std::string otherwise) {
      return base::ParseDuration(Option(words, key, std::move(otherwise))).value();
    };
    if (std::string steps = Option(words, "steps"); !steps.empty()) {
      json::array list;
      for (const std::string& name : base::Split(steps, ','))
        list.push_back(
            {{"Name", name},
             {"HadoopJarStep", {{"Jar", "command-runner.jar"}, {"Args", {"spark-submit", name}}}}});
      work.request["Steps"] = std::move(list);
    }
    if (std::string patch = Option(words, "patch"); !patch.empty())
      work.on_retry = {{std::stoi(patch), json::object{{"LogUri", patch.substr(2)}}}};
    if (Option(words, "resume") == "true")
      work.resume = model::Resume::kFailedStep;
    work.launch_timeout = duration("launch_timeout", "1h");
    if (!Option(words, "max_run_time").empty())
      work.max_run_time = duration("max_run_time", "");
    work.outputs = base::ReplaceAll(Option(words, "outputs"), "+", "_");
    if (!Option(words, "expected").empty())
      work.expected_durations = {duration("expected", "")};
  }

  static auto Order(const model::LaunchRow& launch) {
    return std::tie(launch.created_at, launch.attempt.n, launch.launch_no);
  }

  // Of the launches of the jobs with that display name.
  model::LaunchToken LatestToken(const std::string& job) {
    const model::LaunchRow* latest = nullptr;
    for (const auto& [token, launch] : work::EmrOf(*engine_).launches) {
      if (model::DisplayName(launch.attempt.job) == job &&
          (latest == nullptr ||
           std::tie(latest->created_at, latest->attempt.n, latest->launch_no) <
               std::tie(launch.created_at, launch.attempt.n, launch.launch_no)))
        latest = &launch;
    }
    return latest == nullptr ? model::LaunchToken("none") : latest->token;
  }

  // outputs JOB there text={} age=1h: it was written so long ago
  std::string Outputs(const Words& words) {
    using Kind = model::OutputsSeen::Kind;
    model::OutputsSeen seen{.token = LatestToken(words[1]),
                            .kind = words[2] == "there"    ? Kind::kThere
                                    : words[2] == "denied" ? Kind::kDenied
                                                           : Kind::kMissing,
                            .text = Option(words, "text"),
                            .source_at = now_};
    if (std::string age = Option(words, "age"); !age.empty())
      seen.written_at = now_ - base::ParseDuration(age).value();
    return Apply(seen);
  }

  // lookup JOB… found=JOB:j-1,JOB:j-2!   (! it has failed)
  std::string LookUp(const Words& words) {
    model::LaunchesLookedUp event;
    event.began_at = now_;
    for (size_t i = 1; i < words.size(); ++i) {
      if (!words[i].starts_with("found="))
        event.asked.push_back(LatestToken(words[i]));
    }
    int order = 0;
    for (const std::string& found : base::Split(Option(words, "found"), ',')) {
      size_t colon = found.find(':');
      if (colon == std::string::npos)
        continue;
      const bool has_failed = found.ends_with('!');
      const std::string id = found.substr(colon + 1, found.size() - colon - 1 - has_failed);
      event.found.push_back({LatestToken(base::ReplaceAll(found.substr(0, colon), " ", "_")),
                             model::ClusterId(id),
                             "",
                             now_ + base::seconds(order++),
                             has_failed});
    }
    return Apply(event);
  }

  // seen j-1 RUNNING code=… message=… steps=COMPLETED,FAILED core=0/4 age=30s
  std::string Seen(const Words& words) {
    model::ClusterSeen seen;
    seen.cluster = model::ClusterId(words[1]);
    seen.source_at = now_ - base::ParseDuration(Option(words, "age", "0s")).value();
    seen.status.emplace();
    seen.status->phase = model::ParseClusterPhase(words[2]).value();
    seen.status->reason_code = base::ReplaceAll(Option(words, "code"), " ", "_");
    seen.status->reason_message = Option(words, "message");
    if (std::string created = Option(words, "created"); !created.empty())
      seen.status->created_at = base::ParseTime(created).value();
    if (std::string steps = Option(words, "steps"); !steps.empty()) {
      std::string text = Option(words, "since");
      auto since = text.empty() ? std::nullopt : std::optional<Time>(base::ParseTime(text).value());
      seen.steps.emplace();
      for (const std::string& state : base::Split(steps, ','))
        seen.steps->push_back({base::Cat("s-", seen.steps->size() + 1),
                               "work",
                               model::ParseStepState(base::ReplaceAll(state, " ", "_")).value(),
                               "",
                               since,
                               {}});
    }
    if (std::string core = Option(words, "core"); !core.empty()) {
      size_t slash = core.find('/');
      seen.fleets = {{"if-1", model::FleetRole::kMaster, "RUNNING", 1, 1},
                     {"if-2",
                      model::FleetRole::kCore,
                      "RESIZING",
                      std::stoi(core.substr(slash + 1)),
                      std::stoi(core.substr(0, slash))}};
    }
    return Apply(seen);
  }

  std::string Apply(decltype(model::Event::body) body) {
    Changes changes = engine_->Apply({now_, std::move(body)});
    std::string out;
    if (!changes.outcome)
      out += base::Cat("refused: ", changes.outcome.error().message, "\n");
    for (const model::Change& change : changes.rows)
      out += Describe(change);
    if (changes.rows.empty() && changes.outcome)
      out += "nothing\n";
    for (const std::string& broken : BrokenInvariants(*engine_))
      ADD_FAILURE() << "after " << base::FormatRfc3339(now_) << ": " << broken;
    return out;
  }

  // " first: timeout -k 60s 3600s spark-submit first | second: …", where the job has steps.
  static std::string StepsOf(const json::object& request) {
    std::string out;
    for (const json::value& step : base::GetArray(request, "Steps")) {
      out += base::Cat(out.empty() ? " " : " | ", base::GetString(step.get_object(), "Name"), ":");
      for (const json::value& arg : base::GetArray(step.get_object(), "HadoopJarStep.Args"))
        out += base::Cat(" ", std::string_view(arg.as_string()));
    }
    return out;
  }

  static std::string InWords(const base::Interval& interval) {
    return base::Cat(
        "[", base::FormatRfc3339(interval.start), ", ", base::FormatRfc3339(interval.end), ")");
  }

  static std::string WaitsOf(const std::vector<model::UpstreamWait>& waits) {
    std::string out;
    for (const model::UpstreamWait& wait : waits)
      out += base::Cat(
          ", waits for ",
          wait.dag.str(),
          "/",
          wait.job.str(),
          wait.interval ? " " + InWords(*wait.interval) : "",
          " (",
          ToString(wait.basis),
          wait.edge < 0 ? "" : base::Cat(", ", ToString(wait.rule), ": ", ToString(wait.verdict)),
          ")");
    return out;
  }

  static std::string TakenOf(const std::vector<model::TakenEvents>& taken) {
    std::string out;
    for (const model::TakenEvents& events : taken)
      out += base::Cat(
          ", takes events ", events.after + 1, " to ", events.until, " of asset ", events.asset);
    return out;
  }

  static std::string QueuedOf(const std::vector<model::QueuedAsset>& assets) {
    std::string out;
    for (const model::QueuedAsset& asset : assets)
      out += base::Cat(out.empty() ? ": " : ", ",
                       "asset ",
                       asset.asset,
                       asset.queued_at ? " queued" : "",
                       " after ",
                       asset.taken);
    return out;
  }

  static std::string Describe(const model::Change& change) {
    using base::Cat;
    if (auto* row = std::get_if<model::HistoryRow>(&change))
      return Cat(
          "  ", row->subject.text, ": ", row->from, " -> ", row->to, " (", row->cause, ")\n");
    if (auto* row = std::get_if<model::CommandRow>(&change))
      return Cat("  command: ",
                 row->kind == model::CommandKind::kLaunch      ? "launch "
                 : row->kind == model::CommandKind::kTerminate ? "terminate "
                                                               : "read outputs ",
                 row->aggregate,
                 "\n");
    if (auto* row = std::get_if<model::CommandDone>(&change))
      return Cat("  done: ", row->aggregate, "\n");
    if (auto* row = std::get_if<model::JobRow>(&change))
      return Cat(
          "  job ",
          model::DisplayName(row->key),
          ": try ",
          row->try_number,
          ", failures ",
          row->application_failures,
          "+",
          row->infrastructure_failures,
          row->next_try_at ? Cat(", next ", base::FormatRfc3339(*row->next_try_at)) : "",
          WaitsOf(row->waits_for),
          row->end_note == model::EndNote::kNone ? "" : Cat(", ", ToString(row->end_note)),
          row->slots_since ? Cat(", slots since ", base::FormatRfc3339(*row->slots_since)) : "",
          "\n");
    if (auto* row = std::get_if<model::GroupTriesRow>(&change))
      return Cat("  tries of ",
                 DisplayName(row->key),
                 ": failures ",
                 row->failures,
                 row->next_try_at ? Cat(", next ", base::FormatRfc3339(*row->next_try_at)) : "",
                 "\n");
    if (auto* row = std::get_if<model::MappingRow>(&change))
      return Cat("  list of ",
                 model::DisplayName(row->key),
                 ": ",
                 row->items.empty() ? "none" : row->items,
                 ", ",
                 row->instances,
                 " instances\n");
    if (auto* row = std::get_if<model::AttemptRow>(&change))
      return Cat("  attempt ",
                 model::DisplayName(row->key.job),
                 "#",
                 row->key.n,
                 ": ",
                 row->verdict ? ToString(*row->verdict) : "open",
                 " ",
                 row->reason,
                 "\n");
    if (auto* row = std::get_if<model::OutputsRow>(&change))
      return Cat("  outputs ",
                 model::DisplayName(row->key.job.job, row->key.job.lane),
                 "#",
                 row->key.n,
                 ": ",
                 row->outputs,
                 "\n");
    if (auto* row = std::get_if<base::Boxed<model::LaunchRow>>(&change)) {
      auto request = base::ParseJson((*row)->request);
      return Cat("  launch ",
                 (*row)->token.str(),
                 " #",
                 (*row)->launch_no,
                 ": ",
                 ToString((*row)->state),
                 " ",
                 base::GetString(request->get_object(), "LogUri"),
                 StepsOf(request->get_object()),
                 "\n");
    }
    if (auto* row = std::get_if<base::Boxed<model::ClusterRow>>(&change))
      return Cat("  cluster ",
                 (*row)->id.str(),
                 ": ",
                 ToString((*row)->phase),
                 " ",
                 ToString((*row)->health),
                 (*row)->suspected == (*row)->health
                     ? ""
                     : Cat(", suspected ", ToString((*row)->suspected)),
                 (*row)->judged ? ", judged" : "",
                 (*row)->terminate_requested_at ? ", to be terminated" : "",
                 "\n");
    if (auto* row = std::get_if<model::RunRow>(&change))
      return Cat("  run ",
                 row->key.run.str(),
                 ": ",
                 ToString(row->state),
                 " ",
                 InWords(row->data_interval),
                 TakenOf(row->asset_events),
                 "\n");
    if (auto* row = std::get_if<model::AssetEventRow>(&change))
      return Cat("  event ", row->id, " of asset ", row->asset, "\n");
    if (auto* row = std::get_if<model::AssetQueueRow>(&change))
      return Cat("  queue of ", row->dag.str(), QueuedOf(row->assets), "\n");
    if (auto* row = std::get_if<model::HoleRow>(&change))
      return Cat("  hole of ",
                 row->dag.str(),
                 ": ",
                 row->ticks,
                 " from ",
                 InWords(row->first),
                 " to ",
                 InWords(row->last),
                 " (",
                 ToString(row->reason),
                 "), filled ",
                 row->filled.size(),
                 "\n");
    return "";
  }

  schedule::ZoneSet zones_;
  std::unique_ptr<Engine> engine_;
  std::map<model::DagId, model::Dag> dags_;
  model::DagId current_;
  base::Time now_{};
};

std::filesystem::path Folder() {
  return std::filesystem::path(SIGNALBOX_SOURCE_DIR) / "tests" / "golden" / "engine";
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, TheEngineAnswersAsRecorded) {
  std::filesystem::path path = Folder() / (GetParam() + ".txt");
  std::ifstream in(path);
  std::string wanted((std::istreambuf_iterator<char>(in)), {});
  Script script;
  std::string got;
  for (const std::string& line : base::Split(wanted, '\n')) {
    if (line.starts_with("#"))
      got += line + "\n";
    else if (line.starts_with("> "))
      got += line + "\n" + script.Play(line.substr(2));
  }
  if (std::getenv("SIGNALBOX_RECORD") != nullptr)
    std::ofstream(path) << got;
  else
    EXPECT_EQ(got, wanted) << path << "; SIGNALBOX_RECORD=1 records it again";
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(Folder()))
    names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Engine, Golden, testing::ValuesIn(Names()), [](const auto& info) {
  return info.param;
});

}  // namespace
}  // namespace engine
