// `events`, `limits`, `sources` and `map`: what has just happened, what bounds the work, what the
// server reads, and the whole estate as a picture.

#include "cli/arguments.h"

namespace cli {

namespace {

void AddEvents(CLI::App& app, Action& chosen) {
  auto [command, options] = AddCommand<EventOptions>(
      app, "events", "What has changed: runs, tasks, clusters, steps", chosen, ShowEvents);
  AddDagFilter(command, &options.dag);
  command->add_option("-r,--run", options.run, "Only those of this run")->type_name("RUN");
  command->add_option("--kind", options.kind, "Only those of this kind")
      ->check(CLI::IsMember({"dag",
                             "run",
                             "task",
                             "launch",
                             "cluster",
                             "step",
                             "backfill",
                             "hold",
                             "deadline",
                             "asset",
                             "record",
                             "access"}));
  command->add_option("--cluster", options.cluster, "Only those of this cluster")->type_name("ID");
  command->add_option("--actor", options.actor, "Only what this person asked for")
      ->type_name("NAME");
  auto* after =
      command->add_option("--after", options.after, "All after this one, the oldest first")
          ->type_name("SEQ")
          ->check(CLI::NonNegativeNumber);
  command->add_option("-l,--limit", options.limit, "The latest so many")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber)
      ->excludes(after);
  command->add_flag("-f,--follow", options.follow, "Then those that come, until Ctrl-C");
  AddServer(command, &options.live);
  command->footer(R"(
With -o json each change is one JSON object on a line of its own, with yaml a document after a line
"---"; plain has time, entity, from, to, cause and actor, parted by tabs.
)");
}

void AddMap(CLI::App& app, Action& chosen) {
  auto [command, options] =
      AddCommand<MapOptions>(app,
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
  signalbox map --project examples/delphi-week --svg map.svg
)");
}

}  // namespace

void AddEstate(CLI::App& app, Action& chosen) {
  AddEvents(app, chosen);
  AddMap(app, chosen);

  CLI::App* limits =
      app.add_subcommand("limits", "Limits on jobs and vCPUs at once")->require_subcommand(1);
  auto [list, of_limits] = AddCommand<LiveOptions>(
      *limits, "list", "Those in force, and how far they are used, by value", chosen, ListLimits);
  AddServer(list, &of_limits);

  CLI::App* sources = app.add_subcommand("sources", "What the server reads")->require_subcommand(1);
  auto [read, of_sources] = AddCommand<LiveOptions>(
      *sources,
      "list",
      "The project's files with their DAGs, and who brings news of clusters",
      chosen,
      ListSources);
  AddServer(read, &of_sources);
  read->footer(R"(
With -o plain the files alone.
)");
}

}  // namespace cli
