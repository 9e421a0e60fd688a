// `aws`, `health`, `budget` and `pools`: the account's keys, the server's health, EMR's call
// quotas, and how many clusters may be up.

#include "cli/arguments.h"

namespace cli {

void AddAccount(CLI::App& app, Action& chosen) {
  CLI::App* aws = app.add_subcommand("aws", "AWS: identity and endpoints")->require_subcommand(1);
  auto [whoami, options] =
      AddCommand<WhoamiOptions>(*aws,
                                "whoami",
                                "Which keys sign the calls, where they come from, and who they are",
                                chosen,
                                WhoAmI);
  whoami
      ->add_option("--project",
                   options.project,
                   "Project whose settings count [default: from here upwards, else none]")
      ->type_name("DIR");
  whoami->add_option(
      "--profile", options.profile, "Profile of ~/.aws/config; its keys alone count");
  whoami->add_option("--region", options.region, "Instead of the project's and the environment's");
  AddFormat(whoami, &options.format);

  auto [health, asked] =
      AddCommand<LiveOptions>(app,
                              "health",
                              "What is well and what is not; exit code 1 if anything is not",
                              chosen,
                              ShowHealth);
  AddServer(health, &asked);

  auto [budget, live] =
      AddCommand<LiveOptions>(app,
                              "budget",
                              "EMR's call quotas: tokens, and calls made, throttled, waiting",
                              chosen,
                              ShowBudget);
  AddServer(budget, &live);

  CLI::App* pools = app.add_subcommand("pools", "Pools, which bound how many clusters are up")
                        ->require_subcommand(1);
  auto [list, of] = AddCommand<LiveOptions>(
      *pools, "list", "Their slots: open, held, and waited for by queued jobs", chosen, ListPools);
  AddServer(list, &of);
}

}  // namespace cli
