#include "runtime/commands.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/safe_text.h"
#include "base/text.h"
#include "runtime/core.h"
#include "runtime/notifier_trial.h"
#include "runtime/rotation.h"

namespace runtime {

namespace {

base::Error RunExists(const model::TriggerRun& trigger) {
  return {base::ErrorCode::kConflict,
          base::Cat("the run '",
                    base::Excerpt(trigger.run_id->str()),
                    "' of '",
                    base::Excerpt(trigger.dag.str()),
                    "' exists already")};
}

template <typename Request>
void PostForRun(Core& core, Request request, OnOutcome answer);

// With the rows as they were read; once more where the run has changed since.
template <typename Request>
void PostWithRows(Core& core,
                  Request request,
                  base::Result<model::Snapshot> rows,
                  OnOutcome answer) {
  if (!rows)
    return answer(base::Fail(rows.error()));
  const base::Result<model::RunRow> now = core.store->reader().Run(request.run);
  if (!now || *now != rows->runs.front() || core.driver->state().runs.contains(request.run))
    return PostForRun(core, std::move(request), std::move(answer));
  request.rows = std::make_shared<const model::Snapshot>(*std::move(rows));
  core.Post(std::move(request), std::move(answer));
}

// A run that has ended is no longer in the engine's memory.
template <typename Request>
void PostForRun(Core& core, Request request, OnOutcome answer) {
  if (core.driver->state().runs.contains(request.run))
    return core.Post(std::move(request), std::move(answer));
  auto rows = std::make_shared<base::Result<model::Snapshot>>();
  const model::RunKey run = request.run;
  core.reads->Run(
      ReadPool::Turn::kFirst,
      [rows, run](store::Reader& reader) { *rows = store::ReadRun(reader, run); },
      [&core, rows, request = std::move(request), answer = std::move(answer)](
          base::Status read) mutable {
        PostWithRows(core,
                     std::move(request),
                     read ? std::move(*rows) : base::Fail(read.error()),
                     std::move(answer));
      });
}

// What was asked of a run is done one after the other: rows that were read before another request
// changed them would undo it.
template <typename Request>
void PostInTurn(Core& core, Request request, OnOutcome answer) {
  const model::RunKey run = request.run;
  auto begin = [&core, run, request = std::move(request), answer = std::move(answer)] {
    PostForRun(core, request, [&core, run, answer](Outcome outcome) {
      answer(std::move(outcome));
      auto& waiting = core.asked_of_runs.at(run);
      waiting.pop_front();
      if (waiting.empty()) {
        core.asked_of_runs.erase(run);
        return;
      }
      const std::function<void()> next = waiting.front();
      next();
    });
  };
  auto& waiting = core.asked_of_runs[run];
  waiting.emplace_back(begin);
  if (waiting.size() == 1)
    begin();
}

}  // namespace

void Commands::Trigger(model::TriggerRun trigger, OnOutcome answer) {
  // Chosen here: a run that has ended is no longer in the engine's memory.
  if (!trigger.run_id)
    trigger.run_id = model::RunId(
        "manual__" + base::FormatIso(trigger.logical_date.value_or(core_.world->Now())));
  const base::Result<model::RunRow> known =
      core_.store->reader().Run({trigger.dag, *trigger.run_id});
  if (known)
    return answer(base::Fail(RunExists(trigger)));
  if (known.error().code != base::ErrorCode::kNotFound)
    return answer(base::Fail(known.error()));
  core_.Post(std::move(trigger), std::move(answer));
}

void Commands::SetPaused(model::SetPaused change, OnOutcome answer) {
  core_.Post(std::move(change), std::move(answer));
}

void Commands::DeactivateDags(model::DeactivateDags request, OnOutcome answer) {
  core_.Post(std::move(request),
             [core = &core_, answer = std::move(answer)](const Outcome& outcome) {
               core->GatherImportErrors();
               answer(outcome);
             });
}

void Commands::Clear(model::ClearJobs request, OnOutcome answer) {
  PostInTurn(core_, std::move(request), std::move(answer));
}

void Commands::Mark(model::MarkJobs request, OnOutcome answer) {
  PostInTurn(core_, std::move(request), std::move(answer));
}

void Commands::Mark(model::MarkRun request, OnOutcome answer) {
  PostInTurn(core_, std::move(request), std::move(answer));
}

void Commands::SetNote(model::SetNote request, OnOutcome answer) {
  PostInTurn(core_, std::move(request), std::move(answer));
}

void Commands::TellCause(model::CauseFound found, OnOutcome answer) {
  PostInTurn(core_, std::move(found), std::move(answer));
}

void Commands::DeleteRun(model::DeleteRun request, OnOutcome answer) {
  PostInTurn(core_, std::move(request), std::move(answer));
}

void Commands::DeleteDag(model::DeleteDag request, OnOutcome answer) {
  core_.Post(std::move(request),
             [core = &core_, answer = std::move(answer)](const Outcome& outcome) {
               core->GatherImportErrors();
               answer(outcome);
             });
}

void Commands::Terminate(model::TerminateCluster request, OnOutcome answer) {
  core_.Post(std::move(request), std::move(answer));
}

void Commands::CreateBackfill(model::CreateBackfill request, OnOutcome answer) {
  core_.Post(std::move(request), std::move(answer));
}

void Commands::ChangeBackfill(model::ChangeBackfill request, OnOutcome answer) {
  core_.Post(std::move(request), std::move(answer));
}

void Commands::PlaceHold(model::PlaceHold request, OnOutcome answer) {
  core_.Post(std::move(request), std::move(answer));
}

void Commands::ReleaseHold(model::ReleaseHold request, OnOutcome answer) {
  core_.Post(std::move(request), std::move(answer));
}

void Commands::CreateAssetEvent(model::CreateAssetEvent request, OnOutcome answer) {
  core_.Post(std::move(request), std::move(answer));
}

void Commands::DropQueuedEvents(model::DropQueuedEvents request, OnOutcome answer) {
  core_.Post(std::move(request), std::move(answer));
}

void Commands::ChangeRecords(model::ChangeRecords request, OnOutcome answer) {
  core_.Post(std::move(request), std::move(answer));
}

base::Result<std::string> Commands::Seal(const model::RecordKey& id, std::string_view document) {
  if (core_.book.keyring()->keys().empty()) {
    const auto& records = core_.driver->state().records;
    const bool has_sealed = std::ranges::any_of(
        records, [](const auto& record) { return IsSealed(record.first.kind); });
    RETURN_IF_ERROR(core_.secret_keys.Ensure(has_sealed));
    core_.book.SetKeyring(core_.secret_keys.Load());
  }
  return core_.book.keyring()->Seal(id, document);
}

void Commands::RotateKey(model::Principal by, OnRotated answer) {
  runtime::RotateKey(core_, std::move(by), std::move(answer));
}

void Commands::Tell(const model::ProcessToken& process,
                    json::object more,
                    std::function<void(base::Result<json::object>)> answer) {
  core_.machine->Tell(process.str(), std::move(more), std::move(answer));
}

void Commands::NoteRefusal(model::Refused refusal) {
  core_.Post(std::move(refusal), [](const Outcome&) {});
}

void Commands::TestNotifier(const std::string& name,
                            const std::vector<std::string>& emails,
                            model::Principal by,
                            OnTested answer) {
  runtime::TestNotifier(core_, name, emails, std::move(by), std::move(answer));
}

void Commands::LookAtProject() {
  core_.OnFolderEvent();
}

std::optional<std::string_view> Commands::TakeEvent(std::string_view event) {
  const driver::HintOutcome outcome = core_.driver->TakeEvent(driver::HintSource::kWebhook, event);
  core_.SchedulePump();
  if (outcome == driver::HintOutcome::kMalformed)
    return std::nullopt;
  return ToString(outcome);
}

}  // namespace runtime
