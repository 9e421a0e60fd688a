// `standalone`, `emulator` and `demo`: the processes that serve.

#include "base/log.h"
#include "base/text.h"
#include "cli/arguments.h"

namespace cli {

namespace {

CLI::Validator IsSpeed() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        const auto speed = base::ParseDouble(text);
        return speed && *speed > 0 ? "" : base::Cat("'", text, "' is not a positive number");
      },
      "");
}

void AddSteps(CLI::App* command, bool* run_steps) {
  command
      ->add_option_function<std::string>(
          "--steps",
          [run_steps](const std::string& text) { *run_steps = text == "run"; },
          "pretend (only their time passes) or run (spark-submit, on this machine)")
      ->check(CLI::IsMember({"pretend", "run"}))
      ->default_str("pretend");
}

// Each has its environment variable, for containers and service files.
void AddLog(CLI::App* command, base::LogOptions* log) {
  command
      ->add_option_function<std::string>(
          "--log-level",
          [log](const std::string& text) {
            log->lowest = base::ParseLogLevel(text).value_or(log->lowest);
          },
          "debug, info, warning, error or off")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}))
      ->envname("SIGNALBOX_LOG_LEVEL")
      ->default_str("info");
  command
      ->add_option_function<std::string>(
          "--log-format",
          [log](const std::string& text) {
            log->format = text == "json" ? base::LogFormat::kJson : base::LogFormat::kText;
          },
          "text (for people) or json (an object a line)")
      ->check(CLI::IsMember({"text", "json"}))
      ->envname("SIGNALBOX_LOG_FORMAT")
      ->default_str("text");
  command
      ->add_option("--log-file",
                   log->file,
                   "File to append the log to; SIGHUP opens it again [default: stderr]")
      ->envname("SIGNALBOX_LOG_FILE")
      ->type_name("FILE");
}

// Each stands in for a key of `server` in signalbox.yaml.
void AddListening(CLI::App* command, StandaloneOptions& options) {
  command
      ->add_option("--bind",
                   options.bind,
                   "Address to listen on; may be repeated [default: the project's, else 127.0.0.1]")
      ->type_name("ADDRESS");
  command
      ->add_option("--port", options.port, "Port; 0 picks one [default: the project's, else 8080]")
      ->type_name("PORT");
  auto* certificate = command
                          ->add_option("--tls-certificate",
                                       options.tls_certificate,
                                       "Speak TLS: the certificate and its chain, PEM; SIGHUP\n"
                                       "reads both files again")
                          ->type_name("FILE");
  auto* key = command->add_option("--tls-key", options.tls_key, "Its key, PEM")->type_name("FILE");
  certificate->needs(key);
  key->needs(certificate);
  command
      ->add_option("--allowed-host",
                   options.allowed_hosts,
                   "Host name that people ask for, beside localhost; may be repeated")
      ->type_name("HOST");
  command
      ->add_option("--trusted-proxy",
                   options.trusted_proxies,
                   "Address or network whose X-Forwarded-… headers are believed; may be repeated")
      ->type_name("NETWORK");
  command->add_flag("--insecure-http",
                    options.insecure_http,
                    "Without TLS, listen beyond this machine all the same");
}

void AddStandalone(CLI::App& app, Action& chosen) {
  auto [command, options] = AddCommand<StandaloneOptions>(
      app,
      "standalone",
      "Run a project: scheduler, launcher, watcher and REST API in one process",
      chosen,
      RunStandalone);
  command->add_option("--project", options.project, "The project's folder")
      ->capture_default_str()
      ->type_name("DIR");
  command
      ->add_option("--db",
                   options.database,
                   "Database: sqlite:///relative/path or sqlite:////absolute/path\n"
                   "[default: the project's, else signalbox.db in the state folder]")
      ->type_name("URL");
  AddListening(command, options);
  command
      ->add_option("--state-dir",
                   options.state_dir,
                   "Folder of the database, server.json and token [default: PROJECT/.signalbox]")
      ->type_name("DIR");
  AddLog(command, &options.log);
  command->add_flag("--new-database",
                    options.new_database,
                    "Begin with a new database if the state folder's own is missing or empty;\n"
                    "clusters of the old one are not adopted");
  command->footer(R"(
AWS: keys, profiles, region and endpoints as in AWS's own tools; `signalbox aws whoami` shows
what is used. SIGNALBOX__SECTION__KEY overrides a key of signalbox.yaml.
SIGNALBOX_HTTP_TIMEOUT=5s bounds each EMR call, SIGNALBOX_CLOCK is what `emulator` prints.

Example:
  signalbox standalone --project my_project --port 8080
  signalbox standalone --project my_project --bind 0.0.0.0 --port 8443 --allowed-host box.example \
    --tls-certificate fullchain.pem --tls-key privkey.pem
)");
}

void AddEmulator(CLI::App& app, Action& chosen) {
  auto [command, options] = AddCommand<EmulatorOptions>(
      app, "emulator", "Emulate EMR on 127.0.0.1, signatures checked", chosen, RunEmulator);
  command->add_option("--port", options.port, "Port on 127.0.0.1; 0 picks one")
      ->capture_default_str();
  command->add_option("--speed", options.speed, "World seconds a second")
      ->check(IsSpeed())
      ->type_name("X");
  command->add_option("--faults", options.faults, "YAML file: what goes wrong, and timings")
      ->type_name("FILE");
  command
      ->add_option("--journal", options.journal, "Append every call and state change, JSON lines")
      ->type_name("FILE");
  command->add_option("--seed", options.seed, "Of all draws")->capture_default_str();
  command
      ->add_option("--world-epoch", options.world_epoch, "World time at the start [default: now]")
      ->type_name("TIME");
  command
      ->add_option("--key-file",
                   options.key_file,
                   "Accepted keys, `ACCESS_KEY SECRET` a line [default: test test]")
      ->type_name("FILE");
  command->add_option("--region", options.region, "In ARNs and events: that of the project")
      ->capture_default_str();
  command
      ->add_option("--events",
                   options.events,
                   "Deliver EventBridge's events: a URL to post them to, or sqs:QUEUE_URL")
      ->type_name("TARGET");
  command
      ->add_option("--events-token-env",
                   options.events_token_env,
                   "Variable whose value is sent as X-Signalbox-Token")
      ->type_name("NAME");
  AddSteps(command, &options.run_steps);
  command->add_option("--s3-root", options.s3_root, "What s3:// stands for with --steps run")
      ->type_name("DIR");
  command->add_option("--spark-submit", options.spark_submit, "Spark's program for --steps run")
      ->capture_default_str()
      ->type_name("PROGRAM");
  command->add_option("--step-slots", options.step_slots, "Steps at once [default: one a core]")
      ->check(CLI::Range(1, 256));
  AddLog(command, &options.log);
  command->footer(R"(
It prints `listening on URL`, then the `export` lines that other processes need to agree with it.

Example:
  signalbox emulator --port 4566 --speed 60 --faults faults.yaml --journal emulator.jsonl
  signalbox emulator --steps run --s3-root s3 --spark-submit spark/bin/spark-submit
  signalbox emulator --events http://127.0.0.1:8080/api/v2/emr-events --events-token-env HOOK
)");
}

void AddDemo(CLI::App& app, Action& chosen) {
  auto [command, options] = AddCommand<DemoOptions>(
      app, "demo", "Run a project from end to end against the emulator", chosen, RunDemo);
  command->add_option("--project", options.project, "The project's folder")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--out", options.out, "Folder for the journal, logs and summary")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--speed", options.speed, "World seconds a second")
      ->capture_default_str()
      ->check(IsSpeed())
      ->type_name("X");
  command->add_option("--faults", options.faults, "Faults [default: PROJECT/faults.yaml]")
      ->type_name("FILE");
  command->add_option("--db", options.database, "Database [default: a new one in OUT]")
      ->type_name("URL");
  AddSteps(command, &options.run_steps);
  command->add_option("--s3-root", options.s3_root, "As in `emulator` [default: s3 in OUT]")
      ->type_name("DIR");
  command->add_option("--spark-submit", options.spark_submit, "As in `emulator`")
      ->capture_default_str()
      ->type_name("PROGRAM");
}

}  // namespace

void AddProcesses(CLI::App& app, Action& chosen) {
  AddStandalone(app, chosen);
  AddEmulator(app, chosen);
  AddDemo(app, chosen);
}

}  // namespace cli
