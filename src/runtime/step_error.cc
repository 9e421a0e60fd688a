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

// The log of the step that failed; "" where there is none.
std::string LogOf(store::Reader& reader, const model::AttemptKey& attempt) {
  const auto clusters = reader.ClustersOf(attempt.job.run);
  for (const model::ClusterRow& cluster : clusters ? *clusters : std::vector<model::ClusterRow>()) {
    const auto step = std::ranges::find(
        cluster.steps, model::StepState::kFailed, [](const model::StepView& s) { return s.state; });
    if (cluster.attempt != attempt || step == cluster.steps.end())
      continue;
    if (const auto logs = LogsOf(reader, cluster))
      return LogUriOf(*logs, step->id, "stderr");
  }
  return "";
}

// One question; it is answered once.
struct Question {
  std::function<void(std::string)> done;
  http::Timer timer;

  void Answer(const std::string& error) {
    if (const auto answer = std::exchange(done, nullptr))
      answer(error);
  }
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

void FindStepError(Core& core,
                   const model::AttemptKey& attempt,
                   std::function<void(std::string)> done) {
  auto question = std::make_shared<Question>();
  question->done = std::move(done);
  // The timer holds nothing: the reads hold the question.
  question->timer = core.loop.After(kLongest, [weak = std::weak_ptr(question)] {
    if (const auto late = weak.lock())
      late->Answer("");
  });
  auto uri = std::make_shared<std::string>();
  core.reads->Run(
      ReadPool::Turn::kUsual,
      [uri, attempt](store::Reader& reader) { *uri = LogOf(reader, attempt); },
      [&core, question, uri](const base::Status& read) {
        if (!read || uri->empty())
          return question->Answer("");
        ReadLogText(core, *uri, [question](const base::Result<std::string>& text) {
          question->Answer(text ? LastLines(*text) : "");
        });
      });
}

}  // namespace runtime
