#include "cli/version_words.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/json_text.h"
#include "base/text.h"
#include "base/time.h"
#include "model/spend.h"

namespace cli {

namespace {

using base::Cat;

constexpr std::string_view kMicroseconds = "_us";

// "build_1"
std::string NameOf(const json::object& job) {
  const std::string lane = base::GetString(job, "lane");
  return Cat(base::GetString(job, "id"), lane.empty() ? "" : "_", lane);
}

json::value ValueOf(std::string_view key, const json::value& value) {
  if (!key.ends_with(kMicroseconds) || !value.is_int64())
    return value;
  const bool is_time = key == "start_date_us" || key == "end_date_us";
  return json::value(is_time ? base::FormatRfc3339(base::FromMicros(value.get_int64()))
                             : base::FormatDuration(base::Duration(value.get_int64())));
}

// Spans and times are texts in files, and their keys have no unit.
void Put(json::object& out, std::string_view key, const json::value& value) {
  std::string_view name = key;
  if (name.ends_with(kMicroseconds))
    name.remove_suffix(kMicroseconds.size());
  out[name] = ValueOf(key, value);
}

json::object Plain(const json::object& object) {
  json::object out;
  for (const auto& [key, value] : object)
    Put(out, key, value);
  return out;
}

// A list of things with names, by these: one that is new moves no other.
json::object ByName(const json::array& list, std::string_view name) {
  json::object out;
  for (const json::value& item : list) {
    json::object plain = Plain(item.as_object());
    const std::string key = base::GetString(plain, name);
    plain.erase(name);
    out[key] = std::move(plain);
  }
  return out;
}

json::object LimitsOf(const json::array& limits) {
  json::object out;
  for (const json::value& item : limits) {
    json::object limit = item.as_object();
    std::vector<std::string> parts;
    for (const char* key : {"by", "tag", "market"}) {
      if (const std::string text = base::GetString(limit, key); !text.empty())
        parts.push_back(Cat(key, ": ", text));
      limit.erase(key);
    }
    out[parts.empty() ? "all" : base::Join(parts, ", ")] = std::move(limit);
  }
  return out;
}

json::object EdgeOf(const json::object& edge) {
  json::object out;
  for (const auto& [key, value] : edge) {
    if (key == "intervals_back")
      out["offset"] = Cat(value.as_int64(), " intervals");
    else if (key == "ends_job")
      out["otherwise"] = "end";
    else if (key != "dag" && key != "job" && key != "lane" && key != "all_lanes")
      Put(out, key, value);
  }
  return out;
}

// "etl/build[2]"
std::string EdgeName(const json::object& edge) {
  const std::string job = base::GetString(edge, "job");
  return Cat(base::GetString(edge, "dag"),
             job.empty() ? "" : "/",
             job,
             edge.contains("lane") ? Cat("[", base::GetString(edge, "lane"), "]") : "",
             base::GetBool(edge, "all_lanes") ? "[*]" : "");
}

void PutTrigger(json::object& out, const json::object& trigger) {
  static const std::map<std::string_view, std::string_view> kWords = {
      {"dag", "trigger_dag_id"},
      {"run_id", "trigger_run_id"},
      {"resets", "reset_dag_run"},
      {"skips", "skip_when_already_exists"},
      {"fails_if_paused", "fail_when_dag_is_paused"},
      {"waits", "wait_for_completion"},
      {"allowed", "allowed_states"},
      {"failed", "failed_states"}};
  for (const auto& [key, value] : trigger) {
    const auto word = kWords.find(key);
    out[word == kWords.end() ? std::string_view(key) : word->second] = value;
  }
}

void PutMapping(json::object& out, const json::object& mapping) {
  const std::string expression = base::GetString(mapping, "expression");
  out["map_over"] = expression.empty() ? json::value(base::GetArray(mapping, "items"))
                                       : json::value(Cat("{{ ", expression, " }}"));
  if (const json::value* names = base::Find(mapping, "index_template"))
    out["map_index_template"] = *names;
}

void PutExpected(json::object& out, const json::array& steps) {
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].is_int64())
      out[steps.size() == 1 ? "expected_duration" : Cat("steps.", i, ".expected_duration")] =
          ValueOf("expected_duration_us", steps[i]);
  }
}

class JobWords {
 public:
  JobWords(const json::object& job, const json::array& jobs) : job_(job), jobs_(jobs) {}

  json::object Take() && {
    for (const auto& [key, value] : job_)
      PutOne(key, value);
    return std::move(out_);
  }

 private:
  void PutOne(std::string_view key, const json::value& value) {
    if (key == "id" || key == "lane")
      return;  // they are the job's name
    if (key == "lane_params")
      PutIfAny("lane.params", value);
    else if (key == "request")
      PutIfAny("cluster", value);
    else if (key == "upstream")
      PutNames("depends_on", value.as_array());
    else if (key == "setups")
      PutNames("teardown.setups", value.as_array());
    else if (key == "role")
      out_[std::string_view(value.as_string())] = true;
    else if (key == "cross")
      PutEdges(value.as_array());
    else if (key == "hold_on_configuration_failure")
      out_["on_configuration_failure"] = "hold";
    else if (key == "trigger")
      PutTrigger(out_, value.as_object());
    else if (key == "map_over")
      PutMapping(out_, value.as_object());
    else if (key == "expected_durations_us")
      PutExpected(out_, value.as_array());
    else if (key == "outlets")
      out_["outlets"] = ByName(value.as_array(), "asset");
    else if (key == "deadline")
      out_["deadline"] = Plain(value.as_object());
    else
      Put(out_, key, value);
  }
  void PutIfAny(std::string_view word, const json::value& map) {
    if (!map.as_object().empty())
      out_[word] = map;
  }
  json::object& At(std::string_view word) {
    json::value& value = out_[word];
    return value.is_object() ? value.get_object() : value.emplace_object();
  }
  void PutNames(std::string_view word, const json::array& places) {
    for (const json::value& place : places)
      At(word)[NameOf(jobs_.at(static_cast<size_t>(place.as_int64())).as_object())] = true;
  }
  void PutEdges(const json::array& edges) {
    for (const json::value& edge : edges)
      At("depends_on")[EdgeName(edge.as_object())] = EdgeOf(edge.as_object());
  }

  const json::object& job_;
  const json::array& jobs_;
  json::object out_;
};

// A param with a schema has both in one map.
void PutSchemas(json::object& params, const json::object& schemas) {
  for (const auto& [name, schema] : schemas) {
    json::object whole = schema.as_object();
    if (const json::value* value = base::Find(params, name))
      whole["default"] = *value;
    params[name] = std::move(whole);
  }
}

json::object DagWords(const json::object& dag) {
  json::object out, schedule, tasks;
  for (const auto& [key, value] : dag) {
    if (key == "cron" || key == "timetable" || key == "assets")
      schedule[key] = value;
    else if (key == "catchup_max")
      out["catchup"] = json::object{{"max", value}};
    else if (key == "groups")
      out["groups"] = ByName(value.as_array(), "path");
    else if (key == "lanes")
      out["lanes"] = ByName(value.as_array(), "id");
    else if (key == "limits")
      out["limits"] = LimitsOf(value.as_array());
    else if (key == "deadline")
      out["deadline"] = Plain(value.as_object());
    else if (key == "spend_cap")
      for (const auto& [cap, usd] : value.as_object())
        out[Cat("spend_cap.", cap)] = model::FormatUsd(usd.as_int64());
    else if (key != "jobs" && key != "param_schemas")
      Put(out, key, value);
  }
  out["schedule"] = std::move(schedule);
  if (dag.contains("param_schemas"))
    PutSchemas(out["params"].as_object(), base::GetObject(dag, "param_schemas"));
  const json::array& jobs = base::GetArray(dag, "jobs");
  for (const json::value& job : jobs)
    tasks[NameOf(job.as_object())] = JobWords(job.as_object(), jobs).Take();
  out["tasks"] = std::move(tasks);
  return out;
}

void AddLeaves(const json::value& value, const std::string& path, Leaves& out) {
  if (value.is_object() && !value.get_object().empty()) {
    for (const auto& member : value.get_object())
      AddLeaves(member.value(), Cat(path, path.empty() ? "" : ".", member.key()), out);
  } else if (value.is_array() && !value.get_array().empty()) {
    for (size_t i = 0; i < value.get_array().size(); ++i)
      AddLeaves(value.get_array()[i], Cat(path, ".", i), out);
  } else {
    out[path] = base::Serialize(value);
  }
}

}  // namespace

Leaves InFileWords(const json::object& resolved) {
  Leaves leaves;
  AddLeaves(DagWords(resolved), "", leaves);
  return leaves;
}

}  // namespace cli
