#include "simulation/rules/process_rules.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/text.h"

namespace simulation {

namespace {

using model::VerdictClass;

constexpr int kSkips = 99;

// What the machine says of an end, in the words of verdicts; nothing: the job is skipped. The state
// that a task of Airflow has told counts, however its process ended.
std::optional<VerdictClass> VerdictOf(const json::object& end) {
  const std::string kind = base::GetString(end, "End");
  const auto told = base::ParseJson(base::GetString(end, "Outputs"));
  if (told && told->is_object() && told->get_object().contains("report")) {
    const std::string state =
        base::GetString(base::GetObject(told->get_object(), "report"), "state");
    if (state == "skipped")
      return std::nullopt;
    return state == "success" ? VerdictClass::kSuccess : VerdictClass::kApplication;
  }
  if (told && told->is_object() && told->get_object().empty() && kind == "ended")
    return VerdictClass::kInfrastructure;  // it has told nothing
  if (kind == "refused")
    return VerdictClass::kConfiguration;
  if (kind != "ended")
    return VerdictClass::kInfrastructure;
  if (base::GetBool(end, "TimedOut"))
    return VerdictClass::kApplication;
  if (end.contains("Signal"))
    return VerdictClass::kInfrastructure;
  const int64_t code = base::GetInt(end, "ExitCode");
  if (code == kSkips)
    return std::nullopt;
  return code == 0 ? VerdictClass::kSuccess : VerdictClass::kApplication;
}

}  // namespace

void ProcessRules::Begin() {
  processes_.OnBegan(
      [this](base::Time now, const Processes::Process& process) { OnBegan(now, process); });
}

void ProcessRules::Breach(base::Time now,
                          const model::AttemptKey& key,
                          std::string_view rule,
                          std::string_view what) {
  checks_.Breach(
      now, base::Cat(rule, ": the process of ", ToString(key.job), " try ", key.n, " ", what));
}

void ProcessRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  Apply(now, batch, /*judges=*/true);
}

void ProcessRules::OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time) {
  rows_.clear();
  tokens_.clear();
  attempts_.clear();
  stopped_.clear();
  for (const Stored& stored : left)
    Apply(now, stored.batch, /*judges=*/false);
}

void ProcessRules::Apply(base::Time now, const std::vector<model::Change>& batch, bool judges) {
  std::vector<model::AttemptRow> ended;
  skipped_.clear();
  for (const model::Change& change : batch) {
    if (const auto* row = std::get_if<model::ProcessRow>(&change)) {
      rows_[row->token.str()] = *row;
      tokens_[row->key] = row->token.str();
      if (row->stop_requested_at && IsLive(*row))
        stopped_.try_emplace(row->token.str(), now);
      else
        stopped_.erase(row->token.str());
      if (judges && row->state == model::ProcessState::kOver)
        JudgeOver(now, *row);
    } else if (const auto* attempt = std::get_if<model::AttemptRow>(&change)) {
      const bool was_open = !attempts_[attempt->key].ended_at;
      attempts_[attempt->key] = *attempt;
      if (attempt->ended_at && was_open)
        ended.push_back(*attempt);
    } else if (const auto* task = std::get_if<model::TaskRow>(&change)) {
      if (task->state == model::TaskState::kSkipped)
        skipped_.insert({task->job, task->try_number});
    }
  }
  if (!judges)
    return;
  for (const model::AttemptRow& row : ended)
    JudgeEnd(now, row);
}

void ProcessRules::OnBegan(base::Time now, const Processes::Process& process) {
  const auto found = rows_.find(process.token);
  if (found == rows_.end()) {
    checks_.Breach(now, base::Cat("I1: a process of no row begins: ", process.token));
    return;
  }
  const model::ProcessRow& row = found->second;
  if (row.state != model::ProcessState::kWanted)
    Breach(now, row.key, "I1", "begins, and its row does not want it");
  if (row.stop_requested_at)
    Breach(now, row.key, "I1", "begins, and it was stopped");
  if (base::Canonical(*base::ParseJson(row.request)) != base::Canonical(process.request))
    Breach(now, row.key, "I15", "is not what its row says");
  if (const auto attempt = attempts_.find(row.key);
      attempt == attempts_.end() || attempt->second.ended_at)
    Breach(now, row.key, "I1", "begins, and its attempt is not open");
  for (const auto& [token, other] : rows_) {
    if (token != process.token && other.key.job == row.key.job && processes_.Runs(token, now))
      Breach(now, row.key, "I2", base::Cat("begins beside that of try ", other.key.n));
  }
}

void ProcessRules::OnTurn(base::Time now) {
  constexpr base::Duration kPatience = base::minutes(5);
  for (const auto& [token, since] : stopped_) {
    if (now - std::max(since, alive_since_) < kPatience || !processes_.Runs(token, now))
      continue;
    Breach(now, rows_.at(token).key, "I6", "is to end, and runs on");
    return;
  }
}

// The row says that it runs no more.
void ProcessRules::JudgeOver(base::Time now, const model::ProcessRow& row) {
  if (processes_.Runs(row.token.str(), now))
    Breach(now, row.key, "I1", "is told to be over, and runs");
}

void ProcessRules::JudgeEnd(base::Time now, const model::AttemptRow& row) {
  const auto token = tokens_.find(row.key);
  if (token == tokens_.end())
    return;  // of another kind, or it never came to a process
  const model::ProcessRow& process = rows_.at(token->second);
  const Processes::Process* truth = processes_.Find(token->second);
  if (row.verdict == VerdictClass::kUser || process.state != model::ProcessState::kOver) {
    if (IsLive(process) && !process.stop_requested_at)
      Breach(now, row.key, "I4", "works for an attempt that has ended, and is not told to end");
    return;
  }
  if (truth == nullptr || !truth->has_ended) {
    Breach(now, row.key, "I4", "has not ended, and its attempt has");
    return;
  }
  const std::optional<VerdictClass> due = VerdictOf(truth->end);
  if (process.stop_requested_at)
    return;  // by a person: how it ends is no matter any more
  const bool is_skipped = skipped_.contains(row.key);
  if (is_skipped != !due.has_value())
    Breach(
        now, row.key, "I4", is_skipped ? "did not ask to skip the job" : "asked to skip the job");
  else if (due && row.verdict != *due)
    Breach(now,
           row.key,
           "I4",
           base::Cat("says ",
                     ToString(*due),
                     ", and its attempt ended as ",
                     ToString(row.verdict.value_or(VerdictClass::kUser))));
}

void ProcessRules::AtEnd(base::Time now) {
  for (const auto& [token, process] : processes_.all()) {
    if (processes_.Runs(token, now))
      checks_.Breach(now, base::Cat("I1: the process ", token, " runs on at the end"));
  }
  for (const auto& [token, row] : rows_) {
    if (IsLive(row))
      Breach(now, row.key, "I4", "is not known to have ended");
  }
}

}  // namespace simulation
