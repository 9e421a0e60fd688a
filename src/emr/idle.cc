#include "emr/idle.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.h"
#include "wire/shape.h"

namespace emr {
namespace {

// Commands of command-runner.jar that start YARN applications (AWS: "Run commands and scripts on an
// Amazon EMR cluster"). `hadoop` does so for some of its own commands.
constexpr std::array<std::string_view, 17> kYarnCommands = {"spark-submit",
                                                            "spark-sql",
                                                            "spark-shell",
                                                            "spark-example",
                                                            "run-example",
                                                            "pyspark",
                                                            "hive-script",
                                                            "hive",
                                                            "beeline",
                                                            "pig-script",
                                                            "pig",
                                                            "hadoop-streaming",
                                                            "s3-dist-cp",
                                                            "mapred",
                                                            "sqoop",
                                                            "flink",
                                                            "flink-yarn-session"};
constexpr std::array<std::string_view, 3> kHadoopYarnCommands = {"jar", "distcp", "streaming"};

bool IsOneOf(std::string_view word, auto&& words) {
  return std::ranges::find(words, word) != std::end(words);
}

// "/usr/bin/spark-submit" → "spark-submit".
std::string_view BaseName(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

std::vector<std::string> ArgumentsOf(const json::object& step) {
  std::vector<std::string> arguments;
  for (const json::value& each : base::GetArray(step, "HadoopJarStep.Args")) {
    const json::string* text = each.if_string();
    arguments.emplace_back(text == nullptr ? std::string_view() : std::string_view(*text));
  }
  return arguments;
}

// Past `timeout -k 60 7200`, `sudo`, `env A=b`, `nice -n 5`: the place of the command itself.
size_t CommandAt(const std::vector<std::string>& arguments) {
  size_t at = 0;
  const auto skip_options = [&](size_t operands) {
    ++at;
    while (at < arguments.size() && arguments[at].starts_with('-')) {
      const bool takes_value = arguments[at] == "-k" || arguments[at] == "-s" ||
                               arguments[at] == "-n" || arguments[at] == "-u";
      at += takes_value ? 2 : 1;
    }
    at += operands;
  };
  while (at < arguments.size()) {
    const std::string_view name = BaseName(arguments[at]);
    if (name == "timeout") {
      skip_options(1);
    } else if (name == "sudo" || name == "nice" || name == "nohup" || name == "time") {
      skip_options(0);
    } else if (name == "env" || (name.find('=') != name.npos && at > 0)) {
      skip_options(0);
      while (at < arguments.size() && arguments[at].find('=') != std::string::npos)
        ++at;
    } else {
      break;
    }
  }
  return at;
}

// Where spark-submit is told to run; "" where it is not told (EMR's default is YARN).
std::string MasterOf(const std::vector<std::string>& arguments, size_t at) {
  for (; at < arguments.size(); ++at) {
    const bool has_value = at + 1 < arguments.size();
    if (arguments[at] == "--master" && has_value)
      return arguments[at + 1];
    if (arguments[at].starts_with("--master="))
      return arguments[at].substr(9);
    if (arguments[at] == "--conf" && has_value && arguments[at + 1].starts_with("spark.master="))
      return arguments[at + 1].substr(13);
  }
  return "";
}

}  // namespace

bool RunsOutsideYarn(const json::object& step) {
  const std::string jar = base::GetString(step, "HadoopJarStep.Jar");
  if (BaseName(jar) == "script-runner.jar")
    return true;
  if (jar != "command-runner.jar")
    return false;
  const std::vector<std::string> arguments = ArgumentsOf(step);
  const size_t at = CommandAt(arguments);
  if (at >= arguments.size() || wire::HasTemplate(arguments[at]))
    return false;
  const std::string_view name = BaseName(arguments[at]);
  if (name == "hadoop" || name == "yarn")
    return at + 1 < arguments.size() && !IsOneOf(arguments[at + 1], kHadoopYarnCommands);
  if (!IsOneOf(name, kYarnCommands))
    return true;
  if (!name.starts_with("spark") && name != "pyspark" && name != "run-example")
    return false;
  const std::string master = MasterOf(arguments, at);
  return !master.empty() && !master.starts_with("yarn") && !wire::HasTemplate(master);
}

bool HasWorkOutsideYarn(const json::object& request) {
  return std::ranges::any_of(base::GetArray(request, "Steps"), [](const json::value& step) {
    return step.is_object() && RunsOutsideYarn(step.get_object());
  });
}

}  // namespace emr
