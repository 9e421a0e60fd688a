// The command line: the only file that knows CLI11.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/commands.h"

namespace cli {
namespace {

constexpr char kAbout[] =
    "Signalbox runs interdependent Spark jobs, each on its own short-lived Amazon EMR cluster.";

constexpr char kFooter[] = R"(
Examples:
  signalbox demo                                  the example project against an emulated EMR
  signalbox dags validate my_project              every mistake, with file, line and column
  signalbox standalone --project my_project       scheduler, watcher and API in one process
  signalbox dags list --project my_project        ask the server that runs for this project
  signalbox dags trigger my_dag --wait            run it now; exit code 1 if the run fails
  signalbox aws whoami                            whose keys sign the calls to AWS

Exit codes: 0 ok, 1 the run failed or was refused, 2 usage, 3 invalid project,
4 no server answers, 5 the database is in use, 6 environment (credentials, disk, ports).
)";

// What was chosen on the command line.
using Action = std::function<Outcome<void>()>;

// Options live as long as the parse and the action: CLI11 keeps pointers to them.
struct Choices {
  StandaloneOptions standalone;
  EmulatorOptions emulator;
  DemoOptions demo;
  std::string validate_path = ".";
  DagFileOptions dag_file{.project = "."};
  WhoamiOptions whoami;
  int count = 1;
  LiveOptions live;
  std::string dag, run, state, cluster;
  bool live_only = false;
  bool orphans = false;
  ReapOptions reap;
  TriggerOptions trigger;
  ClearOptions clear;
  MarkOptions mark;
  LogOptions log;
  Action action;
};

CLI::Validator IsSpeed() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        const auto speed = base::ParseDouble(text);
        return speed && *speed > 0 ? "" : base::Cat("'", text, "' is not a positive number");
      },
      "");
}

void AddFormat(CLI::App* command, Format* format) {
  command
      ->add_option_function<std::string>(
          "-o,--output",
          [format](const std::string& text) {
            *format = text == "json" ? Format::kJson : Format::kTable;
          },
          "table (for people) or json (the REST API's field names)")
      ->check(CLI::IsMember({"table", "json"}))
      ->default_str("table");
}

void AddServerChoice(CLI::App* command, ServerChoice* server) {
  command->add_option("--server", server->url, "URL of the server")->type_name("URL");
  command
      ->add_option(
          "--project", server->project, "Project whose server to ask [default: from here upwards]")
      ->type_name("DIR");
  command
      ->add_option("--state-dir",
                   server->state_dir,
                   "Folder of server.json and token [default: PROJECT/.signalbox]")
      ->type_name("DIR");
}

void AddServer(CLI::App* command, LiveOptions* live) {
  AddServerChoice(command, &live->server);
  AddFormat(command, &live->format);
}

void AddDagFile(CLI::App* command, DagFileOptions* options) {
  command->add_option("DAG", options->dag, "The DAG's id")->required();
  command->add_option("--project", options->project, "Project [default: from here upwards]")
      ->type_name("DIR");
  AddFormat(command, &options->format);
}

// A command that runs `action` when it is chosen.
CLI::App* AddCommand(CLI::App& parent,
                     const std::string& name,
                     const std::string& about,
                     Choices& choices,
                     Action action) {
  CLI::App* command = parent.add_subcommand(name, about);
  command->callback([&choices, action = std::move(action)] { choices.action = action; });
  return command;
}

void AddStandalone(CLI::App& app, Choices& choices) {
  StandaloneOptions& options = choices.standalone;
  CLI::App* command =
      AddCommand(app,
                 "standalone",
                 "Run a project: scheduler, launcher, watcher and REST API in one process",
                 choices,
                 [&options] { return RunStandalone(options); });
  command->add_option("--project", options.project, "The project's folder")
      ->capture_default_str()
      ->type_name("DIR");
  command
      ->add_option("--db",
                   options.database,
                   "Database: sqlite:///relative/path or sqlite:////absolute/path\n"
                   "[default: the project's, else signalbox.db in the state folder]")
      ->type_name("URL");
  command->add_option("--port", options.port, "Port on 127.0.0.1; 0 picks one")
      ->capture_default_str();
  command
      ->add_option("--state-dir",
                   options.state_dir,
                   "Folder of the database, server.json and token [default: PROJECT/.signalbox]")
      ->type_name("DIR");
  command->footer(R"(
AWS: keys, profiles, region and endpoints as in AWS's own tools; `signalbox aws whoami` shows
what is used. SIGNALBOX__SECTION__KEY overrides a key of signalbox.yaml.
SIGNALBOX_HTTP_TIMEOUT=5s bounds each EMR call, SIGNALBOX_CLOCK is what `emulator` prints.

Example:
  signalbox standalone --project my_project --port 8080
)");
}

void AddSteps(CLI::App* command, bool* run_steps) {
  command
      ->add_option_function<std::string>(
          "--steps",
          [run_steps](const std::string& text) { *run_steps = text == "run"; },
          "pretend (only their time passes) or run (spark-submit, on this machine)")
      ->check(CLI::IsMember({"pretend", "run"}))
      ->default_str("pretend");
}

void AddEmulator(CLI::App& app, Choices& choices) {
  EmulatorOptions& options = choices.emulator;
  CLI::App* command = AddCommand(
      app, "emulator", "Emulate EMR on 127.0.0.1, signatures checked", choices, [&choices] {
        return RunEmulator(choices.emulator);
      });
  command->add_option("--port", options.port, "Port on 127.0.0.1; 0 picks one")
      ->capture_default_str();
  command->add_option("--speed", options.speed, "World seconds a second")
      ->check(IsSpeed())
      ->type_name("X");
  command->add_option("--faults", options.faults, "YAML file: what goes wrong, and timings")
      ->type_name("FILE");
  command
      ->add_option("--journal", options.journal, "Append every call and state change, JSON lines")
      ->type_name("FILE");
  command->add_option("--seed", options.seed, "Of all draws")->capture_default_str();
  command
      ->add_option("--world-epoch", options.world_epoch, "World time at the start [default: now]")
      ->type_name("TIME");
  command
      ->add_option("--key-file",
                   options.key_file,
                   "Accepted keys, `ACCESS_KEY SECRET` a line [default: test test]")
      ->type_name("FILE");
  command->add_option("--region", options.region, "In ARNs and events: that of the project")
      ->capture_default_str();
  command
      ->add_option("--events",
                   options.events,
                   "Deliver EventBridge's events: a URL to post them to, or sqs:QUEUE_URL")
      ->type_name("TARGET");
  command
      ->add_option("--events-token-env",
                   options.events_token_env,
                   "Variable whose value is sent as X-Signalbox-Token")
      ->type_name("NAME");
  AddSteps(command, &options.run_steps);
  command->add_option("--s3-root", options.s3_root, "What s3:// stands for with --steps run")
      ->type_name("DIR");
  command->add_option("--spark-submit", options.spark_submit, "Spark's program for --steps run")
      ->capture_default_str()
      ->type_name("PROGRAM");
  command->add_option("--step-slots", options.step_slots, "Steps at once [default: one a core]")
      ->check(CLI::Range(1, 256));
  command->footer(R"(
It prints `listening on URL`, then the `export` lines that other processes need to agree with it.

Example:
  signalbox emulator --port 4566 --speed 60 --faults faults.yaml --journal emulator.jsonl
  signalbox emulator --steps run --s3-root s3 --spark-submit spark/bin/spark-submit
  signalbox emulator --events http://127.0.0.1:8080/api/v2/emr-events --events-token-env HOOK
)");
}

void AddDemo(CLI::App& app, Choices& choices) {
  DemoOptions& options = choices.demo;
  CLI::App* command = AddCommand(
      app, "demo", "Run a project from end to end against the emulator", choices, [&options] {
        return RunDemo(options);
      });
  command->add_option("--project", options.project, "The project's folder")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--out", options.out, "Folder for the journal, logs and summary")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--speed", options.speed, "World seconds a second")
      ->capture_default_str()
      ->check(IsSpeed())
      ->type_name("X");
  command->add_option("--faults", options.faults, "Faults [default: PROJECT/faults.yaml]")
      ->type_name("FILE");
  command->add_option("--db", options.database, "Database [default: a new one in OUT]")
      ->type_name("URL");
  AddSteps(command, &options.run_steps);
  command->add_option("--s3-root", options.s3_root, "As in `emulator` [default: s3 in OUT]")
      ->type_name("DIR");
  command->add_option("--spark-submit", options.spark_submit, "As in `emulator`")
      ->capture_default_str()
      ->type_name("PROGRAM");
}

void AddDagFiles(CLI::App& dags, Choices& choices) {
  CLI::App* validate = AddCommand(dags,
                                  "validate",
                                  "Check a project's files; every mistake as file:line:column",
                                  choices,
                                  [&choices] { return ValidateDags(choices.validate_path); });
  validate->add_option("PATH", choices.validate_path, "A project's folder, or a file in it")
      ->capture_default_str();
  CLI::App* show =
      AddCommand(dags, "show", "Draw a DAG's jobs and dependencies", choices, [&choices] {
        return ShowDag(choices.dag_file);
      });
  AddDagFile(show, &choices.dag_file);
  CLI::App* next = AddCommand(dags, "next-execution", "When a DAG fires next", choices, [&choices] {
    return NextExecution(choices.dag_file, choices.count);
  });
  AddDagFile(next, &choices.dag_file);
  next->add_option("-n,--num-executions", choices.count, "How many")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
}

void AddLiveDags(CLI::App& dags, Choices& choices) {
  auto add = [&](const std::string& name, const std::string& about, Action action) {
    CLI::App* command = AddCommand(dags, name, about, choices, std::move(action));
    AddServer(command, &choices.live);
    return command;
  };
  add("list", "The DAGs that the server knows", [&choices] { return ListDags(choices.live); });
  CLI::App* trigger = add("trigger", "Start a run now", [&choices] {
    return TriggerDag(choices.live, choices.trigger);
  });
  trigger->add_option("DAG", choices.trigger.dag, "The DAG's id")->required();
  trigger->add_option("-r,--run-id", choices.trigger.run_id, "[default: manual__<logical date>]");
  trigger->add_option("--logical-date", choices.trigger.logical_date, "[default: now]")
      ->type_name("TIME");
  trigger->add_option("-c,--conf", choices.trigger.conf, "The run's params, a JSON object")
      ->type_name("JSON");
  trigger->add_flag("--wait", choices.trigger.wait, "Until it ends; exit code 1 if it fails");
  trigger->footer(R"(
Example:
  signalbox dags trigger purchase_propensity --conf '{"sample": 0.1}' --wait
)");
  for (bool paused : {true, false}) {
    CLI::App* command =
        add(paused ? "pause" : "unpause",
            paused ? "No new runs from now on; live ones go on" : "Let a DAG fire again",
            [&choices, paused] { return PauseDag(choices.live, choices.dag, paused); });
    command->add_option("DAG", choices.dag, "The DAG's id")->required();
  }
  for (const char* name : {"abort", "clear", "mark-success"}) {
    const std::string verb = name;
    const std::string state = verb == "abort" ? "failed" : verb == "clear" ? "queued" : "success";
    CLI::App* command = add(
        verb,
        verb == "abort"   ? "Fail a run; its clusters are terminated"
        : verb == "clear" ? "Run every task of a run again"
                          : "End a run as a success; its clusters are terminated",
        [&choices, state] { return SetRunState(choices.live, choices.dag, choices.run, state); });
    command->add_option("DAG", choices.dag, "The DAG's id")->required();
    command->add_option("RUN", choices.run, "The run's id")->required();
  }
  CLI::App* runs = add("list-runs", "Runs, newest first", [&choices] {
    return ListRuns(choices.live, choices.dag, choices.state);
  });
  runs->add_option("DAG", choices.dag, "The DAG's id [default: all]");
  runs->add_option("--state", choices.state, "Only those in this state")
      ->check(CLI::IsMember({"queued", "running", "success", "failed"}));
}

void AddTaskActions(CLI::App& tasks, Choices& choices) {
  ClearOptions& clear = choices.clear;
  CLI::App* command = AddCommand(
      tasks, "clear", "Run tasks again; live clusters are terminated first", choices, [&choices] {
        return ClearTasks(choices.live, choices.clear);
      });
  command->add_option("DAG", clear.dag, "The DAG's id")->required();
  command->add_option("RUN", clear.run, "The run's id")->required();
  command->add_option("TASK", clear.tasks, "Tasks or jobs, as labeling_1 [default: all]");
  command->add_flag("-d,--downstream", clear.downstream, "And what depends on them");
  command->add_flag("-f,--only-failed", clear.only_failed, "Of these, those that failed");
  command->add_flag("--dry-run", clear.dry_run, "Only say what would be cleared");
  command->add_flag("-y,--yes", clear.yes, "Do not ask");
  AddServer(command, &choices.live);
  CLI::App* mark = AddCommand(tasks,
                              "set-state",
                              "Mark a task success or failed; its cluster is terminated",
                              choices,
                              [&choices] { return SetTaskState(choices.live, choices.mark); });
  mark->add_option("DAG", choices.mark.dag, "The DAG's id")->required();
  mark->add_option("RUN", choices.mark.run, "The run's id")->required();
  mark->add_option("TASK", choices.mark.task, "The task or its job")->required();
  mark->add_option("STATE", choices.mark.state, "success or failed")
      ->required()
      ->check(CLI::IsMember({"success", "failed"}));
  AddServer(mark, &choices.live);
}

void AddLogs(CLI::App& tasks, Choices& choices) {
  LogOptions& options = choices.log;
  CLI::App* command =
      AddCommand(tasks, "logs", "Print what a step of a task's cluster wrote", choices, [&choices] {
        return PrintLog(choices.live.server, choices.log);
      });
  command->add_option("DAG", options.dag, "The DAG's id")->required();
  command->add_option("RUN", options.run, "The run's id")->required();
  command->add_option("TASK", options.task, "A task, or its job: training_2")->required();
  command->add_option("--try", options.try_number, "Which try [default: the latest]")
      ->type_name("N");
  command
      ->add_option(
          "--step", options.step, "Name or id [default: the one that failed, or the latest]")
      ->type_name("STEP");
  command->add_option("--stream", options.stream, "stderr, stdout or controller")
      ->capture_default_str()
      ->check(CLI::IsMember({"stderr", "stdout", "controller"}));
  command
      ->add_option("--s3-root",
                   options.s3_root,
                   "Folder that s3:// stands for, as in `emulator` [default: SIGNALBOX_S3_ROOT]")
      ->type_name("DIR");
  AddServerChoice(command, &choices.live.server);
}

void AddReap(CLI::App& clusters, Choices& choices) {
  CLI::App* reap = AddCommand(
      clusters, "reap", "Orphans: what becomes of them; end those named", choices, [&choices] {
        return ReapClusters(choices.live, choices.reap);
      });
  reap->add_option("ID", choices.reap.clusters, "Orphans to end [default: none, only list]");
  reap->add_flag("--dry-run", choices.reap.dry_run, "Only say what would happen");
  reap->add_flag("-y,--yes", choices.reap.yes, "Do not ask");
  AddServer(reap, &choices.live);
  reap->footer(R"(
An orphan is a live cluster with this deployment's name that no attempt claims. By itself the server
ends duplicates, and orphans where `reaper.armed` is true; foreign ones only a person ends.
)");
}

void AddTasksAndClusters(CLI::App& app, Choices& choices) {
  CLI::App* tasks = app.add_subcommand("tasks", "Tasks of a run")->require_subcommand(1);
  CLI::App* states = AddCommand(
      *tasks, "states-for-dag-run", "The state of every task of a run", choices, [&choices] {
        return ListTaskStates(choices.live, choices.dag, choices.run);
      });
  states->add_option("DAG", choices.dag, "The DAG's id")->required();
  states->add_option("RUN", choices.run, "The run's id")->required();
  AddServer(states, &choices.live);
  AddTaskActions(*tasks, choices);
  AddLogs(*tasks, choices);

  CLI::App* clusters = app.add_subcommand("clusters", "EMR clusters")->require_subcommand(1);
  CLI::App* list = AddCommand(*clusters, "list", "Clusters, newest first", choices, [&choices] {
    return choices.orphans ? ListOrphans(choices.live)
                           : ListClusters(choices.live, choices.live_only);
  });
  auto* live = list->add_flag("--live", choices.live_only, "Only those not seen terminated");
  list->add_flag("--orphans", choices.orphans, "Live ones with our name that no attempt claims")
      ->excludes(live);
  AddServer(list, &choices.live);
  CLI::App* show =
      AddCommand(*clusters, "show", "A cluster with its steps and fleets", choices, [&choices] {
        return ShowCluster(choices.live, choices.cluster);
      });
  show->add_option("ID", choices.cluster, "The cluster's id, j-…")->required();
  AddServer(show, &choices.live);
  CLI::App* kill =
      AddCommand(*clusters, "terminate", "End a cluster; its job may retry", choices, [&choices] {
        return TerminateCluster(choices.live, choices.cluster, choices.clear.yes);
      });
  kill->add_option("ID", choices.cluster, "The cluster's id, j-…")->required();
  kill->add_flag("-y,--yes", choices.clear.yes, "Do not ask");
  AddServer(kill, &choices.live);
  AddReap(*clusters, choices);
}

void AddAws(CLI::App& app, Choices& choices) {
  CLI::App* aws = app.add_subcommand("aws", "AWS: identity and endpoints")->require_subcommand(1);
  WhoamiOptions& options = choices.whoami;
  CLI::App* whoami = AddCommand(*aws,
                                "whoami",
                                "Which keys sign the calls, where they come from, and who they are",
                                choices,
                                [&options] { return WhoAmI(options); });
  whoami
      ->add_option("--project",
                   options.project,
                   "Project whose settings count [default: from here upwards, else none]")
      ->type_name("DIR");
  whoami->add_option(
      "--profile", options.profile, "Profile of ~/.aws/config; its keys alone count");
  whoami->add_option("--region", options.region, "Instead of the project's and the environment's");
  AddFormat(whoami, &options.format);
}

void AddBudget(CLI::App& app, Choices& choices) {
  CLI::App* command = AddCommand(app,
                                 "budget",
                                 "EMR's call quotas: tokens, and calls made, throttled, waiting",
                                 choices,
                                 [&choices] { return ShowBudget(choices.live); });
  AddServer(command, &choices.live);
}

void AddCommands(CLI::App& app, Choices& choices) {
  AddStandalone(app, choices);
  AddEmulator(app, choices);
  AddDemo(app, choices);
  CLI::App* dags = app.add_subcommand("dags", "DAGs and their runs")->require_subcommand(1);
  AddDagFiles(*dags, choices);
  AddLiveDags(*dags, choices);
  AddTasksAndClusters(app, choices);
  AddAws(app, choices);
  AddBudget(app, choices);
  AddCommand(app, "version", "Print the version", choices, []() -> Outcome<void> {
    std::printf("signalbox %s\n", kVersion);
    return {};
  });
}

int Report(const Failure& failure) {
  if (!failure.message.empty()) {
    const Terminal terminal = Terminal::Of(STDERR_FILENO);
    std::fprintf(stderr,
                 "%s %s\n",
                 terminal.Paint("signalbox:", Colour::kRed).c_str(),
                 failure.message.c_str());
  }
  return static_cast<int>(failure.exit);
}

// The command that was reached before the parse failed, and what names it.
std::pair<const CLI::App*, std::string> Reached(const CLI::App& app) {
  const CLI::App* command = &app;
  std::string name = app.get_name();
  for (auto next = app.get_subcommands(); !next.empty(); next = command->get_subcommands()) {
    command = next.front();
    name += " " + command->get_name();
  }
  return {command, name};
}

Failure UsageFailure(const CLI::App& app, const CLI::ParseError& error) {
  const auto [command, name] = Reached(app);
  std::string message = error.what();
  if (const auto extra = command->remaining(); !extra.empty()) {
    std::vector<std::string> known;
    for (const CLI::App* sub : command->get_subcommands([](const CLI::App*) { return true; }))
      known.push_back(sub->get_name());
    for (const CLI::Option* option : command->get_options())
      known.push_back(option->get_name());
    const auto near = base::DidYouMean(extra[0], known);
    message = base::Cat("`",
                        name,
                        "` does not know '",
                        extra[0],
                        near ? base::Cat("'; did you mean '", *near, "'?") : "'");
  } else if (command->get_require_subcommand_min() > 0 && command->get_subcommands().empty()) {
    message = base::Cat("`", name, "` needs a command");
  }
  return {Exit::kUsage, base::Cat(message, "\nRun `", name, " --help` for what there is.")};
}

int Main(int argc, char** argv) {
  CLI::App app(kAbout, "signalbox");
  app.require_subcommand(1);
  app.set_version_flag("--version", base::Cat("signalbox ", kVersion));
  Choices choices;
  AddCommands(app, choices);
  app.footer(kFooter);  // after them: a command inherits what is there when it is added
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0)  // --help, --version
      return app.exit(error);
    return Report(UsageFailure(app, error));
  }
  auto outcome = choices.action();
  std::fflush(stdout);
  return outcome ? static_cast<int>(Exit::kOk) : Report(outcome.error());
}

}  // namespace
}  // namespace cli

int main(int argc, char** argv) {
  return cli::Main(argc, argv);
}
