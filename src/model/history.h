#pragma once

// The history: one row for each thing that changed, with what it concerns in columns, so that a
// stream of it can be filtered by any of them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "model/ids.h"
#include "model/principal.h"
#include "model/record.h"

namespace model {

enum class EntityKind {
  kDag,
  kRun,
  kTask,
  kLaunch,
  kCluster,
  kStep,
  kBackfill,
  kHold,
  kDeadline,
  kAsset,
  kRecord,
  kAccess
};
std::string_view ToString(EntityKind kind);  // "task"
std::optional<EntityKind> ParseEntityKind(std::string_view text);

// What a row of history is about. Ids that do not apply are empty.
struct Subject {
  EntityKind kind = EntityKind::kDag;
  // As people read it: "run <key>", "task <key>.<task>", "cluster <id>", "step <cluster>/<id>",
  // "launch <token>", "dag <id>", "backfill <id>", "hold <id>", "deadline <run or job>", "asset
  // <name>", "user <name>" and the like of records, "access to <what was refused>".
  std::string text;
  DagId dag;
  RunId run;
  JobId job;
  LaneId lane;
  int index = -1;  // of a mapped job's instance; -1: it is not mapped
  ClusterId cluster;
  friend bool operator==(const Subject&, const Subject&) = default;
};

Subject SubjectOf(const DagId& dag);
Subject SubjectOf(const RunKey& run);
// One of the job's tasks, by its display id ("label.start_cluster").
Subject SubjectOf(const JobKey& job, std::string_view task);
Subject BackfillSubject(int64_t id, const DagId& dag);
Subject HoldSubject(int64_t id);
// Of the whole run, if the job is ""; `name` is that of a deadline which several DAGs share.
Subject DeadlineSubject(const JobKey& job, std::string_view name);
Subject AssetSubject(std::string_view name);
Subject SubjectOf(const RecordKey& record);
Subject AccessSubject(std::string_view what);

// As far as the subject names one: its job may be "".
JobKey JobKeyOf(const Subject& subject);

struct HistoryRow {
  int64_t seq = 0;  // given by the engine, gapless; the event-stream id
  base::Time at;
  Subject subject;
  std::string from, to;
  std::string cause;
  Principal by;  // who asked for what made this happen; empty if nobody did
  friend bool operator==(const HistoryRow&, const HistoryRow&) = default;
};

}  // namespace model
