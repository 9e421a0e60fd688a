// Why a cluster's step failed, from what Spark wrote, as it is in S3 now.

#include <memory>
#include <utility>

#include "api/resources.h"
#include "api/step_logs.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

using base::Cat;

// The step that failed, else the one that began last.
const model::StepView* ChooseStep(const std::vector<model::StepView>& steps,
                                  const std::optional<std::string>& wanted) {
  const model::StepView* chosen = nullptr;
  for (const model::StepView& step : steps) {
    if (wanted ? step.id == *wanted : step.state == model::StepState::kFailed)
      return &step;
    if (!wanted && step.start && (chosen == nullptr || *step.start > *chosen->start))
      chosen = &step;
  }
  return chosen;
}

json::object ToJson(const std::string& step, const runtime::StepCause& found) {
  json::object out{{"step_id", step},
                   {"cause", nullptr},
                   {"exception", nullptr},
                   {"where", nullptr},
                   {"stage", nullptr},
                   {"lost_executors", nullptr},
                   {"exit_code", nullptr},
                   {"advice", nullptr},
                   {"note", TextOrNull(found.note)}};
  if (found.cause) {
    out["cause"] = emr::ToText(*found.cause);
    out["exception"] = TextOrNull(found.cause->exception);
    out["where"] = TextOrNull(found.cause->where);
    out["stage"] = TextOrNull(found.cause->stage);
    out["lost_executors"] = found.cause->lost_executors;
    if (found.cause->exit_code)
      out["exit_code"] = *found.cause->exit_code;
    out["advice"] = TextOrNull(found.cause->advice);
  }
  json::array sources;
  for (const std::string& uri : found.sources)
    sources.emplace_back(uri);
  out["sources"] = std::move(sources);
  return out;
}

}  // namespace

void GetCause(Context& context,
              const std::shared_ptr<const Exchange>& exchange,
              Answered answered) {
  const auto step = ReadOne(*exchange, "step_id");
  if (!step)
    return answered(base::Fail(step.error()));
  context.desk.Read<StepLogs>(
      ReadDesk::Turn::kUsual,
      exchange->sight,
      [exchange](const Reading& reading) { return ReadLogs(reading, *exchange); },
      [&context, wanted = *step, answered](base::Result<StepLogs> logs) {
        if (!logs)
          return answered(base::Fail(logs.error()));
        const model::StepView* step = ChooseStep(logs->steps, wanted);
        if (step == nullptr)
          return answered(
              base::Fail(base::ErrorCode::kNotFound,
                         wanted ? Cat("the cluster has no step '", base::Excerpt(*wanted), "'")
                                : std::string("no step of the cluster has begun")));
        const std::string id = step->id;
        context.views.FindStepCause(*std::move(logs),
                                    id,
                                    [id, answered, alive = std::weak_ptr(context.alive)](
                                        const base::Result<runtime::StepCause>& found) {
                                      if (alive.expired())
                                        return;
                                      if (!found)
                                        return answered(base::Fail(found.error()));
                                      answered(ToJson(id, *found));
                                    });
      });
}

}  // namespace api
