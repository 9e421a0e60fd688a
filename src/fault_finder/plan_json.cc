// Plans as JSON: one list of members for each struct, which both ways go through. A member that has
// its default value is not written.

#include <optional>
#include <type_traits>

#include "base/text.h"
#include "fault_finder/disturbance_members.h"
#include "fault_finder/plan.h"

namespace fault_finder {

namespace {

using simulation::DagSpec;
using simulation::Deed;
using simulation::JobSpec;
using simulation::Workload;

// --- The members -------------------------------------------------------------------------------

template <typename Io>
void Members(Io& io, JobSpec::Cross& cross) {
  io("dag", cross.dag);
  io("job", cross.job);
  io("window", cross.window);
  io("skips_holes", cross.skips_holes);
  io("rule", cross.rule);
  io("ends_job", cross.ends_job);
  io("is_whole_run", cross.is_whole_run);
  io("within", cross.within);
  io("offset", cross.offset);
  io("intervals_back", cross.intervals_back);
}

template <typename Io>
void Members(Io& io, JobSpec::Trigger& trigger) {
  io("dag", trigger.dag);
  io("wants", trigger.wants);
  io("if_there", trigger.if_there);
  io("waits", trigger.waits);
  io("takes_any", trigger.takes_any);
  io("minds_pause", trigger.minds_pause);
}

template <typename Io>
void Members(Io& io, JobSpec::Command& command) {
  io("sort", command.sort);
  io("minutes", command.minutes);
  io("is_airflow", command.is_airflow);
}

template <typename Io>
void Members(Io& io, JobSpec& job) {
  io("id", job.id);
  io("lanes", job.lanes);
  io("upstream", job.upstream);
  io("cross", job.cross);
  io("is_empty", job.is_empty);
  io("trigger", job.trigger);
  io("command", job.command);
  io("trigger_rule", job.trigger_rule);
  io("when", job.when);
  io("teardown_of", job.teardown_of);
  io("fails_run", job.fails_run);
  io("execution_timeout", job.execution_timeout);
  io("depends_on_past", job.depends_on_past);
  io("holds_lanes", job.holds_lanes);
  io("wait_for_downstream", job.wait_for_downstream);
  io("steps", job.steps);
  io("goes_on", job.goes_on);
  io("has_groups", job.has_groups);
  io("has_patch", job.has_patch);
  io("core_type", job.core_type);
  io("resumes", job.resumes);
  io("is_long", job.is_long);
  io("retries", job.retries);
  io("infra_retries", job.infra_retries);
  io("retry_delay", job.retry_delay);
  io("backs_off", job.backs_off);
  io("max_run_time", job.max_run_time);
  io("launch_timeout", job.launch_timeout);
  io("pool", job.pool);
  io("pool_slots", job.pool_slots);
  io("weight", job.weight);
  io("weight_rule", job.weight_rule);
  io("max_tis_per_dag", job.max_tis_per_dag);
  io("items", job.items);
  io("items_again", job.items_again);
  io("outputs", job.outputs);
  io("reads", job.reads);
  io("outlets", job.outlets);
  io("group", job.group);
}

template <typename Io>
void Members(Io& io, simulation::GroupSpec& group) {
  io("path", group.path);
  io("retries", group.retries);
  io("retry_delay", group.retry_delay);
}

template <typename Io>
void Members(Io& io, model::JobLimit& limit) {
  io("by", limit.by);
  io("tag", limit.tag);
  io("max", limit.max);
  io("max_vcpus", limit.max_vcpus);
  io("market", limit.market);
}

template <typename Io>
void Members(Io& io, DagSpec& dag) {
  io("id", dag.id);
  io("every_minutes", dag.every_minutes);
  io("minute", dag.minute);
  io("starts_after", dag.starts_after);
  io("starts_before", dag.starts_before);
  io("catchup", dag.catchup);
  io("catchup_max", dag.catchup_max);
  io("most_failures", dag.most_failures);
  io("form", dag.form);
  io("paused_for", dag.paused_for);
  io("by_interval", dag.by_interval);
  io("is_continuous", dag.is_continuous);
  io("start_jitter", dag.start_jitter);
  io("closed_from", dag.closed_from);
  io("closed_until", dag.closed_until);
  io("closed_day", dag.closed_day);
  io("max_active_runs", dag.max_active_runs);
  io("max_active_tasks", dag.max_active_tasks);
  io("limits", dag.limits);
  io("cap_per_run", dag.cap_per_run);
  io("cap_per_day", dag.cap_per_day);
  io("tags", dag.tags);
  io("edition", dag.edition);
  io("assets", dag.assets);
  io("groups", dag.groups);
  io("jobs", dag.jobs);
}

template <typename Io>
void Members(Io& io, model::PoolRow& pool) {
  io("id", pool.id);
  io("slots", pool.slots);
}

template <typename Io>
void Members(Io& io, model::LimitRow& row) {
  Members(io, row.limit);
}

template <typename Io>
void Members(Io& io, model::Price& price) {
  io("type", price.type);
  io("on_demand", price.on_demand);
  io("spot", price.spot);
  io("emr", price.emr);
}

template <typename Io>
void Members(Io& io, Workload& work) {
  io("start", work.start);
  io("fires_for", work.fires_for);
  io("dags", work.dags);
  io("pools", work.pools);
  io("limits", work.limits);
  io("cap_per_day", work.cap_per_day);
  io("prices", work.prices);
}

template <typename Io>
void Members(Io& io, Settings& settings) {
  io("poll_interval", settings.poll_interval);
  io("fleet_interval", settings.fleet_interval);
  io("reaper_interval", settings.reaper_interval);
  io("fleet_grace", settings.fleet_grace);
  io("launch_settle", settings.launch_settle);
  io("list_lag_max", settings.list_lag_max);
  io("reaper_without_brakes", settings.reaper_without_brakes);
  io("is_sampled", settings.is_sampled);
  io("reaper_is_armed", settings.reaper_is_armed);
  io("reaper_grace", settings.reaper_grace);
  io("reaper_most", settings.reaper_most);
  io("reaper_percent", settings.reaper_percent);
}

template <typename Io>
void Members(Io& io, std::pair<std::string, base::Duration>& step) {
  io("glob", step.first);
  io("takes", step.second);
}

template <typename Io>
void Members(Io& io, emulator::Timing& timing) {
  io("provisioning", timing.provisioning);
  io("bootstrap", timing.bootstrap);
  io("step", timing.step);
  io("shutdown", timing.shutdown);
  io("steps", timing.steps);
}

template <typename Io>
void Members(Io& io, emulator::Fault& fault) {
  io("kind", fault.kind);
  io("name", fault.name);
  io("action", fault.action);
  io("nth", fault.nth);
  io("count", fault.count);
  io("on", fault.on);
  io("after", fault.after);
  io("fleet", fault.fleet);
  io("instances", fault.instances);
  io("replace", fault.replace);
  io("outcome", fault.outcome);
  io("step", fault.step);
  io("span", fault.span);
  io("executed", fault.executed);
  io("code", fault.code);
  io("message", fault.message);
}

template <typename Io>
void Members(Io& io, Deed& deed) {
  io("after", deed.after);
  io("act", deed.act);
  io("run", deed.run);
  io("job", deed.job);
}

// Those of disturbances: disturbance_members.h.

template <typename Io>
void Members(Io& io, Ending& ending) {
  io("is_good", ending.is_good);
  io("attempts", ending.attempts);
  io("stops_within", ending.stops_within);
}

template <typename Io>
void Members(Io& io, Plan& plan) {
  io("seed", plan.seed);
  io("mode", plan.mode);
  io("work", plan.work);
  io("settings", plan.settings);
  io("timing", plan.timing);
  io("disturbances", plan.disturbances);
  io("ending", plan.ending);
}

// --- Names of enumerators ----------------------------------------------------------------------

// The first so many values have names; the text of a value that has none is "".
template <typename Enum>
std::string_view NameOf(Enum value) {
  if constexpr (std::is_same_v<Enum, emulator::FaultKind>)
    return emulator::Text(value);
  else if constexpr (std::is_same_v<Enum, emulator::FleetType>)
    return emulator::Text(value);
  else if constexpr (std::is_same_v<Enum, simulation::Act>)
    return simulation::ToString(value);
  else if constexpr (std::is_same_v<Enum, model::TriggerRule>)
    return model::ToString(value);
  else if constexpr (std::is_same_v<Enum, Mode>)
    return ToString(value);
  else
    return "";
}

constexpr int kMostEnumerators = 40;

// --- Writing -----------------------------------------------------------------------------------

template <typename T>
json::value Write(const T& value);

class Writer {
 public:
  template <typename T>
  void operator()(std::string_view name, T& value) {
    out_[name] = Write(value);
  }
  json::object Take() { return std::move(out_); }

 private:
  json::object out_;
};

template <typename T>
json::object WriteMembers(const T& value) {
  T copy = value;
  Writer writer;
  Members(writer, copy);
  return writer.Take();
}

template <typename T>
concept IsList = requires(T list) { list.emplace_back(); } && !std::is_same_v<T, std::string>;

template <typename T>
json::value Write(const T& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    return json::value(value);
  } else if constexpr (std::is_same_v<T, model::PoolId>) {
    return json::value(value.str());
  } else if constexpr (std::is_same_v<T, base::Duration>) {
    return json::value(base::FormatDuration(value));
  } else if constexpr (std::is_same_v<T, base::Time>) {
    return json::value(base::FormatRfc3339(value));
  } else if constexpr (std::is_same_v<T, std::optional<base::Duration>>) {
    return value ? Write(*value) : json::value();
  } else if constexpr (std::is_enum_v<T>) {
    const std::string_view name = NameOf(value);
    return name.empty() ? json::value(static_cast<int64_t>(value)) : json::value(name);
  } else if constexpr (std::is_same_v<T, bool>) {
    return json::value(value);
  } else if constexpr (std::is_integral_v<T>) {
    return json::value(static_cast<int64_t>(value));
  } else if constexpr (IsList<T>) {
    json::array out;
    for (const auto& item : value)
      out.push_back(Write(item));
    return out;
  } else if constexpr (std::is_same_v<T, Disturbance>) {
    json::object out = std::visit([](const auto& d) { return Write(d); }, value).as_object();
    out["kind"] = KindName(value);
    return out;
  } else {
    json::object out = WriteMembers(value);
    const json::object defaults = WriteMembers(T{});
    for (const auto& [name, otherwise] : defaults) {
      if (out.at(name) == otherwise)
        out.erase(name);
    }
    return out;
  }
}

// --- Reading -----------------------------------------------------------------------------------

template <typename T>
bool Read(const json::value& in, T& value);

class Reader {
 public:
  explicit Reader(const json::object& in) : in_(in) {}

  template <typename T>
  void operator()(std::string_view name, T& value) {
    const json::value* member = in_.if_contains(name);
    if (member == nullptr)
      return;
    ++read_;
    if (!Read(*member, value) && bad_.empty())
      bad_ = name;
  }
  // "" where every member was understood.
  std::string Bad() const {
    if (!bad_.empty() || read_ == in_.size())
      return bad_;
    return "a member that is not known";
  }

 private:
  const json::object& in_;
  size_t read_ = 0;
  std::string bad_;
};

// The kind that has this name.
template <size_t kPlace = 0>
bool SetKind(std::string_view name, Disturbance& disturbance) {
  if constexpr (kPlace < std::variant_size_v<Disturbance>) {
    if (std::variant_alternative_t<kPlace, Disturbance>::kName != name)
      return SetKind<kPlace + 1>(name, disturbance);
    disturbance.emplace<kPlace>();
    return true;
  }
  return false;
}

bool ReadDisturbance(const json::value& in, Disturbance& disturbance) {
  if (!in.is_object())
    return false;
  json::object members = in.get_object();
  std::string kind(CrashAtEffect::kName);  // older tapes do not write it
  if (const json::value* name = members.if_contains("kind"); name && !Read(*name, kind))
    return false;
  members.erase("kind");
  const json::value rest(std::move(members));
  return SetKind(kind, disturbance) &&
         std::visit([&](auto& d) { return Read(rest, d); }, disturbance);
}

template <typename T>
bool Read(const json::value& in, T& value) {
  if constexpr (std::is_same_v<T, Disturbance>) {
    return ReadDisturbance(in, value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!in.is_string())
      return false;
    value = std::string(in.get_string());
    return true;
  } else if constexpr (std::is_same_v<T, model::PoolId>) {
    std::string text;
    const bool good = Read(in, text);
    value = model::PoolId(std::move(text));
    return good;
  } else if constexpr (std::is_same_v<T, base::Duration>) {
    if (!in.is_string())
      return false;
    const base::Result<base::Duration> span = base::ParseDuration(in.get_string());
    value = span.value_or(base::Duration(0));
    return span.has_value();
  } else if constexpr (std::is_same_v<T, base::Time>) {
    if (!in.is_string())
      return false;
    const base::Result<base::Time> time = base::ParseTime(in.get_string());
    value = time.value_or(base::Time());
    return time.has_value();
  } else if constexpr (std::is_same_v<T, std::optional<base::Duration>>) {
    if (in.is_null())
      return true;
    return Read(in, value.emplace(base::Duration(0)));
  } else if constexpr (std::is_enum_v<T>) {
    if (in.is_int64()) {
      value = static_cast<T>(in.get_int64());
      return true;
    }
    for (int i = 0; in.is_string() && i < kMostEnumerators; ++i) {
      const std::string_view name = NameOf(static_cast<T>(i));
      if (!name.empty() && name == in.get_string()) {
        value = static_cast<T>(i);
        return true;
      }
    }
    return false;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (in.is_bool())
      value = in.get_bool();
    return in.is_bool();
  } else if constexpr (std::is_integral_v<T>) {
    if (in.is_int64())
      value = static_cast<T>(in.get_int64());
    return in.is_int64();
  } else if constexpr (IsList<T>) {
    if (!in.is_array())
      return false;
    value.clear();
    for (const json::value& item : in.get_array()) {
      if (!Read(item, value.emplace_back()))
        return false;
    }
    return true;
  } else {
    if (!in.is_object())
      return false;
    Reader reader(in.get_object());
    Members(reader, value);
    return reader.Bad().empty();
  }
}

}  // namespace

json::value ToJson(const Plan& plan) {
  return Write(plan);
}

base::Result<Plan> ParsePlan(std::string_view text) {
  ASSIGN_OR_RETURN(const json::value in, base::ParseJson(text, "the plan"));
  Plan plan;
  if (!in.is_object())
    return base::Fail(base::ErrorCode::kInvalidArgument, "a plan is a JSON object");
  Reader reader(in.get_object());
  Members(reader, plan);
  if (!reader.Bad().empty())
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("the plan is not understood: ", reader.Bad()));
  return plan;
}

}  // namespace fault_finder
