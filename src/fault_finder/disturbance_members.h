#pragma once

// The keys that each kind of disturbance has on tapes. Both ways go through these functions: `io`
// writes a member, or reads it (plan_json.cc).
//
// The keys are the same few for all kinds: "at" is a moment or the begin of a period, "span" a
// length, "n" a number, "after" a choice. So tapes that are older than the structs replay.

#include <string>
#include <utility>

#include "emulator/fault_plan.h"
#include "fault_finder/disturbance.h"

namespace fault_finder {

// The action that it is about is that of a fault.
template <typename Io>
void Action(Io& io, std::string& action) {
  emulator::Fault fault;
  fault.action = std::move(action);
  io("fault", fault);
  action = std::move(fault.action);
}

template <typename Io>
void Members(Io& io, CrashAtEffect& d) {
  io("n", d.effect);
  io("after", d.is_after);
}

template <typename Io>
void Members(Io& io, LateObjects& d) {
  io("span", d.by);
}

template <typename Io>
void Members(Io& io, Outage& d) {
  io("at", d.from);
  io("span", d.lasts);
}

template <typename Io>
void Members(Io& io, FinalDeath& d) {
  io("at", d.at);
}

template <typename Io>
void Members(Io& io, DiskFull& d) {
  io("at", d.from);
  io("span", d.lasts);
  io("n", d.reserve);
}

template <typename Io>
void Members(Io& io, CommitUnknown& d) {
  io("n", d.commit);
  io("after", d.has_happened);
}

template <typename Io>
void Members(Io& io, LostTail& d) {
  io("at", d.at);
  io("n", d.commits);
}

template <typename Io>
void Members(Io& io, StoreDeleted& d) {
  io("at", d.from);
  io("span", d.lasts);
}

template <typename Io>
void Members(Io& io, Usurpation& d) {
  io("at", d.at);
  io("after", d.commits_first);
}

template <typename Io>
void Members(Io& io, ClockSet& d) {
  io("at", d.at);
  io("span", d.by);
  io("after", d.is_behind);
}

template <typename Io>
void Members(Io& io, EmrFault& d) {
  io("fault", d.fault);
}

template <typename Io>
void Members(Io& io, ConnectionDown& d) {
  io("at", d.from);
  io("span", d.lasts);
}

template <typename Io>
void Members(Io& io, RepliesLost& d) {
  io("at", d.from);
  io("span", d.lasts);
}

template <typename Io>
void Members(Io& io, CredentialsExpired& d) {
  io("at", d.from);
  io("span", d.lasts);
}

template <typename Io>
void Members(Io& io, TerminateDenied& d) {
  io("at", d.from);
  io("span", d.lasts);
}

template <typename Io>
void Members(Io& io, SlowReplies& d) {
  io("span", d.at_most);
}

template <typename Io>
void Members(Io& io, FlakyCalls& d) {
  io("n", d.one_in);
  io("after", d.is_throttled);
}

template <typename Io>
void Members(Io& io, PacedCalls& d) {
  io("n", d.every);
  Action(io, d.action);
}

template <typename Io>
void Members(Io& io, LaunchTwice& d) {
  io("n", d.launch);
  io("span", d.apart);
  io("after", d.reply_is_lost);
}

template <typename Io>
void Members(Io& io, QuotasUsedUp& d) {
  io("at", d.from);
  io("span", d.lasts);
  io("n", d.percent);
  Action(io, d.action);
}

template <typename Io>
void Members(Io& io, StaleReads& d) {
  io("n", d.every);
  io("span", d.age_at_most);
  io("after", d.is_oldest);
}

template <typename Io>
void Members(Io& io, HiddenClusters& d) {
  io("n", d.every);
  io("span", d.changed_within);
}

template <typename Io>
void Members(Io& io, ForgottenClusters& d) {
  io("n", d.every);
}

template <typename Io>
void Members(Io& io, UnbornClusters& d) {
  io("span", d.at_most);
}

template <typename Io>
void Members(Io& io, Amnesia& d) {
  io("at", d.since_launch);
  io("span", d.at_most);
  io("n", d.cluster);
}

template <typename Io>
void Members(Io& io, ReadsBehind& d) {
  io("span", d.by);
  Action(io, d.action);
}

template <typename Io>
void Members(Io& io, EmrEvents& d) {
  io("n", d.lost_percent);
  io("span", d.late_at_most);
  io("after", d.some_are_forged);
}

template <typename Io>
void Members(Io& io, PersonAsks& d) {
  io("deed", d.deed);
}

template <typename Io>
void Members(Io& io, ConsoleKill& d) {
  io("at", d.at);
  io("n", d.cluster);
}

template <typename Io>
void Members(Io& io, ConsoleProtect& d) {
  io("at", d.at);
  io("n", d.cluster);
}

template <typename Io>
void Members(Io& io, StrangersCluster& d) {
  io("at", d.at);
  io("n", d.sort);
}

template <typename Io>
void Members(Io& io, CrowdOfClusters& d) {
  io("at", d.from);
  io("span", d.lasts);
  io("n", d.clusters);
}

template <typename Io>
void Members(Io& io, DagEdit& d) {
  io("at", d.at);
  io("n", d.dag);
  io("after", d.fires_more_rarely);
  io("span", d.fires_later_by);
  io("sort", d.reshapes);
}

template <typename Io>
void Members(Io& io, DagAbsent& d) {
  io("at", d.from);
  io("span", d.lasts);
  io("n", d.dag);
}

template <typename Io>
void Members(Io& io, CapsLifted& d) {
  io("at", d.at);
}

template <typename Io>
void Members(Io& io, FilesVanish& d) {
  io("at", d.from);
  io("span", d.lasts);
  io("n", d.dags);
  io("after", d.is_confirmed);
}

template <typename Io>
void Members(Io& io, DagPause& d) {
  io("at", d.from);
  io("span", d.lasts);
  io("n", d.dag);
}

template <typename Io>
void Members(Io& io, SupervisorsDie& d) {
  io("at", d.at);
  io("n", d.process);
  io("all", d.all);
}

template <typename Io>
void Members(Io& io, PastRuns& d) {
  io("at", d.at);
  io("n", d.dag);
  io("ticks", d.ticks);
  io("reprocess", d.reprocess);
  io("max_active_runs", d.max_active_runs);
  io("is_reversed", d.is_reversed);
  io("fills_holes", d.fills_holes);
  io("names_intervals", d.names_intervals);
  io("pauses_after", d.pauses_after);
  io("pauses_for", d.pauses_for);
  io("cancels_after", d.cancels_after);
}

template <typename Io>
void Members(Io& io, LaunchHold& d) {
  io("at", d.from);
  io("span", d.lasts);
  io("n", d.dag);
  io("scope", d.scope);
}

template <typename Io>
void Members(Io& io, RunsDeleted& d) {
  io("at", d.at);
  io("n", d.dag);
  io("times", d.times);
  io("span", d.waits);
}

template <typename Io>
void Members(Io& io, Judgement& d) {
  io("at", d.at);
  io("due_in", d.due_in);
  io("n", d.which);
  io("is_of_job", d.is_of_job);
  io("is_shared", d.is_shared);
  io("is_whole", d.is_whole);
  io("is_old", d.is_old);
  io("moves", d.moves);
}

template <typename Io>
void Members(Io& io, RecordChange& d) {
  io("at", d.at);
  io("n", d.record);
  io("expects", d.expects);
  io("drops", d.drops);
  io("is_pair", d.is_pair);
  io("is_quiet", d.is_quiet);
}

template <typename Io>
void Members(Io& io, CauseTold& d) {
  io("at", d.at);
  io("n", d.attempt);
  io("span", d.waits);
  io("times", d.times);
  io("after", d.is_unknown);
}

template <typename Io>
void Members(Io& io, Mail& d) {
  io("n", d.per_minute);
  io("is_pager", d.is_pager);
}

template <typename Io>
void Members(Io& io, MailBroken& d) {
  io("at", d.from);
  io("span", d.lasts);
  io("how", d.how);
}

}  // namespace fault_finder
