#include "runtime/step_error.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/text.h"
#include "emr/cause.h"
#include "runtime/core.h"
#include "runtime/step_logs.h"

namespace runtime {

namespace {

using base::Cat;

constexpr base::Duration kLongest = base::seconds(10);  // wall time, all together
constexpr size_t kLines = 12;
constexpr size_t kLineMax = 300;

// What the store knows.
struct Known {
  StepLogs logs;
  std::string step;   // that failed; "" where there is none, or it has no logs
  std::string cause;  // that was found before
};

Known KnownOf(store::Reader& reader, const model::AttemptKey& attempt) {
  Known known;
  if (const auto causes = reader.Causes(attempt.job.run)) {
    const auto cause = std::ranges::find(*causes, attempt, &model::CauseRow::key);
    if (cause != causes->end())
      known.cause = cause->text;
  }
  const auto clusters = reader.ClustersOf(attempt.job.run);
  for (const model::ClusterRow& cluster : clusters ? *clusters : std::vector<model::ClusterRow>()) {
    const auto step = std::ranges::find(
        cluster.steps, model::StepState::kFailed, [](const model::StepView& s) { return s.state; });
    if (cluster.attempt != attempt || step == cluster.steps.end())
      continue;
    if (auto logs = LogsOf(reader, cluster)) {
      known.logs = *std::move(logs);
      known.step = step->id;
    }
  }
  return known;
}

// One question; it is answered once.
struct Question {
  std::function<void(notify::StepError)> done;
  Known known;
  http::Timer timer;

  void Answer(std::string_view stdout_text, std::string_view stderr_text) {
    if (const auto answer = std::exchange(done, nullptr))
      answer(ErrorOf(stdout_text, stderr_text, known.cause));
  }
};

}  // namespace

notify::StepError ErrorOf(std::string_view stdout_text,
                          std::string_view stderr_text,
                          std::string known) {
  const bool is_python = stdout_text.find("Traceback (most recent") != std::string_view::npos;
  const std::string_view text = is_python ? stdout_text : stderr_text;
  std::vector<std::string> lines;
  for (const std::string& line : base::Split(base::Trim(text), '\n'))
    lines.push_back(line.size() > kLineMax ? Cat(line.substr(0, kLineMax), "…") : line);
  if (lines.size() > kLines)
    lines.erase(lines.begin(), lines.end() - static_cast<long>(kLines));
  const auto found = known.empty() ? emr::FindCause({stdout_text, stderr_text}) : std::nullopt;
  const std::string cause = found ? emr::ToText(*found) : std::move(known);
  const std::string end = base::Join(lines, "\n");
  return {.text = Cat(cause, cause.empty() || end.empty() ? "" : "\n\n", end),
          .has_cause = !cause.empty()};
}

void FindStepError(Core& core,
                   const model::AttemptKey& attempt,
                   std::function<void(notify::StepError)> done) {
  auto question = std::make_shared<Question>();
  question->done = std::move(done);
  // The timer holds nothing: the reads hold the question.
  question->timer = core.loop.After(kLongest, [weak = std::weak_ptr(question)] {
    if (const auto late = weak.lock())
      late->Answer("", "");
  });
  auto known = std::make_shared<Known>();
  core.reads->Run(
      ReadPool::Turn::kUsual,
      [known, attempt](store::Reader& reader) { *known = KnownOf(reader, attempt); },
      [&core, question, known](const base::Status& read) {
        if (read)
          question->known = *known;
        if (question->known.step.empty())
          return question->Answer("", "");
        const auto uri = [known](std::string_view stream) {
          return LogUriOf(known->logs, known->step, stream);
        };
        ReadLogText(core, uri("stdout"), [&core, question, stderr_uri = uri("stderr")](auto text) {
          const std::string out = text ? *std::move(text) : std::string();
          ReadLogText(core, stderr_uri, [question, out](const base::Result<std::string>& err) {
            question->Answer(out, err ? *err : std::string());
          });
        });
      });
}

}  // namespace runtime
