// `assets`: data that jobs make and that DAGs follow, and its events.

#include "cli/arguments.h"

namespace cli {

namespace {

void AddQueue(CLI::App* command, QueuedOptions* queued) {
  command->add_option("NAME", queued->name, "Of this asset [default: of all that the DAG follows]");
  command->add_option("-d,--dag,--dag-id", queued->dag, "For this DAG alone")->type_name("DAG");
  command->add_option("--before", queued->before, "Only what was queued before")->type_name("TIME");
  AddServer(command, &queued->live);
}

void AddEvents(CLI::App& assets, Action& chosen) {
  auto [create, made] = AddCommand<AssetEventOptions>(
      assets, "create-event", "Tell that it was made, by hand", chosen, CreateAssetEvent);
  create->add_option("NAME", made.name, "The asset")->required();
  create->add_option("--extra", made.extra, "What DAGs may read of it, a JSON object")
      ->type_name("JSON");
  AddServer(create, &made.live);

  auto [queued, listed] = AddCommand<QueuedOptions>(
      assets, "queued", "Events that DAGs have yet to take", chosen, ListQueuedEvents);
  AddQueue(queued, &listed);

  auto [drop, dropped] = AddCommand<QueuedOptions>(
      assets, "drop-queued", "Have DAGs not take them", chosen, DropQueuedEvents);
  AddQueue(drop, &dropped);
  AddConsent(drop, &dropped.consent);
}

}  // namespace

void AddAssets(CLI::App& app, Action& chosen) {
  CLI::App* assets = app.add_subcommand("assets", "Data that jobs make and that DAGs follow")
                         ->require_subcommand(1);
  auto [list, listed] =
      AddCommand<LiveOptions>(*assets, "list", "Those that DAGs name", chosen, ListAssets);
  AddServer(list, &listed);

  auto [details, shown] = AddCommand<AssetOptions>(
      *assets, "details", "One of them, with who makes and who follows it", chosen, ShowAsset);
  details->add_option("NAME", shown.name, "The asset")->required();
  AddServer(details, &shown.live);

  auto [materialize, made] = AddCommand<AssetOptions>(
      *assets, "materialize", "Trigger the DAG that makes it", chosen, MaterializeAsset);
  materialize->add_option("NAME", made.name, "The asset")->required();
  AddServer(materialize, &made.live);

  auto [events, asked] = AddCommand<AssetOptions>(
      *assets, "events", "When they were made, the newest first", chosen, ListAssetEvents);
  events->add_option("NAME", asked.name, "Of one asset");
  events->add_option("--limit", asked.limit, "So many")->check(CLI::Range(1, 1000));
  AddServer(events, &asked.live);
  AddEvents(*assets, chosen);
}

}  // namespace cli
