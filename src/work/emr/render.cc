#include "work/emr/render.h"

#include "base/json_text.h"
#include "engine/context.h"
#include "template/template.h"

namespace work {

base::Result<json::object> RenderRequest(json::object request,
                                         const engine::State& state,
                                         const engine::Run& run,
                                         const engine::JobInstance& job,
                                         int try_number,
                                         const std::string& region,
                                         const schedule::ZoneSet& zones) {
  tmpl::Context context =
      engine::ContextOf(state, run, job, try_number, zones, base::Serialize(request));
  context.values["deployment"].as_object()["region"] = region;
  ASSIGN_OR_RETURN(json::value rendered,
                   tmpl::RenderJson(json::value(std::move(request)), context));
  if (!rendered.is_object())
    return base::Fail(base::ErrorCode::kInvalidArgument, "the rendered request is not an object");
  return std::move(rendered.get_object());
}

}  // namespace work
