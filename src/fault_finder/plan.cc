#include "fault_finder/plan.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace fault_finder {

using emulator::Fault;
using emulator::FaultKind;
using Kind = Disturbance::Kind;

namespace {

constexpr std::array<std::string_view, 35> kKindNames = {
    "crash",   "emr",       "down",   "silent",  "credentials", "no_terminate", "disk_full",
    "unknown", "stale",     "hidden", "slow",    "flaky",       "twice",        "forget",
    "events",  "clock",     "person", "console", "protect",     "stranger",     "crowd",
    "busy",    "edit",      "absent", "vanish",  "pause",       "outage",       "death",
    "usurp",   "lost_tail", "unborn", "amnesia", "behind",      "paced",        "void"};

std::string Span(base::Duration span) {
  return base::FormatDuration(span);
}

std::string DescribeFault(const Fault& fault) {
  std::string out(emulator::Text(fault.kind));
  if (fault.OnCall())
    out += base::Cat(" of ", fault.action);
  if (fault.name != "*")
    out += base::Cat(" \"", fault.name, "\"");
  out += fault.nth == 0 ? " always" : base::Cat(", number ", fault.nth);
  if (fault.nth > 0 && fault.count > 1)
    out += base::Cat(" and ", fault.count - 1, " more");
  if (fault.span.count() > 0)
    out += base::Cat(", ", Span(fault.span));
  if (!fault.message.empty())
    out += base::Cat(" (", fault.code, ": ", fault.message, ")");
  if (fault.kind == FaultKind::kHttp500)
    out += fault.executed ? ", after its effect" : ", without its effect";
  return out;
}

}  // namespace

std::string_view ToString(Mode mode) {
  switch (mode) {
    case Mode::kRandom:
      return "random";
    case Mode::kLiveness:
      return "liveness";
  }
  return "";
}

std::string_view ToString(Kind kind) {
  const auto place = static_cast<size_t>(kind);
  return place < kKindNames.size() ? kKindNames[place] : "";
}

std::string Describe(const Disturbance& d) {
  const std::string at = base::Cat("at ", Span(d.at), ": ");
  const std::string during = base::Cat("from ", Span(d.at), " for ", Span(d.span), ": ");
  switch (d.kind) {
    case Kind::kCrash:
      return base::Cat(
          "a crash ", d.after ? "after" : "before", " effect ", d.n, " of the then life");
    case Kind::kEmr:
      return DescribeFault(d.fault);
    case Kind::kDown:
      return during + "no connection to EMR";
    case Kind::kSilent:
      return during + "calls take effect, and no reply comes";
    case Kind::kCredentials:
      return during + "the credentials have expired";
    case Kind::kNoTerminate:
      return during + "terminating is denied";
    case Kind::kDiskFull:
      return base::Cat(
          during, "the disk is full", d.n > 0 ? base::Cat(", but for ", d.n, " commits") : "");
    case Kind::kCommitUnknown:
      return base::Cat(
          "commit ", d.n, d.after ? " happens" : " does not happen", ", and it is not known");
    case Kind::kStale:
      return base::Cat(
          "every read number ", d.n, d.after ? " is as stale as it may be" : " is stale");
    case Kind::kHidden:
      return base::Cat("every list number ", d.n, " lacks a cluster");
    case Kind::kSlow:
      return base::Cat("replies take up to ", Span(d.span));
    case Kind::kFlaky:
      return base::Cat("one call in ", d.n, d.after ? " is throttled" : " fails with a 500");
    case Kind::kTwice:
      return base::Cat("RunJobFlow number ",
                       d.n,
                       " is executed twice, ",
                       Span(d.span),
                       d.after ? " apart, and its reply is lost" : " apart");
    case Kind::kForget:
      return base::Cat("every cluster number ", d.n, " is not known for a moment");
    case Kind::kEvents:
      return base::Cat("EMR's events reach us, ",
                       d.n,
                       " % of them never, up to ",
                       Span(d.span),
                       " late",
                       d.after ? ", and forged ones" : "");
    case Kind::kClock:
      return at + base::Cat("our clock is ",
                            Span(d.span),
                            d.after ? " behind from now on" : " ahead from now on");
    case Kind::kPerson:
      return base::Cat("at ",
                       Span(d.deed.after),
                       ": somebody asks to ",
                       simulation::ToString(d.deed.act),
                       " (run ",
                       d.deed.run,
                       ", job ",
                       d.deed.job,
                       ")");
    case Kind::kConsole:
      return at + "a cluster of ours is terminated in AWS's console";
    case Kind::kProtect:
      return at + "somebody protects a cluster of ours";
    case Kind::kStranger:
      return at + "somebody else launches a cluster";
    case Kind::kCrowd:
      return during + base::Cat("others launch ", d.n, " clusters");
    case Kind::kBusy:
      return during + base::Cat(d.n,
                                " % of our calls",
                                d.fault.action.empty() ? "" : " of " + d.fault.action,
                                " are throttled");
    case Kind::kEdit:
      return at +
             base::Cat("DAG ",
                       d.n,
                       " is edited",
                       d.after ? ", and fires more rarely" : "",
                       d.span.count() > 0 ? base::Cat(", and fires ", Span(d.span), " later") : "");
    case Kind::kAbsent:
      return during + base::Cat("the file of DAG ", d.n, " is gone");
    case Kind::kVanish:
      return during + base::Cat("the files of ",
                                d.n,
                                " DAGs vanish",
                                d.after ? ", and somebody confirms that they are gone" : "");
    case Kind::kPause:
      return during + base::Cat("DAG ", d.n, " is paused");
    case Kind::kOutage:
      return during + "our process is dead";
    case Kind::kDeath:
      return at + "we die and never come back";
    case Kind::kUsurp:
      return at + base::Cat("another process opens our store",
                            d.after ? ", commits what is due" : "",
                            ", and dies");
    case Kind::kLostTail:
      return at + base::Cat("we die, and the store has lost its last ", d.n, " commits");
    case Kind::kUnborn:
      return base::Cat("reads do not know a new cluster for up to ", Span(d.span));
    case Kind::kAmnesia:
      return base::Cat("from ",
                       Span(d.at),
                       " after its launch reads do not know cluster ",
                       d.n,
                       " for up to ",
                       Span(d.span));
    case Kind::kBehind:
      return base::Cat(d.fault.action, " is ", Span(d.span), " behind");
    case Kind::kPaced:
      return base::Cat("every ", d.fault.action, " number ", d.n, " is throttled");
    case Kind::kVoid:
      return during + "the store's file is deleted, and then put back as it was";
  }
  return "";
}

}  // namespace fault_finder
