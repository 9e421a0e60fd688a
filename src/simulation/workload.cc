#include "simulation/workload.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "model/dag_json.h"
#include "simulation/dice.h"

namespace simulation {

std::string_view ToString(ProcessSort sort) {
  switch (sort) {
    case ProcessSort::kGood:
      return "good";
    case ProcessSort::kFailsFirst:
      return "fails_first";
    case ProcessSort::kDiesFirst:
      return "dies_first";
    case ProcessSort::kSkips:
      return "skips";
    case ProcessSort::kDeaf:
      return "deaf";
    case ProcessSort::kRefused:
      return "refused";
    case ProcessSort::kGivesUp:
      return "gives_up";
    case ProcessSort::kSilentFirst:
      return "silent_first";
    case ProcessSort::kDiesThenFails:
      return "dies_then_fails";
    case ProcessSort::kTellsAndDies:
      return "tells_and_dies";
  }
  return "";
}

namespace {

constexpr int kPeriods[] = {20, 30, 60, 60, 120, 0};
constexpr char kLong[] = "long";

constexpr std::string_view kMasterType = "m5.xlarge";

json::object Fleet(std::string_view role,
                   int on_demand,
                   int spot,
                   std::string_view type = kMasterType) {
  json::object fleet{{"InstanceFleetType", role},
                     {"InstanceTypeConfigs", json::array{json::object{{"InstanceType", type}}}}};
  if (on_demand > 0)
    fleet["TargetOnDemandCapacity"] = on_demand;
  if (spot > 0)
    fleet["TargetSpotCapacity"] = spot;
  return fleet;
}

json::object Group(std::string_view role, int count, std::string_view type = kMasterType) {
  return {{"InstanceRole", role}, {"InstanceType", type}, {"InstanceCount", count}};
}

// One object for each attempt; for all of a job's where they are to be mixed up, or where an
// attempt takes over what an earlier one has done.
std::string OutputsUri(const JobSpec& job) {
  const bool has_try = job.outputs != OutputsSort::kOldLater && !job.resumes;
  return base::Cat("s3://",
                   kOutputsBucket,
                   "/{{ run_id }}/{{ job_id }}-{{ lane.id }}",
                   has_try ? "-{{ try_number }}" : "",
                   ".json");
}

// The arguments with which a step writes its job's outputs (emulator/objects.h).
void AddWriting(const JobSpec& job, json::array& args) {
  if (job.outputs == OutputsSort::kNone)
    return;
  constexpr const char* kGood = R"({"n":"{{ run_id }}/{{ try_number }}"})";
  std::string uri = OutputsUri(job);
  std::string text = kGood;
  switch (job.outputs) {
    case OutputsSort::kNone:
    case OutputsSort::kGood:
      break;
    case OutputsSort::kBrokenFirst:
      text = base::Cat("{{ '{' if try_number == 1 else '' }}", kGood);
      break;
    case OutputsSort::kListFirst:
      text = base::Cat(
          "{{ '[' if try_number == 1 else '' }}", kGood, "{{ ']' if try_number == 1 else '' }}");
      break;
    case OutputsSort::kMissingFirst:
      uri += "{{ '.part' if try_number == 1 else '' }}";
      break;
    case OutputsSort::kOldLater:
      uri += "{{ '.part' if try_number > 1 else '' }}";
      break;
  }
  args.emplace_back("--write-outputs");
  args.emplace_back(uri);
  args.emplace_back(text);
}

// What it is given of an earlier job's: "--in=j0:<run>/<try>".
void AddReading(const DagSpec& dag, const JobSpec& job, json::array& args) {
  if (job.reads < 0)
    return;
  const std::string& up = dag.jobs[static_cast<size_t>(job.reads)].id;
  args.emplace_back(base::Cat(
      "--in=", up, ":{{ outputs.", up, ".n if outputs.", up, " is defined else 'none' }}"));
}

std::string EventsArgument(const DagSpec& dag) {
  std::string text(kEventsArgument);
  std::vector<std::string> names;
  for (const std::string& any : dag.assets) {
    for (const std::string& name : base::Split(any, '|')) {
      if (std::ranges::find(names, name) != names.end())
        continue;
      names.push_back(name);
      const std::string events = base::Cat("triggering_asset_events.", name);
      for (const char* place : {"[0]", "[-1]"})
        text += base::Cat(
            "{{ ", events, place, ".timestamp if ", events, " is defined else 'none' }};");
    }
  }
  return text;
}

json::array ArgumentsOf(const DagSpec& dag, const JobSpec& job) {
  json::array args{"spark-submit", "--date", "{{ ds }}"};
  AddWriting(job, args);
  AddReading(dag, job, args);
  if (job.items >= 0)
    args.emplace_back("--item={{ item }}");
  if (!dag.assets.empty())
    args.emplace_back(EventsArgument(dag));
  args.emplace_back(EditionArgument(dag.edition));
  return args;
}

json::object RequestOf(const DagSpec& dag, const JobSpec& job) {
  json::object instances;
  if (job.has_groups)
    instances["InstanceGroups"] = json::array{Group("MASTER", 1), Group("CORE", 3, job.core_type)};
  else
    instances["InstanceFleets"] =
        json::array{Fleet("MASTER", 1, 0), Fleet("CORE", 0, 4, job.core_type)};
  json::array steps;
  for (int i = 0; i < job.steps; ++i)
    steps.push_back(json::object{
        {"Name", base::Cat(job.is_long ? kLong : "work", i)},
        {"ActionOnFailure", job.goes_on ? "CONTINUE" : "TERMINATE_CLUSTER"},
        {"HadoopJarStep",
         json::object{{"Jar", "command-runner.jar"}, {"Args", ArgumentsOf(dag, job)}}}});
  return {{"ReleaseLabel", "emr-7.8.0"},
          {"ServiceRole", "r"},
          {"JobFlowRole", "p"},
          {"Instances", std::move(instances)},
          {"Steps", std::move(steps)}};
}

// Its numbers tell its items apart from those of other jobs. One list stands in the file, two in an
// expression.
std::string ListText(const JobSpec& spec, int count) {
  const auto job = static_cast<int>(spec.id.back()) * 100;
  std::vector<std::string> items;
  for (int i = 0; i < count; ++i)
    items.push_back(base::Cat(job + i));
  return base::Cat("[", base::Join(items, ", "), "]");
}

std::optional<model::MapOver> MapOverOf(const JobSpec& spec) {
  if (spec.items < 0)
    return std::nullopt;
  model::MapOver over;
  if (spec.items_again < 0)
    over.items = base::ParseJson(ListText(spec, spec.items))->get_array();
  else
    over.expression = base::Cat(ListText(spec, spec.items),
                                " if try_number % 2 == 1 else ",
                                ListText(spec, spec.items_again));
  return over;
}

std::vector<std::string> LanesOf(const JobSpec& job) {
  std::vector<std::string> lanes;
  for (int lane = 1; lane <= job.lanes; ++lane)
    lanes.push_back(base::Cat(lane));
  if (lanes.empty())
    lanes.emplace_back("");
  return lanes;
}

model::EmrWork BuildWork(const DagSpec& dag, const JobSpec& spec) {
  model::EmrWork work;
  work.request = RequestOf(dag, spec);
  work.expected_durations.resize(static_cast<size_t>(spec.steps));
  work.resume = spec.resumes ? model::Resume::kFailedStep : model::Resume::kNone;
  work.max_run_time = spec.max_run_time;
  work.launch_timeout = spec.launch_timeout;
  if (spec.outputs != OutputsSort::kNone)
    work.outputs = OutputsUri(spec);
  if (spec.has_patch && !spec.has_groups)
    work.on_retry = {{2,
                      {{"Instances",
                        json::object{{"InstanceFleets",
                                      json::array{Fleet("MASTER", 1, 0), Fleet("CORE", 4, 0)}}}}}}};
  return work;
}

model::TriggerWork BuildTrigger(const Workload& workload, const JobSpec::Trigger& spec) {
  model::TriggerWork work;
  work.dag = workload.dags[static_cast<size_t>(spec.dag)].id;
  work.conf[kTriggeredFrom] = "{{ run_id }}";
  if (spec.wants == WantedRun::kNamed)
    work.run_id = base::Cat(kSharedRun, "{{ ds }}");
  if (spec.wants == WantedRun::kDated)
    work.logical_date = "{{ ds }}";
  work.resets = spec.if_there == IfThere::kReset;
  work.skips = spec.if_there == IfThere::kSkip;
  work.fails_if_paused = spec.minds_pause;
  work.waits = spec.waits;
  if (spec.takes_any) {
    work.allowed.push_back(model::RunState::kFailed);
    work.failed.clear();
  }
  return work;
}

model::CommandWork BuildCommand(const JobSpec::Command& spec) {
  model::CommandWork work;
  if (spec.is_airflow) {
    work.airflow =
        model::AirflowTask{.file = "dag.py",
                           .task_id = base::Cat("work.", ToString(spec.sort), ".", spec.minutes),
                           .operator_class = "PythonOperator"};
    work.outputs = model::OutputsFrom::kTold;
    return work;
  }
  work.argv = {"work",
               std::string(ToString(spec.sort)),
               base::Cat(spec.minutes),
               "{{ try_number }}",
               "{{ run_id }}"};
  return work;
}

model::Job BuildJob(const Workload& workload, const DagSpec& dag, const JobSpec& spec) {
  model::Job job;
  job.id = model::JobId(spec.id);
  if (spec.trigger.dag >= 0)
    job.work = BuildTrigger(workload, spec.trigger);
  else if (spec.command.minutes > 0)
    job.work = BuildCommand(spec.command);
  else if (!spec.is_empty)
    job.work = BuildWork(dag, spec);
  job.retries = spec.retries;
  job.infra_retries = spec.infra_retries;
  job.retry_delay = job.infra_retry_delay = spec.retry_delay;
  job.retry_exponential_backoff = spec.backs_off;
  job.trigger_rule = spec.trigger_rule;
  job.when = spec.when;
  job.map_over = MapOverOf(spec);
  job.execution_timeout = spec.execution_timeout;
  job.depends_on_past = spec.depends_on_past;
  job.hold_on_configuration_failure = spec.holds_lanes;
  job.wait_for_downstream = spec.wait_for_downstream;
  if (spec.teardown_of >= 0) {
    job.role = model::Role::kTeardown;
    job.trigger_rule = model::TriggerRule::kAllDoneSetupSuccess;
    job.on_failure_fail_dagrun = spec.fails_run;
  }
  job.pool = model::PoolId(spec.pool);
  job.capacity = {.pool_slots = spec.pool_slots,
                  .priority_weight = spec.weight,
                  .weight_rule = spec.weight_rule};
  if (spec.max_tis_per_dag > 0)
    job.capacity.max_active_tis_per_dag = spec.max_tis_per_dag;
  for (const JobSpec::Cross& cross : spec.cross) {
    const DagSpec& other = workload.dags[static_cast<size_t>(cross.dag)];
    job.cross.push_back({model::DagId(other.id),
                         cross.is_whole_run
                             ? model::JobId()
                             : model::JobId(other.jobs[static_cast<size_t>(cross.job)].id),
                         std::nullopt,
                         cross.window,
                         cross.skips_holes ? model::Missing::kSkip : model::Missing::kWait});
    model::CrossDependency& edge = job.cross.back();
    edge.rule = cross.rule;
    edge.ends_job = cross.ends_job;
    edge.within = cross.within;
    edge.offset = cross.offset;
    edge.intervals_back = cross.intervals_back;
  }
  for (const std::string& asset : spec.outlets)
    job.outlets.push_back({asset, {}});
  job.group = spec.group;
  return job;
}

// Whether there is a way from one job down to the other.
bool LeadsTo(const model::Dag& dag, int from, int to) {
  return std::any_of(dag.jobs[static_cast<size_t>(to)].upstream.begin(),
                     dag.jobs[static_cast<size_t>(to)].upstream.end(),
                     [&](int up) { return up == from || LeadsTo(dag, from, up); });
}

// A setup is needed by what is below it and above one of its teardowns.
void MarkSetups(const DagSpec& spec, const std::vector<std::vector<int>>& places, model::Dag& dag) {
  std::map<int, std::vector<int>> teardowns;  // by setup
  for (size_t j = 0; j < spec.jobs.size(); ++j) {
    if (spec.jobs[j].teardown_of < 0)
      continue;
    for (int setup : places[static_cast<size_t>(spec.jobs[j].teardown_of)]) {
      dag.jobs[static_cast<size_t>(setup)].role = model::Role::kSetup;
      for (int teardown : places[j]) {
        const std::vector<int>& above = dag.jobs[static_cast<size_t>(teardown)].upstream;
        if (std::find(above.begin(), above.end(), setup) != above.end())
          teardowns[setup].push_back(teardown);
      }
    }
  }
  for (const auto& [setup, removed_by] : teardowns) {
    for (int job = 0; job < static_cast<int>(dag.jobs.size()); ++job) {
      const bool is_between =
          LeadsTo(dag, setup, job) &&
          std::any_of(removed_by.begin(), removed_by.end(), [&, job = job](int teardown) {
            return LeadsTo(dag, job, teardown);
          });
      if (is_between && dag.jobs[static_cast<size_t>(job)].role != model::Role::kTeardown)
        dag.jobs[static_cast<size_t>(job)].setups.push_back(setup);
    }
  }
}

JobSpec DrawJob(Dice& dice, int place, const std::vector<model::PoolRow>& pools) {
  JobSpec job;
  job.id = base::Cat("j", place);
  job.lanes = dice.Percent(40) ? static_cast<int>(dice.Between(2, 4)) : 0;
  for (int i = 0; i < place; ++i) {
    if (dice.Percent(i == place - 1 ? 70 : 20))
      job.upstream.push_back(i);
  }
  job.is_empty = dice.Percent(8);
  job.steps = dice.Percent(35) ? static_cast<int>(dice.Between(2, 3)) : 1;
  job.goes_on = dice.Percent(25);
  job.has_groups = dice.Percent(25);
  job.has_patch = dice.Percent(30);
  job.resumes = !job.goes_on && dice.Percent(30);
  job.is_long = dice.Percent(15);
  job.retries = static_cast<int>(dice.Between(0, 3));
  job.infra_retries = static_cast<int>(dice.Between(1, 4));
  job.retry_delay = dice.Between(base::minutes(1), base::minutes(12));
  job.backs_off = dice.Percent(25);
  if (dice.Percent(35))
    job.max_run_time = base::hours(dice.Between(3, 4));
  job.launch_timeout = base::minutes(dice.Between(25, 60));
  if (dice.Percent(50))
    job.pool = pools[dice.Throw() % pools.size()].id.str();
  return job;
}

// The numbers below `end` from `first` on, in steps.
std::vector<std::string> Numbers(int first, int end, int step) {
  std::vector<std::string> numbers;
  for (int number = first; number < end; number += step)
    numbers.push_back(base::Cat(number));
  return numbers;
}

std::string CronText(const DagSpec& spec) {
  if (spec.every_minutes > 60)
    return base::Cat(spec.minute, " */", spec.every_minutes / 60, " * * *");
  if (spec.every_minutes == 60)
    return base::Cat(spec.minute, " * * * *");
  return base::Cat(spec.minute, "-59/", spec.every_minutes, " * * * *");
}

// Every other tick of the hour or of the day for each of two.
std::string CronsText(const DagSpec& spec) {
  const int hours = spec.every_minutes / 60;
  const auto text = [&](int place) {
    if (hours == 0)
      return base::Cat(
          base::Join(Numbers(spec.minute + place * spec.every_minutes, 60, 2 * spec.every_minutes),
                     ","),
          " * * * *");
    return base::Cat(
        spec.minute, " ", base::Join(Numbers(place * hours, 24, 2 * hours), ","), " * * *");
  };
  return spec.every_minutes >= 24 * 60 ? CronText(spec) : base::Cat(text(0), " | ", text(1));
}

std::string SpanText(const Workload& workload, const DagSpec& spec) {
  const base::Time anchor =
      std::chrono::floor<std::chrono::days>(workload.start) + base::minutes(spec.minute);
  return base::Cat("every ",
                   base::FormatDuration(base::minutes(spec.every_minutes)),
                   " from ",
                   base::FormatRfc3339(anchor));
}

std::string DatesText(const Workload& workload, const DagSpec& spec) {
  const base::Time last = workload.start + workload.fires_for;
  std::vector<std::string> dates;
  for (base::Time tick = std::chrono::floor<std::chrono::days>(workload.start) -
                         std::chrono::days(1) + base::minutes(spec.minute);
       tick <= last;
       tick += base::minutes(spec.every_minutes))
    dates.push_back(base::FormatRfc3339(tick));
  return base::Cat("on ", base::Join(dates, ", "));
}

std::string ClosedText(const DagSpec& spec) {
  std::string text;
  if (spec.closed_day != base::Time())
    text = base::Cat(" only mon,tue,wed,thu,fri,sat,sun -",
                     base::FormatRfc3339(spec.closed_day).substr(0, 10));
  if (spec.closed_from != base::Time())
    text += base::Cat(" not ",
                      base::FormatRfc3339(spec.closed_from),
                      "/",
                      base::FormatRfc3339(spec.closed_until));
  return text;
}

std::string TicksText(const Workload& workload, const DagSpec& spec) {
  switch (spec.form) {
    case ScheduleForm::kCron:
      return CronText(spec);
    case ScheduleForm::kCrons:
      return CronsText(spec);
    case ScheduleForm::kSpan:
      return SpanText(workload, spec);
    case ScheduleForm::kDates:
      // They have no data intervals to date runs by.
      return spec.by_interval ? CronText(spec) : DatesText(workload, spec);
  }
  return "";
}

std::string ScheduleText(const Workload& workload, const DagSpec& spec) {
  if (spec.is_continuous)
    return "@continuous";
  return spec.every_minutes == 0 ? "" : TicksText(workload, spec) + ClosedText(spec);
}

bool IsUpstream(const Workload& work, size_t place) {
  for (const DagSpec& dag : work.dags)
    for (const JobSpec& job : dag.jobs)
      for (const JobSpec::Cross& cross : job.cross)
        if (static_cast<size_t>(cross.dag) == place)
          return true;
  return false;
}

// What a bound leaves out is a hole, which an edge may wait for for ever.
void DrawForms(uint64_t seed, Workload& work) {
  Dice dice(seed, "schedules");
  for (size_t i = 0; i < work.dags.size(); ++i) {
    DagSpec& dag = work.dags[i];
    if (dice.Percent(50))
      dag.form = static_cast<ScheduleForm>(dice.Between(1, 3));
    if (dag.catchup && !IsUpstream(work, i) && dice.Percent(40))
      dag.catchup_max = static_cast<int>(dice.Between(1, 3));
  }
}

}  // namespace

std::string EditionArgument(int edition) {
  return base::Cat("--edition=", edition);
}

std::optional<json::array> ItemsOf(const model::Job& job, int nth) {
  if (!job.map_over)
    return std::nullopt;
  std::string text = job.map_over->expression;
  if (text.empty())
    return job.map_over->items;
  const size_t split = text.find(" if ");
  text = nth % 2 == 1 ? text.substr(0, split) : text.substr(text.rfind('['));
  return base::ParseJson(text)->get_array();
}

std::string ItemArgument(const json::value& item) {
  return base::Cat("--item=", item.as_int64());
}

Workload DrawWorkload(uint64_t seed) {
  Dice dice(seed, "workload");
  Workload out;
  out.start =
      base::ParseTime("2026-01-05T00:00:00Z").value() + base::minutes(dice.Between(0, 7 * 24 * 60));
  out.fires_for = base::minutes(dice.Between(60, 240));
  for (int i = 0; i < 2; ++i)
    out.pools.push_back(
        {model::PoolId(base::Cat("pool", i)), static_cast<int>(dice.Between(1, 12)), ""});
  const int64_t dags = dice.Between(1, 5);
  for (int64_t d = 0; d < dags; ++d) {
    DagSpec dag;
    dag.id = base::Cat("d", d);
    dag.every_minutes = dice.Of(kPeriods);
    dag.minute = dag.every_minutes == 0
                     ? 0
                     : static_cast<int>(dice.Between(0, std::min(59, dag.every_minutes - 1)));
    dag.catchup = dice.Percent(60);
    dag.max_active_runs = static_cast<int>(dice.Between(1, 6));
    const int64_t jobs = dice.Between(1, 5);
    for (int j = 0; j < jobs; ++j) {
      dag.jobs.push_back(DrawJob(dice, j, out.pools));
      if (d > 0 && dice.Percent(15)) {
        const auto other = static_cast<int>(dice.Between(0, d - 1));
        const DagSpec& upstream = out.dags[static_cast<size_t>(other)];
        // What is only triggered may never come; an edge to it could wait for ever.
        if (upstream.every_minutes > 0 && dag.every_minutes > 0 && !upstream.by_interval) {
          out.dags[static_cast<size_t>(other)].catchup = true;
          dag.starts_after = std::max(
              dag.starts_after,
              upstream.starts_after + base::minutes(upstream.every_minutes + dag.every_minutes));
          dag.jobs.back().cross.push_back(
              {other,
               static_cast<int>(dice.Throw() % upstream.jobs.size()),
               dag.every_minutes >= 2 * upstream.every_minutes && dice.Percent(40)
                   ? model::Window::kCovers
                   : model::Window::kLatestDue});
        }
      }
    }
    const bool crosses = std::any_of(
        dag.jobs.begin(), dag.jobs.end(), [](const JobSpec& job) { return !job.cross.empty(); });
    dag.by_interval = dag.every_minutes > 0 && !crosses && dice.Percent(25);
    out.dags.push_back(std::move(dag));
  }
  DrawForms(seed, out);
  return out;
}

namespace {

model::AssetCondition BuildCondition(const std::vector<std::string>& assets) {
  using Kind = model::AssetCondition::Kind;
  model::AssetCondition all{Kind::kAll, "", {}};
  for (const std::string& text : assets) {
    model::AssetCondition any{Kind::kAny, "", {}};
    for (const std::string& name : base::Split(text, '|'))
      any.of.push_back({Kind::kAsset, name, {}});
    all.of.push_back(any.of.size() == 1 ? any.of.front() : any);
  }
  return all;
}

bool IsTriggered(const Workload& workload, const DagSpec& spec) {
  return std::ranges::any_of(workload.dags, [&](const DagSpec& dag) {
    return std::ranges::any_of(dag.jobs, [&](const JobSpec& job) {
      return job.trigger.dag >= 0 &&
             workload.dags[static_cast<size_t>(job.trigger.dag)].id == spec.id;
    });
  });
}

}  // namespace

std::shared_ptr<const model::Dag> BuildDag(const Workload& workload, const DagSpec& spec) {
  auto dag = std::make_shared<model::Dag>();
  dag->id = model::DagId(spec.id);
  dag->is_paused_upon_creation = spec.paused_for > base::Duration(0);
  dag->catchup = spec.catchup;
  if (spec.catchup_max > 0)
    dag->catchup_max = spec.catchup_max;
  if (spec.by_interval)
    dag->schedule.timetable = model::Timetable::kDataInterval;
  if (spec.most_failures > 0)
    dag->max_consecutive_failed_dag_runs = spec.most_failures;
  dag->max_active_runs = spec.max_active_runs;
  if (spec.max_active_tasks > 0)
    dag->max_active_tasks = spec.max_active_tasks;
  dag->limits = spec.limits;
  if (spec.cap_per_run > 0)
    dag->spend_cap.per_run = spec.cap_per_run;
  if (spec.cap_per_day > 0)
    dag->spend_cap.per_day = spec.cap_per_day;
  dag->tags = spec.tags;
  dag->start_jitter = spec.start_jitter;
  dag->start_date = workload.start + spec.Beginning();
  dag->end_date = workload.start + workload.fires_for;
  dag->schedule.cron = ScheduleText(workload, spec);
  if (!spec.assets.empty())
    dag->assets = BuildCondition(spec.assets);
  for (const GroupSpec& group : spec.groups)
    dag->groups.push_back(
        {.path = group.path, .retries = group.retries, .retry_delay = group.retry_delay});
  std::vector<std::vector<int>> places;  // of each spec's instances in dag->jobs
  for (const JobSpec& job : spec.jobs) {
    places.emplace_back();
    const std::vector<std::string> lanes = LanesOf(job);
    for (size_t lane = 0; lane < lanes.size(); ++lane) {
      model::Job instance = BuildJob(workload, spec, job);
      instance.lane = model::LaneId(lanes[lane]);
      for (int up : job.upstream) {
        const std::vector<int>& above = places[static_cast<size_t>(up)];
        if (job.lanes > 0 && above.size() == lanes.size())
          instance.upstream.push_back(above[lane]);
        else
          instance.upstream.insert(instance.upstream.end(), above.begin(), above.end());
      }
      places.back().push_back(static_cast<int>(dag->jobs.size()));
      dag->jobs.push_back(std::move(instance));
    }
  }
  MarkSetups(spec, places, *dag);
  if (std::any_of(spec.jobs.begin(), spec.jobs.end(), [](const JobSpec& job) {
        return !job.when.empty();
      })) {
    dag->params["off"] = false;
    dag->param_schemas["off"] = json::object{{"type", "boolean"}};
  }
  if (IsTriggered(workload, spec))
    dag->params[kTriggeredFrom] = "";
  dag->version = model::ComputeVersion(*dag);
  return dag;
}

bool IsOpen(const DagSpec& spec, base::Time tick) {
  const bool is_closed = tick >= spec.closed_from && tick < spec.closed_until;
  return !is_closed && std::chrono::floor<std::chrono::days>(tick) != spec.closed_day;
}

std::vector<base::Time> Fires(const Workload& workload, const DagSpec& spec) {
  std::vector<base::Time> out;
  if (spec.every_minutes == 0)
    return out;
  const base::Time end = workload.start + workload.fires_for;
  const auto day = std::chrono::floor<std::chrono::days>(workload.start + spec.Beginning());
  for (base::Time hour = day; hour <= end; hour += base::hours(1)) {
    const int64_t of_day = (hour - std::chrono::floor<std::chrono::days>(hour)) / base::hours(1);
    if (spec.every_minutes > 60 && of_day % (spec.every_minutes / 60) != 0)
      continue;
    for (int minute = spec.minute; minute < 60;
         minute += spec.every_minutes >= 60 ? 60 : spec.every_minutes) {
      const base::Time tick = hour + base::minutes(minute);
      if (tick >= workload.start + spec.Beginning() && tick <= end && IsOpen(spec, tick))
        out.push_back(tick);
    }
  }
  return out;
}

}  // namespace simulation
