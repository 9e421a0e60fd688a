// `signalbox tasks logs` and `tasks cause`: what a step wrote, and why it failed. The server reads
// both from S3.

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/commands.h"
#include "http/message.h"

namespace cli {

namespace {

using base::Cat;

constexpr std::chrono::seconds kFollowPause{10};

// The attempt that is asked for, or the latest with a cluster.
Outcome<json::object> FindAttempt(const ServerClient& server, const LogOptions& options) {
  const std::string job = options.task.substr(0, options.task.find('.'));
  auto attempts = server.List(Cat("/dags/",
                                  http::PercentEncode(options.dag),
                                  "/dagRuns/",
                                  http::PercentEncode(options.run),
                                  "/attempts"),
                              "attempts");
  if (!attempts)
    return tl::unexpected(attempts.error());
  std::vector<std::string> jobs;
  const json::object* found = nullptr;
  for (const json::value& value : *attempts) {
    const json::object& attempt = value.get_object();
    jobs.push_back(base::GetString(attempt, "display_name"));
    if (jobs.back() != job)
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
  const auto near = base::DidYouMean(job, jobs);
  return Fail(Exit::kFailed,
              Cat("'",
                  job,
                  options.try_number ? Cat("' has had no try ", *options.try_number)
                                     : std::string("' has had no cluster"),
                  " in the run ",
                  options.run,
                  near && *near != job ? Cat("; did you mean '", *near, "'?") : ""));
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
};

Outcome<Found> FindStep(const ServerClient& server, const LogOptions& options) {
  auto attempt = FindAttempt(server, options);
  if (!attempt)
    return tl::unexpected(attempt.error());
  const json::array& clusters = base::GetArray(*attempt, "cluster_ids");
  if (clusters.empty())
    return Fail(Exit::kFailed,
                Cat("try ", base::GetInt(*attempt, "try_number"), " has no cluster yet"));
  const std::string id(clusters.back().get_string());
  auto cluster = server.Get("/clusters/" + http::PercentEncode(id));
  if (!cluster)
    return tl::unexpected(cluster.error());
  const json::object* step = ChooseStep(base::GetArray(*cluster, "steps"), options.step);
  if (step == nullptr) {
    return Fail(
        Exit::kFailed,
        options.step.empty()
            ? Cat("no step of ", id, " has begun")
            : Cat(id, " has no step '", options.step, "': see `signalbox clusters show ", id, "`"));
  }
  return Found{id, *step};
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
    auto page = server.Get(Cat(path, tail > 0 ? Cat("?tail=", tail) : Cat("?offset=", *next)));
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

Outcome<void> PrintLog(const ServerChoice& choice, const LogOptions& options) {
  auto server = ServerClient::Find(choice);
  if (!server)
    return tl::unexpected(server.error());
  auto found = FindStep(*server, options);
  if (!found)
    return tl::unexpected(found.error());
  const std::string path = Cat("/clusters/",
                               http::PercentEncode(found->cluster),
                               "/steps/",
                               http::PercentEncode(base::GetString(found->step, "step_id")),
                               "/logs/",
                               options.stream);
  auto printed = PrintFrom(*server, path, 0, options.tail);
  if (!options.follow) {
    if (!printed)
      return tl::unexpected(printed.error());
    return {};
  }
  // EMR ships the log again and again while the step goes on.
  while (true) {
    const bool is_over = !GoesOn(found->step);
    if (!printed && is_over)
      return tl::unexpected(printed.error());
    if (is_over)
      return {};
    std::this_thread::sleep_for(kFollowPause);
    found = FindStep(*server, options);
    if (!found)
      return tl::unexpected(found.error());
    printed = PrintFrom(*server, path, printed ? *printed : 0, 0);
  }
}

Outcome<void> PrintCause(const LiveOptions& live, const LogOptions& options) {
  auto server = ServerClient::Find(live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto found = FindStep(*server, options);
  if (!found)
    return tl::unexpected(found.error());
  auto cause = server->Get(Cat("/clusters/",
                               http::PercentEncode(found->cluster),
                               "/cause?step_id=",
                               http::PercentEncode(base::GetString(found->step, "step_id"))));
  if (!cause)
    return tl::unexpected(cause.error());
  if (live.format == Format::kJson) {
    Print(PrettyJson(*cause));
    return {};
  }
  const std::string text = base::GetString(*cause, "cause");
  Print(Cat(text.empty() ? base::GetString(*cause, "note") : text, "\n"));
  return {};
}

}  // namespace cli
