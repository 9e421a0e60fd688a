#include "runtime/step_error.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/gzip.h"
#include "base/json.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "emr/cause.h"
#include "emr/outputs.h"
#include "secrets/redact.h"

namespace runtime {

namespace {

using base::Cat;

constexpr base::Duration kLongest = base::seconds(10);  // wall time, all together
constexpr size_t kUnpackedMax = size_t{64} << 20;
constexpr size_t kLines = 12;
constexpr size_t kLineMax = 300;

// "s3://logs/j-1/steps/s-1/stderr.gz" of the step that failed; "" where there is none.
std::string LogOf(store::Reader& reader, const model::AttemptKey& attempt) {
  const auto clusters = reader.ClustersOf(attempt.job.run);
  if (!clusters)
    return "";
  for (const model::ClusterRow& cluster : *clusters) {
    if (cluster.attempt != attempt)
      continue;
    const auto step = std::ranges::find(
        cluster.steps, model::StepState::kFailed, [](const model::StepView& s) { return s.state; });
    const auto launch = reader.Launch(cluster.token);
    if (step == cluster.steps.end() || !launch)
      continue;
    const auto request = base::ParseJson(launch->request);
    const std::string folder =
        request && request->is_object() ? base::GetString(request->get_object(), "LogUri") : "";
    if (folder.empty())
      continue;
    return Cat(folder,
               folder.ends_with('/') ? "" : "/",
               cluster.id.str(),
               "/steps/",
               step->id,
               "/stderr.gz");
  }
  return "";
}

std::string Unpacked(const std::string& packed) {
  if (!packed.starts_with("\x1f\x8b"))
    return base::Printable(packed);
  const auto text = base::Gunzip(packed, kUnpackedMax);
  return text ? base::Printable(*text) : "";
}

// One question. It holds itself until it has answered.
class Question : public std::enable_shared_from_this<Question> {
 public:
  Question(const StepErrorSource& source, std::function<void(std::string)> done)
      : source_(source), done_(std::move(done)) {}

  void Begin(const model::AttemptKey& attempt) {
    timer_ = source_.loop.After(kLongest, [self = shared_from_this()] { self->Answer(""); });
    auto uri = std::make_shared<std::string>();
    source_.reads.Run(
        ReadPool::Turn::kUsual,
        [uri, attempt](store::Reader& reader) { *uri = LogOf(reader, attempt); },
        [self = shared_from_this(), uri](const base::Status& read) {
          const auto place = emr::ParseS3Uri(*uri);
          if (!read || uri->empty() || !place)
            return self->Answer("");
          self->source_.objects.Read(*place, [self](base::Result<std::string> body) {
            body ? self->Unpack(*std::move(body)) : self->Answer("");
          });
        });
  }

 private:
  // A log may be large: not on the loop.
  void Unpack(std::string body) {
    auto lines = std::make_shared<std::string>();
    source_.reads.Run(
        ReadPool::Turn::kUsual,
        [lines, body = std::move(body), secrets = source_.secrets](store::Reader&) {
          *lines = LastLines(secrets::Masked(Unpacked(body), *secrets));
        },
        [self = shared_from_this(), lines](const base::Status& read) {
          self->Answer(read ? *lines : "");
        });
  }

  void Answer(const std::string& error) {
    if (const auto done = std::exchange(done_, nullptr)) {
      done(error);
      // It holds this; when it runs by itself it must not go under its own feet.
      source_.loop.Post([timer = std::make_shared<http::Timer>(std::move(timer_))] {});
    }
  }

  const StepErrorSource source_;
  std::function<void(std::string)> done_;
  http::Timer timer_;
};

}  // namespace

std::string LastLines(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string& line : base::Split(base::Trim(text), '\n'))
    lines.push_back(line.size() > kLineMax ? Cat(line.substr(0, kLineMax), "…") : line);
  if (lines.size() > kLines)
    lines.erase(lines.begin(), lines.end() - static_cast<long>(kLines));
  const auto cause = emr::FindCause({text});
  const std::string end = base::Join(lines, "\n");
  return cause ? Cat(emr::ToText(*cause), end.empty() ? "" : "\n\n", end) : end;
}

void FindStepError(const StepErrorSource& source,
                   const model::AttemptKey& attempt,
                   std::function<void(std::string)> done) {
  std::make_shared<Question>(source, std::move(done))->Begin(attempt);
}

}  // namespace runtime
