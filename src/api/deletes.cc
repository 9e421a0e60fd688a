// DELETE of a run and of a DAG, as Airflow has them. What is live is refused with 409.

#include <utility>

#include "api/resources.h"

namespace api {

namespace {

runtime::OnOutcome Gone(Answered answered) {
  return [answered = std::move(answered)](const runtime::Outcome& outcome) {
    if (!outcome)
      return answered(base::Fail(outcome.error()));
    answered(NoContent());
  };
}

}  // namespace

void DeleteRun(Context& context, const SharedExchange& exchange, Answered answered) {
  context.commands.DeleteRun({{exchange->run(), {}, exchange->principal(), nullptr}},
                             Gone(std::move(answered)));
}

void DeleteDag(Context& context, const SharedExchange& exchange, Answered answered) {
  context.commands.DeleteDag({exchange->dag(), exchange->principal()}, Gone(std::move(answered)));
}

}  // namespace api
