// How `migrate` appears on the command line.

#include "cli/arguments.h"

namespace cli {

void AddMigrate(CLI::App& app, Action& chosen) {
  auto [command, options] = AddCommand<MigrateOptions>(
      app,
      "migrate",
      "What Signalbox can do with Airflow's DAG files, before anything runs",
      chosen,
      Migrate);
  command->add_option("DIR", options.folder, "The folder of Airflow's DAG files")->required();
  command
      ->add_option("--python",
                   options.python,
                   "A Python with apache-airflow-core and the providers that the files use "
                   "[default: SIGNALBOX_AIRFLOW_PYTHON, else python3]")
      ->type_name("PYTHON");
  command
      ->add_option("--airflow-version",
                   options.airflow_version,
                   "2 or 3: what the files are for [default: as each of them looks]")
      ->check(CLI::IsMember({"2", "3"}));
  command
      ->add_option("--variables", options.variables, "What `airflow variables export` has written")
      ->type_name("FILE");
  command
      ->add_option(
          "--connections", options.connections, "What `airflow connections export` has written")
      ->type_name("FILE");
  command
      ->add_option("--write",
                   options.write,
                   "Also write a project with the DAGs that can run as they are; nothing is "
                   "written over")
      ->type_name("FOLDER");
  command->add_flag("--json", options.is_json, "The plan of each task as JSON");
}

}  // namespace cli
