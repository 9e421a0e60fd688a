// `clusters`: what EMR runs for us, and its end by hand.

#include "cli/arguments.h"

namespace cli {

namespace {

void AddList(CLI::App& clusters, Action& chosen) {
  struct List {
    ListOptions list;
    bool live_only = false;
    bool orphans = false;
  };
  auto [command, options] =
      AddCommand<List>(clusters, "list", "Clusters, newest first", chosen, [](const List& asked) {
        return asked.orphans ? ListOrphans(asked.list.live)
                             : ListClusters(asked.list, asked.live_only);
      });
  auto* live = command->add_flag("--live", options.live_only, "Only those not seen terminated");
  AddDagFilter(command, &options.list.dag);
  AddFilters(command,
             &options.list,
             {"STARTING",
              "BOOTSTRAPPING",
              "RUNNING",
              "WAITING",
              "TERMINATING",
              "TERMINATED",
              "TERMINATED_WITH_ERRORS",
              "LOST",
              "ZERO_MASTER",
              "ZERO_CORE"});
  command->add_flag("--orphans", options.orphans, "Live ones with our name that no attempt claims")
      ->excludes(live);
  AddServer(command, &options.list.live);
}

struct OfCluster {
  LiveOptions live;
  std::string cluster;
  Consent consent;
};

void AddShow(CLI::App& clusters, Action& chosen) {
  auto [command, options] = AddCommand<OfCluster>(
      clusters, "show", "A cluster with its steps and fleets", chosen, [](const OfCluster& asked) {
        return ShowCluster(asked.live, asked.cluster);
      });
  command->add_option("ID", options.cluster, "The cluster's id, j-…")->required();
  AddServer(command, &options.live);
}

void AddTerminate(CLI::App& clusters, Action& chosen) {
  auto [command, options] =
      AddCommand<OfCluster>(clusters,
                            "terminate",
                            "End a cluster; its job may retry",
                            chosen,
                            [](const OfCluster& asked) {
                              return TerminateCluster(asked.live, asked.cluster, asked.consent);
                            });
  command->add_option("ID", options.cluster, "The cluster's id, j-…")->required();
  AddConsent(command, &options.consent);
  AddServer(command, &options.live);
}

void AddReap(CLI::App& clusters, Action& chosen) {
  struct Reap {
    LiveOptions live;
    ReapOptions reap;
  };
  auto [command, options] =
      AddCommand<Reap>(clusters,
                       "reap",
                       "Orphans: what becomes of them; end those named",
                       chosen,
                       [](const Reap& asked) { return ReapClusters(asked.live, asked.reap); });
  command->add_option("ID", options.reap.clusters, "Orphans to end [default: none, only list]");
  AddConsent(command, &options.reap.consent);
  AddServer(command, &options.live);
  command->footer(R"(
An orphan is a live cluster with this deployment's name that no attempt claims. By itself the server
ends duplicates, and orphans where `reaper.armed` is true; foreign ones only a person ends.
)");
}

}  // namespace

void AddClusters(CLI::App& app, Action& chosen) {
  CLI::App* clusters = app.add_subcommand("clusters", "EMR clusters")->require_subcommand(1);
  AddList(*clusters, chosen);
  AddShow(*clusters, chosen);
  AddTerminate(*clusters, chosen);
  AddReap(*clusters, chosen);
}

}  // namespace cli
