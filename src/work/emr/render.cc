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
                                         const schedule::ZoneSet& zones,
                                         tmpl::SecretPlaces places) {
  tmpl::Context context =
      engine::ContextOf(state, run, job, try_number, zones, base::Serialize(request));
  context.values["deployment"].as_object()["region"] = region;
  ASSIGN_OR_RETURN(json::value rendered,
                   tmpl::RenderJson(json::value(std::move(request)), context, places));
  if (!rendered.is_object())
    return base::Fail(base::ErrorCode::kInvalidArgument, "the rendered request is not an object");
  return std::move(rendered.get_object());
}

base::Result<std::string> RenderText(const std::string& text,
                                     const engine::State& state,
                                     const engine::Run& run,
                                     const engine::JobInstance& job,
                                     int try_number,
                                     const std::string& region,
                                     const schedule::ZoneSet& zones) {
  json::object document{{"text", text}};
  ASSIGN_OR_RETURN(const json::object rendered,
                   RenderRequest(std::move(document), state, run, job, try_number, region, zones));
  const json::value& value = rendered.at("text");
  return value.is_string() ? std::string(value.get_string()) : base::Serialize(value);
}

}  // namespace work
