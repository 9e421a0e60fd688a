// `variables`, `connections` and `secrets`.

#include "cli/arguments.h"

namespace cli {

namespace {

using ByName = Outcome<void> (*)(const SecretOptions&);
using WithFile = Outcome<void> (*)(const FileOptions&);

struct Words {
  const char* name;  // "KEY"
  const char* what;  // "The variable's key"
};

void AddDelete(CLI::App& group, const Words& words, Action& chosen, ByName run) {
  auto [command, options] =
      AddCommand<SecretOptions>(group, "delete", "Remove it, after a question", chosen, run);
  command->add_option(words.name, options.name, words.what)->required();
  AddConsent(command, &options.consent);
  AddServer(command, &options.live);
}

// `if_exists`: the default.
void AddImport(CLI::App& group, Action& chosen, WithFile import, const char* if_exists) {
  auto [in, read] =
      AddCommand<FileOptions>(group, "import", "Set those of a JSON file", chosen, import);
  in->add_option("FILE", read.file, "A JSON object by name; - for stdin")->required();
  read.if_exists = if_exists;
  auto* action = in->add_option("-a,--action-on-existing-key,--if-exists",
                                read.if_exists,
                                "What becomes of those that are there already")
                     ->check(CLI::IsMember({"fail", "skip", "overwrite"}))
                     ->capture_default_str();
  in->add_flag_callback(
        "--overwrite",
        [into = &read.if_exists] { *into = "overwrite"; },
        "Those that are there already are changed")
      ->excludes(action);
  AddServer(in, &read.live);
}

void AddExport(CLI::App& group, Action& chosen, WithFile export_to) {
  auto [out, written] = AddCommand<FileOptions>(
      group, "export", "Write all into a JSON file; secrets as ***", chosen, export_to);
  out->add_option("FILE", written.file, "The file; - for stdout")->required();
  AddServer(out, &written.live);
}

void AddVariables(CLI::App& app, Action& chosen) {
  CLI::App* group = app.add_subcommand("variables", "Texts that DAGs use as {{ var.value.KEY }}")
                        ->require_subcommand(1);
  const Words words{"KEY", "The variable's key"};
  auto [list, listed] =
      AddCommand<LiveOptions>(*group, "list", "All, secrets as ***", chosen, ListVariables);
  AddServer(list, &listed);
  auto [get, shown] = AddCommand<GetVariableOptions>(
      *group, "get", "Its value, bare; a secret as ***", chosen, GetVariable);
  get->add_option(words.name, shown.name, words.what)->required();
  get->add_option("-d,--default", shown.otherwise, "Printed if there is no such variable")
      ->type_name("VALUE");
  get->add_flag("-j,--deserialize-json,--json",
                shown.is_json,
                "The value is JSON: refuse another, and print a text without its quotes");
  AddServer(get, &shown.live);
  auto [set, options] =
      AddCommand<VariableOptions>(*group, "set", "Make it, or change it", chosen, SetVariable);
  set->add_option(words.name, options.name, words.what)->required();
  set->add_option("VALUE", options.value, "Its value; - reads it from stdin")->required();
  set->add_option("--description", options.description, "For people")->type_name("TEXT");
  set->add_flag("-j,--serialize-json,--json",
                options.is_json,
                "Store the value as the JSON of a text, in quotes, as Airflow does");
  AddServer(set, &options.live);
  set->footer(R"(
Example:
  signalbox variables set bucket s3://example/data
  pass show warehouse | signalbox variables set warehouse_password -
)");
  AddDelete(*group, words, chosen, DeleteVariable);
  AddImport(*group, chosen, ImportVariables, "overwrite");
  AddExport(*group, chosen, ExportVariables);
}

void AddMembers(CLI::App* add, ConnectionOptions* options) {
  auto* uri = add->add_option("--conn-uri",
                              options->uri,
                              "type://login:password@host:port/schema?extra; - reads it from stdin")
                  ->type_name("URI");
  auto* json =
      add->add_option(
             "--conn-json", options->json, "All members as a JSON object; - reads it from stdin")
          ->type_name("JSON")
          ->excludes(uri);
  const auto member = [&](const char* name, auto* into, const char* about) {
    add->add_option(name, *into, about)->excludes(uri)->excludes(json);
  };
  member("--conn-type", &options->type, "What is connected to, such as postgres");
  member("--conn-description", &options->description, "For people");
  member("--conn-host", &options->host, "Its host");
  member("--conn-port", &options->port, "Its port");
  member("--conn-login", &options->login, "Who logs in");
  member("--conn-password", &options->password, "The password; - reads it from stdin");
  member("--conn-schema", &options->schema, "Its schema, or database");
  member("--conn-extra", &options->extra, "More, as a JSON object; - reads it from stdin");
}

void AddConnections(CLI::App& app, Action& chosen) {
  CLI::App* group =
      app.add_subcommand("connections", "How to reach what jobs use: {{ conn.ID.host }}")
          ->require_subcommand(1);
  const Words words{"ID", "The connection's id"};
  auto [list, listed] =
      AddCommand<LiveOptions>(*group, "list", "All, secrets as ***", chosen, ListConnections);
  AddServer(list, &listed);
  auto [get, shown] = AddCommand<SecretOptions>(
      *group, "get", "Its members; secrets as ***", chosen, GetConnection);
  get->add_option(words.name, shown.name, words.what)->required();
  AddServer(get, &shown.live);
  auto [add, options] =
      AddCommand<ConnectionOptions>(*group, "add", "Make a new one", chosen, AddConnection);
  add->add_option(words.name, options.name, words.what)->required();
  AddMembers(add, &options);
  AddServer(add, &options.live);
  add->footer(R"(
Example:
  signalbox connections add warehouse --conn-type postgres --conn-host db.example --conn-password -
)");
  AddDelete(*group, words, chosen, DeleteConnection);
  AddImport(*group, chosen, ImportConnections, "fail");
  AddExport(*group, chosen, ExportConnections);
}

}  // namespace

void AddSecrets(CLI::App& app, Action& chosen) {
  AddVariables(app, chosen);
  AddConnections(app, chosen);
  CLI::App* group = app.add_subcommand("secrets", "The key that seals variables and connections")
                        ->require_subcommand(1);
  auto [rotate, options] = AddCommand<LiveOptions>(
      *group, "rotate-key", "Seal all with a new key", chosen, RotateSecretKey);
  AddServer(rotate, &options);
  rotate->footer(R"(
Where the server has its key from SIGNALBOX_SECRET_KEY, start it with SIGNALBOX_SECRET_KEY=NEW,OLD first.
)");
}

}  // namespace cli
