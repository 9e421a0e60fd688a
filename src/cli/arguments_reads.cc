// The commands of reads.h, from their table.

#include "cli/arguments.h"
#include "cli/reads.h"

namespace cli {

namespace {

CLI::App& GroupOf(CLI::App& app, const std::string& name) {
  if (name.empty())
    return app;
  const auto found =
      app.get_subcommands([&](const CLI::App* group) { return group->get_name() == name; });
  if (!found.empty())
    return *found.front();
  const std::string about = name == "jobs" ? "The scheduler's process" : "The settings in force";
  return *app.add_subcommand(name, about)->require_subcommand(1);
}

}  // namespace

void AddReads(CLI::App& app, Action& chosen) {
  for (const Read& read : Reads()) {
    auto [command, options] =
        AddCommand<ReadOptions>(GroupOf(app, std::string(read.group)),
                                std::string(read.name),
                                std::string(read.about),
                                chosen,
                                [&read](const ReadOptions& asked) { return Show(read, asked); });
    const std::vector<std::string> arguments = read.Arguments();
    options.arguments.resize(arguments.size());
    for (size_t i = 0; i < arguments.size(); ++i)
      command->add_option(arguments[i], options.arguments[i])->required();
    AddServer(command, &options.live);
  }
}

}  // namespace cli
