// `tasks`: the tasks of a run, what to do with them, and what their steps wrote.

#include "cli/arguments.h"

namespace cli {

namespace {

void AddStates(CLI::App& tasks, Action& chosen) {
  auto [command, options] =
      AddCommand<ListOptions>(tasks,
                              "states-for-dag-run",
                              "Every task of a run: its state, and why it is in it",
                              chosen,
                              ListTaskStates);
  options.limit = 0;
  AddRun(command, &options.dag, &options.run);
  AddFilters(command,
             &options,
             {"none",
              "scheduled",
              "queued",
              "running",
              "deferred",
              "up_for_retry",
              "restarting",
              "success",
              "failed",
              "upstream_failed",
              "skipped",
              "removed"});
  command->add_flag(
      "--expand", options.expand, "And each instance of mapped jobs, which are counted otherwise");
  command->add_option("--map-index", options.map_index, "Only the instances with this map_index")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  AddServer(command, &options.live);
}

void AddClear(CLI::App& tasks, Action& chosen) {
  struct Clear {
    LiveOptions live;
    ClearOptions clear;
  };
  auto [command, options] =
      AddCommand<Clear>(tasks,
                        "clear",
                        "Run tasks again; live clusters are terminated first",
                        chosen,
                        [](const Clear& asked) { return ClearTasks(asked.live, asked.clear); });
  ClearOptions& clear = options.clear;
  AddRun(command, &clear.dag, &clear.run);
  command->add_option(
      "TASK",
      clear.tasks,
      "Tasks, jobs as labeling_1, instances as labeling_1[7], or groups [default: all]");
  command->add_flag("-u,--upstream", clear.upstream, "And what they depend on");
  command->add_flag("-d,--downstream", clear.downstream, "And what depends on them");
  command->add_flag("-f,--only-failed", clear.only_failed, "Of these, those that failed");
  command->add_flag("--past", clear.past, "And the same of the DAG's earlier runs");
  command->add_flag("--future", clear.future, "And the same of its later runs");
  command->add_flag("--other-dags",
                    clear.other_dags,
                    "And the jobs of other DAGs that waited for these, with what depends on them");
  AddLatestVersion(command, &clear.latest_version);
  command->add_option("--note", clear.note, "A note on what is cleared, for people")
      ->type_name("TEXT");
  AddConsent(command, &clear.consent);
  AddServer(command, &options.live);
}

void AddNote(CLI::App& tasks, Action& chosen) {
  auto [command, options] =
      AddCommand<NoteOptions>(tasks,
                              "note",
                              "Write a note on a task, for people; an empty one removes it",
                              chosen,
                              SetNote);
  AddRun(command, &options.dag, &options.run);
  command
      ->add_option(
          "TASK", options.task, "One task, as labeling_1.start_cluster; or a job, for its first")
      ->required();
  command->add_option("TEXT", options.note, "At most 1000 characters")->required();
  command->add_option("--map-index", options.map_index, "The instance of a mapped task")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  AddServer(command, &options.live);
}

void AddSetState(CLI::App& tasks, Action& chosen) {
  struct Mark {
    LiveOptions live;
    MarkOptions mark;
  };
  auto [command, options] =
      AddCommand<Mark>(tasks,
                       "set-state",
                       "Mark a task success, failed or skipped; its cluster is terminated",
                       chosen,
                       [](const Mark& asked) { return SetTaskState(asked.live, asked.mark); });
  MarkOptions& mark = options.mark;
  AddRun(command, &mark.dag, &mark.run);
  command->add_option("TASK", mark.task, "The task, its job, an instance of it, or a group")
      ->required();
  command->add_option("STATE", mark.state, "success, failed or skipped")
      ->required()
      ->check(CLI::IsMember({"success", "failed", "skipped"}));
  AddConsent(command, &mark.consent);
  AddServer(command, &options.live);
}

void AddStepChoice(CLI::App* command, LogOptions& log) {
  AddRun(command, &log.dag, &log.run);
  command->add_option("TASK", log.task, "A task, or its job: training_2")->required();
  command->add_option("--try", log.try_number, "Which try [default: the latest]")->type_name("N");
  command
      ->add_option("--step", log.step, "Name or id [default: the one that failed, or the latest]")
      ->type_name("STEP");
}

void AddLogs(CLI::App& tasks, Action& chosen) {
  struct Logs {
    ServerChoice server;
    LogOptions log;
  };
  auto [command, options] =
      AddCommand<Logs>(tasks,
                       "logs",
                       "Print what a step of a task's cluster wrote, or a command",
                       chosen,
                       [](const Logs& asked) { return PrintLog(asked.server, asked.log); });
  LogOptions& log = options.log;
  AddStepChoice(command, log);
  command
      ->add_option("--stream",
                   log.stream,
                   "stderr, stdout, controller or syslog [default: stderr; of a command stdout]")
      ->check(CLI::IsMember({"stderr", "stdout", "controller", "syslog"}));
  command->add_option("--tail", log.tail, "Only the last N bytes, in whole lines")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command->add_flag("-f,--follow", log.follow, "Wait for the step, then go on until it has ended");
  AddServerChoice(command, &options.server);
}

void AddCause(CLI::App& tasks, Action& chosen) {
  struct Cause {
    LiveOptions live;
    LogOptions log;
  };
  auto [command, options] = AddCommand<Cause>(
      tasks,
      "cause",
      "Why a step failed, from what Spark wrote: exception, stage, executors, exit code",
      chosen,
      [](const Cause& asked) { return PrintCause(asked.live, asked.log); });
  AddStepChoice(command, options.log);
  AddServer(command, &options.live);
}

void AddOutputs(CLI::App& tasks, Action& chosen) {
  auto [command, options] = AddCommand<OutputsOptions>(
      tasks, "outputs", "What a job has told the jobs after it", chosen, ShowOutputs);
  AddRun(command, &options.dag, &options.run);
  command->add_option("JOB", options.job, "A job, as labeling_1, or one of its tasks")->required();
  AddServer(command, &options.live);
}

}  // namespace

void AddTasks(CLI::App& app, Action& chosen) {
  CLI::App* tasks = app.add_subcommand("tasks", "Tasks of a run")->require_subcommand(1);
  AddStates(*tasks, chosen);
  AddClear(*tasks, chosen);
  AddSetState(*tasks, chosen);
  AddNote(*tasks, chosen);
  AddOutputs(*tasks, chosen);
  AddLogs(*tasks, chosen);
  AddCause(*tasks, chosen);
}

}  // namespace cli
