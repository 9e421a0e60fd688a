// `notifiers`: whom messages go to.

#include "cli/arguments.h"

namespace cli {

void AddNotifiers(CLI::App& app, Action& chosen) {
  CLI::App* group = app.add_subcommand("notifiers", "To whom messages go, and by which way")
                        ->require_subcommand(1);
  auto [list, shown] = AddCommand<LiveOptions>(
      *group, "list", "What waits for each, and how the last attempts went", chosen, ListNotifiers);
  AddServer(list, &shown);
  auto [test, options] = AddCommand<NotifierOptions>(
      *group, "test", "Send a test message and tell what came back", chosen, TestNotifier);
  test->add_option("NAME", options.name, "A notifier of signalbox.yaml")->required();
  test->add_option("--to", options.emails, "By mail, to these addresses instead of the notifier's")
      ->type_name("ADDRESS");
  AddServer(test, &options.live);
  test->footer(R"(
Exit code 1 where it was not delivered. PagerDuty gets an alert of severity info, which is resolved at once.

Example:
  signalbox notifiers test oncall
)");
}

}  // namespace cli
