#include "lineage/traces.h"

#include <algorithm>
#include <optional>

#include "base/hash.h"
#include "base/text.h"

namespace lineage {

namespace {

using base::Cat;

constexpr int kInternal = 1;  // SpanKind
constexpr int kError = 2;     // StatusCode
constexpr size_t kSpanDigits = 16;

json::object Attribute(std::string_view key, std::string_view value) {
  return {{"key", key}, {"value", json::object{{"stringValue", value}}}};
}

json::object Attribute(std::string_view key, int64_t value) {
  // JSON of Protocol Buffers has 64-bit numbers as texts.
  return {{"key", key}, {"value", json::object{{"intValue", Cat(value)}}}};
}

std::string Nanoseconds(base::Time at) {
  return Cat(std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count());
}

// cicd.pipeline.result of OpenTelemetry.
std::string_view ResultOf(std::optional<model::VerdictClass> verdict) {
  if (!verdict)
    return "error";
  switch (*verdict) {
    case model::VerdictClass::kSuccess:
      return "success";
    case model::VerdictClass::kUser:
      return "cancellation";
    case model::VerdictClass::kApplication:
      return "failure";
    case model::VerdictClass::kInfrastructure:
    case model::VerdictClass::kConfiguration:
      return "error";
  }
  return "error";
}

class Trace {
 public:
  Trace(const Origin& origin, const TraceFacts& facts)
      : origin_(origin),
        facts_(facts),
        id_(TraceIdOf(origin, {facts.run.key, facts.run.deletions, facts.round})) {}

  std::vector<json::object> Spans() {
    AddRun();
    std::map<model::JobKey, std::vector<const model::AttemptRow*>> jobs;
    for (const model::AttemptRow& attempt : facts_.attempts)
      jobs[attempt.key.job].push_back(&attempt);
    for (const auto& [job, attempts] : jobs)
      AddJob(job, attempts);
    return std::move(spans_);
  }

 private:
  struct Failure {
    std::string type;  // error.type; "": it is none
    std::string message;
  };

  std::string SpanId(std::string_view what) const {
    return base::Sha256Hex(Cat(id_, "\n", what)).substr(0, kSpanDigits);
  }

  void Add(std::string id,
           const std::string& parent,
           std::string name,
           base::Time begun,
           base::Time ended,
           json::array attributes,
           const Failure& failure) {
    json::object span{{"traceId", id_},
                      {"spanId", std::move(id)},
                      {"parentSpanId", parent},
                      {"name", std::move(name)},
                      {"kind", kInternal},
                      {"startTimeUnixNano", Nanoseconds(begun)},
                      {"endTimeUnixNano", Nanoseconds(std::max(begun, ended))}};
    if (!failure.type.empty()) {
      attributes.push_back(Attribute("error.type", failure.type));
      span["status"] = json::object{{"code", kError}, {"message", failure.message}};
    }
    span["attributes"] = std::move(attributes);
    spans_.push_back(std::move(span));
  }

  void AddRun() {
    const model::RunRow& run = facts_.run;
    const bool has_failed = run.state == model::RunState::kFailed;
    run_span_ = SpanId("run");
    Add(run_span_,
        "",
        Cat("run ", run.key.dag.str()),
        facts_.begun,
        facts_.ended,
        {Attribute("cicd.pipeline.name", run.key.dag.str()),
         Attribute("cicd.pipeline.run.id", run.key.run.str()),
         Attribute("cicd.pipeline.result", has_failed ? "failure" : "success"),
         Attribute("signalbox.run.type", ToString(run.type)),
         Attribute("signalbox.run.round", facts_.round),
         Attribute("signalbox.data_interval.start", base::FormatRfc3339(run.data_interval.start)),
         Attribute("signalbox.data_interval.end", base::FormatRfc3339(run.data_interval.end))},
        has_failed ? Failure{"failure", "the run failed"} : Failure());
  }

  void AddJob(const model::JobKey& job, const std::vector<const model::AttemptRow*>& attempts) {
    const std::string name = model::DisplayName(job);
    const model::AttemptRow& last = *attempts.back();
    base::Time ended = last.ended_at.value_or(facts_.ended);
    const std::string id = SpanId(Cat("job\n", name));
    Add(id,
        run_span_,
        Cat("job ", name),
        attempts.front()->started_at,
        ended,
        {Attribute("cicd.pipeline.task.name", name),
         Attribute("cicd.pipeline.task.run.result", ResultOf(last.verdict)),
         Attribute("signalbox.tries", static_cast<int64_t>(attempts.size()))},
        FailureOf(last));
    for (const model::AttemptRow* attempt : attempts)
      AddAttempt(*attempt, name, id);
  }

  Failure FailureOf(const model::AttemptRow& attempt) const {
    if (!attempt.verdict || attempt.verdict == model::VerdictClass::kSuccess)
      return {};
    const auto cause = facts_.causes.find(attempt.key);
    return {std::string(ToString(*attempt.verdict)),
            cause == facts_.causes.end() ? attempt.reason : cause->second};
  }

  void AddAttempt(const model::AttemptRow& attempt,
                  const std::string& job,
                  const std::string& parent) {
    const std::string id = SpanId(Cat("attempt\n", job, "\n", attempt.key.n));
    Add(id,
        parent,
        Cat("try ", attempt.key.n),
        attempt.started_at,
        attempt.ended_at.value_or(facts_.ended),
        {Attribute("cicd.pipeline.task.name", job),
         Attribute("cicd.pipeline.task.run.id",
                   AttemptUuid(origin_.incarnation, attempt.key, facts_.run.deletions)),
         Attribute("cicd.pipeline.task.run.result", ResultOf(attempt.verdict)),
         Attribute("signalbox.try_number", attempt.key.n)},
        FailureOf(attempt));
    for (const model::ClusterRow& cluster : facts_.clusters) {
      if (cluster.attempt == attempt.key)
        AddCluster(cluster, attempt, id);
    }
  }

  void AddCluster(const model::ClusterRow& cluster,
                  const model::AttemptRow& attempt,
                  const std::string& parent) {
    const std::string id = SpanId(Cat("cluster\n", cluster.id.str()));
    const base::Time begun = cluster.created_at.value_or(attempt.started_at);
    const base::Time ended = cluster.ended_at.value_or(attempt.ended_at.value_or(facts_.ended));
    json::array attributes{Attribute("cloud.provider", "aws"),
                           Attribute("cloud.region", cluster.region),
                           Attribute("signalbox.cluster.id", cluster.id.str()),
                           Attribute("signalbox.cluster.state", ShownState(cluster))};
    if (!cluster.account.empty())
      attributes.push_back(Attribute("cloud.account.id", cluster.account));
    if (!cluster.reason_code.empty())
      attributes.push_back(Attribute("signalbox.cluster.reason", cluster.reason_code));
    const bool has_failed = cluster.phase == model::ClusterPhase::kTerminatedWithErrors;
    Add(id,
        parent,
        "cluster",
        begun,
        ended,
        std::move(attributes),
        has_failed ? Failure{cluster.reason_code.empty() ? "cluster" : cluster.reason_code,
                             cluster.reason_message}
                   : Failure());
    for (const model::StepView& step : cluster.steps) {
      if (step.start)
        AddStep(step, id, ended);
    }
  }

  void AddStep(const model::StepView& step, const std::string& parent, base::Time ended) {
    const bool has_failed = step.state == model::StepState::kFailed;
    Add(SpanId(Cat("step\n", parent, "\n", step.id)),
        parent,
        Cat("step ", step.name),
        *step.start,
        step.end.value_or(ended),
        {Attribute("signalbox.step.id", step.id),
         Attribute("signalbox.step.state", ToString(step.state))},
        has_failed ? Failure{"step", step.failure} : Failure());
  }

  const Origin& origin_;
  const TraceFacts& facts_;
  const std::string id_;
  std::string run_span_;
  std::vector<json::object> spans_;
};

}  // namespace

std::string TraceIdOf(const Origin& origin, const RunName& run) {
  return base::ReplaceAll(RunUuid(origin.incarnation, run), "-", "");
}

std::vector<json::object> TraceRequests(const Origin& origin,
                                        const std::string& deployment,
                                        const TraceFacts& facts) {
  std::vector<json::object> spans = Trace(origin, facts).Spans();
  const json::object resource{{"attributes",
                               json::array{Attribute("service.name", "signalbox"),
                                           Attribute("service.namespace", deployment),
                                           Attribute("service.version", origin.version),
                                           Attribute("service.instance.id", origin.incarnation)}}};
  std::vector<json::object> requests;
  for (size_t first = 0; first < spans.size(); first += kSpansMax) {
    json::array part;
    for (size_t i = first; i < std::min(spans.size(), first + kSpansMax); ++i)
      part.push_back(std::move(spans[i]));
    json::object scope{{"scope", json::object{{"name", "signalbox"}, {"version", origin.version}}},
                       {"spans", std::move(part)}};
    requests.push_back(
        {{"resourceSpans",
          json::array{json::object{{"resource", resource},
                                   {"scopeSpans", json::array{std::move(scope)}}}}}});
  }
  return requests;
}

}  // namespace lineage
