#include "model/dag_json.h"

#include <algorithm>
#include <array>
#include <boost/json/value_from.hpp>
#include <stdexcept>
#include <utility>

#include "base/hash.h"
#include "base/text.h"

namespace model {

std::vector<std::string> TaskIds(const Job& job) {
  const auto ids = KindOf(job.work).task_ids;
  return ids.empty() ? std::vector<std::string>{job.id.str()}
                     : std::vector<std::string>(ids.begin(), ids.end());
}

size_t TaskCount(const Job& job) {
  return std::max<size_t>(1, KindOf(job.work).task_ids.size());
}

std::string TaskDisplayId(const Job& job, int task, int index) {
  std::string name = DisplayName(job.id, job.lane, index);
  const auto ids = KindOf(job.work).task_ids;
  return ids.empty() ? name : base::Cat(name, ".", ids[static_cast<size_t>(task)]);
}

namespace {

std::optional<base::Duration> ExpectedOf(const EmptyWork&) {
  return base::Duration(0);
}

std::optional<base::Duration> ExpectedOf(const EmrWork& work) {
  if (work.expected_durations.empty())
    return std::nullopt;
  base::Duration sum(0);
  for (const std::optional<base::Duration>& step : work.expected_durations) {
    if (!step)
      return std::nullopt;
    sum += *step;
  }
  return sum;
}

std::optional<base::Duration> ExpectedOf(const TriggerWork& work) {
  return work.waits ? std::nullopt : std::optional(base::Duration(0));
}

std::optional<base::Duration> ExpectedOf(const CommandWork&) {
  return std::nullopt;
}

}  // namespace

bool IsInstant(const Work& work) {
  return ExpectedDuration(work) == base::Duration(0);
}

std::optional<base::Duration> ExpectedDuration(const Work& work) {
  return std::visit([](const auto& each) { return ExpectedOf(each); }, work);
}

std::string_view ToString(DeadlineFrom from) {
  switch (from) {
    case DeadlineFrom::kDataIntervalEnd:
      return "data_interval_end";
    case DeadlineFrom::kLogicalDate:
      return "logical_date";
    case DeadlineFrom::kQueuedAt:
      return "queued_at";
  }
  return "?";
}

std::optional<DeadlineFrom> ParseDeadlineFrom(std::string_view text) {
  using enum DeadlineFrom;
  for (DeadlineFrom from : {kDataIntervalEnd, kLogicalDate, kQueuedAt}) {
    if (ToString(from) == text)
      return from;
  }
  return std::nullopt;
}

std::string_view ToString(Window window) {
  switch (window) {
    case Window::kLatestDue:
      return "latest_due";
    case Window::kSameInterval:
      return "same_interval";
    case Window::kCovers:
      return "covers";
    case Window::kWithin:
      return "within";
  }
  return "?";
}

std::optional<Window> ParseWindow(std::string_view text) {
  for (Window window :
       {Window::kLatestDue, Window::kSameInterval, Window::kCovers, Window::kWithin}) {
    if (ToString(window) == text)
      return window;
  }
  return std::nullopt;
}

namespace {

// Members that came after the first release are written only where they differ from the default, so
// that a DAG which does not use them keeps the version that it had.
void PutRetryPolicy(json::object& out, const Job& job) {
  static const Job kDefault;
  if (job.retry_exponential_backoff)
    out["retry_exponential_backoff"] = true;
  if (job.max_retry_delay != kDefault.max_retry_delay)
    out["max_retry_delay_us"] = job.max_retry_delay.count();
  if (job.retry_on != kDefault.retry_on) {
    json::array& retry_on = out["retry_on"].emplace_array();
    for (VerdictClass verdict : job.retry_on)
      retry_on.emplace_back(ToString(verdict));
  }
}

void TakeRetryPolicy(const json::object& in, Job& job) {
  job.retry_exponential_backoff = base::GetBool(in, "retry_exponential_backoff");
  job.max_retry_delay =
      base::Duration(base::GetInt(in, "max_retry_delay_us", job.max_retry_delay.count()));
  if (base::Find(in, "retry_on") != nullptr) {
    job.retry_on.clear();
    for (const json::value& verdict : base::GetArray(in, "retry_on"))
      if (auto parsed = ParseVerdictClass(std::string_view(verdict.as_string())))
        job.retry_on.push_back(*parsed);
  }
}

constexpr std::array kRoles{std::pair(Role::kWork, std::string_view("work")),
                            std::pair(Role::kSetup, std::string_view("setup")),
                            std::pair(Role::kTeardown, std::string_view("teardown"))};

void PutReadiness(json::object& out, const Job& job) {
  if (job.trigger_rule != TriggerRule::kAllSuccess)
    out["trigger_rule"] = ToString(job.trigger_rule);
  if (!job.when.empty())
    out["when"] = job.when;
  if (job.map_over) {
    json::object& put = out["map_over"].emplace_object();
    if (!job.map_over->lengths.is_null())
      put["lengths"] = job.map_over->lengths;
    else if (job.map_over->expression.empty())
      put["items"] = job.map_over->items;
    else
      put["expression"] = job.map_over->expression;
    if (!job.map_over->index_template.empty())
      put["index_template"] = job.map_over->index_template;
  }
  if (job.role != Role::kWork)
    out["role"] = kRoles[static_cast<size_t>(job.role)].second;
  if (!job.setups.empty())
    out["setups"] = json::value_from(job.setups);
  if (job.on_failure_fail_dagrun)
    out["on_failure_fail_dagrun"] = true;
  if (!job.group.empty())
    out["group"] = job.group;
  if (!job.doc_md.empty())
    out["doc_md"] = job.doc_md;
  if (job.execution_timeout)
    out["execution_timeout_us"] = job.execution_timeout->count();
  if (job.depends_on_past)
    out["depends_on_past"] = true;
  if (job.wait_for_downstream)
    out["wait_for_downstream"] = true;
  if (job.hold_on_configuration_failure)
    out["hold_on_configuration_failure"] = true;
}

void TakeReadiness(const json::object& in, Job& job) {
  const std::string rule = base::GetString(in, "trigger_rule", "all_success");
  const auto parsed = ParseTriggerRule(rule);
  if (!parsed)
    throw std::runtime_error(
        base::Cat("'", rule, "' is no trigger rule that this version of Signalbox knows"));
  job.trigger_rule = *parsed;
  job.when = base::GetString(in, "when");
  if (const json::value* map_over = base::Find(in, "map_over")) {
    job.map_over = {.items = base::GetArray(map_over->as_object(), "items"),
                    .expression = base::GetString(map_over->as_object(), "expression"),
                    .index_template = base::GetString(map_over->as_object(), "index_template")};
    if (const json::value* lengths = base::Find(map_over->as_object(), "lengths"))
      job.map_over->lengths = *lengths;
  }
  const std::string role = base::GetString(in, "role", "work");
  const auto known = std::ranges::find(kRoles, role, [](const auto& each) { return each.second; });
  if (known == kRoles.end())
    throw std::runtime_error(
        base::Cat("'", role, "' is no role of a job that this version of Signalbox knows"));
  job.role = known->first;
  for (const json::value& index : base::GetArray(in, "setups"))
    job.setups.push_back(static_cast<int>(index.as_int64()));
  job.on_failure_fail_dagrun = base::GetBool(in, "on_failure_fail_dagrun");
  job.group = base::GetString(in, "group");
  job.doc_md = base::GetString(in, "doc_md");
  if (base::Find(in, "execution_timeout_us") != nullptr)
    job.execution_timeout = base::Duration(base::GetInt(in, "execution_timeout_us"));
  job.depends_on_past = base::GetBool(in, "depends_on_past");
  job.wait_for_downstream = base::GetBool(in, "wait_for_downstream");
  job.hold_on_configuration_failure = base::GetBool(in, "hold_on_configuration_failure");
}

void PutDeadline(json::object& out, const std::optional<Deadline>& deadline) {
  if (!deadline)
    return;
  json::object& put = out["deadline"].emplace_object();
  if (!deadline->by.empty()) {
    put["by"] = deadline->by;
    return;
  }
  put["from"] = ToString(deadline->from);
  put["within_us"] = deadline->within.count();
}

std::optional<Deadline> TakeDeadline(const json::object& in) {
  if (base::Find(in, "deadline") == nullptr)
    return std::nullopt;
  const json::object put = base::GetObject(in, "deadline");
  Deadline deadline;
  deadline.by = base::GetString(put, "by");
  if (!deadline.by.empty())
    return deadline;
  const auto from = ParseDeadlineFrom(base::GetString(put, "from"));
  if (!from)
    throw std::runtime_error("a deadline counts from what this version of Signalbox does not know");
  deadline.from = *from;
  deadline.within = base::Duration(base::GetInt(put, "within_us"));
  return deadline;
}

// Every kind writes `request`: versions of before there were kinds have it.
void PutWork(json::object& out, const EmptyWork&) {
  out["request"] = json::object();
}

void PutWork(json::object& out, const EmrWork& work) {
  static const EmrWork kDefault;
  out["request"] = work.request;
  for (const RetryPatch& patch : work.on_retry) {
    json::value& all = out["on_retry"];
    json::array& list = all.is_array() ? all.get_array() : all.emplace_array();
    list.push_back({{"from_try", patch.from_try}, {"overrides", patch.overrides}});
  }
  if (!work.outputs.empty())
    out["outputs"] = work.outputs;
  if (work.resume == Resume::kFailedStep)
    out["resume"] = "failed_step";
  if (work.launch_timeout != kDefault.launch_timeout)
    out["launch_timeout_us"] = work.launch_timeout.count();
  if (work.max_run_time)
    out["max_run_time_us"] = work.max_run_time->count();
  bool any = std::any_of(work.expected_durations.begin(),
                         work.expected_durations.end(),
                         [](const auto& duration) { return duration.has_value(); });
  if (any) {
    json::array& expected = out["expected_durations_us"].emplace_array();
    for (const auto& duration : work.expected_durations)
      expected.push_back(duration ? json::value(duration->count()) : json::value(nullptr));
  }
}

json::array StatesToJson(const std::vector<RunState>& states) {
  json::array out;
  for (const RunState state : states)
    out.emplace_back(ToString(state));
  return out;
}

void PutWork(json::object& out, const TriggerWork& work) {
  out["request"] = json::object();
  json::object& put = out["trigger"].emplace_object();
  put["dag"] = work.dag;
  if (!work.run_id.empty())
    put["run_id"] = work.run_id;
  if (!work.logical_date.empty())
    put["logical_date"] = work.logical_date;
  if (!work.conf.empty())
    put["conf"] = work.conf;
  for (const auto& [key, is_set] : {std::pair("resets", work.resets),
                                    std::pair("skips", work.skips),
                                    std::pair("fails_if_paused", work.fails_if_paused),
                                    std::pair("waits", work.waits)}) {
    if (is_set)
      put[key] = true;
  }
  if (!work.waits)
    return;
  put["allowed"] = StatesToJson(work.allowed);
  put["failed"] = StatesToJson(work.failed);
}

constexpr std::array kOutputsFrom{std::pair(OutputsFrom::kNothing, std::string_view("")),
                                  std::pair(OutputsFrom::kLastLine, std::string_view("last_line")),
                                  std::pair(OutputsFrom::kFile, std::string_view("file")),
                                  std::pair(OutputsFrom::kTold, std::string_view("told"))};

void PutProcessLimits(json::object& out, const ProcessLimits& limits) {
  for (const auto& [key, limit] : {std::pair("memory", limits.memory),
                                   std::pair("file_size", limits.file_size),
                                   std::pair("open_files", limits.open_files)}) {
    if (limit)
      out[key] = *limit;
  }
  if (limits.cpu_time)
    out["cpu_time_us"] = limits.cpu_time->count();
}

void PutAirflow(json::object& out, const AirflowTask& task) {
  out["file"] = task.file;
  out["task_id"] = task.task_id;
  out["operator"] = task.operator_class;
  out["version"] = task.version;
}

void PutWork(json::object& out, const CommandWork& work) {
  out["request"] = json::object();
  json::object& put = out["command"].emplace_object();
  if (work.airflow)
    PutAirflow(put["airflow"].emplace_object(), *work.airflow);
  put["argv"] = json::value_from(work.argv);
  for (const auto& [name, value] : work.env) {
    json::value& env = put["env"];
    (env.is_object() ? env.get_object() : env.emplace_object())[name] = value;
  }
  for (const auto& [key, text] : {std::pair("cwd", &work.cwd), std::pair("stdin", &work.input)}) {
    if (!text->empty())
      put[key] = *text;
  }
  put["skips_on"] = json::value_from(work.skips_on);
  if (work.outputs != OutputsFrom::kNothing)
    put["outputs"] = kOutputsFrom[static_cast<size_t>(work.outputs)].second;
  if (work.limits != ProcessLimits())
    PutProcessLimits(put["limits"].emplace_object(), work.limits);
}

void TakeWork(const json::object&, EmptyWork&) {}

std::optional<int64_t> TakeLimit(const json::object& in, std::string_view key) {
  return base::Find(in, key) == nullptr ? std::nullopt : std::optional(base::GetInt(in, key));
}

void TakeWork(const json::object& in, CommandWork& work) {
  const json::object put = base::GetObject(in, "command");
  if (const json::value* task = base::Find(put, "airflow")) {
    const json::object& airflow = task->as_object();
    work.airflow = AirflowTask{.file = base::GetString(airflow, "file"),
                               .task_id = base::GetString(airflow, "task_id"),
                               .operator_class = base::GetString(airflow, "operator"),
                               .version = static_cast<int>(base::GetInt(airflow, "version"))};
  }
  for (const json::value& word : base::GetArray(put, "argv"))
    work.argv.emplace_back(std::string_view(word.as_string()));
  for (const auto& member : base::GetObject(put, "env"))
    work.env.emplace_back(member.key(), std::string_view(member.value().as_string()));
  work.cwd = base::GetString(put, "cwd");
  work.input = base::GetString(put, "stdin");
  work.skips_on.clear();
  for (const json::value& code : base::GetArray(put, "skips_on"))
    work.skips_on.push_back(static_cast<int>(code.as_int64()));
  const std::string outputs = base::GetString(put, "outputs");
  const auto known =
      std::ranges::find(kOutputsFrom, outputs, [](const auto& each) { return each.second; });
  if (known == kOutputsFrom.end())
    throw std::runtime_error(
        base::Cat("'", outputs, "' is no place of outputs that this version of Signalbox knows"));
  work.outputs = known->first;
  const json::object limits = base::GetObject(put, "limits");
  work.limits.memory = TakeLimit(limits, "memory");
  work.limits.file_size = TakeLimit(limits, "file_size");
  work.limits.open_files = TakeLimit(limits, "open_files");
  if (const auto cpu_time = TakeLimit(limits, "cpu_time_us"))
    work.limits.cpu_time = base::Duration(*cpu_time);
}

std::vector<RunState> StatesFromJson(const json::object& in, std::string_view key) {
  std::vector<RunState> states;
  for (const json::value& text : base::GetArray(in, key)) {
    const auto state = ParseRunState(std::string_view(text.as_string()));
    if (!state)
      throw std::runtime_error("a job waits for an end that this version of Signalbox has not");
    states.push_back(*state);
  }
  return states;
}

void TakeWork(const json::object& in, TriggerWork& work) {
  const json::object put = base::GetObject(in, "trigger");
  work.dag = base::GetString(put, "dag");
  work.run_id = base::GetString(put, "run_id");
  work.logical_date = base::GetString(put, "logical_date");
  work.conf = base::GetObject(put, "conf");
  work.resets = base::GetBool(put, "resets");
  work.skips = base::GetBool(put, "skips");
  work.fails_if_paused = base::GetBool(put, "fails_if_paused");
  work.waits = base::GetBool(put, "waits");
  if (!work.waits)
    return;
  work.allowed = StatesFromJson(put, "allowed");
  work.failed = StatesFromJson(put, "failed");
}

void TakeWork(const json::object& in, EmrWork& work) {
  work.request = base::GetObject(in, "request");
  work.outputs = base::GetString(in, "outputs");
  for (const json::value& item : base::GetArray(in, "on_retry"))
    work.on_retry.push_back({static_cast<int>(base::GetInt(item.as_object(), "from_try")),
                             base::GetObject(item.as_object(), "overrides")});
  if (base::GetString(in, "resume") == "failed_step")
    work.resume = Resume::kFailedStep;
  work.launch_timeout =
      base::Duration(base::GetInt(in, "launch_timeout_us", work.launch_timeout.count()));
  if (base::Find(in, "max_run_time_us") != nullptr)
    work.max_run_time = base::Duration(base::GetInt(in, "max_run_time_us"));
  for (const json::value& item : base::GetArray(in, "expected_durations_us"))
    work.expected_durations.push_back(
        item.is_int64() ? std::optional(base::Duration(item.as_int64())) : std::nullopt);
}

// Work of the kind with that name; an error where this program knows no such kind.
template <size_t kIndex = 0>
Work WorkFromJson(std::string_view kind, const json::object& in) {
  if constexpr (kIndex < std::variant_size_v<Work>) {
    if (kind != kKinds[kIndex].name)
      return WorkFromJson<kIndex + 1>(kind, in);
    Work work(std::in_place_index<kIndex>);
    TakeWork(in, std::get<kIndex>(work));
    return work;
  } else {
    throw std::runtime_error(
        base::Cat("'", kind, "' is no kind of work that this version of Signalbox knows"));
  }
}

json::object EdgeToJson(const CrossDependency& edge) {
  json::object out{
      {"dag", edge.dag.str()}, {"job", edge.job.str()}, {"window", ToString(edge.window)}};
  if (edge.missing == Missing::kSkip)
    out["missing"] = "skip";
  if (edge.lane)
    out["lane"] = edge.lane->str();
  if (edge.rule != TriggerRule::kAllSuccess)
    out["rule"] = ToString(edge.rule);
  if (edge.ends_job)
    out["ends_job"] = true;
  if (edge.all_lanes)
    out["all_lanes"] = true;
  if (edge.within != base::Duration(0))
    out["within_us"] = edge.within.count();
  if (edge.offset != base::Duration(0))
    out["offset_us"] = edge.offset.count();
  if (edge.intervals_back != 0)
    out["intervals_back"] = edge.intervals_back;
  return out;
}

CrossDependency EdgeFromJson(const json::object& in) {
  CrossDependency edge{.dag = DagId(base::GetString(in, "dag")),
                       .job = JobId(base::GetString(in, "job")),
                       .lane = std::nullopt};
  const std::string window = base::GetString(in, "window");
  const std::string rule = base::GetString(in, "rule", "all_success");
  const auto known_window = ParseWindow(window);
  const auto known_rule = ParseTriggerRule(rule);
  if (!known_window || !known_rule)
    throw std::runtime_error(base::Cat("'",
                                       known_window ? rule : window,
                                       "' is no window or rule of a dependency that this version "
                                       "of Signalbox knows"));
  edge.window = *known_window;
  edge.rule = *known_rule;
  if (base::GetString(in, "missing") == "skip")
    edge.missing = Missing::kSkip;
  if (in.contains("lane"))
    edge.lane = LaneId(base::GetString(in, "lane"));
  edge.ends_job = base::GetBool(in, "ends_job");
  edge.all_lanes = base::GetBool(in, "all_lanes");
  edge.within = base::Duration(base::GetInt(in, "within_us"));
  edge.offset = base::Duration(base::GetInt(in, "offset_us"));
  edge.intervals_back = static_cast<int>(base::GetInt(in, "intervals_back"));
  return edge;
}

void PutAssets(json::object& out, const Job& job) {
  if (!job.outlets.empty()) {
    json::array& outlets = out["outlets"].emplace_array();
    for (const Outlet& outlet : job.outlets)
      outlets.push_back(json::object{{"asset", outlet.asset}, {"extra", outlet.extra}});
  }
  if (!job.inlets.empty())
    out["inlets"] = json::value_from(job.inlets);
}

void TakeAssets(const json::object& in, Job& job) {
  for (const json::value& outlet : base::GetArray(in, "outlets"))
    job.outlets.push_back({base::GetString(outlet.as_object(), "asset"),
                           base::GetObject(outlet.as_object(), "extra")});
  for (const json::value& inlet : base::GetArray(in, "inlets"))
    job.inlets.emplace_back(inlet.as_string().c_str());
}

void PutFormerNames(json::object& out, const Job& job) {
  if (job.formerly.empty())
    return;
  json::array& names = out["formerly"].emplace_array();
  for (const JobName& name : job.formerly)
    names.push_back(json::object{{"id", name.job.str()}, {"lane", name.lane.str()}});
}

void TakeFormerNames(const json::object& in, Job& job) {
  for (const json::value& name : base::GetArray(in, "formerly"))
    job.formerly.push_back({JobId(base::GetString(name.as_object(), "id")),
                            LaneId(base::GetString(name.as_object(), "lane"))});
}

json::object JobToJson(const Job& job) {
  json::object out;
  out["id"] = job.id.str();
  out["lane"] = job.lane.str();
  PutFormerNames(out, job);
  out["type"] = KindOf(job.work).name;
  std::visit([&](const auto& work) { PutWork(out, work); }, job.work);
  out["lane_params"] = job.lane_params;
  out["upstream"] = json::value_from(job.upstream);
  json::array cross;
  for (const CrossDependency& edge : job.cross)
    cross.push_back(EdgeToJson(edge));
  out["cross"] = std::move(cross);
  out["retries"] = job.retries;
  out["infra_retries"] = job.infra_retries;
  out["retry_delay_us"] = job.retry_delay.count();
  out["infra_retry_delay_us"] = job.infra_retry_delay.count();
  PutRetryPolicy(out, job);
  PutReadiness(out, job);
  PutCapacity(out, job.capacity);
  PutDeadline(out, job.deadline);
  PutAssets(out, job);
  out["pool"] = job.pool.str();
  return out;
}

Job JobFromJson(const json::object& in) {
  Job job;
  job.id = JobId(base::GetString(in, "id"));
  job.lane = LaneId(base::GetString(in, "lane"));
  TakeFormerNames(in, job);
  job.work = WorkFromJson(base::GetString(in, "type"), in);
  job.lane_params = base::GetObject(in, "lane_params");
  for (const json::value& index : base::GetArray(in, "upstream"))
    job.upstream.push_back(static_cast<int>(index.as_int64()));
  for (const json::value& item : base::GetArray(in, "cross"))
    job.cross.push_back(EdgeFromJson(item.as_object()));
  job.retries = static_cast<int>(base::GetInt(in, "retries"));
  job.infra_retries = static_cast<int>(base::GetInt(in, "infra_retries"));
  job.retry_delay = base::Duration(base::GetInt(in, "retry_delay_us"));
  job.infra_retry_delay = base::Duration(base::GetInt(in, "infra_retry_delay_us"));
  TakeRetryPolicy(in, job);
  TakeReadiness(in, job);
  job.capacity = TakeCapacity(in);
  job.deadline = TakeDeadline(in);
  TakeAssets(in, job);
  job.pool = PoolId(base::GetString(in, "pool"));
  return job;
}

void PutTime(json::object& out, json::string_view name, const std::optional<base::Time>& time) {
  if (time)
    out[name] = base::ToMicros(*time);
}

std::optional<base::Time> TakeTime(const json::object& in, std::string_view name) {
  if (base::Find(in, name) == nullptr)
    return std::nullopt;
  return base::FromMicros(base::GetInt(in, name));
}

}  // namespace

namespace {

// The keys of retries are absent without them, so that older versions stay what they are.
json::object GroupToJson(const Group& group) {
  json::object out{{"path", group.path}, {"tooltip", group.tooltip}};
  if (group.retries == 0)
    return out;
  out["retries"] = group.retries;
  out["retry_delay_us"] = group.retry_delay.count();
  if (group.retry_exponential_backoff) {
    out["retry_exponential_backoff"] = true;
    out["max_retry_delay_us"] = group.max_retry_delay.count();
  }
  return out;
}

Group GroupFromJson(const json::object& in) {
  Group group{.path = base::GetString(in, "path"), .tooltip = base::GetString(in, "tooltip")};
  group.retries = static_cast<int>(base::GetInt(in, "retries"));
  group.retry_delay = base::Duration(base::GetInt(in, "retry_delay_us", group.retry_delay.count()));
  group.retry_exponential_backoff = base::GetBool(in, "retry_exponential_backoff");
  group.max_retry_delay =
      base::Duration(base::GetInt(in, "max_retry_delay_us", group.max_retry_delay.count()));
  return group;
}

}  // namespace

json::object DagToJson(const Dag& dag) {
  json::object out;
  out["dag_id"] = dag.id.str();
  if (!dag.formerly.empty()) {
    json::array& names = out["formerly"].emplace_array();
    for (const DagId& name : dag.formerly)
      names.push_back(json::value(name.str()));
  }
  out["description"] = dag.description;
  out["tags"] = json::value_from(dag.tags);
  out["owner"] = dag.owner;
  out["cron"] = dag.schedule.cron;
  out["timetable"] =
      dag.schedule.timetable == Timetable::kDataInterval ? "data_interval" : "trigger";
  out["timezone"] = dag.timezone;
  PutTime(out, "start_date_us", dag.start_date);
  PutTime(out, "end_date_us", dag.end_date);
  out["catchup"] = dag.catchup;
  if (dag.catchup_max)
    out["catchup_max"] = *dag.catchup_max;
  out["max_active_runs"] = dag.max_active_runs;
  if (dag.max_active_tasks)
    out["max_active_tasks"] = *dag.max_active_tasks;
  if (dag.max_consecutive_failed_dag_runs)
    out["max_consecutive_failed_dag_runs"] = *dag.max_consecutive_failed_dag_runs;
  PutLimits(out, dag.limits);
  PutSpendCap(out, dag.spend_cap);
  if (dag.start_jitter > base::Duration(0))
    out["start_jitter_us"] = dag.start_jitter.count();
  out["is_paused_upon_creation"] = dag.is_paused_upon_creation;
  out["params"] = dag.params;
  if (!dag.param_schemas.empty())
    out["param_schemas"] = dag.param_schemas;
  if (dag.params_open)  // absent otherwise, so that versions of before this key stay what they are
    out["params_open"] = true;
  if (!dag.doc_md.empty())
    out["doc_md"] = dag.doc_md;
  PutDeadline(out, dag.deadline);
  if (dag.assets)
    out["assets"] = ToJson(*dag.assets);
  for (const Group& group : dag.groups) {
    json::value& all = out["groups"];
    json::array& list = all.is_array() ? all.get_array() : all.emplace_array();
    list.push_back(GroupToJson(group));
  }
  for (const Lane& lane : dag.lanes) {
    json::value& all = out["lanes"];
    json::array& list = all.is_array() ? all.get_array() : all.emplace_array();
    list.push_back({{"id", lane.id.str()}, {"params", lane.params}});
  }
  json::array jobs;
  for (const Job& job : dag.jobs)
    jobs.push_back(JobToJson(job));
  out["jobs"] = std::move(jobs);
  return out;
}

base::Result<std::shared_ptr<const Dag>> DagFromJson(const json::object& in) {
  auto dag = std::make_shared<Dag>();
  try {
    dag->id = DagId(base::GetString(in, "dag_id"));
    for (const json::value& name : base::GetArray(in, "formerly"))
      dag->formerly.emplace_back(name.as_string().c_str());
    dag->description = base::GetString(in, "description");
    for (const json::value& tag : base::GetArray(in, "tags"))
      dag->tags.emplace_back(tag.as_string().c_str());
    dag->owner = base::GetString(in, "owner");
    dag->schedule.cron = base::GetString(in, "cron");
    dag->schedule.timetable = base::GetString(in, "timetable") == "data_interval"
                                  ? Timetable::kDataInterval
                                  : Timetable::kTrigger;
    dag->timezone = base::GetString(in, "timezone", "UTC");
    dag->start_date = TakeTime(in, "start_date_us");
    dag->end_date = TakeTime(in, "end_date_us");
    dag->catchup = base::GetBool(in, "catchup");
    if (base::Find(in, "catchup_max") != nullptr)
      dag->catchup_max = static_cast<int>(base::GetInt(in, "catchup_max"));
    dag->max_active_runs = static_cast<int>(base::GetInt(in, "max_active_runs", 16));
    if (base::Find(in, "max_active_tasks") != nullptr)
      dag->max_active_tasks = static_cast<int>(base::GetInt(in, "max_active_tasks"));
    if (base::Find(in, "max_consecutive_failed_dag_runs") != nullptr)
      dag->max_consecutive_failed_dag_runs =
          static_cast<int>(base::GetInt(in, "max_consecutive_failed_dag_runs"));
    dag->limits = TakeLimits(in);
    dag->spend_cap = TakeSpendCap(in);
    dag->start_jitter = base::Duration(base::GetInt(in, "start_jitter_us"));
    dag->is_paused_upon_creation = base::GetBool(in, "is_paused_upon_creation", true);
    dag->params = base::GetObject(in, "params");
    dag->param_schemas = base::GetObject(in, "param_schemas");
    dag->params_open = base::GetBool(in, "params_open");
    dag->doc_md = base::GetString(in, "doc_md");
    dag->deadline = TakeDeadline(in);
    if (const json::value* assets = base::Find(in, "assets"))
      dag->assets = AssetConditionFrom(*assets);
    for (const json::value& group : base::GetArray(in, "groups"))
      dag->groups.push_back(GroupFromJson(group.as_object()));
    for (const json::value& lane : base::GetArray(in, "lanes"))
      dag->lanes.push_back({LaneId(base::GetString(lane.as_object(), "id")),
                            base::GetObject(lane.as_object(), "params")});
    for (const json::value& job : base::GetArray(in, "jobs"))
      dag->jobs.push_back(JobFromJson(job.as_object()));
  } catch (const std::exception& e) {
    return base::Fail(base::ErrorCode::kCorrupt,
                      base::Cat("a stored DAG version cannot be read: ", e.what()));
  }
  if (dag->id.empty())
    return base::Fail(base::ErrorCode::kCorrupt, "a stored DAG version has no dag_id");
  const auto dangles = [&](int index) {
    return index < 0 || static_cast<size_t>(index) >= dag->jobs.size();
  };
  for (const Job& job : dag->jobs) {
    if (std::any_of(job.upstream.begin(), job.upstream.end(), dangles) ||
        std::any_of(job.setups.begin(), job.setups.end(), dangles))
      return base::Fail(base::ErrorCode::kCorrupt, "a stored DAG version has a dangling edge");
  }
  dag->version = ComputeVersion(*dag);
  return std::shared_ptr<const Dag>(std::move(dag));
}

base::Result<std::shared_ptr<const Dag>> DagOf(const DagVersionRow& row) {
  ASSIGN_OR_RETURN(const json::value parsed, base::ParseJson(row.resolved, "a stored DAG version"));
  if (!parsed.is_object())
    return base::Fail(base::ErrorCode::kCorrupt, "a stored DAG version is no object");
  ASSIGN_OR_RETURN(std::shared_ptr<const Dag> dag, DagFromJson(parsed.get_object()));
  if (dag->id == row.dag)
    return dag;
  auto renamed = std::make_shared<Dag>(*dag);
  renamed->id = row.dag;
  return std::shared_ptr<const Dag>(std::move(renamed));
}

VersionId ComputeVersion(const Dag& dag) {
  return VersionId(base::Sha256Hex(base::Canonical(DagToJson(dag))));
}

}  // namespace model
