// The request of every emr_job: merged, judged by EMR's rules, and its templates checked.

#include <set>
#include <utility>

#include "base/text.h"
#include "dagfile/request_draft.h"
#include "emr/request_check.h"
#include "template/template.h"

namespace dagfile {

using base::Cat;

namespace {

constexpr std::string_view kKeepAlive = "KeepJobFlowAliveWhenNoSteps";
constexpr std::string_view kCommandRunner = "command-runner.jar";

class RequestBuilder {
 public:
  RequestBuilder(DagDraft* draft, const ClusterTemplates& templates)
      : draft_(*draft), errors_(draft->report->errors), templates_(templates) {}

  void Build(const JobDraft& job);

 private:
  const ClusterTemplate* FindTemplate(const JobDraft& job);
  // What all lanes of the job have in common.
  bool Merge(const JobDraft& job,
             const ClusterTemplate& from,
             RequestDraft* request,
             Expectations* expected);
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
  tmpl::Context Sample(const model::Job& instance) const;
  void Error(const Origin& origin, std::string message) {
    origin.report->errors.Add(origin.mark, std::move(message));
    draft_.broken = true;
  }

  DagDraft& draft_;
  yaml::Diagnostics& errors_;
  const ClusterTemplates& templates_;
};

void RequestBuilder::Build(const JobDraft& job) {
  const ClusterTemplate* from = FindTemplate(job);
  if (from == nullptr)
    return;
  RequestDraft common({draft_.report, job.mark});
  Expectations expected;
  if (!Merge(job, *from, &common, &expected))
    return;
  ExpectOfOnlyStep(job, &expected);
  CheckRunTime(job, common);
  for (size_t i = 0; i < draft_.InstanceCount(job); ++i) {
    RequestDraft request = common;
    if (job.laned && draft_.lanes[i].overrides && !Override(*draft_.lanes[i].overrides, &request))
      continue;
    Insist(&request);
    model::Job& instance = draft_.dag.jobs[job.first + i];
    Check(request, *from, instance);
    AddRetryPatches(job, *from, request.request(), &instance);
    instance.request = std::move(request.request());
    instance.expected_durations = expected;
  }
}

const ClusterTemplate* RequestBuilder::FindTemplate(const JobDraft& job) {
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
  if (!found->second.broken)
    return &found->second;
  // Its own errors have been told; the DAG cannot run without it.
  draft_.broken = true;
  return nullptr;
}

bool RequestBuilder::Merge(const JobDraft& job,
                           const ClusterTemplate& from,
                           RequestDraft* request,
                           Expectations* expected) {
  request->SetTemplate(from.root, from.report);
  request->request().erase(kAllowUnknown);
  for (const yaml::Node& overrides : job.overrides)
    if (!Override(overrides, request))
      return false;
  bool template_has_steps = request->request().contains("Steps");
  if (!job.steps) {
    if (!template_has_steps)
      errors_.Add(job.mark,
                  Cat("the job '", job.id.str(), "' needs 'steps'; its cluster template has none"));
    expected->resize(base::GetArray(request->request(), "Steps").size());
    return template_has_steps;
  }
  if (template_has_steps) {
    errors_.Add(job.steps->mark(),
                Cat("the cluster template '",
                    job.cluster,
                    "' has Steps of its own; a job with 'steps' needs one without"));
    return false;
  }
  if (!job.steps->is_sequence() || job.steps->items().empty()) {
    errors_.Add(job.steps->mark(), "'steps': expected a list of at least one step");
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
  if (!job.settings.max_run_time)
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
  auto check = [&](const json::object& object) {
    json::object named = object;
    named["Name"] = "sbx";
    return emr::CheckRunJobFlow(named, {.allow_unknown = from.allow_unknown});
  };
  std::set<std::pair<std::string, std::string>> known;
  if (!job.on_retry.empty())
    for (const emr::Finding& finding : check(request))
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
    for (const emr::Finding& finding : check(patched.request()))
      if (known.emplace(finding.path, finding.message).second || patched.HasOrigin(finding.path))
        Error(patched.OriginOf(finding.path),
              Cat("from try ", retry.from_try, " on, ", finding.path, ": ", finding.message));
    CheckTexts(patched, json::value(patch), "", Sample(*instance));
    request = std::move(patched.request());
    instance->on_retry.push_back({retry.from_try, std::move(patch)});
  }
}

void RequestBuilder::Check(RequestDraft& request,
                           const ClusterTemplate& from,
                           const model::Job& instance) {
  json::object named = request.request();
  named["Name"] = "sbx";
  for (const emr::Finding& finding :
       emr::CheckRunJobFlow(named, {.allow_unknown = from.allow_unknown}))
    Error(request.OriginOf(finding.path), Cat(finding.path, ": ", finding.message));
  CheckTexts(request, json::value(request.request()), "", Sample(instance));
}

void RequestBuilder::CheckTexts(const RequestDraft& request,
                                const json::value& value,
                                const std::string& path,
                                const tmpl::Context& known) {
  if (const json::string* text = value.if_string()) {
    for (const tmpl::Problem& problem :
         tmpl::Check(std::string_view(text->data(), text->size()), known)) {
      const tmpl::Place& place = problem.place;
      std::string where = place.line > 1 ? Cat("line ", place.line, " column ", place.column)
                                         : Cat("column ", place.column);
      Error(request.OriginOf(path), Cat("at ", where, " of this text: ", problem.message));
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

// The names that a job's texts may use, as the engine will fill them in. What a trigger may change
// is not known yet.
tmpl::Context RequestBuilder::Sample(const model::Job& instance) const {
  tmpl::Context known;
  json::object& values = known.values;
  for (const char* name : {"ds", "ds_nodash", "ts", "run_id"})
    values[name] = nullptr;
  values["dag_id"] = draft_.dag.id.str();
  values["job_id"] = instance.id.str();
  values["try_number"] = 1;
  json::object params;
  for (const auto& param : draft_.dag.params)
    params[param.key()] = nullptr;
  values["params"] = std::move(params);
  if (!instance.lane.empty())
    values["lane"] = json::object{{"id", instance.lane.str()}, {"params", instance.lane_params}};
  values["deployment"] = json::object{{"id", nullptr}, {"region", nullptr}};
  for (const char* name : {"logical_date", "data_interval_start", "data_interval_end"})
    known.times[name] = draft_.dag.start_date.value_or(base::Time());
  return known;
}

}  // namespace

void BuildRequests(DagDraft* draft, const ClusterTemplates& templates) {
  RequestBuilder builder(draft, templates);
  for (const JobDraft& job : draft->jobs)
    if (job.type == model::JobType::kEmrJob)
      builder.Build(job);
}

}  // namespace dagfile
