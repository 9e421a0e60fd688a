#include "fault_finder/disturbance.h"

#include "base/text.h"

namespace fault_finder {

using base::Cat;
using emulator::Fault;
using emulator::FaultKind;

namespace {

std::string Span(base::Duration span) {
  return base::FormatDuration(span);
}

std::string DescribeFault(const Fault& fault) {
  std::string out(emulator::Text(fault.kind));
  if (fault.OnCall())
    out += Cat(" of ", fault.action);
  if (fault.name != "*")
    out += Cat(" \"", fault.name, "\"");
  out += fault.nth == 0 ? " always" : Cat(", number ", fault.nth);
  if (fault.nth > 0 && fault.count > 1)
    out += Cat(" and ", fault.count - 1, " more");
  if (fault.span.count() > 0)
    out += Cat(", ", Span(fault.span));
  if (!fault.message.empty())
    out += Cat(" (", fault.code, ": ", fault.message, ")");
  if (fault.kind == FaultKind::kHttp500)
    out += fault.executed ? ", after its effect" : ", without its effect";
  return out;
}

std::string At(base::Duration at) {
  return Cat("at ", Span(at), ": ");
}
template <typename Kind>
std::string During(const Kind& d) {
  return Cat("from ", Span(d.from), " for ", Span(d.lasts), ": ");
}

// --- Our process, its store and its clock --------------------------------------------------------

std::string Say(const CrashAtEffect& d) {
  return Cat(
      "a crash ", d.is_after ? "after" : "before", " effect ", d.effect, " of the then life");
}
std::string Say(const Outage& d) {
  return During(d) + "our process is dead";
}
std::string Say(const FinalDeath& d) {
  return At(d.at) + "we die and never come back";
}
std::string Say(const LateObjects& d) {
  return Cat("S3 shows objects ", Span(d.by), " late");
}
std::string Say(const DiskFull& d) {
  return Cat(
      During(d), "the disk is full", d.reserve > 0 ? Cat(", but for ", d.reserve, " commits") : "");
}
std::string Say(const CommitUnknown& d) {
  return Cat("commit ",
             d.commit,
             d.has_happened ? " happens" : " does not happen",
             ", and it is not known");
}
std::string Say(const LostTail& d) {
  return Cat(At(d.at), "we die, and the store has lost its last ", d.commits, " commits");
}
std::string Say(const StoreDeleted& d) {
  return During(d) + "the store's file is deleted, and then put back as it was";
}
std::string Say(const Usurpation& d) {
  return Cat(At(d.at),
             "another process opens our store",
             d.commits_first ? ", commits what is due" : "",
             ", and dies");
}
std::string Say(const ClockSet& d) {
  return Cat(At(d.at),
             "our clock is ",
             Span(d.by),
             d.is_behind ? " behind from now on" : " ahead from now on");
}

// --- Calls and replies ---------------------------------------------------------------------------

std::string Say(const EmrFault& d) {
  return DescribeFault(d.fault);
}
std::string Say(const ConnectionDown& d) {
  return During(d) + "no connection to EMR";
}
std::string Say(const RepliesLost& d) {
  return During(d) + "calls take effect, and no reply comes";
}
std::string Say(const CredentialsExpired& d) {
  return During(d) + "the credentials have expired";
}
std::string Say(const TerminateDenied& d) {
  return During(d) + "terminating is denied";
}
std::string Say(const SlowReplies& d) {
  return Cat("replies take up to ", Span(d.at_most));
}
std::string Say(const FlakyCalls& d) {
  return Cat("one call in ", d.one_in, d.is_throttled ? " is throttled" : " fails with a 500");
}
std::string Say(const PacedCalls& d) {
  return Cat("every ", d.action, " number ", d.every, " is throttled");
}
std::string Say(const LaunchTwice& d) {
  return Cat("RunJobFlow number ",
             d.launch,
             " is executed twice, ",
             Span(d.apart),
             d.reply_is_lost ? " apart, and its reply is lost" : " apart");
}
std::string Say(const QuotasUsedUp& d) {
  return Cat(During(d),
             d.percent,
             " % of our calls",
             d.action.empty() ? "" : " of " + d.action,
             " are throttled");
}

// --- What reads and events tell ------------------------------------------------------------------

std::string Say(const StaleReads& d) {
  return Cat(
      "every read number ", d.every, d.is_oldest ? " is as stale as it may be" : " is stale");
}
std::string Say(const HiddenClusters& d) {
  return Cat("every list number ", d.every, " lacks a cluster");
}
std::string Say(const ForgottenClusters& d) {
  return Cat("every cluster number ", d.every, " is not known for a moment");
}
std::string Say(const UnbornClusters& d) {
  return Cat("reads do not know a new cluster for up to ", Span(d.at_most));
}
std::string Say(const Amnesia& d) {
  return Cat("from ",
             Span(d.since_launch),
             " after its launch reads do not know cluster ",
             d.cluster,
             " for up to ",
             Span(d.at_most));
}
std::string Say(const ReadsBehind& d) {
  return Cat(d.action, " is ", Span(d.by), " behind");
}
std::string Say(const EmrEvents& d) {
  return Cat("EMR's events reach us, ",
             d.lost_percent,
             " % of them never, up to ",
             Span(d.late_at_most),
             " late",
             d.some_are_forged ? ", and forged ones" : "");
}

// --- People and other tenants --------------------------------------------------------------------

std::string Say(const PersonAsks& d) {
  return Cat(At(d.deed.after),
             "somebody asks to ",
             simulation::ToString(d.deed.act),
             " (run ",
             d.deed.run,
             ", job ",
             d.deed.job,
             ")");
}
std::string Say(const ConsoleKill& d) {
  return At(d.at) + "a cluster of ours is terminated in AWS's console";
}
std::string Say(const ConsoleProtect& d) {
  return At(d.at) + "somebody protects a cluster of ours";
}
std::string Say(const StrangersCluster& d) {
  return At(d.at) + "somebody else launches a cluster";
}
std::string Say(const CrowdOfClusters& d) {
  return Cat(During(d), "others launch ", d.clusters, " clusters");
}
std::string Say(const DagEdit& d) {
  return Cat(
      At(d.at),
      "DAG ",
      d.dag,
      " is edited",
      d.fires_more_rarely ? ", and fires more rarely" : "",
      d.fires_later_by.count() > 0 ? Cat(", and fires ", Span(d.fires_later_by), " later") : "",
      d.reshapes == 1   ? ", and gets a job"
      : d.reshapes == 2 ? ", and loses a job"
      : d.reshapes == 3 ? ", and its last job becomes other work"
                        : "");
}
std::string Say(const DagAbsent& d) {
  return Cat(During(d), "the file of DAG ", d.dag, " is gone");
}
std::string Say(const FilesVanish& d) {
  return Cat(During(d),
             "the files of ",
             d.dags,
             " DAGs vanish",
             d.is_confirmed ? ", and somebody confirms that they are gone" : "");
}
std::string Say(const CapsLifted& d) {
  return At(d.at) + "the spend caps leave the files";
}
std::string Say(const DagPause& d) {
  return Cat(During(d), "DAG ", d.dag, " is paused");
}
std::string Say(const SupervisorsDie& d) {
  return Cat(At(d.at),
             d.all ? std::string("all supervisors of commands die")
                   : Cat("the supervisor of command ", d.process, " dies"));
}
std::string Say(const PastRuns& d) {
  return Cat(At(d.at),
             d.fills_holes ? "the holes" : Cat(d.ticks, " past runs"),
             " of DAG ",
             d.dag,
             " are asked for, ",
             d.max_active_runs,
             " at once",
             d.is_reversed ? ", the latest first" : "",
             d.names_intervals ? ", by the hour" : "",
             d.reprocess == 0   ? ""
             : d.reprocess == 1 ? ", failed ones again"
                                : ", ended ones again",
             d.pauses_for.count() == 0
                 ? ""
                 : Cat(", paused after ", Span(d.pauses_after), " for ", Span(d.pauses_for)),
             d.cancels_after.count() == 0 ? "" : Cat(", cancelled after ", Span(d.cancels_after)));
}
std::string Say(const LaunchHold& d) {
  constexpr std::string_view kWhat[] = {
      "all launches", "those of the pool of", "those of the tag of", "those of"};
  return Cat(During(d), kWhat[d.scope & 3], d.scope == 0 ? "" : Cat(" DAG ", d.dag), " are held");
}

std::string Say(const RunsDeleted& d) {
  return Cat(At(d.at), "a run of DAG ", d.dag, " begins, and is deleted ", d.times, " times");
}

std::string Say(const CauseTold& d) {
  return Cat(At(d.at),
             d.is_unknown ? "logs name a try that never was"
                          : Cat("the logs of failed try ", d.attempt, " tell why"),
             ", ",
             d.times,
             " times");
}

std::string Say(const Judgement& d) {
  return Cat(At(d.at),
             d.is_old ? "the last judgement comes again"
                      : Cat(d.is_of_job ? "a job's deadline" : "the deadline",
                            " of each run is judged, due in ",
                            Span(d.due_in)));
}

std::string Say(const RecordChange& d) {
  constexpr std::string_view kExpects[] = {
      "", ", if it is as it was", ", if it is new", ", as if it had been written meanwhile"};
  return Cat(At(d.at),
             "record ",
             d.record,
             d.is_pair ? " and the next one" : "",
             d.drops ? " is dropped" : " is written",
             kExpects[d.expects & 3],
             d.is_quiet ? ", quietly" : "");
}

std::string Say(const Mail& d) {
  return Cat("people are told what goes wrong, by ",
             d.per_minute,
             d.is_pager ? " pages a minute" : " messages a minute");
}

std::string Say(const MailBroken& d) {
  constexpr std::string_view kHow[] = {"loses its replies", "refuses", "is slow", "is down"};
  return Cat(During(d), "the post office ", kHow[d.how & 3]);
}

}  // namespace

std::string_view KindName(const Disturbance& disturbance) {
  return std::visit([](const auto& d) { return d.kName; }, disturbance);
}

std::string Describe(const Disturbance& disturbance) {
  return std::visit([](const auto& d) { return Say(d); }, disturbance);
}

base::Duration StartOf(const Disturbance& disturbance) {
  return std::visit(
      [](const auto& d) {
        if constexpr (requires { d.from; })
          return d.from;
        else if constexpr (requires { d.at; })
          return d.at;
        else
          return base::Duration(0);
      },
      disturbance);
}

base::Duration LengthOf(const Disturbance& disturbance) {
  return std::visit(
      [](const auto& d) {
        if constexpr (requires { d.lasts; })
          return d.lasts;
        else
          return base::Duration(0);
      },
      disturbance);
}

}  // namespace fault_finder
