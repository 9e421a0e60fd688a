#include "dagfile/commands.h"

#include <algorithm>
#include <array>

#include "base/safe_text.h"
#include "base/text.h"
#include "dagfile/policy.h"
#include "dagfile/sample.h"

namespace dagfile {

using base::Cat;

namespace {

constexpr std::array<std::string_view, 5> kKeys = {
    "command", "env", "cwd", "stdin", "skip_on_exit_code"};

constexpr std::string_view kShell = R"(for a shell write ["bash", "-c", "..."])";

bool IsEnvName(std::string_view name) {
  return !name.empty() && name.find('=') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

void ReadArgv(yaml::MapReader& reader,
              yaml::Diagnostics* errors,
              JobDraft* job,
              model::CommandWork& work) {
  const auto node = reader.Required<yaml::Node>("command");
  if (!node)
    return;
  if (!node->is_sequence()) {
    reader.Error("command", Cat("'command' is a list of words, for no shell reads it; ", kShell));
    return;
  }
  for (const yaml::Node& item : node->items()) {
    if (const auto word = yaml::Read<std::string>(item, "a word of 'command'", errors))
      work.argv.push_back(*word);
  }
  if (node->items().empty())
    reader.Error("command", Cat("'command' is empty: it names no program; ", kShell));
  job->command_texts.emplace_back("", *node);
}

void ReadEnv(yaml::MapReader& reader,
             yaml::Diagnostics* errors,
             JobDraft* job,
             model::CommandWork& work) {
  const auto node = reader.Optional<yaml::Node>("env");
  if (!node)
    return;
  if (!node->is_map()) {
    reader.Error("env", "'env' is a map from names to texts");
    return;
  }
  for (const yaml::Member& member : node->members()) {
    if (!IsEnvName(member.key))
      errors->Add(member.key_mark,
                  Cat("'", base::Excerpt(member.key), "' is no name of an environment variable"));
    else if (member.key.starts_with("SIGNALBOX_"))
      errors->Add(member.key_mark,
                  Cat("'", member.key, "': names that begin with SIGNALBOX_ are Signalbox's own"));
    else if (const auto value = yaml::Read<std::string>(member.value, "a value of 'env'", errors))
      work.env.emplace_back(member.key, *value);
  }
  std::ranges::sort(work.env);
  job->command_texts.emplace_back("env.", *node);
}

void ReadText(yaml::MapReader& reader, std::string_view key, JobDraft* job, std::string& text) {
  const auto node = reader.Optional<std::string>(key);
  if (!node)
    return;
  text = *node;
  job->command_texts.emplace_back(key, *reader.node().Find(key));
}

void ReadSkips(yaml::MapReader& reader, yaml::Diagnostics* errors, model::CommandWork& work) {
  constexpr const char* kKey = "skip_on_exit_code";
  const auto node = reader.Optional<yaml::Node>(kKey);
  if (!node)
    return;
  work.skips_on.clear();
  for (const yaml::Node& item : node->is_sequence() ? node->items() : std::vector{*node}) {
    const auto code = yaml::Read<int64_t>(item, Cat("'", kKey, "'"), errors);
    if (code && (*code < 1 || *code > 255))
      errors->Add(item.mark(), Cat("'", kKey, "' takes numbers from 1 to 255, found ", *code));
    else if (code)
      work.skips_on.push_back(static_cast<int>(*code));
  }
  std::ranges::sort(work.skips_on);
}

void ReadOutputs(yaml::MapReader& reader, JobDraft* job, model::CommandWork& work) {
  const auto word = reader.Optional<std::string>("outputs");
  if (!word)
    return;
  job->outputs_mark = reader.MarkOf("outputs");
  if (*word == "last_line") {
    work.outputs = model::OutputsFrom::kLastLine;
  } else if (*word == "file") {
    work.outputs = model::OutputsFrom::kFile;
  } else {
    const auto near = base::DidYouMean(*word, {"last_line", "file"});
    reader.Error("outputs",
                 Cat("'outputs' of a command is last_line or file, found '",
                     base::Excerpt(*word),
                     "'",
                     near ? Cat("; did you mean '", *near, "'?") : ""));
  }
}

// "2GiB", "512MiB", "4096".
std::optional<int64_t> ParseBytes(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, int>, 3> kUnits{
      {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}}};
  int shift = 0;
  for (const auto& [unit, bits] : kUnits) {
    if (text.ends_with(unit)) {
      text = base::Trim(text.substr(0, text.size() - unit.size()));
      shift = bits;
    }
  }
  const auto number = base::ParseInt(text);
  if (!number || *number < 1 || *number > (int64_t{1} << 40) >> shift << 10)
    return std::nullopt;
  return *number << shift;
}

std::optional<int64_t> ReadBytes(yaml::MapReader& reader, std::string_view key) {
  const auto text = reader.Optional<std::string>(key);
  if (!text)
    return std::nullopt;
  const auto bytes = ParseBytes(*text);
  if (!bytes)
    reader.Error(key,
                 Cat("'",
                     key,
                     "' is a number of bytes such as 512MiB or 2GiB, found '",
                     base::Excerpt(*text),
                     "'"));
  return bytes;
}

class CommandChecker {
 public:
  explicit CommandChecker(DagDraft& draft) : draft_(draft) {}

  void Run() {
    for (const JobDraft& job : draft_.jobs) {
      if (job.command_texts.empty() || draft_.InstanceCount(job) == 0)
        continue;
      const tmpl::Context known = SampleOf(draft_.dag, draft_.dag.jobs[job.first]);
      for (const auto& [path, node] : job.command_texts)
        Check(path, node, known);
    }
  }

 private:
  void Check(const std::string& path, const yaml::Node& node, const tmpl::Context& known) {
    if (node.is_string()) {
      const auto secrets =
          model::MayHoldSecret(path) ? tmpl::Secrets::kTaken : tmpl::Secrets::kRefused;
      for (const tmpl::Problem& problem : tmpl::Check(node.raw(), known, secrets))
        draft_.report->errors.Add(node.mark(),
                                  Cat("at ", Where(problem), " of this text: ", problem.message));
    }
    for (const yaml::Node& item : node.items())
      Check(path, item, known);
    for (const yaml::Member& member : node.members())
      Check(path + member.key, member.value, known);
  }

  DagDraft& draft_;
};

}  // namespace

void ReadResources(yaml::MapReader& reader,
                   yaml::Diagnostics* errors,
                   model::ProcessLimits& limits) {
  const auto node = reader.Optional<yaml::Node>("resources");
  if (!node)
    return;
  yaml::MapReader map(*node, "'resources'", errors);
  limits.memory = ReadBytes(map, "memory");
  limits.file_size = ReadBytes(map, "file_size");
  limits.open_files = ReadCount(map, "open_files", 8);
  limits.cpu_time = map.Optional<base::Duration>("cpu_time");
  if (limits.cpu_time && *limits.cpu_time < base::seconds(1))
    map.Error("cpu_time", "'cpu_time' must be at least 1s");
  map.Finish();
}

void ReadCommand(yaml::MapReader& reader, yaml::Diagnostics* errors, JobDraft* job) {
  auto& work = std::get<model::CommandWork>(job->settings.work);
  ReadArgv(reader, errors, job, work);
  ReadEnv(reader, errors, job, work);
  ReadText(reader, "cwd", job, work.cwd);
  ReadText(reader, "stdin", job, work.input);
  ReadSkips(reader, errors, work);
  ReadOutputs(reader, job, work);
  ReadResources(reader, errors, work.limits);
}

void RefuseCommand(yaml::MapReader& reader) {
  for (const std::string_view key : kKeys) {
    if (reader.node().Find(key) == nullptr)
      continue;
    reader.Take(key);
    reader.Error(key, Cat("'", key, "' is for jobs of type command"));
  }
}

void CheckCommands(std::vector<DagDraft>& drafts) {
  for (DagDraft& draft : drafts)
    CommandChecker(draft).Run();
}

}  // namespace dagfile
