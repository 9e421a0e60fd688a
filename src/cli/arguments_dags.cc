// `dags`: the project's files, the DAGs of a server, and their runs.

#include "cli/arguments.h"

namespace cli {

namespace {

void AddDagFile(CLI::App* command, DagFileOptions* options) {
  AddDag(command, &options->dag);
  command->add_option("--project", options->project, "Project [default: from here upwards]")
      ->type_name("DIR");
  AddFormat(command, &options->format);
}

void AddFiles(CLI::App& dags, Action& chosen) {
  struct Validate {
    std::string path = ".";
  };
  auto [validate, checked] =
      AddCommand<Validate>(dags,
                           "validate",
                           "Check a project's files; every mistake as file:line:column",
                           chosen,
                           [](const Validate& options) { return ValidateDags(options.path); });
  validate->add_option("PATH", checked.path, "A project's folder, or a file in it")
      ->capture_default_str();

  struct Show {
    DagFileOptions dag;
    bool is_native = false;
    std::vector<std::string> versions;
    LiveOptions live;
  };
  auto [show, shown] = AddCommand<Show>(
      dags, "show", "Draw a DAG's jobs and dependencies", chosen, [](const Show& options) {
        if (options.versions.empty())
          return options.is_native ? ShowTranslation(options.dag) : ShowDag(options.dag);
        LiveOptions live = options.live;
        live.server.project = options.dag.project;
        live.format = options.dag.format;
        return DiffVersions(live, options.dag.dag, options.versions);
      });
  AddDagFile(show, &shown.dag);
  show->add_flag("--native",
                 shown.is_native,
                 "Of a DAG of Airflow: what each task became, and why others are left to Airflow");
  show->add_option("--diff", shown.versions, "What two versions differ in (asks the server)")
      ->expected(2)
      ->type_name("NUMBER NUMBER");
  show->add_option("--server", shown.live.server.url, "URL of the server")->type_name("URL");
  show->add_option("--state-dir", shown.live.server.state_dir, "Folder of server.json and token")
      ->type_name("DIR");

  struct Next {
    DagFileOptions dag;
    int count = 1;
  };
  auto [next, asked] = AddCommand<Next>(
      dags, "next-execution", "When a DAG fires next", chosen, [](const Next& options) {
        return NextExecution(options.dag, options.count);
      });
  AddDagFile(next, &asked.dag);
  next->add_option("-n,--num-executions", asked.count, "How many")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
}

void AddMap(CLI::App& dags, Action& chosen) {
  auto [command, options] =
      AddCommand<MapOptions>(dags,
                             "map",
                             "Draw the project's DAGs as a subway map, from its files alone (SVG)",
                             chosen,
                             DrawMap);
  command->add_option("--project", options.project, "Project [default: from here upwards]")
      ->type_name("DIR");
  command->add_option("--svg", options.svg, "Write the picture there [default: to stdout]")
      ->type_name("FILE");
  AddFormat(command, &options.format);
  command->footer(R"(
A line for each DAG, a station for each job, thin lines where DAGs depend on each other. With
-o json it is the layout, as GET /map/layout answers it.

Example:
  signalbox dags map --project examples/delphi-week --svg map.svg
)");
}

void AddTrigger(CLI::App& dags, Action& chosen) {
  struct Trigger {
    LiveOptions live;
    TriggerOptions trigger;
  };
  auto [command, options] =
      AddCommand<Trigger>(dags, "trigger", "Start a run now", chosen, [](const Trigger& asked) {
        return TriggerDag(asked.live, asked.trigger);
      });
  TriggerOptions& trigger = options.trigger;
  AddDag(command, &trigger.dag);
  command->add_option("-r,--run-id", trigger.run_id, "[default: manual__<logical date>]");
  command->add_option("--logical-date", trigger.logical_date, "[default: now]")->type_name("TIME");
  command
      ->add_option(
          "--data-interval",
          trigger.data_interval,
          "The run's data interval [default: by the schedule]; its logical date is then the "
          "scheduled run's")
      ->expected(2)
      ->type_name("START END");
  command->add_option("-c,--conf", trigger.conf, "The run's params, a JSON object")
      ->type_name("JSON");
  command->add_option("--note", trigger.note, "A note on the run, for people")->type_name("TEXT");
  CLI::Option* wait =
      command->add_flag("--wait", trigger.wait, "Until it ends; exit code 1 if it fails");
  command
      ->add_flag("--dry-run",
                 trigger.dry_run,
                 "Only show what its jobs would ask EMR for; exit code 1 if one of them would fail")
      ->excludes(wait);
  AddServer(command, &options.live);
  command->footer(R"(
Example:
  signalbox dags trigger ads_click --conf '{"models": 4}' --wait
  signalbox dags trigger ads_click --conf '{"models": 4}' --dry-run --output json
  signalbox dags trigger sessionize --data-interval 2026-01-04T02:00:00Z 2026-01-05T02:00:00Z
)");
}

struct OfDag {
  LiveOptions live;
  std::string dag;
};

void AddPauses(CLI::App& dags, Action& chosen) {
  for (bool paused : {true, false}) {
    auto [command, options] = AddCommand<OfDag>(
        dags,
        paused ? "pause" : "unpause",
        paused ? "No new runs from now on; live ones go on" : "Let a DAG fire again",
        chosen,
        [paused](const OfDag& asked) { return PauseDag(asked.live, asked.dag, paused); });
    AddDag(command, &options.dag);
    AddServer(command, &options.live);
  }
}

void AddFavorites(CLI::App& dags, Action& chosen) {
  for (bool is_favorite : {true, false}) {
    auto [command, options] =
        AddCommand<OfDag>(dags,
                          is_favorite ? "favorite" : "unfavorite",
                          is_favorite ? "Mark a DAG, for yourself" : "Take the mark away",
                          chosen,
                          [is_favorite](const OfDag& asked) {
                            return SetFavorite(asked.live, asked.dag, is_favorite);
                          });
    AddDag(command, &options.dag);
    AddServer(command, &options.live);
  }
}

void AddReparse(CLI::App& dags, Action& chosen) {
  auto [command, options] =
      AddCommand<OfDag>(dags,
                        "reparse",
                        "Have the server look at a DAG's file at once",
                        chosen,
                        [](const OfDag& asked) { return ReparseDag(asked.live, asked.dag); });
  AddDag(command, &options.dag);
  AddServer(command, &options.live);
}

void AddWait(CLI::App& dags, Action& chosen) {
  struct Wait {
    LiveOptions live;
    std::string dag, run;
  };
  auto [command, options] = AddCommand<Wait>(
      dags, "wait", "Until a run ends; exit code 1 if it fails", chosen, [](const Wait& asked) {
        return WaitForRun(asked.live, asked.dag, asked.run);
      });
  AddRun(command, &options.dag, &options.run);
  AddServer(command, &options.live);
}

void AddDeactivate(CLI::App& dags, Action& chosen) {
  auto [command, options] =
      AddCommand<DeactivateOptions>(dags,
                                    "deactivate",
                                    "Confirm that DAGs whose files are missing are gone for good",
                                    chosen,
                                    DeactivateDags);
  command->add_option("DAG", options.dags, "Their ids [default: all whose files are missing]");
  command->add_flag("--confirm", options.confirm, "Do it; without it they are only listed");
  AddServer(command, &options.live);
  command->footer(R"(
Where many DAG files are gone at once the server deactivates none: a disk may not be mounted, a
copy may have failed. Put the files back, or confirm here that they were removed.
)");
}

void AddClearOfRun(CLI::App* command, MarkOptions* mark) {
  AddLatestVersion(command, &mark->latest_version);
  command->add_flag(
      "--only-new",
      mark->only_new,
      "Only the tasks that the DAG's newest version has more; nothing else is cleared");
  command->add_option("--note", mark->note, "A note on the run, for people")->type_name("TEXT");
}

void AddRunStates(CLI::App& dags, Action& chosen) {
  struct Verb {
    const char* name;
    const char* about;
    const char* state;
  };
  struct Mark {
    LiveOptions live;
    MarkOptions mark;
  };
  for (const Verb& verb :
       {Verb{"abort", "Fail a run; its clusters are terminated", "failed"},
        Verb{"clear", "Run every task of a run again", "queued"},
        Verb{"mark-success", "End a run as a success; its clusters are terminated", "success"}}) {
    auto [command, options] =
        AddCommand<Mark>(dags, verb.name, verb.about, chosen, [](const Mark& asked) {
          return SetRunState(asked.live, asked.mark);
        });
    options.mark.state = verb.state;
    AddRun(command, &options.mark.dag, &options.mark.run);
    if (options.mark.state == "queued")
      AddClearOfRun(command, &options.mark);
    AddConsent(command, &options.mark.consent);
    AddServer(command, &options.live);
  }
}

void AddDeletes(CLI::App& dags, Action& chosen) {
  auto [run, of_run] = AddCommand<DeleteOptions>(
      dags, "delete-run", "Delete an ended run with its tries and outputs", chosen, DeleteRunOrDag);
  AddRun(run, &of_run.dag, &of_run.run);
  AddConsent(run, &of_run.consent);
  AddServer(run, &of_run.live);

  auto [dag, of_dag] = AddCommand<DeleteOptions>(
      dags,
      "delete",
      "Delete a DAG with all its runs; if its file is there, it begins again, empty",
      chosen,
      DeleteRunOrDag);
  AddDag(dag, &of_dag.dag);
  AddConsent(dag, &of_dag.consent);
  AddServer(dag, &of_dag.live);
  dag->footer(R"(
Nothing of it may be live: abort its runs, and cancel its backfill, first. What its clusters have
cost stays in `signalbox spend`, and who deleted it in `signalbox events`.
)");
}

void AddNote(CLI::App& dags, Action& chosen) {
  auto [command, options] = AddCommand<NoteOptions>(
      dags, "note", "Write a note on a run, for people; an empty one removes it", chosen, SetNote);
  AddRun(command, &options.dag, &options.run);
  command->add_option("TEXT", options.note, "At most 1000 characters")->required();
  AddServer(command, &options.live);
}

void AddLists(CLI::App& dags, Action& chosen) {
  auto [list, listed] =
      AddCommand<LiveOptions>(dags, "list", "The DAGs that the server knows", chosen, ListDags);
  AddServer(list, &listed);

  auto [errors, live] = AddCommand<LiveOptions>(
      dags,
      "list-import-errors",
      "Every mistake in the project's files as the server last read them; exit code 1 if any",
      chosen,
      ListImportErrors);
  AddServer(errors, &live);

  auto [runs, options] =
      AddCommand<ListOptions>(dags, "list-runs", "Runs, newest first", chosen, ListRuns);
  auto* dag = runs->add_option("DAG", options.dag, "The DAG's id [default: all]");
  runs->add_option("-d,--dag,--dag-id", options.dag, "The same, as a flag")
      ->type_name("DAG")
      ->excludes(dag);
  AddFilters(runs, &options, {"queued", "running", "success", "failed"});
  AddServer(runs, &options.live);

  auto [holes, of] = AddCommand<OfDag>(
      dags, "list-holes", "Ticks of a schedule that never fired", chosen, [](const OfDag& asked) {
        return ListHoles(asked.live, asked.dag);
      });
  AddDag(holes, &of.dag);
  AddServer(holes, &of.live);

  auto [details, known] =
      AddCommand<OfDag>(dags,
                        "details",
                        "What the server knows of one DAG: its schedule, params, groups, which of "
                        "its assets are there",
                        chosen,
                        [](const OfDag& asked) { return ShowDetails(asked.live, asked.dag); });
  AddDag(details, &known.dag);
  AddServer(details, &known.live);

  auto [lanes, those_of] =
      AddCommand<OfDag>(dags,
                        "lanes",
                        "The lanes of a DAG, and how they are in its latest run",
                        chosen,
                        [](const OfDag& asked) { return ListLanes(asked.live, asked.dag); });
  AddDag(lanes, &those_of.dag);
  AddServer(lanes, &those_of.live);

  auto [versions, whose] = AddCommand<OfDag>(
      dags, "versions", "What a DAG's file has meant", chosen, [](const OfDag& asked) {
        return ListVersions(asked.live, asked.dag);
      });
  AddDag(versions, &whose.dag);
  AddServer(versions, &whose.live);
}

void AddForecast(CLI::App& dags, Action& chosen) {
  auto [command, options] =
      AddCommand<ForecastOptions>(dags,
                                  "forecast",
                                  "When running and coming runs will end, and what decides it",
                                  chosen,
                                  ShowForecast);
  auto* dag = command->add_option("DAG", options.dag, "The DAG's id [default: all]");
  command->add_option("--run", options.run, "One run: when each of its jobs ends")
      ->type_name("RUN")
      ->needs(dag);
  command->add_option("--horizon", options.horizon, "How far to look [default: 8d]")
      ->type_name("DURATION");
  command->add_option("--limit", options.limit, "How many runs; 0: all")->capture_default_str();
  AddServer(command, &options.live);
}

}  // namespace

void AddDags(CLI::App& app, Action& chosen) {
  CLI::App* dags = app.add_subcommand("dags", "DAGs and their runs")->require_subcommand(1);
  AddFiles(*dags, chosen);
  AddMap(*dags, chosen);
  AddLists(*dags, chosen);
  AddForecast(*dags, chosen);
  AddTrigger(*dags, chosen);
  AddWait(*dags, chosen);
  AddPauses(*dags, chosen);
  AddFavorites(*dags, chosen);
  AddReparse(*dags, chosen);
  AddDeactivate(*dags, chosen);
  AddRunStates(*dags, chosen);
  AddNote(*dags, chosen);
  AddDeletes(*dags, chosen);
}

}  // namespace cli
