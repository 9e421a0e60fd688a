// `signalbox tasks logs`: what a step wrote. The server knows the attempt's cluster, its steps and
// its LogUri; the log itself is a file where the emulator ran the steps, and an object in S3 where
// EMR did: then people are told how to print it, for this program has no business in their buckets.

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/gzip.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "emulator_http/step_command.h"
#include "http/message.h"

namespace cli {

namespace {

using base::Cat;

constexpr size_t kLogBytesMax = size_t{1} << 30;

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

Outcome<void> PrintFile(const std::string& uri, const std::string& root, const json::object& step) {
  auto path = emulator_http::LocalPath(uri, root);
  if (!path)
    return FailEnvironment(path.error());
  auto packed = ReadFile(*path);
  if (!packed)
    return Fail(Exit::kFailed,
                Cat(*path,
                    " is not there: logs are kept when a step has ended, and '",
                    base::GetString(step, "name"),
                    "' is ",
                    base::GetString(step, "state")));
  auto text = base::Gunzip(*packed, kLogBytesMax);
  if (!text)
    return Fail(Exit::kFailed, Cat(*path, " ", text.error().message));
  Print(*text);
  return {};
}

}  // namespace

Outcome<void> PrintLog(const ServerChoice& choice, const LogOptions& options) {
  auto server = ServerClient::Find(choice);
  if (!server)
    return tl::unexpected(server.error());
  auto attempt = FindAttempt(*server, options);
  if (!attempt)
    return tl::unexpected(attempt.error());
  const json::array& clusters = base::GetArray(*attempt, "cluster_ids");
  if (clusters.empty())
    return Fail(Exit::kFailed,
                Cat("try ", base::GetInt(*attempt, "try_number"), " has no cluster yet"));
  const std::string id(clusters.back().get_string());
  auto cluster = server->Get("/clusters/" + http::PercentEncode(id));
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
  std::string uri = base::GetString(*cluster, "log_uri");
  if (uri.empty())
    return Fail(Exit::kFailed, Cat(id, " keeps no logs: its request has no LogUri"));
  uri += Cat(uri.ends_with('/') ? "" : "/",
             id,
             "/steps/",
             base::GetString(*step, "step_id"),
             "/",
             emulator::LogFileName(options.stream));
  const char* setting = std::getenv("SIGNALBOX_S3_ROOT");
  const std::string root =
      options.s3_root.empty() && setting != nullptr ? setting : options.s3_root;
  if (!root.empty())
    return PrintFile(uri, root, *step);
  return Fail(Exit::kFailed,
              Cat("the log is in S3; this prints it:\n  aws s3 cp ", uri, " - | gunzip"));
}

}  // namespace cli
