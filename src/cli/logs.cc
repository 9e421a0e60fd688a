// `signalbox tasks logs` and `tasks cause`: what a step or a command wrote, and why a step failed.
// The server reads what steps wrote from S3.

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"
#include "http/message.h"

namespace cli {

namespace {

using base::Cat;

constexpr std::chrono::seconds kFollowPause{10};
constexpr std::chrono::seconds kAwaitPause{1};

// Why there is nothing to read.
struct Missing {
  Failure failure;
  bool may_come = false;  // while the run goes on
};
template <typename T>
using Search = tl::expected<T, Missing>;

tl::unexpected<Missing> Stop(Failure failure) {
  return tl::unexpected(Missing{.failure = std::move(failure)});
}

tl::unexpected<Missing> NotYet(std::string message) {
  return tl::unexpected(Missing{.failure = {.message = std::move(message)}, .may_come = true});
}

// "training_2" of "training_2.wait_step_0" and of "training_2[3]".
std::string JobOf(const std::string& task) {
  return task.substr(0, task.find_first_of(".["));
}

// Why the job has had no such attempt, from the tasks of the run.
Missing WhyNone(const ServerClient& server, const LogOptions& options, const std::string& job) {
  auto tasks = server.List(RunPath(options.dag, options.run) + "/taskInstances?expanded=false",
                           "task_instances");
  if (!tasks)
    return {.failure = tasks.error()};
  std::vector<std::string> jobs, states;
  for (const json::value& value : ForPeople(*std::move(tasks))) {
    const json::object& task = value.get_object();
    const std::string id = base::GetString(task, "task_id");
    jobs.push_back(JobOf(id));
    if (jobs.back() != JobOf(job))
      continue;
    const std::string why = base::GetString(task, "why");
    states.push_back(
        Cat(id, " is ", base::GetString(task, "state"), why.empty() ? "" : Cat(" (", why, ")")));
  }
  if (states.empty()) {
    const auto near = base::DidYouMean(job, jobs);
    return {.failure = {.message = Cat("there is no '",
                                       job,
                                       "' in the run ",
                                       options.run,
                                       near ? Cat("; did you mean '", *near, "'?") : "")}};
  }
  const std::string what =
      options.try_number ? Cat("no try ", *options.try_number) : std::string("no cluster");
  return {.failure = {.message = Cat("'",
                                     job,
                                     "' has had ",
                                     what,
                                     " in the run ",
                                     options.run,
                                     ": ",
                                     base::Join(states, "; "))},
          .may_come = true};
}

// The attempt that is asked for, or the latest with a cluster.
Search<json::object> FindAttempt(const ServerClient& server, const LogOptions& options) {
  const std::string job = options.task.substr(0, options.task.find('.'));
  auto attempts = server.List(RunPath(options.dag, options.run) + "/attempts", "attempts");
  if (!attempts)
    return Stop(attempts.error());
  const json::object* found = nullptr;
  for (const json::value& value : *attempts) {
    const json::object& attempt = value.get_object();
    if (base::GetString(attempt, "display_name") != job)
      continue;
    const int64_t number = base::GetInt(attempt, "try_number");
    const bool asked = options.try_number && number == *options.try_number;
    const bool latest = !options.try_number && !base::GetArray(attempt, "cluster_ids").empty() &&
                        (found == nullptr || number > base::GetInt(*found, "try_number"));
    if (asked || latest)
      found = &attempt;
  }
  if (found != nullptr)
    return *found;
  return tl::unexpected(WhyNone(server, options, job));
}

// By name or id; without either the step that failed, else the one that began last.
const json::object* ChooseStep(const json::array& steps, const std::string& wanted) {
  const json::object* chosen = nullptr;
  for (const json::value& value : steps) {
    const json::object& step = value.get_object();
    if (!wanted.empty()) {
      if (base::GetString(step, "name") == wanted || base::GetString(step, "step_id") == wanted)
        return &step;
      continue;
    }
    if (base::GetString(step, "state") == "FAILED")
      return &step;
    const std::string begin = base::GetString(step, "start_date");
    if (!begin.empty() && (chosen == nullptr || begin > base::GetString(*chosen, "start_date")))
      chosen = &step;
  }
  return chosen;
}

// What an attempt's latest cluster is, and the step of it that is asked for.
struct Found {
  std::string cluster;
  json::object step;
  int64_t try_number = 0;
  std::string cause;  // of the try, where it is known
};

Search<Found> FindStep(const ServerClient& server, const LogOptions& options) {
  auto attempt = FindAttempt(server, options);
  if (!attempt)
    return tl::unexpected(attempt.error());
  const int64_t number = base::GetInt(*attempt, "try_number");
  const json::array& clusters = base::GetArray(*attempt, "cluster_ids");
  if (clusters.empty())
    return NotYet(Cat("try ", number, " has no cluster yet"));
  const std::string id(clusters.back().get_string());
  auto cluster = server.Get("/clusters/" + http::PercentEncode(id));
  if (!cluster)
    return Stop(cluster.error());
  const json::object* step = ChooseStep(base::GetArray(*cluster, "steps"), options.step);
  if (step == nullptr) {
    // A cluster's steps are seen a little after it.
    return NotYet(
        options.step.empty()
            ? Cat("no step of ", id, " has begun")
            : Cat(id, " has no step '", options.step, "': see `signalbox clusters show ", id, "`"));
  }
  return Found{id, *step, number, base::GetString(*attempt, "cause")};
}

Outcome<Found> FindNow(const ServerClient& server, const LogOptions& options) {
  auto found = FindStep(server, options);
  if (!found)
    return tl::unexpected(found.error().failure);
  return *std::move(found);
}

// And waits for it while the run goes on.
Outcome<Found> AwaitStep(const ServerClient& server, const LogOptions& options) {
  bool is_told = false, was_paused = false;
  while (true) {
    // Asked first: what the run has brought before its end is found after it.
    auto run = server.Get(RunPath(options.dag, options.run));
    if (!run)
      return tl::unexpected(run.error());
    const std::string state = base::GetString(*run, "state");
    auto found = FindStep(server, options);
    if (found)
      return *std::move(found);
    if (!found.error().may_come || state == "success" || state == "failed")
      return tl::unexpected(found.error().failure);
    if (!std::exchange(is_told, true))
      PrintError(found.error().failure.message + "; waiting for it\n");
    const auto dag = server.Get("/dags/" + http::PercentEncode(options.dag));
    const bool is_paused = dag && base::GetBool(*dag, "is_paused");
    if (is_paused && !was_paused)
      PrintError(Cat("the DAG '",
                     options.dag,
                     "' is paused, and begins nothing until `signalbox dags unpause ",
                     options.dag,
                     "`; still waiting\n"));
    was_paused = is_paused;
    std::this_thread::sleep_for(kAwaitPause);
  }
}

bool GoesOn(const json::object& step) {
  const std::string state = base::GetString(step, "state");
  return state == "PENDING" || state == "RUNNING" || state == "CANCEL_PENDING";
}

// Prints from the offset on; the answer is where it ended.
Outcome<int64_t> PrintFrom(const ServerClient& server,
                           const std::string& path,
                           int64_t offset,
                           int64_t tail) {
  std::optional<int64_t> next = offset;
  int64_t end = offset;
  while (next) {
    auto page = server.Get(Cat(path, tail > 0 ? Cat("tail=", tail) : Cat("offset=", *next)));
    if (!page)
      return tl::unexpected(page.error());
    tail = 0;
    Print(base::GetString(*page, "content"));
    end = base::GetInt(*page, "size");
    const json::value& more = page->at("next_offset");
    next = more.is_null() ? std::nullopt : std::optional(more.to_number<int64_t>());
  }
  return end;
}

}  // namespace

namespace {

// The task instance, if its job is a command.
std::optional<json::object> FindCommand(const ServerClient& server, const LogOptions& options) {
  const size_t bracket = options.task.find('[');
  std::string path = Cat(RunPath(options.dag, options.run),
                         "/taskInstances/",
                         http::PercentEncode(options.task.substr(0, bracket)));
  if (bracket != std::string::npos)
    path += Cat("/",
                base::ParseInt(options.task.substr(bracket + 1, options.task.size() - bracket - 2))
                    .value_or(0));
  auto task = server.Get(path);
  if (!task || base::GetString(*task, "operator") != "BashOperator")
    return std::nullopt;
  return *std::move(task);
}

std::string OutputPath(const json::object& task, const LogOptions& options) {
  return Cat(RunPath(options.dag, options.run),
             "/taskInstances/",
             http::PercentEncode(base::GetString(task, "task_id")),
             "/tries/",
             options.try_number.value_or(base::GetInt(task, "try_number")),
             "/output?map_index=",
             base::GetInt(task, "map_index", -1),
             "&stream=",
             options.stream.empty() ? "stdout" : options.stream,
             "&");
}

// On this machine nothing has to be shipped: it is followed more closely.
Outcome<void> PrintOutput(const ServerClient& server,
                          json::object task,
                          const LogOptions& options) {
  LogOptions same = options;
  same.try_number = options.try_number.value_or(base::GetInt(task, "try_number"));
  int64_t offset = 0, tail = options.tail;
  while (true) {
    const bool is_over = base::GetString(task, "state") != "running" ||
                         base::GetInt(task, "try_number") != *same.try_number;
    auto printed = PrintFrom(server, OutputPath(task, same), offset, std::exchange(tail, 0));
    if (!printed && (is_over || !options.follow))
      return tl::unexpected(printed.error());
    offset = printed.value_or(offset);
    if (is_over || !options.follow)
      return {};
    std::fflush(stdout);
    std::this_thread::sleep_for(kAwaitPause);
    auto now = FindCommand(server, options);
    if (!now)
      return {};
    task = *std::move(now);
  }
}

}  // namespace

Outcome<void> PrintLog(const ServerChoice& choice, const LogOptions& asked) {
  auto server = ServerClient::Find(choice);
  if (!server)
    return tl::unexpected(server.error());
  if (auto command = FindCommand(*server, asked))
    return PrintOutput(*server, *std::move(command), asked);
  LogOptions options = asked;
  if (options.stream.empty())
    options.stream = "stderr";
  auto found = options.follow ? AwaitStep(*server, options) : FindNow(*server, options);
  if (!found)
    return tl::unexpected(found.error());
  const std::string path = Cat("/clusters/",
                               http::PercentEncode(found->cluster),
                               "/steps/",
                               http::PercentEncode(base::GetString(found->step, "step_id")),
                               "/logs/",
                               options.stream,
                               "?");
  auto printed = PrintFrom(*server, path, 0, options.tail);
  if (!options.follow) {
    if (!printed)
      return tl::unexpected(printed.error());
    return {};
  }
  // A later try, or step, does not take the place of this one.
  LogOptions same = options;
  same.try_number = found->try_number;
  same.step = base::GetString(found->step, "step_id");
  // EMR ships the log again and again while the step goes on.
  while (true) {
    const bool is_over = !GoesOn(found->step);
    if (!printed && is_over)
      return tl::unexpected(printed.error());
    if (is_over)
      return {};
    std::fflush(stdout);  // who reads a pipe sees it as it comes
    std::this_thread::sleep_for(kFollowPause);
    found = FindNow(*server, same);
    if (!found)
      return tl::unexpected(found.error());
    printed = PrintFrom(*server, path, printed ? *printed : 0, 0);
  }
}

Outcome<void> PrintCause(const LiveOptions& live, const LogOptions& options) {
  auto server = ServerClient::Find(live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto found = FindNow(*server, options);
  if (!found)
    return tl::unexpected(found.error());
  // What was found when it failed, as long as nobody asks for more than that.
  if (!found->cause.empty() && options.step.empty() && !IsData(live.format)) {
    Print(Cat(found->cause, "\n"));
    return {};
  }
  auto cause = server->Get(Cat("/clusters/",
                               http::PercentEncode(found->cluster),
                               "/cause?step_id=",
                               http::PercentEncode(base::GetString(found->step, "step_id"))));
  if (!cause)
    return tl::unexpected(cause.error());
  if (IsData(live.format)) {
    PrintData(live.format, *cause);
    return {};
  }
  const std::string text = base::GetString(*cause, "cause");
  Print(Cat(text.empty() ? base::GetString(*cause, "note") : text, "\n"));
  return {};
}

}  // namespace cli
