// What became of each try of a task, what it waits for, and where people look further.

#include "api/task_tries.h"

#include <algorithm>
#include <utility>

#include "api/resources.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

constexpr std::string_view kClusterLink = "EMR Cluster", kLogsLink = "EMR Cluster Logs";

base::Result<int> MapIndexOf(const Exchange& exchange, bool is_in_path) {
  ASSIGN_OR_RETURN(std::optional<std::string> text, ReadOne(exchange, "map_index"));
  if (is_in_path)
    text = exchange.args.at(3);
  return text ? ReadMapIndex(*text) : -1;
}

// Routes name the instance by a part of the path, right behind the task, or by the query.
bool HasIndexInPath(const Exchange& exchange) {
  constexpr size_t kBehindTask = 8;  // api/v2/dags/D/dagRuns/R/taskInstances/T/
  const auto& segments = exchange.target.segments;
  return exchange.args.size() > 3 && segments.size() > kBehindTask &&
         segments[kBehindTask] == exchange.args[3];
}

// How a try ended for this task of its job: the first one has done its part once there is a
// cluster, and without one the others never began.
model::TaskState StateOf(const TaskTries& tries, const model::AttemptRow& attempt) {
  if (attempt.verdict == model::VerdictClass::kSuccess)
    return model::TaskState::kSuccess;
  const auto count = static_cast<int>(model::TaskCount(*tries.facts->jobs.at(tries.task.job).def));
  if (count == 1)
    return model::TaskState::kFailed;
  const bool has_cluster = LaunchOf(tries, attempt.key.n) != nullptr;
  if (tries.task.task + 1 == count)
    return has_cluster ? model::TaskState::kFailed : model::TaskState::kUpstreamFailed;
  return has_cluster ? model::TaskState::kSuccess : model::TaskState::kFailed;
}

// An earlier try is known by its attempt: it has the attempt's times. The latest is the task's row.
json::object EarlierTry(const TaskTries& tries,
                        const model::AttemptRow& attempt,
                        json::object shown) {
  shown["try_number"] = attempt.key.n;
  shown["state"] = ToString(StateOf(tries, attempt));
  shown["queued_when"] = nullptr;
  shown["start_date"] = TimeOrNull(attempt.started_at);
  shown["end_date"] = TimeOrNull(attempt.ended_at);
  shown["duration"] = DurationOrNull(attempt.started_at, attempt.ended_at);
  shown["reason"] = TextOrNull(attempt.reason);
  shown["next_try_at"] = nullptr;
  const model::LaunchRow* launch = LaunchOf(tries, attempt.key.n);
  shown["cluster_id"] = TextOrNull(launch == nullptr ? "" : launch->cluster.str());
  shown["cause"] = CauseOf(*tries.facts, tries.task, attempt.key.n);
  for (const std::string_view name : {"waits_for", "missing_upstream", "blocked_by"})
    shown[name] = json::array();
  return shown;
}

json::array TriesJson(const TaskTries& tries, const runtime::JobViews& now) {
  const json::object latest = ShownJson({{tries.facts, tries.task}}, now).at(0).get_object();
  json::array out;
  for (const model::AttemptRow& attempt : tries.attempts) {
    if (attempt.key.n < tries.task.try_number)
      out.push_back(EarlierTry(tries, attempt, latest));
  }
  out.push_back(latest);
  return out;
}

std::string ConsoleOf(std::string_view region) {
  if (region.starts_with("cn-"))
    return "https://console.amazonaws.cn";
  if (region.starts_with("us-gov-"))
    return "https://console.amazonaws-us-gov.com";
  return "https://console.aws.amazon.com";
}

// The folder in S3's console; "" where it is none of S3's.
std::string FolderLink(std::string_view region, std::string_view folder) {
  constexpr std::string_view kScheme = "s3://";
  if (!folder.starts_with(kScheme))
    return "";
  folder.remove_prefix(kScheme.size());
  const size_t slash = std::min(folder.find('/'), folder.size());
  const std::string_view prefix = slash < folder.size() ? folder.substr(slash + 1) : "";
  return base::Cat(ConsoleOf(region),
                   "/s3/buckets/",
                   folder.substr(0, slash),
                   "?region=",
                   region,
                   "&prefix=",
                   http::PercentEncode(prefix));
}

struct Links {
  std::string cluster, logs;
};

// Of a try's cluster; empty where the try has none.
base::Result<Links> LinksOf(const Reading& reading, const TaskTries& tries, int try_number) {
  const model::LaunchRow* launch = LaunchOf(tries, try_number);
  if (launch == nullptr)
    return Links();
  ASSIGN_OR_RETURN(const model::ClusterRow cluster, reading.rows.Cluster(launch->cluster));
  ASSIGN_OR_RETURN(const std::string folder, LogFolderOf(*launch));
  return Links{.cluster = base::Cat(ConsoleOf(cluster.region),
                                    "/emr/home?region=",
                                    cluster.region,
                                    "#/clusterDetails/",
                                    cluster.id.str()),
               .logs = FolderLink(cluster.region, folder)};
}

// Of the try's latest launch, as it was sent, or of its process; null before there is one.
base::Result<json::value> RequestOf(const TaskTries& tries, int64_t try_number) {
  if (const model::ProcessRow* process = ProcessOf(tries, static_cast<int>(try_number)))
    return base::ParseJson(process->request, "a process's request");
  const model::LaunchRow* latest = nullptr;
  for (const model::LaunchRow& launch : tries.launches) {
    if (launch.attempt.n == try_number &&
        (latest == nullptr || launch.launch_no > latest->launch_no))
      latest = &launch;
  }
  if (latest == nullptr)
    return json::value(nullptr);
  return base::ParseJson(latest->request, "a launch's request");
}

base::Error NoTry(std::string_view number) {
  return {base::ErrorCode::kNotFound,
          base::Cat("the task has had no try '", base::Excerpt(number), "'")};
}

}  // namespace

std::vector<std::string_view> LinkNames(const model::Job& job) {
  if (model::EmrOf(job) == nullptr)
    return {};
  return {kClusterLink, kLogsLink};
}

base::Result<TaskTries> ReadTries(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(RunFacts facts, ReadRun(reading, exchange.run()));
  ASSIGN_OR_RETURN(const int index, MapIndexOf(exchange, HasIndexInPath(exchange)));
  TaskTries tries;
  ASSIGN_OR_RETURN(tries.task, FindTask(reading, exchange.args.at(2), index, facts));
  const model::JobKey& job = tries.task.job;
  const store::Instances of{job.job, job.lane, job.index, job.index};
  ASSIGN_OR_RETURN(tries.attempts, reading.rows.Attempts(exchange.run(), of));
  ASSIGN_OR_RETURN(tries.launches, reading.rows.Launches(exchange.run(), of));
  ASSIGN_OR_RETURN(tries.processes, reading.rows.Processes(exchange.run()));
  std::erase_if(tries.processes,
                [&](const model::ProcessRow& process) { return process.key.job != job; });
  tries.facts = std::make_shared<const RunFacts>(std::move(facts));
  return tries;
}

const model::ProcessRow* ProcessOf(const TaskTries& tries, int try_number) {
  const auto found = std::ranges::find(
      tries.processes, try_number, [](const model::ProcessRow& row) { return row.key.n; });
  return found == tries.processes.end() ? nullptr : &*found;
}

const model::LaunchRow* LaunchOf(const TaskTries& tries, int try_number) {
  const model::LaunchRow* found = nullptr;
  for (const model::LaunchRow& launch : tries.launches) {
    if (launch.attempt.n == try_number && !launch.cluster.empty())
      found = &launch;
  }
  return found;
}

base::Result<JobsRead> ListTries(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(TaskTries tries, ReadTries(reading, exchange));
  std::vector<model::JobKey> jobs = JobsOf({{tries.facts, tries.task}});
  return JobsRead{
      std::move(jobs), [tries = std::move(tries)](const runtime::JobViews& now) -> Reply {
        json::array all = TriesJson(tries, now);
        const size_t total = all.size();
        return json::object{{"task_instances", std::move(all)}, {"total_entries", total}};
      }};
}

base::Result<JobsRead> GetTry(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(TaskTries tries, ReadTries(reading, exchange));
  const std::string& asked = exchange.args.back();
  const std::optional<int64_t> number = base::ParseInt(asked);
  const bool is_earlier = std::ranges::any_of(tries.attempts, [&](const auto& attempt) {
    return attempt.key.n == number && attempt.key.n < tries.task.try_number;
  });
  if (!is_earlier && number != tries.task.try_number)
    return base::Fail(NoTry(asked));
  ASSIGN_OR_RETURN(json::value request, RequestOf(tries, *number));
  std::vector<model::JobKey> jobs = JobsOf({{tries.facts, tries.task}});
  return JobsRead{std::move(jobs),
                  [tries = std::move(tries), number, request = std::move(request)](
                      const runtime::JobViews& now) -> Reply {
                    for (json::value& each : TriesJson(tries, now)) {
                      if (each.at("try_number").as_int64() != number)
                        continue;
                      each.get_object()["request"] = request;
                      return each.get_object();
                    }
                    return http::ErrorResponse(404, "the task has had no such try");
                  }};
}

// What keeps the task from going on now, under Airflow's names of members.
base::Result<JobsRead> GetDependencies(const Reading& reading, const Exchange& exchange) {
  Exchange of = exchange;
  const auto index = exchange.target.Param("map_index");
  if (index && of.args.size() == 3)
    of.args.push_back(*index);
  ASSIGN_OR_RETURN(JobsRead task, GetTaskInstance(reading, of));
  return JobsRead{std::move(task.jobs),
                  [answer = std::move(task.answer)](const runtime::JobViews& now) -> Reply {
                    Reply reply = answer(now);
                    auto* shown = std::get_if<json::object>(&reply);
                    if (shown == nullptr)
                      return reply;
                    json::array dependencies;
                    for (const json::value& blocker : shown->at("blocked_by").get_array())
                      dependencies.push_back(json::object{{"name", blocker.at("kind")},
                                                          {"reason", blocker.at("message")}});
                    return json::object{{"dependencies", std::move(dependencies)}};
                  }};
}

Answer GetLinks(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const TaskTries tries, ReadTries(reading, exchange));
  ASSIGN_OR_RETURN(const int64_t number, ReadInt(exchange, "try_number", tries.task.try_number));
  ASSIGN_OR_RETURN(const Links links, LinksOf(reading, tries, static_cast<int>(number)));
  json::object all;
  if (!links.cluster.empty())
    all[kClusterLink] = links.cluster;
  if (!links.logs.empty())
    all[kLogsLink] = links.logs;
  const size_t total = all.size();
  return json::object{{"extra_links", std::move(all)}, {"total_entries", total}};
}

Answer GetExternalLogUrl(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const TaskTries tries, ReadTries(reading, exchange));
  const std::optional<int64_t> number = base::ParseInt(exchange.args.back());
  if (!number || *number < 0 || *number > tries.task.try_number)
    return base::Fail(NoTry(exchange.args.back()));
  ASSIGN_OR_RETURN(const Links links, LinksOf(reading, tries, static_cast<int>(*number)));
  if (links.logs.empty())
    return base::Fail(base::ErrorCode::kNotFound,
                      "the try has no log in S3: it has no cluster, or its request has no LogUri");
  return json::object{{"url", links.logs}};
}

}  // namespace api
