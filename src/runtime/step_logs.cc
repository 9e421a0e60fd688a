#include "runtime/step_logs.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "base/gzip.h"
#include "base/json.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "emr/outputs.h"
#include "machine/record.h"
#include "runtime/core.h"
#include "secrets/redact.h"

namespace runtime {

namespace {

using base::Cat;

constexpr size_t kUnpackedMax = size_t{256} << 20;

base::Result<std::string> Unpack(std::string packed) {
  constexpr std::string_view kMagic = "\x1f\x8b";
  if (!packed.starts_with(kMagic))
    return base::Printable(packed);
  ASSIGN_OR_RETURN(const std::string text, base::Gunzip(packed, kUnpackedMax));
  return base::Printable(text);
}

// One question: it reads one object after the other, and answers.
class CauseReader : public std::enable_shared_from_this<CauseReader> {
 public:
  CauseReader(Core& core, StepLogs logs, std::string step, OnStepCause done)
      : core_(core), logs_(std::move(logs)), step_(std::move(step)), done_(std::move(done)) {}

  void Begin() { Read(LogUriOf(logs_, step_, "stderr"), &CauseReader::OnStderr); }

 private:
  using Next = void (CauseReader::*)(std::string text);

  // A log that is not there is "".
  void Read(const std::string& uri, Next next) {
    ReadLogText(core_, uri, [self = shared_from_this(), uri, next](base::Result<std::string> text) {
      if (!text && text.error().code != base::ErrorCode::kNotFound)
        return self->done_(base::Fail(text.error()));
      if (text)
        self->found_.sources.push_back(uri);
      ((*self).*next)(text ? *std::move(text) : "");
    });
  }

  void OnStderr(std::string text) {
    stderr_ = std::move(text);
    Read(LogUriOf(logs_, step_, "stdout"), &CauseReader::OnStdout);
  }

  void OnStdout(std::string text) {
    stdout_ = std::move(text);
    Read(LogUriOf(logs_, step_, "controller"), &CauseReader::OnController);
  }

  void OnController(std::string text) {
    controller_ = std::move(text);
    const std::vector<std::string> applications = emr::ApplicationsIn(stderr_);
    // What is no Spark has no containers.
    found_.is_whole = applications.empty() && !stderr_.empty();
    if (applications.empty())
      return Answer();
    auto prefix = emr::ParseS3Uri(Cat(logs_.folder, "containers/", applications.back()));
    if (!prefix)
      return Answer();
    prefix->key += '/';
    core_.objects->List(
        *prefix,
        [self = shared_from_this(), bucket = prefix->bucket, alive = std::weak_ptr(core_.alive)](
            const base::Result<std::vector<std::string>>& keys) {
          if (!alive.expired())
            self->OnList(bucket, keys);
        });
  }

  void OnList(const std::string& bucket, const base::Result<std::vector<std::string>>& keys) {
    // The step's own logs still tell something.
    if (!keys) {
      found_.note = keys.error().message;
      return Answer();
    }
    // YARN's first container is the application's master, and in cluster mode Spark's driver.
    const auto driver = std::ranges::find_if(*keys, [](const std::string& key) {
      return key.find("_000001/stderr") != std::string::npos;
    });
    if (driver == keys->end())
      return Answer();
    driver_uri_ = Cat("s3://", bucket, "/", *driver);
    Read(driver_uri_, &CauseReader::OnDriver);
  }

  void OnDriver(std::string text) {
    driver_ = std::move(text);
    found_.is_whole = true;
    Read(base::ReplaceAll(driver_uri_, "_000001/stderr", "_000001/stdout"),
         &CauseReader::OnDriverStdout);
  }

  void OnDriverStdout(std::string text) {
    driver_stdout_ = std::move(text);
    Answer();
  }

  // What Python raised is said in stdout alone: there Spark puts both streams of a driver that is a
  // Python program (PythonRunner).
  void Answer() {
    found_.cause = emr::FindCause({driver_stdout_, driver_, stdout_, stderr_, controller_});
    if (!found_.cause && found_.note.empty())
      found_.note = found_.sources.empty() ? Cat("no log of the step is in S3 yet: ", kLogShipping)
                                           : std::string("the logs name no cause");
    done_(std::move(found_));
  }

  Core& core_;
  const StepLogs logs_;
  const std::string step_;
  const OnStepCause done_;
  std::string stderr_, stdout_, controller_, driver_uri_, driver_, driver_stdout_;
  StepCause found_;
};

}  // namespace

base::Result<StepLogs> LogsOf(store::Reader& rows, const model::ClusterRow& cluster) {
  StepLogs logs{.folder = "", .steps = cluster.steps};
  ASSIGN_OR_RETURN(const auto launch, LaunchOf(rows, cluster));
  if (launch) {
    ASSIGN_OR_RETURN(logs.folder, LogFolderOf(*launch));
  }
  if (logs.folder.empty())
    return base::Fail(base::ErrorCode::kNotFound,
                      Cat(cluster.id.str(), " keeps no logs: its request has no LogUri"));
  return logs;
}

base::Result<std::optional<model::LaunchRow>> LaunchOf(store::Reader& rows,
                                                       const model::ClusterRow& cluster) {
  if (!cluster.attempt)
    return std::nullopt;
  const model::JobKey& job = cluster.attempt->job;
  ASSIGN_OR_RETURN(auto launches,
                   rows.Launches(job.run, {job.job, job.lane, job.index, job.index}));
  const auto found = std::ranges::find(launches, cluster.id, &model::LaunchRow::cluster);
  if (found == launches.end())
    return std::nullopt;
  return std::move(*found);
}

base::Result<std::string> LogFolderOf(const model::LaunchRow& launch) {
  ASSIGN_OR_RETURN(const json::value request,
                   base::ParseJson(launch.request, "a launch's request"));
  const std::string uri = base::GetString(request.get_object(), "LogUri");
  if (uri.empty())
    return uri;
  return Cat(uri, uri.ends_with('/') ? "" : "/", launch.cluster.str(), "/");
}

StepLogs LogsOf(const model::ProcessRow& process) {
  model::StepView command{.id = "", .name = "command"};
  command.start = process.began_at;
  return {.folder = Cat(kProcessScheme, process.token.str(), "/"), .steps = {std::move(command)}};
}

std::string LogUriOf(const StepLogs& logs, const std::string& step, std::string_view stream) {
  if (logs.folder.starts_with(kProcessScheme))
    return Cat(logs.folder, stream);
  return Cat(logs.folder, "steps/", step, "/", stream, ".gz");
}

namespace {

// "process:TOKEN/stdout": a file of this machine, read by the threads that read the store.
void ReadProcessLog(Core& core, std::string_view uri, OnLogText done) {
  const std::vector<std::string> parts = base::Split(uri.substr(kProcessScheme.size()), '/');
  if (parts.size() != 2)
    return done(base::Fail(base::ErrorCode::kNotFound, Cat("there is no log ", uri)));
  auto text = std::make_shared<base::Result<std::string>>();
  core.reads->Run(
      ReadPool::Turn::kUsual,
      [text,
       record = machine::Record(core.options.processes_dir, parts[0]),
       stream = parts[1],
       sent = core.filler.sent()](store::Reader&) {
        if (!record.Has(stream)) {
          *text = base::Fail(base::ErrorCode::kNotFound,
                             "its record is gone: it is kept for 30 days after the end");
          return;
        }
        *text =
            secrets::Masked(base::Printable(record.Tail(stream, machine::kLogBytesMax * 2)), *sent);
      },
      [text, done = std::move(done)](const base::Status& status) {
        done(status ? std::move(*text) : base::Fail(status.error()));
      });
}

}  // namespace

void ReadLogText(Core& core, const std::string& uri, OnLogText done) {
  if (uri.starts_with(kProcessScheme))
    return ReadProcessLog(core, uri, std::move(done));
  const auto place = emr::ParseS3Uri(uri);
  if (!place)
    return done(base::Fail(place.error()));
  core.objects->Read(
      *place,
      [&core, alive = std::weak_ptr(core.alive), done = std::move(done)](
          base::Result<std::string> body) mutable {
        if (alive.expired())
          return;
        if (!body)
          return done(base::Fail(body.error()));
        // A log may be large: not on the loop.
        auto text = std::make_shared<base::Result<std::string>>();
        core.reads->Run(
            ReadPool::Turn::kUsual,
            [text, packed = *std::move(body), sent = core.filler.sent()](store::Reader&) {
              *text = Unpack(packed).map([&](std::string unpacked) {
                return secrets::Masked(std::move(unpacked), *sent);
              });
            },
            [text, done = std::move(done)](const base::Status& status) {
              done(status ? std::move(*text) : base::Fail(status.error()));
            });
      });
}

void FindStepCause(Core& core, StepLogs logs, std::string step, OnStepCause done) {
  std::make_shared<CauseReader>(core, std::move(logs), std::move(step), std::move(done))->Begin();
}

}  // namespace runtime
