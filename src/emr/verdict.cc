#include "emr/verdict.h"

#include <algorithm>
#include <concepts>

#include "base/check.h"
#include "base/text.h"
#include "emr/verdict_rules.h"

namespace emr {

namespace {

using model::ClusterPhase;
using model::StepState;

// Whether `matches` holds for one of the alternatives in "a|b|c"; for "*" always.
template <std::predicate<std::string_view> Matches>
bool AnyOf(std::string_view alternatives, Matches matches) {
  if (alternatives == kAnyText)
    return true;
  while (true) {
    size_t bar = alternatives.find('|');
    if (matches(alternatives.substr(0, bar)))
      return true;
    if (bar == std::string_view::npos)
      return false;
    alternatives.remove_prefix(bar + 1);
  }
}

// "a+b+c": all of these parts.
bool HasAllOf(std::string_view text, std::string_view parts) {
  while (true) {
    size_t plus = parts.find('+');
    if (text.find(parts.substr(0, plus)) == text.npos)
      return false;
    if (plus == std::string_view::npos)
      return true;
    parts.remove_prefix(plus + 1);
  }
}

bool HasAnyOf(std::string_view text, std::string_view parts) {
  return AnyOf(parts, [&](std::string_view part) { return HasAllOf(text, part); });
}

const model::StepView* FirstFailed(const std::vector<model::StepView>& steps) {
  auto hit = std::ranges::find(steps, StepState::kFailed, &model::StepView::state);
  return hit == steps.end() ? nullptr : &*hit;
}

StepPattern PatternOf(const std::vector<model::StepView>& steps) {
  if (steps.empty())
    return kNoSteps;
  if (FirstFailed(steps) != nullptr)
    return kSomeFailed;
  bool all = std::ranges::all_of(
      steps, [](const model::StepView& step) { return step.state == StepState::kCompleted; });
  return all ? kAllCompleted : kUnfinished;
}

StatePattern PatternOf(ClusterPhase phase) {
  if (phase == ClusterPhase::kLost)
    return kLostState;
  return phase == ClusterPhase::kTerminated ? kTerminatedWell : kTerminatedBadly;
}

// The step that a verdict names: the first that failed, else the first that did not complete.
const model::StepView* StepAtFault(const std::vector<model::StepView>& steps) {
  if (const model::StepView* failed = FirstFailed(steps))
    return failed;
  for (const model::StepView& step : steps) {
    if (step.state != StepState::kCompleted)
      return &step;
  }
  return nullptr;
}

// A fleet without a node although some are wanted. One that comes up or ends with its cluster says
// nothing of the steps.
bool IsEmptied(const model::FleetView& fleet) {
  constexpr std::string_view kPassing =
      "PROVISIONING|BOOTSTRAPPING|TERMINATING|TERMINATED|SHUTTING_DOWN|ENDED";
  return fleet.role != model::FleetRole::kTask && fleet.target > 0 && fleet.running == 0 &&
         !AnyOf(kPassing, [&](std::string_view state) { return state == fleet.state; });
}

// What the rules ask about.
struct Facts {
  explicit Facts(const ClusterEnd& end)
      : code(end.reason_code),
        errors(end.errors),
        steps(PatternOf(end.steps)),
        state(PatternOf(end.phase)),
        step(StepAtFault(end.steps)) {
    // A new error code tells by its words what it is about: VALIDATION_ERROR_EC2_QUOTA_EXCEEDED.
    text = base::Cat(' ', base::ToLower(end.reason_message));
    for (const model::ErrorDetail& error : end.errors)
      text += base::Cat('\n',
                        base::ToLower(error.message),
                        '\n',
                        base::ReplaceAll(base::ToLower(error.code), "_", " "));
    lost_nodes = HasAnyOf(text, kLostNodesTexts) || std::ranges::any_of(end.fleets, IsEmptied) ||
                 (steps == kSomeFailed && HasAnyOf(base::ToLower(step->failure), kLostNodesTexts));
  }

  std::string_view code;
  const std::vector<model::ErrorDetail>& errors;
  std::string text;  // in small letters, after a space
  StepPattern steps;
  StatePattern state;
  const model::StepView* step;  // the one at fault, or null
  bool lost_nodes = false;
};

bool Matches(const VerdictRule& rule, const Facts& facts) {
  if ((rule.steps & facts.steps) == 0 || (rule.states & facts.state) == 0 ||
      (rule.nodes == Nodes::kLost && !facts.lost_nodes))
    return false;
  bool error = rule.error == kAnyText ||
               std::ranges::any_of(facts.errors, [&](const model::ErrorDetail& detail) {
                 return AnyOf(rule.error, [&](std::string_view beginning) {
                   return detail.code.starts_with(beginning);
                 });
               });
  return error && AnyOf(rule.code, [&](std::string_view code) { return code == facts.code; }) &&
         HasAnyOf(facts.text, rule.text);
}

// Without the full stops and spaces that EMR's texts end with.
std::string_view WithoutEnd(std::string_view text) {
  size_t last = text.find_last_not_of(" .\r\n\t");
  return last == text.npos ? std::string_view() : text.substr(0, last + 1);
}

std::string WithColon(std::string_view text) {
  text = WithoutEnd(text);
  return text.empty() ? "" : base::Cat(": ", text);
}

// " (CODE): EMR's text".
std::string MessageOf(const ClusterEnd& end) {
  std::string out;
  if (!end.errors.empty() && !end.errors[0].code.empty())
    out = base::Cat(" (", end.errors[0].code, ')');
  bool own_text = !WithoutEnd(end.reason_message).empty() || end.errors.empty();
  return out + WithColon(own_text ? end.reason_message : end.errors[0].message);
}

// " for r5.xlarge in eu-west-1a".
std::string WhereOf(const ClusterEnd& end) {
  for (const model::ErrorDetail& error : end.errors) {
    std::string out;
    if (!error.instance_type.empty())
      out = base::Cat(" for ", error.instance_type);
    if (!error.availability_zone.empty())
      out += base::Cat(" in ", error.availability_zone);
    if (!out.empty())
      return out;
  }
  return "";
}

std::string PieceOf(std::string_view name, const ClusterEnd& end, const Facts& facts) {
  if (name == "message")
    return MessageOf(end);
  if (name == "where")
    return WhereOf(end);
  CHECK(facts.step != nullptr);
  if (name == "step")
    return facts.step->name;
  if (name == "state")
    return std::string(ToString(facts.step->state));
  CHECK(name == "failure");
  return WithColon(facts.step->failure);
}

std::string Sentence(const VerdictRule& rule, const ClusterEnd& end, const Facts& facts) {
  std::string out;
  std::string_view rest = rule.sentence;
  for (size_t open = rest.find('{'); open != rest.npos; open = rest.find('{')) {
    size_t close = rest.find('}', open);
    out += rest.substr(0, open);
    out += PieceOf(rest.substr(open + 1, close - open - 1), end, facts);
    rest.remove_prefix(close + 1);
  }
  out += rest;
  return rule.fix.empty() ? out : base::Cat(out, "; ", rule.fix);
}

// Without what differs from one cluster to the next (ids, ARNs, numbers), and short.
std::string Counted(std::string_view message) {
  constexpr size_t kLongest = 100;
  constexpr std::string_view kWordSigns = "_.:/-@";
  std::string out;
  std::string word;
  bool is_id = false;
  const auto end_word = [&] {
    out += is_id || word.starts_with("arn:") ? "*" : word;
    word.clear();
    is_id = false;
  };
  for (char c : WithoutEnd(message)) {
    const bool is_digit = c >= '0' && c <= '9';
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    is_id = is_id || is_digit;
    if (is_digit || is_letter || kWordSigns.find(c) != kWordSigns.npos) {
      word += c;
      continue;
    }
    end_word();
    out += c > ' ' && c <= '~' ? c : ' ';
    if (out.size() > kLongest)
      break;
  }
  end_word();
  return out.substr(0, kLongest);
}

bool EndedByUs(const ClusterEnd& end, const Facts& facts) {
  bool done = facts.steps == kAllCompleted && facts.state == kTerminatedWell;
  return end.own_kill && (facts.code == "USER_REQUEST" || facts.code.empty()) && !done;
}

}  // namespace

Verdict Judge(const ClusterEnd& end) {
  const Facts facts(end);
  if (EndedByUs(end, facts))
    return *end.own_kill;
  for (const VerdictRule& rule : VerdictRules()) {
    if (!Matches(rule, facts))
      continue;
    // Our reason says more than EMR's text of the same class.
    if (end.own_kill && end.own_kill->verdict == rule.verdict)
      return *end.own_kill;
    Verdict verdict{rule.verdict, Sentence(rule, end, facts)};
    if (rule.clarity == Clarity::kUnclear)
      verdict.unclear = Counted(end.reason_message.empty() && !end.errors.empty()
                                    ? base::Cat(end.errors[0].code, ' ', end.errors[0].message)
                                    : end.reason_message);
    return verdict;
  }
  CHECK(false);  // the last rule matches everything
}

Verdict JudgeRefusal(std::string_view message) {
  Verdict verdict = Judge({.phase = ClusterPhase::kTerminatedWithErrors,
                           .reason_code = "VALIDATION_ERROR",
                           .reason_message = std::string(message),
                           .steps = {},
                           .errors = {},
                           .fleets = {},
                           .own_kill = {}});
  if (verdict.verdict != model::VerdictClass::kConfiguration)
    return verdict;
  return {verdict.verdict, std::string(message)};
}

std::optional<Verdict> JudgeWaiting(const std::vector<model::StepView>& steps,
                                    std::string_view reason_message) {
  bool over = std::ranges::all_of(
      steps, [](const model::StepView& step) { return IsTerminal(step.state); });
  if (steps.empty() || !over)
    return std::nullopt;
  return Judge({.phase = ClusterPhase::kTerminated,
                .reason_code = "",
                .reason_message = std::string(reason_message),
                .steps = steps,
                .errors = {},
                .fleets = {},
                .own_kill = {}});
}

}  // namespace emr
