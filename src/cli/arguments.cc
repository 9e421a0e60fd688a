#include "cli/arguments.h"

namespace cli {

void AddFormat(CLI::App* command, Format* format) {
  command
      ->add_option_function<std::string>(
          "-o,--output",
          [format](const std::string& text) {
            *format = text == "json" ? Format::kJson : Format::kTable;
          },
          "table (for people) or json (the REST API's field names)")
      ->check(CLI::IsMember({"table", "json"}))
      ->default_str("table");
}

void AddServerChoice(CLI::App* command, ServerChoice* server) {
  command->add_option("--server", server->url, "URL of the server")->type_name("URL");
  command
      ->add_option(
          "--project", server->project, "Project whose server to ask [default: from here upwards]")
      ->type_name("DIR");
  command
      ->add_option("--state-dir",
                   server->state_dir,
                   "Folder of server.json and token [default: PROJECT/.signalbox]")
      ->type_name("DIR");
}

void AddServer(CLI::App* command, LiveOptions* live) {
  AddServerChoice(command, &live->server);
  AddFormat(command, &live->format);
}

void AddYes(CLI::App* command, bool* yes) {
  command->add_flag("-y,--yes", *yes, "Do not ask");
}

CLI::Option* AddDag(CLI::App* command, std::string* dag) {
  return command->add_option("DAG", *dag, "The DAG's id")->required();
}

void AddRun(CLI::App* command, std::string* dag, std::string* run) {
  AddDag(command, dag);
  command->add_option("RUN", *run, "The run's id")->required();
}

}  // namespace cli
