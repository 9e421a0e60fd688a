// `map_over`: a list, a file with one, or an expression that gives one when the run reaches the
// job.

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "dagfile/airflow_tasks.h"
#include "dagfile/draft.h"
#include "dagfile/sample.h"
#include "model/limits.h"
#include "template/expression.h"

namespace dagfile {

using base::Cat;

namespace {

constexpr std::string_view kExpected =
    "'map_over': expected a list, one {{ expression }} that gives a list, or {file: "
    "lists/NAME.yaml}";
// Each lane has a list of its own.
constexpr size_t kItemsBytesMax = 64 << 20;

bool HoldsTemplate(const json::value& value) {
  if (const json::string* text = value.if_string())
    return text->find("{{") != json::string::npos;
  if (const json::array* list = value.if_array())
    return std::ranges::any_of(*list, HoldsTemplate);
  const json::object* object = value.if_object();
  return object != nullptr && std::ranges::any_of(*object, [](const auto& member) {
           return HoldsTemplate(member.value());
         });
}

// What stands between the braces of a text that is one pair of them; nothing for other texts.
std::optional<std::string> ExpressionIn(std::string_view text) {
  const std::string_view trimmed = base::Trim(text);
  if (!trimmed.starts_with("{{") || !trimmed.ends_with("}}") || trimmed.size() < 4)
    return std::nullopt;
  const std::string_view inner = base::Trim(trimmed.substr(2, trimmed.size() - 4));
  if (inner.empty() || inner.find("}}") != std::string_view::npos)
    return std::nullopt;
  return std::string(inner);
}

json::array ItemsOf(const yaml::Node& list, yaml::Diagnostics* errors) {
  json::array items;
  for (const yaml::Node& item : list.items()) {
    items.push_back(yaml::ToJson(item));
    if (HoldsTemplate(items.back()))
      errors->Add(item.mark(),
                  "an item of a list is taken as it stands, without templates: write one "
                  "{{ expression }} that gives the whole list, or use the template where 'item' is "
                  "used");
  }
  return items;
}

}  // namespace

ListFile ReadList(const yaml::Node& root, yaml::Diagnostics* errors) {
  if (!root.is_sequence()) {
    errors->Add(root.mark(), Cat("expected a list, found ", yaml::Describe(root.kind())));
    return {};
  }
  return {.items = ItemsOf(root, errors)};
}

void ReadMapping(yaml::MapReader& reader, yaml::Diagnostics* errors, JobDraft* job) {
  const auto over = reader.Optional<yaml::Node>("map_over");
  job->map_mark = reader.MarkOf("map_over");
  const auto names = reader.Optional<std::string>("map_index_template");
  job->names_mark = reader.MarkOf("map_index_template");
  if (names && !over)
    reader.Error("map_index_template",
                 "'map_index_template' names the instances of a mapped job: it needs 'map_over'");
  if (!over)
    return;
  model::MapOver& mapping = job->settings.map_over.emplace();
  mapping.index_template = names.value_or("");
  if (over->is_sequence()) {
    mapping.items = ItemsOf(*over, errors);
  } else if (over->is_map()) {
    yaml::MapReader map(*over, "'map_over'", errors);
    if (const auto lengths = map.Optional<yaml::Node>("lengths")) {
      mapping.lengths = ReadLengths(*lengths, errors);
      map.Finish();
      return;
    }
    job->map_file = map.Required<std::string>("file").value_or("");
    job->map_mark = map.MarkOf("file");
    map.Finish();
  } else if (const auto text = ExpressionIn(over->raw())) {
    mapping.expression = *text;
  } else {
    errors->Add(over->mark(), Cat(kExpected, ", found '", over->raw(), "'"));
  }
}

namespace {

void TakeList(DagDraft& draft, JobDraft& job, const Lists& lists) {
  const auto found = lists.find(job.map_file);
  if (found != lists.end()) {
    job.settings.map_over->items = found->second.items;
    draft.broken = draft.broken || found->second.broken;
    return;
  }
  std::vector<std::string> paths;
  for (const auto& [path, list] : lists)
    paths.push_back(path);
  const auto near = base::DidYouMean(job.map_file, paths);
  draft.report->errors.Add(job.map_mark,
                           Cat("there is no list '",
                               job.map_file,
                               "'; ",
                               near            ? Cat("did you mean '", *near, "'?")
                               : paths.empty() ? "the folder lists/ has none (*.yaml or *.json)"
                                               : Cat("there are ", base::Join(paths, ", "))));
}

}  // namespace

void ResolveLists(DagDraft& draft, const Lists& lists) {
  size_t instances = 0, bytes = 0;
  for (JobDraft& job : draft.jobs) {
    if (!job.settings.map_over)
      continue;
    const bool was_told = !draft.report->errors.empty();
    if (!job.map_file.empty())
      TakeList(draft, job, lists);
    const model::MapOver& over = *job.settings.map_over;
    const size_t lanes = draft.InstanceCount(job);
    instances += over.items.size() * lanes;
    bytes += SizeOf(json::value(over.items)) * lanes;
    const bool is_known = over.expression.empty() && over.lengths.is_null() && !draft.broken &&
                          !was_told && draft.report->errors.empty();
    if (is_known && over.items.empty())
      draft.report->warnings.Add(job.map_mark,
                                 "the list is empty: the job would always be skipped");
  }
  if (instances <= model::kInstancesMax && bytes <= kItemsBytesMax)
    return;
  draft.report->errors.Add(draft.mark,
                           instances > model::kInstancesMax
                               ? Cat("the lists of the DAG '",
                                     draft.dag.id.str(),
                                     "' make ",
                                     instances,
                                     " instances in each run, lanes among them; at most ",
                                     model::kInstancesMax,
                                     " are allowed: let an item stand for several")
                               : Cat("the lists of the DAG '",
                                     draft.dag.id.str(),
                                     "' take ",
                                     bytes >> 20,
                                     " MiB once every lane has its own; at most ",
                                     kItemsBytesMax >> 20,
                                     " MiB are allowed"));
  for (JobDraft& job : draft.jobs) {
    if (job.settings.map_over)
      job.settings.map_over->items.clear();
  }
}

namespace {

// They are known by then: what comes before the job.
void CheckLengths(DagDraft& draft, const JobDraft& job) {
  for (const std::string& name : JobsInLengths(job.settings.map_over->lengths)) {
    const bool is_known = std::ranges::any_of(
        draft.jobs, [&](const JobDraft& each) { return each.id.str() == name; });
    if (!is_known)
      draft.report->errors.Add(
          job.map_mark,
          Cat("'lengths' names the job '", base::Excerpt(name), "', which is not there"));
  }
}

}  // namespace

void CheckMappings(DagDraft& draft) {
  for (const JobDraft& job : draft.jobs) {
    if (!job.settings.map_over || draft.InstanceCount(job) == 0)
      continue;
    const model::Job& instance = draft.dag.jobs[job.first];
    if (instance.role != model::Role::kWork)
      draft.report->errors.Add(job.map_mark,
                               Cat("a ",
                                   instance.role == model::Role::kSetup ? "setup" : "teardown",
                                   " cannot be mapped: it stands for all that is between them"));
    tmpl::Context known = SampleOf(draft.dag, instance);
    const auto report = [&](yaml::Mark mark, std::string_view what, const auto& problems) {
      for (const tmpl::Problem& problem : problems)
        draft.report->errors.Add(
            mark, Cat("at ", Where(problem), " of this ", what, ": ", problem.message));
    };
    const model::MapOver& over = *instance.map_over;
    report(job.names_mark, "template", tmpl::Check(over.index_template, known));
    known.values.erase("item");
    CheckLengths(draft, job);
    if (over.expression.empty())
      continue;
    report(job.map_mark, "expression", tmpl::CheckExpression(over.expression, known));
    if (const auto constant = tmpl::ConstantOf(over.expression); constant && !constant->is_array())
      draft.report->errors.Add(job.map_mark,
                               Cat(kExpected,
                                   "; this expression is always ",
                                   base::Excerpt(base::Serialize(*constant))));
  }
}

}  // namespace dagfile
