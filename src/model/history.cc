#include "model/history.h"

#include <array>

#include "base/text.h"

namespace model {

namespace {

constexpr std::array<std::string_view, 12> kWords = {"dag",
                                                     "run",
                                                     "task",
                                                     "launch",
                                                     "cluster",
                                                     "step",
                                                     "backfill",
                                                     "hold",
                                                     "deadline",
                                                     "asset",
                                                     "record",
                                                     "access"};

}  // namespace

std::string_view ToString(EntityKind kind) {
  return kWords[static_cast<size_t>(kind)];
}

std::optional<EntityKind> ParseEntityKind(std::string_view text) {
  for (size_t i = 0; i < kWords.size(); ++i) {
    if (kWords[i] == text)
      return static_cast<EntityKind>(i);
  }
  return std::nullopt;
}

Subject SubjectOf(const DagId& dag) {
  return {.kind = EntityKind::kDag, .text = base::Cat("dag ", dag.str()), .dag = dag};
}

Subject SubjectOf(const RunKey& run) {
  return {.kind = EntityKind::kRun,
          .text = base::Cat("run ", ToString(run)),
          .dag = run.dag,
          .run = run.run};
}

Subject SubjectOf(const JobKey& job, std::string_view task) {
  return {.kind = EntityKind::kTask,
          .text = base::Cat("task ", ToString(job.run), "/", task),
          .dag = job.run.dag,
          .run = job.run.run,
          .job = job.job,
          .lane = job.lane,
          .index = job.index};
}

Subject BackfillSubject(int64_t id, const DagId& dag) {
  return {.kind = EntityKind::kBackfill, .text = base::Cat("backfill ", id), .dag = dag};
}

Subject HoldSubject(int64_t id) {
  return {.kind = EntityKind::kHold, .text = base::Cat("hold ", id)};
}

Subject DeadlineSubject(const JobKey& job, std::string_view name) {
  return {.kind = EntityKind::kDeadline,
          .text = base::Cat("deadline ",
                            name,
                            name.empty() ? "" : " of ",
                            job.job.empty() ? ToString(job.run) : ToString(job)),
          .dag = job.run.dag,
          .run = job.run.run,
          .job = job.job,
          .lane = job.lane};
}

Subject AssetSubject(std::string_view name) {
  return {.kind = EntityKind::kAsset, .text = base::Cat("asset ", name)};
}

Subject SubjectOf(const RecordKey& record) {
  return {.kind = EntityKind::kRecord, .text = base::Cat(ToString(record.kind), " ", record.name)};
}

Subject AccessSubject(std::string_view what) {
  return {.kind = EntityKind::kAccess, .text = base::Cat("access to ", what)};
}

JobKey JobKeyOf(const Subject& subject) {
  return {{subject.dag, subject.run}, subject.job, subject.lane, subject.index};
}

}  // namespace model
