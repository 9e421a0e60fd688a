// The program's entry: parses the command line, runs the command that it chose, reports its
// failure.

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/arguments.h"
#include "machine/supervisor.h"

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

SIGNALBOX_SERVER=https://HOST:PORT, SIGNALBOX_TOKEN (or SIGNALBOX_TOKEN_FILE) and SIGNALBOX_CA
have commands ask a server on another machine.

Exit codes: 0 ok, 1 the run failed or was refused (403), 2 usage, 3 invalid project,
4 no server answers, 5 the database is in use, 6 environment (credentials: 401, disk, ports).
)";

void AddCommands(CLI::App& app, Action& chosen) {
  AddProcesses(app, chosen);
  AddDags(app, chosen);
  AddTasks(app, chosen);
  AddClusters(app, chosen);
  AddAsked(app, chosen);
  AddAssets(app, chosen);
  AddAccount(app, chosen);
  AddSecrets(app, chosen);
  AddNotifiers(app, chosen);
  AddEstate(app, chosen);
  AddMigrate(app, chosen);
  AddCompletion(app, chosen);
  AddAccounts(app, chosen);
  AddReads(app, chosen);
  app.add_subcommand("version", "Print the version")->callback([&chosen] {
    chosen = []() -> Outcome<void> {
      Print(base::Cat("signalbox ", kVersion, "\n"));
      return {};
    };
  });
}

int Report(const Failure& failure) {
  if (!failure.message.empty())
    PrintFailure(failure.message);
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
  Action chosen;
  AddCommands(app, chosen);
  // Asked by shells, not by people: `signalbox __complete -- WORD…`.
  if (argc > 2 && std::string_view(argv[1]) == "__complete") {
    PrintCompletions(app, {argv + 3, argv + argc});
    return static_cast<int>(Exit::kOk);
  }
  app.footer(kFooter);  // after them: a command inherits what is there when it is added
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0)  // --help, --version
      return app.exit(error);
    return Report(UsageFailure(app, error));
  }
  auto outcome = chosen();
  std::fflush(stdout);
  return outcome ? static_cast<int>(Exit::kOk) : Report(outcome.error());
}

}  // namespace
}  // namespace cli

int main(int argc, char** argv) {
  // Started for each command by machine/machine.h: it has no business with the rest.
  if (argc == 3 && std::string_view(argv[1]) == "supervise")
    return machine::Supervise(argv[2]);
  return cli::Main(argc, argv);
}
