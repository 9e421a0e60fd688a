// `signalbox migrate`: what Signalbox can do with Airflow's DAG files. The package that reads them
// is Python, and runs in the environment that is named.

#include <cstdlib>

#include "airflow/package.h"
#include "base/text.h"
#include "cli/commands.h"

namespace cli {

namespace {

using base::Cat;

constexpr char kNeeds[] =
    "make an environment with Airflow and name its Python: python3 -m venv airflow && "
    "airflow/bin/pip install apache-airflow-core apache-airflow-providers-standard "
    "apache-airflow-providers-amazon, then --python airflow/bin/python";

std::string PythonOf(const MigrateOptions& options) {
  const char* set = std::getenv("SIGNALBOX_AIRFLOW_PYTHON");
  if (!options.python.empty())
    return options.python;
  return set == nullptr || *set == '\0' ? "python3" : set;
}

// It ends when Python does; no reading takes hours.
constexpr base::Duration kLongest = base::hours(2);

Outcome<int> RunPython(base::ProcessOptions run) {
  auto process = base::Process::Start(run);
  if (!process)
    return tl::unexpected(
        Failure{.exit = Exit::kEnvironment, .message = Cat(process.error().message, "; ", kNeeds)});
  return process->WaitOrKill(kLongest);
}

}  // namespace

Outcome<void> Migrate(const MigrateOptions& options) {
  const std::string python = PythonOf(options);
  auto package = airflow::PackageFile::Make();
  if (!package)
    return tl::unexpected(Failure{.exit = Exit::kEnvironment, .message = package.error().message});
  // Asked first: a traceback of Python's would not say what to do.
  base::ProcessOptions asks{.argv = {python, "-c", "import airflow.sdk"}};
  asks.stderr_path = "/dev/null";
  const auto has_airflow = RunPython(asks);
  if (!has_airflow)
    return tl::unexpected(has_airflow.error());
  if (*has_airflow != 0)
    return tl::unexpected(
        Failure{.exit = Exit::kEnvironment,
                .message = Cat("'", python, "' cannot import airflow.sdk; ", kNeeds)});
  std::vector<std::string> words{options.folder};
  for (const auto& [flag, value] : {std::pair("--airflow-version", options.airflow_version),
                                    std::pair("--variables", options.variables),
                                    std::pair("--connections", options.connections),
                                    std::pair("--write", options.write)}) {
    if (!value.empty())
      words.insert(words.end(), {flag, value});
  }
  if (options.is_json)
    words.emplace_back("--json");
  const auto code = RunPython(package->Run(python, "signalbox_airflow.migrate", words));
  if (!code)
    return tl::unexpected(code.error());
  if (*code == 0)
    return {};
  return tl::unexpected(Failure{.exit = *code == 3 ? Exit::kInvalidProject : Exit::kUsage});
}

}  // namespace cli
