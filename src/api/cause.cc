// Why a cluster's step failed, from what Spark wrote: the driver's container first, for there the
// exception is; then the step's stderr, then its controller's log.

#include "emr/cause.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "api/resources.h"
#include "api/step_logs.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "emr/outputs.h"

namespace api {

namespace {

using base::Cat;

// The step that failed, else the one that began last.
const model::StepView* ChooseStep(const std::vector<model::StepView>& steps,
                                  const std::optional<std::string>& wanted) {
  const model::StepView* chosen = nullptr;
  for (const model::StepView& step : steps) {
    if (wanted ? step.id == *wanted : step.state == model::StepState::kFailed)
      return &step;
    if (!wanted && step.start && (chosen == nullptr || *step.start > *chosen->start))
      chosen = &step;
  }
  return chosen;
}

// One question: it reads one object after the other, and answers.
class CauseReader : public std::enable_shared_from_this<CauseReader> {
 public:
  CauseReader(Context& context, StepLogs logs, std::string step, Answered answered)
      : context_(context),
        logs_(std::move(logs)),
        step_(std::move(step)),
        answered_(std::move(answered)) {}

  void Begin() { Read(LogUriOf(logs_, step_, "stderr"), &CauseReader::OnStderr); }

 private:
  using Next = void (CauseReader::*)(std::string text);

  // A log that is not there is "".
  void Read(const std::string& uri, Next next) {
    ReadLogText(context_, uri, 0, [self = shared_from_this(), uri, next](const auto& text) {
      if (!text && text.error().code != base::ErrorCode::kNotFound)
        return self->answered_(base::Fail(text.error()));
      if (text)
        self->read_.push_back(uri);
      ((*self).*next)(text ? **text : "");
    });
  }

  void OnStderr(std::string text) {
    stderr_ = std::move(text);
    Read(LogUriOf(logs_, step_, "controller"), &CauseReader::OnController);
  }

  void OnController(std::string text) {
    controller_ = std::move(text);
    const std::vector<std::string> applications = emr::ApplicationsIn(stderr_);
    if (applications.empty())
      return Answer();
    auto prefix = emr::ParseS3Uri(Cat(logs_.folder, "containers/", applications.back()));
    if (!prefix)
      return Answer();
    prefix->key += '/';
    context_.views.ListObjects(
        *prefix,
        [self = shared_from_this(), bucket = prefix->bucket, alive = std::weak_ptr(context_.alive)](
            const base::Result<std::vector<std::string>>& keys) {
          if (!alive.expired())
            self->OnList(bucket, keys);
        });
  }

  void OnList(const std::string& bucket, const base::Result<std::vector<std::string>>& keys) {
    // The step's own logs still tell something.
    if (!keys) {
      note_ = keys.error().message;
      return Answer();
    }
    // YARN's first container is the application's master, and in cluster mode Spark's driver.
    const auto driver = std::ranges::find_if(*keys, [](const std::string& key) {
      return key.find("_000001/stderr") != std::string::npos;
    });
    if (driver == keys->end())
      return Answer();
    Read(Cat("s3://", bucket, "/", *driver), &CauseReader::OnDriver);
  }

  void OnDriver(std::string text) {
    driver_ = std::move(text);
    Answer();
  }

  void Answer() {
    const auto cause = emr::FindCause({driver_, stderr_, controller_});
    json::object out{{"step_id", step_},
                     {"cause", nullptr},
                     {"exception", nullptr},
                     {"where", nullptr},
                     {"stage", nullptr},
                     {"lost_executors", nullptr},
                     {"exit_code", nullptr},
                     {"advice", nullptr},
                     {"note", nullptr}};
    if (cause) {
      out["cause"] = emr::ToText(*cause);
      out["exception"] = TextOrNull(cause->exception);
      out["where"] = TextOrNull(cause->where);
      out["stage"] = TextOrNull(cause->stage);
      out["lost_executors"] = cause->lost_executors;
      if (cause->exit_code)
        out["exit_code"] = *cause->exit_code;
      out["advice"] = TextOrNull(cause->advice);
    } else if (note_.empty()) {
      note_ = read_.empty() ? Cat("no log of the step is in S3 yet: ", kLogShipping)
                            : std::string("the logs name no cause");
    }
    out["note"] = TextOrNull(note_);
    json::array sources;
    for (const std::string& uri : read_)
      sources.emplace_back(uri);
    out["sources"] = std::move(sources);
    answered_(std::move(out));
  }

  Context& context_;
  const StepLogs logs_;
  const std::string step_;
  const Answered answered_;
  std::string stderr_, controller_, driver_;
  std::string note_;  // what could not be read
  std::vector<std::string> read_;
};

}  // namespace

void GetCause(Context& context,
              const std::shared_ptr<const Exchange>& exchange,
              Answered answered) {
  const auto step = ReadOne(*exchange, "step_id");
  if (!step)
    return answered(base::Fail(step.error()));
  context.desk.Read<StepLogs>(
      ReadDesk::Turn::kUsual,
      exchange->sight,
      [exchange](const Reading& reading) { return ReadLogs(reading, *exchange); },
      [&context, wanted = *step, answered](base::Result<StepLogs> logs) {
        if (!logs)
          return answered(base::Fail(logs.error()));
        const model::StepView* step = ChooseStep(logs->steps, wanted);
        if (step == nullptr)
          return answered(
              base::Fail(base::ErrorCode::kNotFound,
                         wanted ? Cat("the cluster has no step '", base::Excerpt(*wanted), "'")
                                : std::string("no step of the cluster has begun")));
        const std::string id = step->id;
        std::make_shared<CauseReader>(context, *std::move(logs), id, answered)->Begin();
      });
}

}  // namespace api
