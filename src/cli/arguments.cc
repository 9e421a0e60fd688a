#include "cli/arguments.h"

#include <map>

namespace cli {

void AddFormat(CLI::App* command, Format* format) {
  static const std::map<std::string, Format> kFormats = {{"table", Format::kTable},
                                                         {"plain", Format::kPlain},
                                                         {"json", Format::kJson},
                                                         {"yaml", Format::kYaml}};
  command
      ->add_option_function<std::string>(
          "-o,--output",
          [format](const std::string& text) { *format = kFormats.at(text); },
          "table (for people), plain (its rows, parted by tabs), json or yaml\n"
          "(the REST API's field names)")
      ->check(CLI::IsMember({"table", "plain", "json", "yaml"}))
      ->default_str("table");
}

void AddServerChoice(CLI::App* command, ServerChoice* server) {
  command
      ->add_option("--server",
                   server->url,
                   "URL of the server [default: SIGNALBOX_SERVER, else the project's]")
      ->type_name("URL");
  command
      ->add_option("--ca",
                   server->ca_file,
                   "PEM file of the CA that signed its certificate\n"
                   "[default: SIGNALBOX_CA, else the system's CAs]")
      ->type_name("FILE");
  command
      ->add_option("--token-file",
                   server->token_file,
                   "File of the token [default: SIGNALBOX_TOKEN, SIGNALBOX_TOKEN_FILE, else\n"
                   "the project's]")
      ->type_name("FILE");
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

void AddConsent(CLI::App* command, Consent* consent) {
  command->add_flag("--dry-run", consent->dry_run, "Only show what it would touch");
  command->add_flag("-y,--yes", consent->yes, "Do not ask");
}

void AddLatestVersion(CLI::App* command, bool* latest_version) {
  command->add_flag("--latest-version",
                    *latest_version,
                    "The run takes its DAG's newest version first; nothing of it may be live");
}

void AddFilters(CLI::App* command, ListOptions* list, const std::vector<std::string>& states) {
  command->add_option("--state", list->states, "Only those in this state; may be repeated")
      ->type_name("STATE")
      ->check(CLI::IsMember(states));
  command->add_option("-l,--limit", list->limit, "At most so many; 0: all")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
}

void AddDagFilter(CLI::App* command, std::string* dag) {
  command->add_option("-d,--dag,--dag-id", *dag, "Only this DAG's")->type_name("DAG");
}

CLI::Option* AddDag(CLI::App* command, std::string* dag) {
  return command->add_option("DAG", *dag, "The DAG's id")->required();
}

void AddRun(CLI::App* command, std::string* dag, std::string* run) {
  AddDag(command, dag);
  command->add_option("RUN", *run, "The run's id")->required();
}

}  // namespace cli
