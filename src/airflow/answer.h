#pragma once

// What Python says of one DAG file of Airflow: a line of JSON as airflow/signalbox_airflow/parse.py
// writes it. Plain data.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace airflow {

struct TranslatedDag {
  std::string id;
  int line = 1;
  std::optional<json::object> document;  // none: `errors` say why
  // The templates of its clusters, by name.
  json::object clusters;
  std::vector<std::string> errors;
  json::object plan;  // what became of each task, for people
};

struct Told {
  std::string message;
  std::string file;  // as seen from the folder of the DAG files; "": the file itself
  int line = 1;
};

struct Answer {
  std::string file;  // as it was asked for
  std::vector<TranslatedDag> dags;
  std::optional<Told> error;  // it could not be read to its end
  std::vector<Told> warnings;
  // Further files and folders below the folder of the DAG files that it looked at.
  std::vector<std::string> reads;
  // What it asked for while it was read.
  std::vector<std::string> variables, connections;
  int64_t took_ms = 0;
};

// The texts of a list in the plan.
std::vector<std::string> TextsAt(const json::object& object, std::string_view path);

// kCorrupt where the object is no answer.
base::Result<Answer> ReadAnswer(const json::object& object);

}  // namespace airflow
