#include "airflow/answer.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace airflow {

namespace {

int LineOf(const json::object& object) {
  return static_cast<int>(std::clamp<int64_t>(base::GetInt(object, "line", 1), 1, 1'000'000'000));
}

Told ReadTold(const json::object& object) {
  return {base::GetString(object, "message"), base::GetString(object, "file"), LineOf(object)};
}

TranslatedDag ReadDag(const json::object& object) {
  TranslatedDag dag{.id = base::GetString(object, "dag_id"),
                    .line = LineOf(object),
                    .document = {},
                    .clusters = base::GetObject(object, "clusters"),
                    .errors = TextsAt(object, "errors"),
                    .plan = base::GetObject(object, "plan")};
  if (const json::value* document = base::Find(object, "document");
      document != nullptr && document->is_object())
    dag.document = document->get_object();
  return dag;
}

}  // namespace

std::vector<std::string> TextsAt(const json::object& object, std::string_view path) {
  std::vector<std::string> texts;
  for (const json::value& each : base::GetArray(object, path)) {
    if (each.is_string())
      texts.emplace_back(each.get_string());
  }
  return texts;
}

base::Result<Answer> ReadAnswer(const json::object& object) {
  if (base::GetString(object, "file").empty())
    return base::Fail(base::ErrorCode::kCorrupt,
                      base::Cat("Python answers '", base::Excerpt(base::Serialize(object)), "'"));
  Answer answer{.file = base::GetString(object, "file"),
                .dags = {},
                .error = {},
                .warnings = {},
                .reads = TextsAt(object, "reads"),
                .variables = TextsAt(object, "asked.variables"),
                .connections = TextsAt(object, "asked.connections"),
                .took_ms = base::GetInt(object, "took_ms")};
  for (const json::value& dag : base::GetArray(object, "dags")) {
    if (dag.is_object())
      answer.dags.push_back(ReadDag(dag.get_object()));
  }
  for (const json::value& warning : base::GetArray(object, "warnings")) {
    if (warning.is_object())
      answer.warnings.push_back(ReadTold(warning.get_object()));
  }
  if (const json::object& error = base::GetObject(object, "error"); !error.empty()) {
    answer.error = ReadTold(error);
    if (const std::string trace = base::GetString(error, "traceback"); !trace.empty())
      answer.error->message += base::Cat("\n", trace);
  }
  return answer;
}

}  // namespace airflow
