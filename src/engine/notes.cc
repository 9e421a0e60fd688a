#include "engine/notes.h"

#include <algorithm>
#include <utility>

#include "base/safe_text.h"
#include "base/text.h"
#include "engine/actions.h"
#include "model/limits.h"

namespace engine {

namespace {

std::string CauseOf(const model::SetNote& event, const std::string& before) {
  constexpr size_t kShownMost = 100;
  std::string cause =
      event.note.empty()
          ? base::Cat("note removed by ", event.by.name)
          : base::Cat("note by ", event.by.name, ": ", base::Excerpt(event.note, kShownMost));
  return before.empty() ? cause
                        : base::Cat(cause, " (before: ", base::Excerpt(before, kShownMost), ")");
}

}  // namespace

void NoteRun(Turn& turn, Run& run, const model::SetNote& event) {
  if (run.row.note == event.note)
    return;
  const std::string before = std::exchange(run.row.note, event.note);
  turn.recorder.Put(run.row);
  const std::string_view state = ToString(run.row.state);
  turn.recorder.History(
      turn.now, model::SubjectOf(run.row.key), state, state, CauseOf(event, before));
}

void NoteTask(Turn& turn, JobInstance& job, const model::SetNote& event) {
  model::TaskRow& task = job.tasks[static_cast<size_t>(event.task)];
  if (task.note == event.note)
    return;
  const std::string before = std::exchange(task.note, event.note);
  turn.recorder.Put(task);
  const std::string_view state = ToString(task.state);
  turn.recorder.History(
      turn.now,
      model::SubjectOf(task.job, TaskDisplayId(*job.def, task.task, task.job.index)),
      state,
      state,
      CauseOf(event, before));
}

base::Status CheckNote(const std::string& note) {
  const auto characters = std::ranges::count_if(note, [](char c) { return (c & 0xC0) != 0x80; });
  if (static_cast<size_t>(characters) <= model::kNoteCharactersMax)
    return {};
  return base::Fail(base::ErrorCode::kInvalidArgument,
                    base::Cat("the note has ",
                              characters,
                              " characters; at most ",
                              model::kNoteCharactersMax,
                              " are kept"));
}

void SetNote(Turn& turn, const model::SetNote& event, Changes& changes) {
  changes.outcome = CheckNote(event.note);
  Run* run = changes.outcome ? FindOrRestore(turn, event, changes) : nullptr;
  if (run == nullptr)
    return;
  changes.run = run->row.key;
  if (event.jobs.empty())
    return NoteRun(turn, *run, event);
  std::vector<JobInstance*> jobs;
  for (const model::JobKey& key : event.jobs) {
    JobInstance* job = FindJob(turn.state, key);
    if (job == nullptr || event.task < 0 || event.task >= std::ssize(job->tasks)) {
      changes.outcome =
          base::Fail(base::ErrorCode::kNotFound,
                     base::Cat("the run has no task instance of '", model::DisplayName(key), "'"));
      return;
    }
    jobs.push_back(job);
  }
  for (JobInstance* job : jobs)
    NoteTask(turn, *job, event);
}

}  // namespace engine
