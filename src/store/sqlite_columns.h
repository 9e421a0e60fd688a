#pragma once

// Which column holds which field: one list per row type, from which the SQL texts, the binds and
// the reads are all made, so that they cannot disagree. Columns<Row>::kTable names the table; the
// first kKeys columns are the row's key.
//
// A visitor is called as visit("column", field) in column order, and as visit.Run(key) or
// visit.Attempt(optional key) where the key of a run stands in the table as its run_no.

#include <concepts>
#include <string>
#include <string_view>

#include "model/rows.h"

namespace store {

template <typename Row>
struct Columns;

template <>
struct Columns<model::DagRow> {
  static constexpr std::string_view kTable = "dag";
  static constexpr int kKeys = 1;
  static void Visit(auto& visit, auto& row) {
    visit("dag", row.dag);
    visit("version", row.version);
    visit("fileloc", row.fileloc);
    visit("is_paused", row.is_paused);
    visit("is_active", row.is_active);
    visit("last_logical_date", row.last_logical_date);
    visit("first_seen", row.first_seen);
    visit("scheduled_until", row.scheduled_until);
    visit("schedules", row.schedules);
    visit("missing_since", row.missing_since);
    visit("failed_in_row", row.failed_in_row);
  }
};

template <>
struct Columns<model::HoleRow> {
  static constexpr std::string_view kTable = "hole";
  static constexpr int kKeys = 2;
  static void Visit(auto& visit, auto& row) {
    visit("dag", row.dag);
    visit("first_end", row.first.end);
    visit("first_start", row.first.start);
    visit("last_start", row.last.start);
    visit("last_end", row.last.end);
    visit("ticks", row.ticks);
    visit("reason", row.reason);
    visit("recorded_at", row.recorded_at);
    visit("filled", row.filled);
  }
};

template <>
struct Columns<model::DagVersionRow> {
  static constexpr std::string_view kTable = "dag_version";
  static constexpr int kKeys = 1;
  static void Visit(auto& visit, auto& row) {
    visit("version", row.version);
    visit("dag", row.dag);
    visit("resolved", row.resolved);
    visit("created_at", row.created_at);
  }
};

template <>
struct Columns<model::RunRow> {
  static constexpr std::string_view kTable = "run";
  static constexpr int kKeys = 2;
  static void Visit(auto& visit, auto& row) {
    visit("dag", row.key.dag);
    visit("run", row.key.run);
    visit("version", row.version);
    visit("type", row.type);
    visit("state", row.state);
    visit("logical_date", row.logical_date);
    visit("interval_start", row.data_interval.start);
    visit("interval_end", row.data_interval.end);
    visit("run_after", row.run_after);
    visit("queued_at", row.queued_at);
    visit("start_date", row.start_date);
    visit("end_date", row.end_date);
    visit("conf", row.conf);
    visit("triggered_by", row.triggered_by);
    visit("marked", row.marked);
    visit("backfill", row.backfill);
    visit("asset_events", row.asset_events);
    visit("note", row.note);
    visit("deletions", row.deletions);
  }
};

template <>
struct Columns<model::JobRow> {
  static constexpr std::string_view kTable = "job";
  static constexpr int kKeys = 4;
  static void Visit(auto& visit, auto& row) {
    visit.Run(row.key.run);
    visit("job", row.key.job);
    visit("lane", row.key.lane);
    visit("idx", row.key.index);
    visit("try_number", row.try_number);
    visit("application_failures", row.application_failures);
    visit("infrastructure_failures", row.infrastructure_failures);
    visit("next_try_at", row.next_try_at);
    visit("waits_for", row.waits_for);
    visit("end_note", row.end_note);
    visit("slots_since", row.slots_since);
  }
};

template <>
struct Columns<model::GroupTriesRow> {
  static constexpr std::string_view kTable = "group_tries";
  static constexpr int kKeys = 3;
  static void Visit(auto& visit, auto& row) {
    visit.Run(row.key.run);
    visit("path", row.key.group);
    visit("lane", row.key.lane);
    visit("failures", row.failures);
    visit("next_try_at", row.next_try_at);
  }
};

template <>
struct Columns<model::MappingRow> {
  static constexpr std::string_view kTable = "mapping";
  static constexpr int kKeys = 3;
  static void Visit(auto& visit, auto& row) {
    visit.Run(row.key.run);
    visit("job", row.key.job);
    visit("lane", row.key.lane);
    visit("items", row.items);
    visit("names", row.names);
    visit("instances", row.instances);
  }
};

template <>
struct Columns<model::TaskRow> {
  static constexpr std::string_view kTable = "task";
  static constexpr int kKeys = 5;
  static void Visit(auto& visit, auto& row) {
    visit.Run(row.job.run);
    visit("job", row.job.job);
    visit("lane", row.job.lane);
    visit("idx", row.job.index);
    visit("task", row.task);
    visit("state", row.state);
    visit("try_number", row.try_number);
    visit("queued_at", row.queued_at);
    visit("start_date", row.start_date);
    visit("end_date", row.end_date);
    visit("note", row.note);
  }
};

template <>
struct Columns<model::AttemptRow> {
  static constexpr std::string_view kTable = "attempt";
  static constexpr int kKeys = 5;
  static void Visit(auto& visit, auto& row) {
    visit.Run(row.key.job.run);
    visit("job", row.key.job.job);
    visit("lane", row.key.job.lane);
    visit("idx", row.key.job.index);
    visit("n", row.key.n);
    visit("version", row.version);
    visit("started_at", row.started_at);
    visit("ended_at", row.ended_at);
    visit("verdict", row.verdict);
    visit("reason", row.reason);
  }
};

template <>
struct Columns<model::OutputsRow> {
  static constexpr std::string_view kTable = "outputs";
  static constexpr int kKeys = 5;
  static void Visit(auto& visit, auto& row) {
    visit.Run(row.key.job.run);
    visit("job", row.key.job.job);
    visit("lane", row.key.job.lane);
    visit("idx", row.key.job.index);
    visit("n", row.key.n);
    visit("outputs", row.outputs);
    visit("read_at", row.read_at);
  }
};

template <>
struct Columns<model::CauseRow> {
  static constexpr std::string_view kTable = "cause";
  static constexpr int kKeys = 5;
  static void Visit(auto& visit, auto& row) {
    visit.Run(row.key.job.run);
    visit("job", row.key.job.job);
    visit("lane", row.key.job.lane);
    visit("idx", row.key.job.index);
    visit("n", row.key.n);
    visit("text", row.text);
    visit("found_at", row.found_at);
  }
};

template <>
struct Columns<model::TriggerRow> {
  static constexpr std::string_view kTable = "trigger_wish";
  static constexpr int kKeys = 5;
  static void Visit(auto& visit, auto& row) {
    visit.Run(row.key.job.run);
    visit("job", row.key.job.job);
    visit("lane", row.key.job.lane);
    visit("idx", row.key.job.index);
    visit("n", row.key.n);
    visit("wanted_dag", row.run.dag);
    visit("wanted_run", row.run.run);
    visit("logical_date", row.logical_date);
    visit("finds_by_date", row.finds_by_date);
    visit("conf", row.conf);
    visit("state", row.state);
    visit("ended", row.ended);
  }
};

template <>
struct Columns<model::ProcessRow> {
  static constexpr std::string_view kTable = "process";
  static constexpr int kKeys = 5;
  static void Visit(auto& visit, auto& row) {
    visit.Run(row.key.job.run);
    visit("job", row.key.job.job);
    visit("lane", row.key.job.lane);
    visit("idx", row.key.job.index);
    visit("n", row.key.n);
    visit("token", row.token);
    visit("request", row.request);
    visit("state", row.state);
    visit("wanted_at", row.wanted_at);
    visit("began_at", row.began_at);
    visit("ended_at", row.ended_at);
    visit("end_text", row.end);
    visit("stop_requested_at", row.stop_requested_at);
  }
};

template <>
struct Columns<model::LaunchRow> {
  static constexpr std::string_view kTable = "launch";
  static constexpr int kKeys = 1;
  static void Visit(auto& visit, auto& row) {
    visit("token", row.token);
    visit.Run(row.attempt.job.run);
    visit("job", row.attempt.job.job);
    visit("lane", row.attempt.job.lane);
    visit("idx", row.attempt.job.index);
    visit("n", row.attempt.n);
    visit("launch_no", row.launch_no);
    visit("intent_epoch", row.epoch);
    visit("state", row.state);
    visit("request", row.request);
    visit("created_at", row.created_at);
    visit("sent_by", row.sent_by);
    visit("cluster", row.cluster);
    visit("message", row.message);
    visit("outputs", row.outputs);
  }
};

template <>
struct Columns<model::ClusterRow> {
  static constexpr std::string_view kTable = "cluster";
  static constexpr int kKeys = 1;
  static void Visit(auto& visit, auto& row) {
    visit("id", row.id);
    visit("token", row.token);
    visit.Attempt(row.attempt);
    visit("name", row.name);
    visit("region", row.region);
    visit("account", row.account);
    visit("phase", row.phase);
    visit("health", row.health);
    visit("reason_code", row.reason_code);
    visit("reason_message", row.reason_message);
    visit("phase_seen_at", row.phase_seen_at);
    visit("created_at", row.created_at);
    visit("ready_at", row.ready_at);
    visit("ended_at", row.ended_at);
    visit("in_service_since", row.in_service_since);
    visit("judged", row.judged);
    visit("terminate_requested_at", row.terminate_requested_at);
    visit("terminate_cause", row.terminate_cause);
    visit("zero_seen_at", row.zero_seen_at);
    visit("suspected", row.suspected);
    visit("steps", row.steps);
    visit("fleets", row.fleets);
    visit("lost_since", row.lost_since);
    visit("terminate_verdict", row.terminate_verdict);
    visit("micro_usd_per_hour", row.micro_usd_per_hour);
  }
};

template <>
struct Columns<model::PoolRow> {
  static constexpr std::string_view kTable = "pool";
  static constexpr int kKeys = 1;
  static void Visit(auto& visit, auto& row) {
    visit("pool", row.id);
    visit("slots", row.slots);
    visit("description", row.description);
  }
};

template <>
struct Columns<model::LimitRow> {
  static constexpr std::string_view kTable = "job_limit";
  static constexpr int kKeys = 3;
  static void Visit(auto& visit, auto& row) {
    visit("by_value", row.limit.by);
    visit("tag", row.limit.tag);
    visit("market", row.limit.market);
    visit("most", row.limit.max);
    visit("most_vcpus", row.limit.max_vcpus);
  }
};

template <>
struct Columns<model::SpendRulesRow> {
  static constexpr std::string_view kTable = "spend_rules";
  static constexpr int kKeys = 1;
  static void Visit(auto& visit, auto& row) {
    visit("scope", row.scope);
    visit("cap_per_day", row.cap_per_day);
    visit("prices", row.prices);
  }
};

template <>
struct Columns<model::PoolTimeRow> {
  static constexpr std::string_view kTable = "pool_time";
  static constexpr int kKeys = 1;
  static void Visit(auto& visit, auto& row) {
    visit("dag", row.dag);
    visit("held", row.held);
    visit("at", row.at);
  }
};

template <>
struct Columns<model::BackfillRow> {
  static constexpr std::string_view kTable = "backfill";
  static constexpr int kKeys = 1;
  static void Visit(auto& visit, auto& row) {
    visit("id", row.id);
    visit("dag", row.dag);
    visit("from_date", row.from);
    visit("to_date", row.to);
    visit("is_reversed", row.is_reversed);
    visit("fills_holes", row.fills_holes);
    visit("reprocess", row.reprocess);
    visit("max_active_runs", row.max_active_runs);
    visit("conf", row.conf);
    visit("is_paused", row.is_paused);
    visit("is_cancelled", row.is_cancelled);
    visit("created_at", row.created_at);
    visit("updated_at", row.updated_at);
    visit("completed_at", row.completed_at);
    visit("created_by", row.created_by);
  }
};

template <>
struct Columns<model::DurationsRow> {
  static constexpr std::string_view kTable = "durations";
  static constexpr int kKeys = 3;
  static void Visit(auto& visit, auto& row) {
    visit("dag", row.dag);
    visit("job", row.job);
    visit("lane", row.lane);
    visit("attempts", row.attempts);
    visit("instances", row.instances);
  }
};

template <>
struct Columns<model::BackfillTickRow> {
  static constexpr std::string_view kTable = "backfill_tick";
  static constexpr int kKeys = 2;
  static void Visit(auto& visit, auto& row) {
    visit("backfill", row.backfill);
    visit("number", row.number);
    visit("logical_date", row.logical_date);
    visit("run_after", row.run_after);
    visit("interval_start", row.data_interval.start);
    visit("interval_end", row.data_interval.end);
    visit("outcome", row.outcome);
    visit("run", row.run);
  }
};

template <>
struct Columns<model::HoldRow> {
  static constexpr std::string_view kTable = "hold";
  static constexpr int kKeys = 1;
  static void Visit(auto& visit, auto& row) {
    visit("id", row.id);
    visit("scope", row.scope);
    visit("target", row.target);
    visit("reason", row.reason);
    visit("since", row.since);
    visit("placed_by", row.placed_by);
    visit("released_at", row.released_at);
    visit("released_by", row.released_by);
  }
};

template <>
struct Columns<model::DeadlineRow> {
  static constexpr std::string_view kTable = "deadline";
  static constexpr int kKeys = 5;
  static void Visit(auto& visit, auto& row) {
    visit("dag", row.key.job.run.dag);
    visit("run", row.key.job.run.run);
    visit("job", row.key.job.job);
    visit("lane", row.key.job.lane);
    visit("name", row.key.name);
    visit("due", row.due);
    visit("status", row.status);
    visit("since", row.since);
    visit("expected", row.expected);
    visit("holds_up", row.holds_up);
  }
};

template <>
struct Columns<model::AssetRow> {
  static constexpr std::string_view kTable = "asset";
  static constexpr int kKeys = 1;
  static void Visit(auto& visit, auto& row) {
    visit("id", row.id);
    visit("name", row.asset.name);
    visit("uri", row.asset.uri);
    visit("asset_group", row.asset.group);
    visit("is_active", row.is_active);
    visit("created_at", row.created_at);
    visit("updated_at", row.updated_at);
  }
};

template <>
struct Columns<model::AssetEventRow> {
  static constexpr std::string_view kTable = "asset_event";
  static constexpr int kKeys = 1;
  static void Visit(auto& visit, auto& row) {
    visit("id", row.id);
    visit("asset", row.asset);
    visit("at", row.at);
    visit("extra", row.extra);
    visit("dag", row.dag);
    visit("run", row.run);
    visit("job", row.job);
    visit("lane", row.lane);
    visit("created_by", row.created_by);
  }
};

template <>
struct Columns<model::AssetQueueRow> {
  static constexpr std::string_view kTable = "asset_queue";
  static constexpr int kKeys = 1;
  static void Visit(auto& visit, auto& row) {
    visit("dag", row.dag);
    visit("last_run", row.last_run);
    visit("assets", row.assets);
  }
};

template <>
struct Columns<model::RecordRow> {
  static constexpr std::string_view kTable = "record";
  static constexpr int kKeys = 2;
  static void Visit(auto& visit, auto& row) {
    visit("kind", row.id.kind);
    visit("name", row.id.name);
    visit("body", row.body);
    visit("revision", row.revision);
    visit("changed_at", row.changed_at);
  }
};

template <>
struct Columns<model::CommandRow> {
  static constexpr std::string_view kTable = "command";
  static constexpr int kKeys = 2;
  static void Visit(auto& visit, auto& row) {
    visit("aggregate", row.aggregate);
    visit("sequence", row.sequence);
    visit("kind", row.kind);
    visit("created_at", row.created_at);
  }
};

template <>
struct Columns<model::HistoryRow> {
  static constexpr std::string_view kTable = "history";
  static constexpr int kKeys = 1;
  static void Visit(auto& visit, auto& row) {
    visit("seq", row.seq);
    visit("at", row.at);
    visit("kind", row.subject.kind);
    visit("entity", row.subject.text);
    visit("dag", row.subject.dag);
    visit("run", row.subject.run);
    visit("job", row.subject.job);
    visit("lane", row.subject.lane);
    visit("idx", row.subject.index);
    visit("cluster", row.subject.cluster);
    visit("from_state", row.from);
    visit("to_state", row.to);
    visit("cause", row.cause);
    visit("actor", row.by.name);
    visit("means", row.by.means);
    visit("address", row.by.address);
  }
};

// Rows that never change once they are there carry neither epoch nor row_version.
template <typename Row>
constexpr bool kImmutable =
    std::same_as<Row, model::DagVersionRow> || std::same_as<Row, model::HistoryRow> ||
    std::same_as<Row, model::AssetEventRow>;

// How the run's key is found for a row that holds a run_no. kAlsoDeleted: the run may be deleted,
// or there is none.
enum class RunJoin { kNone, kAlways, kAlsoDeleted };
template <typename Row>
constexpr RunJoin kRunJoin =
    std::same_as<Row, model::JobRow> || std::same_as<Row, model::TaskRow> ||
            std::same_as<Row, model::AttemptRow> || std::same_as<Row, model::MappingRow> ||
            std::same_as<Row, model::GroupTriesRow> || std::same_as<Row, model::OutputsRow> ||
            std::same_as<Row, model::TriggerRow> || std::same_as<Row, model::CauseRow> ||
            std::same_as<Row, model::ProcessRow>
        ? RunJoin::kAlways
    : std::same_as<Row, model::LaunchRow> || std::same_as<Row, model::ClusterRow>
        ? RunJoin::kAlsoDeleted
        : RunJoin::kNone;

}  // namespace store
