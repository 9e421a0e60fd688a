// {"schema": {…}, "value": …}  →  {"message": "…"}: what does not fit, null where it fits. A schema
// that is refused is an error.

#include "base/json_schema.h"

#include "json_lines.h"

namespace {

base::Result<json::object> Judge(const json::object& question) {
  const json::object& schema = base::GetObject(question, "schema");
  RETURN_IF_ERROR(base::CheckSchema(schema));
  const base::Status fits = base::CheckAgainst(schema, question.at("value"));
  return json::object{{"message", fits ? json::value(nullptr) : json::value(fits.error().message)}};
}

}  // namespace

int main() {
  return judges::AnswerLines(Judge);
}
