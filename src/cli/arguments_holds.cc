// `backfill`, `holes`, `holds` and `drain`.

#include "cli/arguments.h"

namespace cli {

namespace {

struct OfId {
  LiveOptions live;
  int64_t id = 0;
};

void AddRange(CLI::App* command, BackfillOptions* asked) {
  command->add_option("--from-date,--from", asked->from, "The first logical date")
      ->type_name("TIME");
  command->add_option("--to-date,--to", asked->to, "The last logical date")->type_name("TIME");
  command->add_flag("--run-backwards", asked->run_backwards, "The latest run first");
  command
      ->add_option("--max-active-runs",
                   asked->max_active_runs,
                   "So many of its runs at once, beside the DAG's own")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  command->add_option("--dag-run-conf", asked->conf, "The runs' params, a JSON object")
      ->type_name("JSON");
  command
      ->add_option("--reprocess-behavior",
                   asked->reprocess,
                   "What becomes of a run that is there and has ended: none (it is left alone), "
                   "failed (it runs again if it failed), completed (it runs again)")
      ->check(CLI::IsMember({"none", "failed", "completed"}));
  command->add_flag("--dry-run", asked->dry_run, "Only show what would become of each tick");
  AddServer(command, &asked->live);
}

void AddCreate(CLI::App& backfill, Action& chosen) {
  auto [command, options] = AddCommand<BackfillOptions>(
      backfill, "create", "Make the runs of a range of dates", chosen, CreateBackfill);
  command->add_option("DAG,-d,--dag-id", options.dag, "The DAG's id")->required();
  command
      ->add_option("--data-interval",
                   options.data_intervals,
                   "Instead of a range: the data interval of one run; may be repeated")
      ->type_name("START/END");
  command->add_flag("--run-on-latest-version",
                    options.run_on_latest_version,
                    "As new runs do anyway; not with runs that run again");
  AddRange(command, &options);
  command->footer(R"(
Examples:
  signalbox backfill create ads_click --from-date 2026-01-01 --to-date 2026-01-31 --dry-run
  signalbox backfill create ads_click --from-date 2026-01-01 --to-date 2026-01-31 \
      --reprocess-behavior failed --run-backwards
)");
}

void AddChanges(CLI::App& backfill, Action& chosen) {
  for (const auto& [verb, about] :
       {std::pair("pause", "Begin no further run; those that work go on"),
        std::pair("unpause", "Go on"),
        std::pair("cancel", "Make no further run, and fail those that are queued")}) {
    auto [command, options] = AddCommand<OfId>(
        backfill, verb, about, chosen, [name = std::string(verb)](const OfId& asked) {
          return ChangeBackfill(asked.live, asked.id, name);
        });
    command->add_option("ID", options.id, "The backfill's id")->required();
    AddServer(command, &options.live);
  }
}

void AddBackfill(CLI::App& app, Action& chosen) {
  CLI::App* backfill =
      app.add_subcommand("backfill", "Past runs of a DAG, a few at a time")->require_subcommand(1);
  AddCreate(*backfill, chosen);
  struct OfDag {
    LiveOptions live;
    std::string dag;
  };
  auto [list, listed] = AddCommand<OfDag>(
      *backfill, "list", "Backfills, the newest first", chosen, [](const OfDag& asked) {
        return ListBackfills(asked.live, asked.dag);
      });
  AddDagFilter(list, &listed.dag);
  AddServer(list, &listed.live);
  auto [show, shown] = AddCommand<OfId>(
      *backfill, "show", "What became of each tick", chosen, [](const OfId& asked) {
        return ShowBackfill(asked.live, asked.id);
      });
  show->add_option("ID", shown.id, "The backfill's id")->required();
  AddServer(show, &shown.live);
  AddChanges(*backfill, chosen);
}

void AddHoles(CLI::App& app, Action& chosen) {
  CLI::App* holes = app.add_subcommand("holes", "Ticks that never fired")->require_subcommand(1);
  auto [command, options] =
      AddCommand<BackfillOptions>(*holes,
                                  "fill",
                                  "Make the runs of a DAG's skipped ticks, of a range or of all",
                                  chosen,
                                  FillHoles);
  AddDag(command, &options.dag);
  AddRange(command, &options);
  command->footer(R"(
Example:
  signalbox holes fill sessionize --from 2026-01-01 --to 2026-01-07 --dry-run
)");
}

void AddHolds(CLI::App& app, Action& chosen) {
  CLI::App* holds = app.add_subcommand("holds", "Launches that people hold")->require_subcommand(1);
  struct All {
    LiveOptions live;
    bool all = false;
  };
  auto [list, listed] =
      AddCommand<All>(*holds, "list", "The holds in force", chosen, [](const All& asked) {
        return ListHolds(asked.live, asked.all);
      });
  list->add_flag("--all", listed.all, "And those that were released");
  AddServer(list, &listed.live);

  auto [create, options] = AddCommand<HoldOptions>(
      *holds, "create", "Launch no job; what is launched goes on", chosen, CreateHold);
  create->add_flag("--all", options.all, "Of all jobs");
  create->add_option("--pool", options.pool, "Of the jobs of a pool");
  create->add_option("--tag", options.tag, "Of the DAGs with a tag");
  create->add_option("--dag", options.dag, "Of a DAG");
  create->add_option("--job", options.job, "Of a job, in all its lanes")->type_name("DAG/JOB");
  create->add_option("--reason", options.reason, "Shown to those who wait")->type_name("TEXT");
  AddServer(create, &options.live);

  auto [release, released] =
      AddCommand<OfId>(*holds, "release", "Launch again", chosen, [](const OfId& asked) {
        return ReleaseHold(asked.live, asked.id);
      });
  release->add_option("ID", released.id, "The hold's id")->required();
  AddServer(release, &released.live);
}

void AddDrain(CLI::App& app, Action& chosen) {
  auto [command, options] = AddCommand<DrainOptions>(
      app, "drain", "Hold all launches, and tell how many clusters still live", chosen, Drain);
  command->add_option("--reason", options.reason, "Shown to those who wait")->type_name("TEXT");
  auto* wait = command->add_flag("--wait", options.wait, "Until nothing lives any more");
  command->add_flag("--undo", options.undo, "Launch again: release the holds of all launches")
      ->excludes(wait);
  AddServer(command, &options.live);
}

}  // namespace

void AddAsked(CLI::App& app, Action& chosen) {
  AddBackfill(app, chosen);
  AddHoles(app, chosen);
  AddHolds(app, chosen);
  AddDrain(app, chosen);
}

}  // namespace cli
