#include "runtime/cause_watch.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "runtime/core.h"
#include "runtime/step_logs.h"

namespace runtime {

namespace {

// After the attempt's end, in world time: EMR ships every five minutes, and once at the end.
constexpr std::array kLooks = {base::Duration(base::seconds(30)),
                               base::Duration(base::minutes(3)),
                               base::Duration(base::minutes(6)),
                               base::Duration(base::minutes(10)),
                               base::Duration(base::minutes(16))};
constexpr size_t kMostWanted = 500;
constexpr int kMostOfHistory = 500;

json::object FieldsOf(const model::AttemptKey& attempt) {
  return {{"dag", attempt.job.run.dag.str()},
          {"run", attempt.job.run.run.str()},
          {"job", model::DisplayName(attempt.job)},
          {"try", attempt.n}};
}

bool IsWanted(const model::AttemptRow& attempt) {
  return attempt.ended_at && attempt.verdict == model::VerdictClass::kApplication;
}

store::Instances Of(const model::JobKey& job) {
  return {job.job, job.lane, job.index, job.index};
}

// Attempts that failed since then and have no cause yet, by what history says about tasks.
base::Result<std::vector<model::AttemptRow>> RecentOnes(store::Reader& rows, base::Time since) {
  ASSIGN_OR_RETURN(const auto lines,
                   rows.History({.limit = kMostOfHistory,
                                 .kind = model::EntityKind::kTask,
                                 .to = {"failed", "up_for_retry"},
                                 .from = since,
                                 .is_newest_first = true}));
  std::set<model::JobKey> jobs;
  for (const model::HistoryRow& line : lines)
    jobs.insert(model::JobKeyOf(line.subject));
  std::vector<model::AttemptRow> recent;
  for (const model::JobKey& job : jobs) {
    const auto attempts = rows.Attempts(job.run, Of(job));
    if (!attempts && attempts.error().code == base::ErrorCode::kNotFound)
      continue;  // the run was deleted
    if (!attempts)
      return base::Fail(attempts.error());
    for (const model::AttemptRow& attempt : *attempts) {
      if (IsWanted(attempt) && *attempt.ended_at >= since)
        recent.push_back(attempt);
    }
  }
  return recent;
}

}  // namespace

// What the store says of an attempt whose cause is wanted.
struct CauseWatch::Read {
  int64_t deletions = 0;
  std::string step;  // that failed; "": there is none, or no log of it, or the cause is known
  StepLogs logs;
};

void CauseWatch::Start() {
  auto recent = std::make_shared<base::Result<std::vector<model::AttemptRow>>>();
  core_.reads->Run(
      ReadPool::Turn::kUsual,
      [recent, since = core_.world->Now() - kLooks.back()](store::Reader& rows) {
        *recent = RecentOnes(rows, since);
      },
      [this, recent](const base::Status& read) {
        if (!read || !*recent)
          return base::LogWarning(
              "causes_not_read",
              {{"message", read ? recent->error().message : read.error().message}});
        for (const model::AttemptRow& attempt : **recent)
          Add(attempt.key, *attempt.ended_at);
      });
}

void CauseWatch::OnCommitted(const std::vector<model::Change>& committed) {
  for (const model::Change& change : committed) {
    const auto* attempt = std::get_if<model::AttemptRow>(&change);
    if (attempt != nullptr && IsWanted(*attempt))
      Add(attempt->key, *attempt->ended_at);
  }
}

void CauseWatch::Add(const model::AttemptKey& attempt, base::Time ended_at) {
  if (wanted_.size() >= kMostWanted && !wanted_.contains(attempt)) {
    ++counts_.left_out;
    return;
  }
  const bool is_new =
      wanted_.try_emplace(attempt, Wanted{.ended_at = ended_at, .due = ended_at + kLooks.front()})
          .second;
  if (is_new)
    Arm();
}

void CauseWatch::Arm() {
  if (is_looking_ || wanted_.empty())
    return;
  const auto next =
      std::ranges::min_element(wanted_, {}, [](const auto& item) { return item.second.due; });
  const base::Duration wait = core_.world->WaitFor(next->second.due);
  timer_ = core_.loop.After(std::max(wait, base::Duration(base::milliseconds(1))),
                            [this] { LookAtNext(); });
}

void CauseWatch::LookAtNext() {
  const auto next =
      std::ranges::min_element(wanted_, {}, [](const auto& item) { return item.second.due; });
  if (next == wanted_.end() || is_looking_)
    return;
  if (next->second.due > core_.world->Now())
    return Arm();
  is_looking_ = true;
  const model::AttemptKey attempt = next->first;
  auto read = std::make_shared<base::Result<Read>>();
  core_.reads->Run(
      ReadPool::Turn::kUsual,
      [read, attempt](store::Reader& rows) {
        *read = [&]() -> base::Result<Read> {
          Read out;
          ASSIGN_OR_RETURN(const model::RunRow run, rows.Run(attempt.job.run));
          ASSIGN_OR_RETURN(const auto causes, rows.Causes(attempt.job.run));
          ASSIGN_OR_RETURN(const auto launches, rows.Launches(attempt.job.run, Of(attempt.job)));
          out.deletions = run.deletions;
          const bool is_known =
              std::ranges::find(causes, attempt, &model::CauseRow::key) != causes.end();
          for (const model::LaunchRow& launch : launches) {
            if (is_known || launch.attempt != attempt || launch.cluster.empty())
              continue;
            ASSIGN_OR_RETURN(const model::ClusterRow cluster, rows.Cluster(launch.cluster));
            const auto failed = std::ranges::find(
                cluster.steps, model::StepState::kFailed, &model::StepView::state);
            ASSIGN_OR_RETURN(out.logs.folder, LogFolderOf(launch));
            if (failed != cluster.steps.end() && !out.logs.folder.empty())
              out.step = failed->id;
          }
          return out;
        }();
      },
      [this, read, attempt](const base::Status& status) {
        is_looking_ = false;
        if (!status || (!*read && read->error().code != base::ErrorCode::kNotFound))
          return LookLater(attempt, status ? read->error().message : status.error().message);
        if (!*read || (*read)->step.empty())
          return Forget(attempt);
        OnRead(attempt, **read);
      });
}

void CauseWatch::OnRead(const model::AttemptKey& attempt, const Read& read) {
  is_looking_ = true;
  FindStepCause(core_,
                read.logs,
                read.step,
                [this, attempt, deletions = read.deletions, alive = std::weak_ptr(alive_)](
                    const base::Result<StepCause>& found) {
                  if (alive.expired())
                    return;
                  is_looking_ = false;
                  const auto wanted = wanted_.find(attempt);
                  if (wanted == wanted_.end())
                    return Arm();
                  const bool is_last = wanted->second.looks + 1 == kLooks.size();
                  if (!found || !found->cause || !(found->is_whole || is_last))
                    return LookLater(attempt, found ? found->note : found.error().message);
                  Keep(attempt, deletions, emr::ToText(*found->cause));
                });
}

void CauseWatch::Forget(const model::AttemptKey& attempt) {
  wanted_.erase(attempt);
  Arm();
}

void CauseWatch::LookLater(const model::AttemptKey& attempt, const std::string& why) {
  const auto found = wanted_.find(attempt);
  if (found == wanted_.end())
    return Arm();
  Wanted& wanted = found->second;
  // Looks that a stopped process has missed are not made up for.
  do {
    ++wanted.looks;
    if (wanted.looks < kLooks.size())
      wanted.due = wanted.ended_at + kLooks[wanted.looks];
  } while (wanted.looks + 1 < kLooks.size() && wanted.due <= core_.world->Now());
  if (wanted.looks < kLooks.size())
    return Arm();
  ++counts_.not_found;
  auto fields = FieldsOf(attempt);
  fields["why"] = why;
  base::LogInfo("cause_not_found", fields);
  Forget(attempt);
}

void CauseWatch::Keep(const model::AttemptKey& attempt, int64_t deletions, std::string text) {
  model::CauseFound found;
  found.run = attempt.job.run;
  found.attempt = attempt;
  found.deletions = deletions;
  found.text = text;
  is_looking_ = true;
  core_.commands.TellCause(std::move(found),
                           [this, attempt, text = std::move(text), alive = std::weak_ptr(alive_)](
                               const Outcome& outcome) {
                             if (alive.expired())
                               return;
                             is_looking_ = false;
                             if (!outcome && outcome.error().code != base::ErrorCode::kNotFound)
                               return LookLater(attempt, outcome.error().message);
                             if (outcome) {
                               ++counts_.found;
                               auto fields = FieldsOf(attempt);
                               fields["cause"] = text;
                               base::LogInfo("cause_found", fields);
                             }
                             Forget(attempt);
                           });
}

}  // namespace runtime
