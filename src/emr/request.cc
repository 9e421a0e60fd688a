#include "emr/request.h"

#include <algorithm>

#include "base/text.h"
#include "emr/idle.h"
#include "emr/release.h"
#include "wire/emr_shapes.h"

namespace emr {

namespace {

json::array* StepsOf(json::object& request) {
  json::value* steps = request.if_contains("Steps");
  return steps == nullptr ? nullptr : steps->if_array();
}

void EndWithoutUs(json::object& request) {
  json::value& instances = request["Instances"];
  if (!instances.is_object())
    instances = json::object();
  instances.get_object()["KeepJobFlowAliveWhenNoSteps"] = false;

  if (json::array* steps = StepsOf(request)) {
    for (json::value& step : *steps) {
      if (step.is_object() && !step.get_object().contains("ActionOnFailure"))
        step.get_object()["ActionOnFailure"] = "TERMINATE_CLUSTER";
    }
  }

  std::optional<Release> release = ParseRelease(base::GetString(request, "ReleaseLabel"));
  if (release && HasAutoTermination(*release) && !request.contains("AutoTerminationPolicy"))
    request["AutoTerminationPolicy"] =
        json::object{{"IdleTimeout", HasWorkOutsideYarn(request) ? kIdleSecondsMax : kIdleSeconds}};
}

void AddTags(json::object& request, const LaunchIdentity& id) {
  const model::JobKey& job = id.attempt.job;
  json::value& tags = request["Tags"];
  if (!tags.is_array())
    tags = json::array();
  for (const auto& [key, value] :
       {std::pair<std::string_view, std::string>{"signalbox:deployment", id.deployment},
        {"signalbox:incarnation", id.incarnation},
        {"signalbox:token", id.token.str()},
        {"signalbox:dag", job.run.dag.str()},
        {"signalbox:run", job.run.run.str()},
        {"signalbox:job", model::DisplayName(job.job, job.lane)},
        {"signalbox:try", base::Cat(id.attempt.n)}})
    tags.get_array().push_back(json::object{{"Key", key}, {"Value", value}});
  if (job.index >= 0)  // a tag takes no brackets
    tags.get_array().push_back(
        json::object{{"Key", "signalbox:map_index"}, {"Value", base::Cat(job.index)}});
}

// `timeout` takes whole seconds here; a part of one counts as one.
int64_t SecondsUp(base::Duration duration) {
  return std::max<int64_t>(1, std::chrono::ceil<base::seconds>(duration).count());
}

}  // namespace

json::object BuildRunJobFlow(json::object request, const LaunchIdentity& id) {
  request["Name"] = ClusterName(id);
  EndWithoutUs(request);
  AddTags(request, id);
  json::value whole(std::move(request));
  wire::WriteScalarsAsTexts(wire::kRunJobFlowInput, whole);
  return std::move(whole.get_object());
}

base::Status WrapWithTimeout(json::object& request, base::Duration max_run_time) {
  json::array* steps = StepsOf(request);
  for (size_t i = 0; steps != nullptr && i < steps->size(); ++i) {
    const json::object none;
    const json::object& step = (*steps)[i].is_object() ? (*steps)[i].get_object() : none;
    std::string jar = base::GetString(step, "HadoopJarStep.Jar");
    if (jar != "command-runner.jar")
      return base::Fail(base::ErrorCode::kInvalidArgument,
                        base::Cat("Steps[",
                                  i,
                                  "] '",
                                  base::GetString(step, "Name"),
                                  "' runs ",
                                  jar.empty() ? "no jar" : jar,
                                  ", and max_run_time can only end steps of command-runner.jar; "
                                  "remove one of the two"));
    json::array args{"timeout", "-k", "60", base::Cat(SecondsUp(max_run_time))};
    for (const json::value& argument : base::GetArray(step, "HadoopJarStep.Args"))
      args.push_back(argument);
    (*steps)[i].at("HadoopJarStep").get_object()["Args"] = std::move(args);
  }
  return {};
}

void AddSparkDefaults(json::object& request, const json::object& properties) {
  const bool has_spark =
      std::ranges::any_of(base::GetArray(request, "Applications"), [](const json::value& each) {
        return each.is_object() &&
               base::ToLower(base::GetString(each.get_object(), "Name")) == "spark";
      });
  if (!has_spark)
    return;
  json::value& all = request["Configurations"];
  if (!all.is_array())
    all = json::array();
  json::object* defaults = nullptr;
  for (json::value& each : all.get_array()) {
    if (each.is_object() &&
        base::GetString(each.get_object(), "Classification") == "spark-defaults")
      defaults = &each.get_object();
  }
  if (defaults == nullptr) {
    all.get_array().push_back(json::object{{"Classification", "spark-defaults"}});
    defaults = &all.get_array().back().get_object();
  }
  json::value& kept = (*defaults)["Properties"];
  if (!kept.is_object())
    kept = json::object();
  for (const auto& [name, value] : properties) {
    if (!kept.get_object().contains(name))
      kept.get_object()[name] = value;
  }
}

}  // namespace emr
