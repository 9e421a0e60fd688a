// A job's steps: `spark_submit` in words, or EMR's own form pasted in.

#include <array>

#include "base/text.h"
#include "dagfile/request_draft.h"
#include "yaml/reader.h"

namespace dagfile {

using base::Cat;

namespace {

constexpr std::string_view kActionOnFailure = "TERMINATE_CLUSTER";
// Ours, in both forms of a step: it never reaches EMR.
constexpr std::string_view kExpectedDuration = "expected_duration";

// Options of spark-submit with one value, in the order in which they are written.
struct Option {
  std::string_view key;
  std::string_view flag;
};
constexpr std::array kOptions = {
    Option{"master", "--master"},
    Option{"name", "--name"},
    Option{"class", "--class"},
    Option{"driver_memory", "--driver-memory"},
    Option{"driver_cores", "--driver-cores"},
    Option{"executor_memory", "--executor-memory"},
    Option{"executor_cores", "--executor-cores"},
    Option{"num_executors", "--num-executors"},
    Option{"queue", "--queue"},
};
// Options whose value is a list with commas.
constexpr std::array kListOptions = {
    Option{"jars", "--jars"},
    Option{"py_files", "--py-files"},
    Option{"files", "--files"},
    Option{"archives", "--archives"},
    Option{"packages", "--packages"},
    Option{"repositories", "--repositories"},
};

class StepReader {
 public:
  StepReader(FileReport* report, RequestDraft* draft)
      : report_(report), errors_(&report->errors), draft_(draft) {}

  // As much as can be read of it, so that the rest of it is judged too.
  json::value Read(const yaml::Node& node, const std::string& path);
  std::optional<base::Duration> expected_duration() const { return expected_duration_; }

 private:
  json::value ReadEmrForm(const yaml::Node& node, const std::string& path);
  void ReadSparkSubmit(const yaml::Node& node, const std::string& path);
  void ReadConf(yaml::MapReader& reader);
  void ReadExpectation(const yaml::Node& value);
  void AddArgument(std::string text, yaml::Mark mark);
  void AddOption(std::string_view flag, std::string text, yaml::Mark mark) {
    AddArgument(std::string(flag), mark);
    AddArgument(std::move(text), mark);
  }

  FileReport* report_;
  yaml::Diagnostics* errors_;
  RequestDraft* draft_;
  json::array arguments_;
  std::string arguments_path_;
  std::optional<base::Duration> expected_duration_;
};

json::value StepReader::Read(const yaml::Node& node, const std::string& path) {
  if (node.Find("HadoopJarStep") != nullptr || node.Find("Name") != nullptr)
    return ReadEmrForm(node, path);
  yaml::MapReader reader(node, "this step", errors_);
  auto name = reader.Required<std::string>("name");
  draft_->Record(path, {report_, node.mark()});
  draft_->Record(MemberPath(path, "Name"), {report_, reader.MarkOf("name")});
  auto action = reader.Optional<std::string>("action_on_failure");
  draft_->Record(MemberPath(path, "ActionOnFailure"),
                 {report_, reader.MarkOf("action_on_failure")});
  if (auto submit = reader.Required<yaml::Node>("spark_submit"))
    ReadSparkSubmit(*submit, path);
  if (const yaml::Node* expected = reader.Take(kExpectedDuration))
    ReadExpectation(*expected);
  reader.Later({"command", "script", "jar", "hive", "timeout", "retries", "resume"});
  reader.Finish();
  return json::object{
      {"Name", name.value_or("")},
      {"ActionOnFailure", action.value_or(std::string(kActionOnFailure))},
      {"HadoopJarStep", json::object{{"Jar", "command-runner.jar"}, {"Args", arguments_}}}};
}

json::value StepReader::ReadEmrForm(const yaml::Node& node, const std::string& path) {
  draft_->Record(path, {report_, node.mark()});
  draft_->RecordAll(path, node, report_);
  json::object step = yaml::ToJson(node).get_object();
  if (!step.contains("ActionOnFailure"))
    step["ActionOnFailure"] = kActionOnFailure;
  if (const yaml::Node* expected = node.Find(kExpectedDuration))
    ReadExpectation(*expected);
  step.erase(kExpectedDuration);
  return step;
}

void StepReader::ReadExpectation(const yaml::Node& value) {
  std::string name = Cat("'", kExpectedDuration, "'");
  expected_duration_ = yaml::Read<base::Duration>(value, name, errors_);
  if (expected_duration_ && *expected_duration_ <= base::Duration(0))
    errors_->Add(value.mark(), Cat(name, " must be more than 0s"));
}

void StepReader::AddArgument(std::string text, yaml::Mark mark) {
  draft_->Record(ItemPath(arguments_path_, arguments_.size()), {report_, mark});
  arguments_.push_back(json::string(text));
}

void StepReader::ReadSparkSubmit(const yaml::Node& node, const std::string& path) {
  arguments_path_ = MemberPath(path, "HadoopJarStep.Args");
  yaml::MapReader reader(node, "'spark_submit'", errors_);
  draft_->Record(MemberPath(path, "HadoopJarStep"), {report_, node.mark()});
  AddArgument("spark-submit", node.mark());
  AddOption("--deploy-mode",
            reader.Optional<std::string>("deploy_mode").value_or("cluster"),
            reader.MarkOf("deploy_mode"));
  for (const Option& option : kOptions)
    if (auto value = reader.Optional<std::string>(option.key))
      AddOption(option.flag, *value, reader.MarkOf(option.key));
  for (const Option& option : kListOptions) {
    const yaml::Node* value = reader.Take(option.key);
    if (value == nullptr)
      continue;
    std::string name = Cat("'", option.key, "'");
    if (value->is_sequence()) {
      if (auto list = yaml::Read<std::vector<std::string>>(*value, name, errors_))
        AddOption(option.flag, base::Join(*list, ","), value->mark());
    } else if (auto text = yaml::Read<std::string>(*value, name, errors_)) {
      AddOption(option.flag, *text, value->mark());
    }
  }
  ReadConf(reader);
  if (auto application = reader.Required<std::string>("application"))
    AddArgument(*application, reader.MarkOf("application"));
  if (auto list = reader.Optional<yaml::Node>("args"))
    if (auto texts = yaml::Read<std::vector<std::string>>(*list, "'args'", errors_))
      for (size_t i = 0; i < texts->size(); ++i)
        AddArgument((*texts)[i], list->items()[i].mark());
  reader.Finish();
}

// Spark's true and false may be written plainly: they mean nothing else there.
void StepReader::ReadConf(yaml::MapReader& reader) {
  auto conf = reader.Optional<yaml::Node>("conf");
  if (!conf)
    return;
  if (!conf->is_map()) {
    reader.Error("conf", Cat("'conf': expected a map, found ", yaml::Describe(conf->kind())));
    return;
  }
  for (const yaml::Member& member : conf->members()) {
    bool scalar = member.value.kind() != yaml::Kind::kNull && !member.value.is_map() &&
                  !member.value.is_sequence();
    if (scalar)
      AddOption("--conf", Cat(member.key, "=", member.value.raw()), member.value.mark());
    else
      errors_->Add(member.key_mark,
                   Cat("'conf' ",
                       member.key,
                       ": expected a text, found ",
                       yaml::Describe(member.value.kind())));
  }
}

}  // namespace

Expectations ReadSteps(const yaml::Node& steps, FileReport* report, RequestDraft* draft) {
  json::array out;
  Expectations expected;
  for (const yaml::Node& node : steps.items()) {
    StepReader reader(report, draft);
    out.push_back(reader.Read(node, ItemPath("Steps", out.size())));
    expected.push_back(reader.expected_duration());
  }
  draft->SetSteps(std::move(out));
  return expected;
}

}  // namespace dagfile
