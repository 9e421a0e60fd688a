#include "work/emr/attempt_end.h"

#include "engine/attempts.h"
#include "work/emr/resume.h"

namespace work {

namespace {

void CountUnclear(Counters& counters, const std::string& words) {
  const bool is_known = counters.unclear_refusals.contains(words);
  const bool has_room = counters.unclear_refusals.size() < kUnclearTextsMax;
  ++counters.unclear_refusals[is_known || has_room ? words : "other"];
}

}  // namespace

void End(EmrTurn& turn, engine::Run& run, engine::JobInstance& job, emr::Verdict verdict) {
  verdict.unclear_before = UnclearRefusals(turn.state, job);
  if (verdict.unclear)
    CountUnclear(turn.state.counters, *verdict.unclear);
  EndAttempt(turn.engine, run, job, verdict);
}

void BecomeIdle(EmrTurn& turn, engine::JobInstance& job) {
  OnIdle(turn.engine, job, "its old cluster is gone");
}

void Order(EmrTurn& turn, const std::string& aggregate, model::CommandKind kind, int64_t sequence) {
  model::CommandRow& command = turn.engine.state.commands[{aggregate, sequence}];
  command = {aggregate, sequence, kind, turn.now()};
  turn.recorder().Put(command);
}

void Withdraw(EmrTurn& turn, const std::string& aggregate, int64_t sequence) {
  const auto command = turn.engine.state.commands.find({aggregate, sequence});
  if (command == turn.engine.state.commands.end())
    return;
  turn.recorder().Done(command->second);
  turn.engine.state.commands.erase(command);
}

}  // namespace work
