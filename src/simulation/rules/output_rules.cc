#include "simulation/rules/output_rules.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "simulation/rules/trouble.h"

namespace simulation {

using emulator::Cluster;

namespace {

// What BuildDag's template of it says.
std::string UriOf(const model::AttemptKey& key, const model::Job& def) {
  const bool has_try = model::EmrOf(def)->outputs.find("try_number") != std::string::npos;
  return base::Cat("s3://",
                   kOutputsBucket,
                   "/",
                   key.job.run.run.str(),
                   "/",
                   key.job.job.str(),
                   "-",
                   key.job.lane.str(),
                   has_try ? base::Cat("-", key.n) : "",
                   ".json");
}

bool IsObject(const std::string& text) {
  const auto parsed = base::ParseJson(text);
  return parsed && parsed->is_object();
}

// Of the argument "--in=job/value".
struct Given {
  std::string job, value;
};
std::optional<Given> GivenTo(const json::object& request) {
  const std::string prefix = "--in=";
  for (const json::value& step : base::GetArray(request, "Steps"))
    for (const json::value& arg : base::GetArray(step.as_object(), "HadoopJarStep.Args")) {
      const std::string text(arg.as_string());
      const size_t colon = text.find(':');
      if (text.starts_with(prefix) && colon != std::string::npos)
        return Given{text.substr(prefix.size(), colon - prefix.size()), text.substr(colon + 1)};
    }
  return std::nullopt;
}

bool HasOutputs(const model::Job* def) {
  return def != nullptr && model::EmrOf(*def) != nullptr && !model::EmrOf(*def)->outputs.empty();
}

}  // namespace

const emulator::Objects::Object* OutputRules::Find(const model::AttemptKey& key,
                                                   const model::Job& def) const {
  const emulator::Objects::Object* object = facts_.emr.objects().Find(UriOf(key, def));
  if (object == nullptr)
    return nullptr;
  // An attempt that resumes takes over what the steps of earlier ones have left.
  const bool resumes = model::EmrOf(def)->resume != model::Resume::kNone;
  const auto attempt = facts_.attempts.find(LabelOf(key));
  if (resumes || attempt == facts_.attempts.end())
    return object;
  const auto& clusters = attempt->second.clusters;
  // Only steps write: what lies there before the first one began is another's, under the same key.
  const bool is_of_it = std::any_of(clusters.begin(), clusters.end(), [&](const Cluster* cluster) {
    return std::any_of(
        cluster->steps.begin(), cluster->steps.end(), [&](const emulator::Step& step) {
          return step.started_at && object->written_at >= *step.started_at;
        });
  });
  return is_of_it ? object : nullptr;
}

bool OutputRules::IsToBlame(const model::AttemptRow& row) const {
  const model::Job* def = facts_.DefOf(row.key.job);
  if (!HasOutputs(def))
    return false;
  if (row.verdict == model::VerdictClass::kConfiguration)
    return denied_.contains(UriOf(row.key, *def));
  const emulator::Objects::Object* object = Find(row.key, *def);
  return row.verdict == model::VerdictClass::kApplication &&
         (object == nullptr || !IsObject(object->body));
}

void OutputRules::OnOutputs(base::Time now, const model::OutputsRow& row) {
  const auto [kept, is_new] = kept_.emplace(row.key, row.outputs);
  facts_.Check(is_new || kept->second == row.outputs, now, [&] {
    return base::Cat("outputs: those of ", LabelOf(row.key), " were changed");
  });
}

void OutputRules::ForgetRun(const model::RunKey& run) {
  std::erase_if(kept_, [&](const auto& item) { return item.first.job.run == run; });
}

void OutputRules::OnAttempt(base::Time now, const model::AttemptRow& row) {
  const model::Job* def = facts_.DefOf(row.key.job);
  if (!row.ended_at || !HasOutputs(def))
    return;
  const auto kept = kept_.find(row.key);
  const bool is_success = row.verdict == model::VerdictClass::kSuccess;
  facts_.Check(is_success == (kept != kept_.end()), now, [&] {
    return base::Cat("outputs: ", LabelOf(row.key), is_success ? " has none" : " has some");
  });
  if (!is_success || kept == kept_.end())
    return;
  const emulator::Objects::Object* object = Find(row.key, *def);
  // When lost commits are replayed, a later attempt may have written there since.
  const bool is_same = object != nullptr && object->body == kept->second;
  facts_.Check(is_same || facts_.is_rewinding, now, [&] {
    return base::Cat("outputs: those of ",
                     LabelOf(row.key),
                     " are ",
                     kept->second,
                     ", and its steps left ",
                     object == nullptr ? "nothing" : object->body);
  });
}

// What the latest attempt of a job has told; "none" where it has not succeeded.
std::string OutputRules::ReadNow(const model::JobKey& job) const {
  const auto known = facts_.jobs.find(LabelOf(job));
  const int latest = known == facts_.jobs.end() ? 0 : known->second.attempts;
  const auto kept = kept_.find({job, latest});
  if (kept == kept_.end())
    return "none";
  return base::GetString(base::ParseJson(kept->second)->as_object(), "n");
}

void OutputRules::BeforeLaunch(const SeenCall& call) {
  const json::object& request = call.request.as_object();
  const std::optional<Given> given = GivenTo(request);
  const std::string text = base::GetString(request, "Name");
  const NameParts name = ReadName(text);
  if (!given || name.attempt.empty())
    return;
  const auto intent = facts_.intents.find(name.head.substr(facts_.ledger.prefix().size()));
  if (intent == facts_.intents.end() || facts_.IsTouched(intent->second.attempt.job.run))
    return;
  const model::JobKey& mine = intent->second.attempt.job;
  // Under its name it is known in this job's lane, or without one.
  std::string expected = "none";
  for (const model::LaneId& lane : {mine.lane, model::LaneId()}) {
    const model::JobKey upstream{mine.run, model::JobId(given->job), lane};
    if (facts_.DefOf(upstream) != nullptr) {
      expected = ReadNow(upstream);
      break;
    }
  }
  facts_.Check(given->value == expected, call.at, [&] {
    return base::Cat("outputs: ",
                     ToString(mine),
                     " is launched with ",
                     given->value,
                     " of ",
                     given->job,
                     ", which told ",
                     expected);
  });
}

void OutputRules::OnReply(const driver::Call& call, const driver::Reply& reply) {
  if (call.service != driver::Service::kS3 || !reply.error ||
      reply.error->error_class != wire::ErrorClass::kPermission)
    return;
  const json::value request = *base::ParseJson(call.body);
  denied_.insert(base::Cat("s3://",
                           base::GetString(request.as_object(), "Bucket"),
                           "/",
                           base::GetString(request.as_object(), "Key")));
}

}  // namespace simulation
