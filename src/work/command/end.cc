#include "work/command/end.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/json.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace work {

namespace {

using base::Cat;
using model::VerdictClass;
using Kind = model::ProcessSeen::Kind;

// Airflow's name for the value that a task returns.
constexpr std::string_view kReturnValue = "return_value";

std::string Because(const std::string& words) {
  return words.empty() ? "" : Cat(": ", base::Excerpt(words));
}

ProcessEnd Fail(VerdictClass verdict, std::string reason) {
  return {.verdict = {.verdict = verdict, .reason = std::move(reason)}};
}

// Signals that a process does not raise by a mistake of its own: a shutdown, a lack of memory, a
// person on the machine.
bool ComesFromOutside(int signal) {
  return signal == SIGKILL || signal == SIGTERM || signal == SIGHUP || signal == SIGINT;
}

ProcessEnd JudgeSignal(int signal, const std::string& text) {
  const char* name = sigabbrev_np(signal);
  const std::string which = name == nullptr ? Cat(signal) : Cat(signal, " (SIG", name, ")");
  if (!ComesFromOutside(signal))
    return Fail(VerdictClass::kApplication, Cat("it was ended by signal ", which, Because(text)));
  return Fail(VerdictClass::kInfrastructure,
              Cat("something on this machine has ended it by signal ",
                  which,
                  signal == SIGKILL ? ": a lack of memory, or a person" : "",
                  Because(text)));
}

ProcessEnd JudgeOutputs(const model::CommandWork& work, const model::ProcessSeen& seen) {
  const bool is_file = work.outputs == model::OutputsFrom::kFile;
  const std::string_view place = is_file ? "the file SIGNALBOX_OUTPUTS" : "its last line";
  if (seen.outputs_too_large)
    return Fail(
        VerdictClass::kApplication,
        Cat("its outputs in ", place, " take more than ", model::kOutputsBytesMax, " bytes"));
  if (!seen.outputs)
    return Fail(VerdictClass::kApplication,
                is_file ? "it left no outputs in the file SIGNALBOX_OUTPUTS"
                        : "it printed no line, and its last line is its outputs");
  auto parsed = base::ParseJson(*seen.outputs);
  if (is_file && !parsed)
    return Fail(VerdictClass::kApplication,
                Cat("its outputs in ", place, " are no JSON: ", parsed.error().message));
  if (is_file && !parsed->is_object())
    return Fail(VerdictClass::kApplication, Cat("its outputs in ", place, " are no JSON object"));
  json::object outputs;
  if (parsed && parsed->is_object())
    outputs = std::move(parsed->get_object());
  else
    outputs[kReturnValue] = parsed ? std::move(*parsed) : json::value(*seen.outputs);
  return {.verdict = {.verdict = VerdictClass::kSuccess, .reason = "exit code 0"},
          .outputs = base::Serialize(outputs)};
}

ProcessEnd JudgeExit(const model::CommandWork& work, const model::ProcessSeen& seen) {
  const int code = seen.exit_code.value_or(0);
  if (std::ranges::find(work.skips_on, code) != work.skips_on.end())
    return {.verdict = {.reason = Cat("exit code ", code, " skips it")}, .skips = true};
  if (code != 0)
    return Fail(VerdictClass::kApplication, Cat("exit code ", code, Because(seen.text)));
  if (work.outputs == model::OutputsFrom::kNothing)
    return {.verdict = {.verdict = VerdictClass::kSuccess, .reason = "exit code 0"}};
  return JudgeOutputs(work, seen);
}

// What a task of Airflow has told: {"xcoms": {...}, "report": {"state", ...}, "skipped": [...]}
// (machine/told.h).
ProcessEnd JudgeTold(const model::ProcessSeen& seen) {
  const auto parsed = base::ParseJson(seen.outputs.value_or("{}"));
  const json::object told = parsed && parsed->is_object() ? parsed->get_object() : json::object();
  const json::object report = base::GetObject(told, "report");
  const std::string state = base::GetString(report, "state");
  ProcessEnd end{.is_told = !state.empty()};
  if (const json::object xcoms = base::GetObject(told, "xcoms"); !xcoms.empty())
    end.outputs = base::Serialize(xcoms);
  if (state == "success") {
    for (const json::value& name : base::GetArray(told, "skipped"))
      end.skipped.emplace_back(std::string_view(name.as_string()));
    end.verdict = {.verdict = VerdictClass::kSuccess, .reason = "Airflow: success"};
  } else if (state == "skipped") {
    end.verdict.reason = "Airflow: skipped";
    end.skips = true;
  } else if (state == "failed" || state == "up_for_retry") {
    end.verdict = {
        .verdict = VerdictClass::kApplication,
        .reason =
            Cat("Airflow: ", state == "failed" ? "failed" : "up for retry", Because(seen.text)),
        .is_final = state == "failed"};
  } else if (!state.empty()) {
    end.verdict = {.verdict = VerdictClass::kApplication,
                   .reason = Cat("the task wants the state '",
                                 base::Excerpt(state),
                                 "', which Signalbox does not have")};
  } else if (seen.signal) {
    end.verdict = JudgeSignal(*seen.signal, seen.text).verdict;
    end.verdict.verdict = VerdictClass::kInfrastructure;
  } else {
    end.verdict = {.verdict = VerdictClass::kInfrastructure,
                   .reason = Cat("its process has ended with exit code ",
                                 seen.exit_code.value_or(0),
                                 " and without telling its state",
                                 Because(seen.text))};
  }
  return end;
}

}  // namespace

ProcessEnd JudgeProcess(const model::CommandWork& work, const model::ProcessSeen& seen) {
  // What it has told is true, even if nobody saw its process end.
  if (work.airflow && (seen.kind == Kind::kEnded || seen.kind == Kind::kLost)) {
    if (ProcessEnd end = JudgeTold(seen); seen.kind == Kind::kEnded || end.is_told)
      return end;
  }
  switch (seen.kind) {
    case Kind::kRefused:
      return Fail(VerdictClass::kConfiguration, Cat("it could not begin", Because(seen.text)));
    case Kind::kNotBegun:
      return Fail(VerdictClass::kInfrastructure, Cat("it did not begin", Because(seen.text)));
    case Kind::kLost:
      return Fail(VerdictClass::kInfrastructure,
                  Cat("it runs no more, and nobody saw how it ended", Because(seen.text)));
    case Kind::kBegan:
    case Kind::kEnded:
      break;
  }
  if (seen.timed_out)
    return Fail(VerdictClass::kApplication,
                "it took longer than its execution_timeout, and was ended");
  return seen.signal ? JudgeSignal(*seen.signal, seen.text) : JudgeExit(work, seen);
}

}  // namespace work
