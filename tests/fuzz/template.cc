#include "base/check.h"
#include "targets.h"
#include "template/expression.h"

namespace fuzz {
namespace {

tmpl::Context Sample() {
  tmpl::Context context;
  context.values = {{"ds", "2026-01-05"},
                    {"try_number", 2},
                    {"params", {{"days", 7}, {"names", {"a", "b"}}, {"rate", 0.5}, {"on", true}}}};
  context.values["dag_run"] = {{"conf", {{"day", "2025-02-28"}}}};
  context.times["dag_run.logical_date"] = base::FromMicros(1'709'251'199'999'999);
  context.times["logical_date"] = base::FromMicros(1'767'578'400'000'000);
  context.utc_offset_seconds = [](base::Time) { return 3 * 3600; };
  return context;
}

void CheckProblems(bool good, const std::vector<tmpl::Problem>& problems) {
  CHECK(good || !problems.empty());
  for (const tmpl::Problem& problem : problems)
    CHECK(problem.place.line >= 1 && problem.place.column >= 1 && !problem.message.empty());
}

}  // namespace

// Where every value is known, Check and Render agree; of a bare expression too.
void FuzzTemplate(std::string_view bytes) {
  static const tmpl::Context kContext = Sample();
  const auto parsed = tmpl::Template::Parse(bytes);
  const bool renders = parsed && parsed->Render(kContext).has_value();
  CheckProblems(renders, tmpl::Check(bytes, kContext));

  const auto expression = tmpl::Expression::Parse(bytes);
  const bool evaluates = expression && expression->Evaluate(kContext).has_value();
  CheckProblems(evaluates, tmpl::CheckExpression(bytes, kContext));
}

}  // namespace fuzz
