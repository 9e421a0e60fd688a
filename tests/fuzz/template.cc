#include "template/template.h"

#include "base/check.h"
#include "targets.h"

namespace fuzz {
namespace {

tmpl::Context Sample() {
  tmpl::Context context;
  context.values = {{"ds", "2026-01-05"},
                    {"try_number", 2},
                    {"params", {{"days", 7}, {"names", {"a", "b"}}, {"rate", 0.5}, {"on", true}}}};
  context.times["logical_date"] = base::FromMicros(1'767'578'400'000'000);
  context.utc_offset_seconds = [](base::Time) { return 3 * 3600; };
  return context;
}

}  // namespace

// Where every value is known, Check and Render agree.
void FuzzTemplate(std::string_view bytes) {
  static const tmpl::Context kContext = Sample();
  const auto parsed = tmpl::Template::Parse(bytes);
  const bool renders = parsed && parsed->Render(kContext).has_value();
  const auto problems = tmpl::Check(bytes, kContext);
  CHECK(renders || !problems.empty());
  for (const tmpl::Problem& problem : problems)
    CHECK(problem.place.line >= 1 && problem.place.column >= 1 && !problem.message.empty());
}

}  // namespace fuzz
