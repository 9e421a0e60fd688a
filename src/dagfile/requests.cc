// The request of every emr_job: merged, judged by EMR's rules, and its templates checked.

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "dagfile/request_draft.h"
#include "dagfile/sample.h"
#include "emr/outputs.h"
#include "emr/request_check.h"
#include "emr/secret_places.h"
#include "template/template.h"

namespace dagfile {

using base::Cat;

namespace {

constexpr std::string_view kKeepAlive = "KeepJobFlowAliveWhenNoSteps";
constexpr std::string_view kCommandRunner = "command-runner.jar";

class RequestBuilder {
 public:
  RequestBuilder(DagDraft* draft, ClusterTemplates& templates, SizeBudget& budget)
      : draft_(*draft), errors_(draft->report->errors), templates_(templates), budget_(budget) {}

  void Build(const JobDraft& job);
  void CheckTemplate(const ClusterTemplate& from);

 private:
  ClusterTemplate* FindTemplate(const JobDraft& job);
  // What all lanes of the job have in common. False where a part of it could not be read.
  bool Merge(const JobDraft& job,
             const ClusterTemplate& from,
             RequestDraft* request,
             Expectations* expected);
  bool TakeSteps(const JobDraft& job, RequestDraft* request, Expectations* expected);
  // Of a job whose request cannot be put together: its steps are judged all the same.
  void CheckStepsAlone(const JobDraft& job);
  bool Fits(const JobDraft& job, const json::object& request);
  bool Override(const yaml::Node& overrides, RequestDraft* request);
  void ExpectOfOnlyStep(const JobDraft& job, Expectations* expected);
  void CheckRunTime(const JobDraft& job, const RequestDraft& request);
  // True where KeepJobFlowAliveWhenNoSteps had to be changed.
  bool Insist(RequestDraft* request);
  void AddRetryPatches(const JobDraft& job,
                       const ClusterTemplate& from,
                       json::object request,
                       model::Job* instance);
  void Check(RequestDraft& request, const ClusterTemplate& from, const model::Job& instance);
  void CheckTexts(const RequestDraft& request,
                  const json::value& value,
                  const std::string& path,
                  const tmpl::Context& known);
  void CheckOutputs(const JobDraft& job, const model::Job& instance);
  void CheckDefaults(const RequestDraft& request,
                     const ClusterTemplate& from,
                     const model::Job& instance,
                     const std::vector<emr::Finding>& known);
  tmpl::Context AnyLane(const JobDraft& job) const;
  void Report(const RequestDraft& request, const emr::Finding& finding, std::string_view when);
  void Error(const Origin& origin, std::string message) {
    origin.report->errors.Add(origin.mark, std::move(message));
    draft_.broken = true;
  }

  DagDraft& draft_;
  yaml::Diagnostics& errors_;
  ClusterTemplates& templates_;
  SizeBudget& budget_;
};

constexpr size_t kDagBytesMax = 64 << 20;  // of all its requests

// With a name, as it will be sent.
std::vector<emr::Finding> Judge(json::object request,
                                const ClusterTemplate& from,
                                const emr::RequestCheckOptions& options = {}) {
  request["Name"] = "sbx";
  return emr::CheckRunJobFlow(request,
                              {.allow_unknown = from.allow_unknown, .rendered = options.rendered});
}

void RequestBuilder::Build(const JobDraft& job) {
  ClusterTemplate* from = FindTemplate(job);
  if (from == nullptr)
    return CheckStepsAlone(job);
  RequestDraft common({draft_.report, job.mark});
  Expectations expected;
  if (!Merge(job, *from, &common, &expected))
    return CheckTexts(common, *common.request().if_contains("Steps"), "Steps", AnyLane(job));
  ExpectOfOnlyStep(job, &expected);
  CheckRunTime(job, common);
  from->judged = true;
  if (!Fits(job, common.request()))
    return;
  for (size_t i = 0; i < draft_.InstanceCount(job); ++i) {
    RequestDraft request = common;
    if (job.laned && draft_.lanes[i].overrides && !Override(*draft_.lanes[i].overrides, &request))
      continue;
    Insist(&request);
    model::Job& instance = draft_.dag.jobs[job.first + i];
    Check(request, *from, instance);
    if (i == 0)
      CheckOutputs(job, instance);
    AddRetryPatches(job, *from, request.request(), &instance);
    auto& work = std::get<model::EmrWork>(instance.work);
    work.request = std::move(request.request());
    work.expected_durations = expected;
  }
}

void RequestBuilder::CheckTemplate(const ClusterTemplate& from) {
  RequestDraft request({from.report, from.root.mark()});
  request.SetTemplate(from.root, from.report);
  request.request().erase(kAllowUnknown);
  Insist(&request);
  for (const emr::Finding& finding : Judge(request.request(), from))
    Report(request, finding, "");
  // Whatever a DAG may have: only what is wrong in any of them.
  tmpl::Context known = SampleOf(draft_.dag, {});
  for (const char* name :
       {"dag_id", "job_id", "try_number", "ti", "map_index", "item", "params", "lane", "outputs"})
    known.values[name] = nullptr;
  CheckTexts(request, json::value(request.request()), "", known);
}

// Each lane will have a copy of its own.
bool RequestBuilder::Fits(const JobDraft& job, const json::object& request) {
  size_t size = SizeOf(json::value(request));
  for (const RetryDraft& retry : job.on_retry)
    size += SizeOf(yaml::ToJson(retry.overrides));
  const size_t instances = draft_.InstanceCount(job);
  if (size <= budget_.left / instances) {
    budget_.left -= size * instances;
    return true;
  }
  errors_.Add(job.mark,
              Cat("the job '",
                  job.id.str(),
                  "' has requests of ",
                  size * instances >> 20,
                  " MiB once its lanes are written out; at most ",
                  kDagBytesMax >> 20,
                  " MiB are allowed for a DAG and ",
                  SizeBudget().left >> 20,
                  " MiB for a project: take fewer lanes or shorter requests"));
  return false;
}

void RequestBuilder::CheckStepsAlone(const JobDraft& job) {
  RequestDraft steps({draft_.report, job.mark});
  Expectations expected;
  if (job.steps && TakeSteps(job, &steps, &expected))
    CheckTexts(steps, steps.request()["Steps"], "Steps", AnyLane(job));
}

ClusterTemplate* RequestBuilder::FindTemplate(const JobDraft& job) {
  if (job.cluster.empty())
    return nullptr;  // that has been told
  auto found = templates_.find(job.cluster);
  if (found == templates_.end()) {
    std::vector<std::string> names;
    for (const auto& each : templates_)
      names.push_back(each.first);
    auto near = base::DidYouMean(job.cluster, names);
    std::string help = near            ? Cat("did you mean '", *near, "'?")
                       : names.empty() ? std::string("the folder clusters/ has none")
                                       : Cat("there are ", base::Join(names, ", "));
    errors_.Add(job.cluster_mark,
                Cat("there is no cluster template '",
                    job.cluster,
                    "' (clusters/",
                    job.cluster,
                    ".yaml); ",
                    help));
    return nullptr;
  }
  // Its own errors have been told; the DAG cannot run without it.
  draft_.broken = draft_.broken || found->second.broken;
  return found->second.root.is_map() ? &found->second : nullptr;
}

bool RequestBuilder::Merge(const JobDraft& job,
                           const ClusterTemplate& from,
                           RequestDraft* request,
                           Expectations* expected) {
  request->SetTemplate(from.root, from.report);
  request->request().erase(kAllowUnknown);
  bool good = true;
  for (const yaml::Node& overrides : job.overrides)
    good = Override(overrides, request) && good;
  const bool template_has_steps = request->request().contains("Steps");
  if (job.steps && template_has_steps)
    errors_.Add(job.steps->mark(),
                Cat("the cluster template '",
                    job.cluster,
                    "' has Steps of its own; a job with 'steps' needs one without"));
  if (job.steps)
    return TakeSteps(job, request, expected) && good && !template_has_steps;
  if (!template_has_steps) {
    errors_.Add(job.mark,
                Cat("the job '", job.id.str(), "' needs 'steps'; its cluster template has none"));
    request->SetSteps({});
  }
  expected->resize(base::GetArray(request->request(), "Steps").size());
  return good;
}

bool RequestBuilder::TakeSteps(const JobDraft& job, RequestDraft* request, Expectations* expected) {
  if (!job.steps->is_sequence() || job.steps->items().empty()) {
    errors_.Add(job.steps->mark(), "'steps': expected a list of at least one step");
    request->SetSteps({});
    return false;
  }
  *expected = ReadSteps(*job.steps, draft_.report, request);
  return true;
}

bool RequestBuilder::Override(const yaml::Node& overrides, RequestDraft* request) {
  if (!overrides.is_map()) {
    errors_.Add(overrides.mark(),
                Cat("'overrides': expected a map, found ", yaml::Describe(overrides.kind())));
    return false;
  }
  if (const yaml::Node* steps = overrides.Find("Steps")) {
    errors_.Add(steps->mark(),
                "'overrides' cannot change Steps; write them under the job's 'steps'");
    return false;
  }
  request->Override(overrides, draft_.report);
  return true;
}

// Spelt at the job, it can only mean one step.
void RequestBuilder::ExpectOfOnlyStep(const JobDraft& job, Expectations* expected) {
  if (!job.expected_duration)
    return;
  if (expected->size() > 1)
    errors_.Add(job.expected_duration_mark,
                Cat("'expected_duration' of a job is for its only step, and '",
                    job.id.str(),
                    "' has ",
                    expected->size(),
                    "; write it on the steps"));
  for (std::optional<base::Duration>& each : *expected)
    each = each ? each : job.expected_duration;
}

// A step is ended by coreutils' timeout, which only command-runner.jar can start.
void RequestBuilder::CheckRunTime(const JobDraft& job, const RequestDraft& request) {
  if (!model::EmrOf(job.settings)->max_run_time)
    return;
  size_t index = 0;
  for (const json::value& step : base::GetArray(request.request(), "Steps")) {
    std::string path = MemberPath(ItemPath("Steps", index++), "HadoopJarStep.Jar");
    const json::value* jar = base::Find(step, "HadoopJarStep.Jar");
    if (jar == nullptr || (jar->is_string() && jar->get_string() == kCommandRunner))
      continue;
    Error(request.OriginOf(path),
          Cat(path,
              ": the job '",
              job.id.str(),
              "' has a 'max_run_time', which only a step on ",
              kCommandRunner,
              " can have: nothing of EMR would end this one; run it there, or remove "
              "'max_run_time'"));
  }
}

// What Signalbox sets itself (emr/request.h), whatever the template says.
bool RequestBuilder::Insist(RequestDraft* request) {
  json::object& object = request->request();
  auto warn = [&](std::string_view path, std::string_view message) {
    Origin origin = request->OriginOf(path);
    origin.report->warnings.Add(origin.mark, std::string(message));
  };
  if (object.erase("Name") > 0)
    warn("Name", "'Name' is not used: Signalbox gives every cluster a name of its own");
  json::value* instances = object.if_contains("Instances");
  if (instances == nullptr || !instances->is_object())
    return false;
  json::value* keep_alive = instances->get_object().if_contains(kKeepAlive);
  if (keep_alive == nullptr || (keep_alive->is_bool() && !keep_alive->get_bool()))
    return false;
  warn(Cat("Instances.", kKeepAlive),
       "'KeepJobFlowAliveWhenNoSteps' is set to false: a cluster ends after its steps");
  *keep_alive = false;
  return true;
}

// Each patch is judged on top of those before it, as it will be merged. What the request without it
// gets wrong too has been told.
void RequestBuilder::AddRetryPatches(const JobDraft& job,
                                     const ClusterTemplate& from,
                                     json::object request,
                                     model::Job* instance) {
  std::set<std::pair<std::string, std::string>> known;
  if (!job.on_retry.empty())
    for (const emr::Finding& finding : Judge(request, from))
      known.emplace(finding.path, finding.message);
  for (const RetryDraft& retry : job.on_retry) {
    RequestDraft patched({draft_.report, retry.overrides.mark()});
    patched.request() = request;
    if (!Override(retry.overrides, &patched))
      continue;
    json::object patch = yaml::ToJson(retry.overrides).get_object();
    if (Insist(&patched))
      patch["Instances"].get_object()[kKeepAlive] = false;
    patch.erase("Name");
    for (const emr::Finding& finding : Judge(patched.request(), from))
      if (known.emplace(finding.path, finding.message).second || patched.HasOrigin(finding.path))
        Report(patched, finding, Cat("from try ", retry.from_try, " on, "));
    CheckTexts(patched, json::value(patch), "", SampleOf(draft_.dag, *instance));
    request = std::move(patched.request());
    std::get<model::EmrWork>(instance->work).on_retry.push_back({retry.from_try, std::move(patch)});
  }
}

void RequestBuilder::Report(const RequestDraft& request,
                            const emr::Finding& finding,
                            std::string_view when) {
  const Origin origin = request.OriginOf(finding.path);
  std::string text = Cat(when, finding.path, ": ", finding.message);
  if (finding.severity == emr::Severity::kError)
    Error(origin, std::move(text));
  else
    origin.report->warnings.Add(origin.mark, std::move(text));
}

void RequestBuilder::Check(RequestDraft& request,
                           const ClusterTemplate& from,
                           const model::Job& instance) {
  const std::vector<emr::Finding> findings = Judge(request.request(), from);
  for (const emr::Finding& finding : findings)
    Report(request, finding, "");
  CheckTexts(request, json::value(request.request()), "", SampleOf(draft_.dag, instance));
  CheckDefaults(request, from, instance, findings);
}

// Where the job leaves its outputs: one object for each run and lane.
void RequestBuilder::CheckOutputs(const JobDraft& job, const model::Job& instance) {
  const std::string& text = model::EmrOf(job.settings)->outputs;
  if (text.empty())
    return;
  if (instance.map_over)
    errors_.Add(
        job.outputs_mark,
        "'outputs' of a mapped job have no name in the jobs after it: leave out 'outputs' or "
        "'map_over'");
  for (const tmpl::Problem& problem : tmpl::Check(text, SampleOf(draft_.dag, instance)))
    errors_.Add(job.outputs_mark, Cat("at ", Where(problem), " of this text: ", problem.message));
  const bool has_template = text.find("{{") != std::string::npos;
  if (auto place = emr::ParseS3Uri(text); !place && !has_template)
    errors_.Add(job.outputs_mark, Cat("'outputs': ", place.error().message));
  auto speaks_of = [&](std::initializer_list<std::string_view> names) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
      return text.find(name) != std::string::npos;
    });
  };
  if (!speaks_of({"run_id", "ts", "ds", "logical_date", "data_interval", "dag_run"}))
    draft_.report->warnings.Add(
        job.outputs_mark, "'outputs': all runs write to one object; put {{ run_id }} into the key");
  if (job.laned && draft_.lanes.size() > 1 && !speaks_of({"lane"}))
    draft_.report->warnings.Add(
        job.outputs_mark,
        "'outputs': all lanes write to one object; put {{ lane.id }} into the key");
}

// The same request with the values that parameters have unless a trigger says otherwise: a text
// where a number is needed shows only there.
void RequestBuilder::CheckDefaults(const RequestDraft& request,
                                   const ClusterTemplate& from,
                                   const model::Job& instance,
                                   const std::vector<emr::Finding>& known) {
  tmpl::Context defaults = SampleOf(draft_.dag, instance);
  defaults.values["params"] = draft_.dag.params;
  const json::value as_written(request.request());
  const json::value rendered = tmpl::RenderKnown(as_written, defaults);
  if (rendered == as_written)
    return;
  std::set<std::pair<std::string, std::string>> told;
  for (const emr::Finding& finding : known)
    told.emplace(finding.path, finding.message);
  for (const emr::Finding& finding : Judge(rendered.as_object(), from, {.rendered = true}))
    if (told.emplace(finding.path, finding.message).second)
      Report(request, finding, "with the parameters' defaults, ");
}

void RequestBuilder::CheckTexts(const RequestDraft& request,
                                const json::value& value,
                                const std::string& path,
                                const tmpl::Context& known) {
  if (const json::string* text = value.if_string()) {
    const auto secrets = emr::MayHoldSecret(path) ? tmpl::Secrets::kTaken : tmpl::Secrets::kRefused;
    for (const tmpl::Problem& problem :
         tmpl::Check(std::string_view(text->data(), text->size()), known, secrets)) {
      Error(request.OriginOf(path), Cat("at ", Where(problem), " of this text: ", problem.message));
    }
  } else if (const json::array* array = value.if_array()) {
    for (size_t i = 0; i < array->size(); ++i)
      CheckTexts(request, (*array)[i], ItemPath(path, i), known);
  } else if (const json::object* object = value.if_object()) {
    for (const auto& member : *object)
      CheckTexts(request,
                 member.value(),
                 MemberPath(path, {member.key().data(), member.key().size()}),
                 known);
  }
}

tmpl::Context RequestBuilder::AnyLane(const JobDraft& job) const {
  model::Job instance;
  instance.id = job.id;
  instance.map_over = job.settings.map_over;
  tmpl::Context known = SampleOf(draft_.dag, instance);
  if (job.laned)
    known.values["lane"] = nullptr;
  known.values["outputs"] = nullptr;
  return known;
}

}  // namespace

void BuildRequests(DagDraft* draft, ClusterTemplates& templates, SizeBudget& budget) {
  SizeBudget of_dag{std::min(kDagBytesMax, budget.left)};
  const size_t before = of_dag.left;
  RequestBuilder builder(draft, templates, of_dag);
  for (const JobDraft& job : draft->jobs)
    if (model::EmrOf(job.settings) != nullptr)
      builder.Build(job);
  budget.left -= before - of_dag.left;
}

void CheckUnusedTemplates(ClusterTemplates& templates) {
  for (auto& [name, from] : templates) {
    if (from.judged || !from.root.is_map())
      continue;
    // A DAG of no name whose only job is the template itself.
    DagDraft draft;
    draft.report = from.report;
    SizeBudget budget;
    RequestBuilder(&draft, templates, budget).CheckTemplate(from);
  }
}

}  // namespace dagfile
