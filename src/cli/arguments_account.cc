// `aws`, `health`, `budget`, `pools`, `spend`, `deadlines` and `why`: the account's keys, how the
// server is, EMR's call quotas, how many clusters may be up and what they cost, whether the work
// will be done, and what holds it.

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

  auto [deadlines, due] =
      AddCommand<DeadlineOptions>(app,
                                  "deadlines",
                                  "Will the work be done in time, and what is in the way",
                                  chosen,
                                  ListDeadlines);
  deadlines->add_option("DAG", due.dag, "The DAG's id [default: all]");
  deadlines->add_flag("--past", due.past, "Those that are over: met or missed; the latest first");
  deadlines->add_option("--status", due.statuses, "Only these")
      ->check(CLI::IsMember({"on_track", "at_risk", "late", "missed"}))
      ->delimiter(',');
  deadlines->add_option("--horizon", due.horizon, "How far to look [default: 8d]")
      ->type_name("DURATION");
  deadlines->add_option("--limit", due.limit, "How many; 0: all")->capture_default_str();
  AddServer(deadlines, &due.live);

  auto [why, asked_why] = AddCommand<WhyOptions>(
      app, "why", "Why jobs of a run do not run: a sentence for each reason", chosen, ShowWhy);
  AddRun(why, &asked_why.dag, &asked_why.run);
  why->add_option("JOB", asked_why.job, "A job or a task [default: all]");
  AddServer(why, &asked_why.live);

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

  auto [spend, asked_spend] =
      AddCommand<SpendOptions>(app,
                               "spend",
                               "What clusters have cost, by day, DAG and run: an estimate by the "
                               "project's prices",
                               chosen,
                               ShowSpend);
  spend->add_option("--day", asked_spend.day, "A day of UTC [default: today]")->type_name("DATE");
  CLI::Option* dag = spend->add_option("--dag", asked_spend.dag, "The runs of this DAG");
  spend->add_option("--run", asked_spend.run, "The clusters of this run of it, of all days")
      ->needs(dag);
  AddServer(spend, &asked_spend.live);
}

}  // namespace cli
