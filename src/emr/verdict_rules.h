#pragma once

// The verdict's rules as data: the first that matches decides. Only verdict.cc and its test read
// them.
//
// Sources: EMR's API reference (reason codes), its "error codes with ErrorDetail" pages, EC2's
// "error codes" page, and texts of real clusters in public reports. AWS says that texts change, so
// an error code is asked before a text, a rule asks for key words and never for a sentence, and a
// text that nobody knows still falls to its reason code.

#include <cstdint>
#include <span>
#include <string_view>

#include "model/states.h"

namespace emr {

// How a cluster's steps stand together; exactly one holds.
enum StepPattern : uint8_t {
  kNoSteps = 1,
  kAllCompleted = 2,
  kSomeFailed = 4,
  kUnfinished = 8,  // none failed, but some were cancelled, interrupted or never run
  kAnySteps = kNoSteps | kAllCompleted | kSomeFailed | kUnfinished,
};

enum StatePattern : uint8_t {
  kTerminatedWell = 1,
  kTerminatedBadly = 2,
  kLostState = 4,
  kAnyState = kTerminatedWell | kTerminatedBadly | kLostState,
};

enum class Nodes { kAny, kLost };  // kLost: fleets, message or a failed step speak of lost nodes

enum class Clarity { kKnown, kUnclear };  // kUnclear: no rule knows the words

inline constexpr std::string_view kAnyText = "*";

struct VerdictRule {
  model::VerdictClass verdict;
  // What happened. {step}, {state} and {failure} are of the step that the verdict names, {where} is
  // " for r5.xlarge in eu-west-1a" or nothing, {message} is ": EMR's text" or nothing.
  std::string_view sentence;
  std::string_view fix = {};          // what a person can do, where that is known
  std::string_view code = kAnyText;   // reason codes: "" is none, alternatives after '|'
  std::string_view error = kAnyText;  // beginnings of an ErrorDetails code, alternatives after '|'
  // Parts of EMR's message and error codes in small letters: alternatives after '|', each of one
  // part or of several that must all be there, with '+'.
  std::string_view text = kAnyText;
  uint8_t steps = kAnySteps;
  uint8_t states = kAnyState;
  Nodes nodes = Nodes::kAny;
  Clarity clarity = Clarity::kKnown;
};

// The last one matches everything.
std::span<const VerdictRule> VerdictRules();

// What a text says where nodes went away under a step, in small letters, with '|'.
inline constexpr std::string_view kLostNodesTexts =
    "lost node|*lost* node|slave lost|node was lost|nodes were lost|node was terminated|"
    "slaves in the job flow were terminated|instances in the job flow are terminated|"
    "instance failure|spot interruption|no_slave_left|no_slaves_left";

}  // namespace emr
