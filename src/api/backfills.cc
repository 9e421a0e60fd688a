// Backfills as Airflow's API has them, with ours beside: what became of each tick, and the filling
// of holes.

#include <algorithm>
#include <map>
#include <utility>

#include "api/filters.h"
#include "api/paging.h"
#include "api/resources.h"
#include "api/times.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

using model::BackfillTickRow;
using Ticks = std::vector<BackfillTickRow>;

tl::unexpected<base::Error> Invalid(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

std::string_view StateOf(const model::BackfillRow& row) {
  if (row.completed_at)
    return row.is_cancelled ? "cancelled" : "completed";
  return row.is_paused ? "paused" : "running";
}

json::object BackfillJson(const model::BackfillRow& row) {
  base::Result<json::value> conf = base::ParseJson(row.conf);
  return {{"id", row.id},
          {"dag_id", row.dag.str()},
          {"dag_display_name", row.dag.str()},
          {"from_date", TimeOrNull(row.from)},
          {"to_date", TimeOrNull(row.to)},
          {"dag_run_conf", conf ? std::move(*conf) : json::value(json::object())},
          {"is_paused", row.is_paused},
          {"reprocess_behavior", ToString(row.reprocess)},
          {"max_active_runs", row.max_active_runs},
          {"created_at", TimeOrNull(row.created_at)},
          {"updated_at", TimeOrNull(row.updated_at)},
          {"completed_at", TimeOrNull(row.completed_at)},
          {"run_backwards", row.is_reversed},
          {"fills_holes", row.fills_holes},
          {"state", StateOf(row)},
          {"created_by", row.created_by}};
}

json::object TickJson(const BackfillTickRow& tick) {
  return {{"logical_date", TimeOrNull(tick.logical_date)},
          {"data_interval_start", TimeOrNull(tick.data_interval.start)},
          {"data_interval_end", TimeOrNull(tick.data_interval.end)},
          {"outcome", ToString(tick.outcome)},
          {"dag_run_id", TextOrNull(tick.run.str())}};
}

base::Result<int64_t> IdOf(const Exchange& exchange) {
  const std::optional<int64_t> id = base::ParseInt(exchange.args.at(0));
  if (!id)
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("there is no backfill '", base::Excerpt(exchange.args.at(0)), "'"));
  return *id;
}

base::Result<std::vector<base::Interval>> ReadIntervals(const json::object& body) {
  std::vector<base::Interval> intervals;
  for (const json::value& value : base::GetArray(body, "data_intervals")) {
    const json::object* item = value.if_object();
    const auto time = [&](std::string_view name) -> base::Result<base::Time> {
      const json::value* text = item == nullptr ? nullptr : item->if_contains(name);
      if (text == nullptr || !text->is_string())
        return Invalid(
            base::Cat("each of 'data_intervals' has a 'start' and an 'end', as texts "
                      "such as 2026-01-05T02:00:00Z"));
      return base::ParseTime(text->get_string());
    };
    ASSIGN_OR_RETURN(const base::Time start, time("start"));
    ASSIGN_OR_RETURN(const base::Time end, time("end"));
    intervals.push_back({start, end});
  }
  return intervals;
}

base::Result<model::Reprocess> ReadReprocess(const json::object& body, model::Reprocess otherwise) {
  if (!IsGiven(body, "reprocess_behavior"))
    return otherwise;
  const std::string text = base::GetString(body, "reprocess_behavior");
  const auto reprocess = model::ParseReprocess(text);
  if (!reprocess)
    return Invalid(base::Cat("'reprocess_behavior' is '",
                             base::Excerpt(text),
                             "', and must be none, failed or completed"));
  return *reprocess;
}

// What creating and filling have in common.
base::Status ReadCommon(const Exchange& exchange, model::CreateBackfill& out) {
  const json::object& body = exchange.body;
  out.by = exchange.principal();
  ASSIGN_OR_RETURN(out.from, ReadTime(body, "from_date"));
  ASSIGN_OR_RETURN(out.to, ReadTime(body, "to_date"));
  out.is_reversed = base::GetBool(body, "run_backwards");
  if (IsGiven(body, "max_active_runs")) {
    const int64_t most = base::GetInt(body, "max_active_runs");
    if (most < 1 || most > static_cast<int64_t>(model::kBackfillTicksMax))
      return Invalid(base::Cat("'max_active_runs' must be from 1 to ", model::kBackfillTicksMax));
    out.max_active_runs = static_cast<int>(most);
  }
  if (IsGiven(body, "dag_run_conf")) {
    out.conf = body.at("dag_run_conf").get_object();
    RETURN_IF_ERROR(CheckConf(out.conf, "dag_run_conf"));
  }
  return {};
}

base::Result<model::CreateBackfill> ReadBackfill(const Exchange& exchange) {
  const json::object& body = exchange.body;
  model::CreateBackfill out;
  out.dag = model::DagId(base::GetString(body, "dag_id"));
  if (out.dag.empty())
    return Invalid("'dag_id' must name a DAG");
  if (!exchange.MaySee(out.dag))
    return base::Fail(NoDag(out.dag));
  RETURN_IF_ERROR(ReadCommon(exchange, out));
  ASSIGN_OR_RETURN(out.intervals, ReadIntervals(body));
  if (!out.intervals.empty() && (out.from || out.to))
    return Invalid("a backfill has a range of dates or 'data_intervals', not both");
  ASSIGN_OR_RETURN(out.reprocess, ReadReprocess(body, model::Reprocess::kNone));
  // Of new runs the latest version is taken anyway.
  if (base::GetBool(body, "run_on_latest_version") && out.reprocess != model::Reprocess::kNone)
    return Invalid(
        "'run_on_latest_version' is not supported for runs that run again: they keep the version "
        "that they began with. Leave it out, or set 'reprocess_behavior' to none");
  return out;
}

// A failed run of a hole's tick has not filled it.
base::Result<model::CreateBackfill> ReadFill(const Exchange& exchange) {
  model::CreateBackfill out;
  out.dag = exchange.dag();
  out.fills_holes = true;
  RETURN_IF_ERROR(ReadCommon(exchange, out));
  ASSIGN_OR_RETURN(out.reprocess, ReadReprocess(exchange.body, model::Reprocess::kFailed));
  return out;
}

// What would become of the ticks that nothing else leaves out.
base::Status LookUpRuns(const Reading& reading, const model::CreateBackfill& asked, Ticks& ticks) {
  for (BackfillTickRow& tick : ticks) {
    if (tick.outcome != model::TickOutcome::kPending)
      continue;
    ASSIGN_OR_RETURN(const auto run, reading.rows.RunAt(asked.dag, tick.logical_date));
    tick.outcome = model::TickOutcome::kCreated;
    if (!run)
      continue;
    tick.run = run->key.run;
    tick.outcome = model::OutcomeOfExisting(
        asked.reprocess, IsTerminal(run->state), run->state == model::RunState::kFailed);
  }
  return {};
}

// As Airflow lists those that would have a run; and the others, with why not.
json::object PlanJson(const Ticks& ticks, const std::string& clipped) {
  json::array with_run, left_out;
  for (const BackfillTickRow& tick : ticks)
    (model::HasRun(tick.outcome) ? with_run : left_out).push_back(TickJson(tick));
  const size_t count = with_run.size();
  return {{"backfills", std::move(with_run)},
          {"total_entries", count},
          {"left_out", std::move(left_out)},
          {"clipped", TextOrNull(clipped)}};
}

void DryRun(Context& context, const model::CreateBackfill& asked, Answered answered) {
  base::Result<Ticks> ticks = context.views.PlanBackfill(asked);
  if (!ticks)
    return answered(base::Fail(ticks.error()));
  context.desk.Read<Reply>(
      ReadDesk::Turn::kFirst,
      nullptr,
      [asked, ticks = *std::move(ticks), clipped = context.views.WhatIsClipped(asked)](
          const Reading& reading) mutable -> base::Result<Reply> {
        RETURN_IF_ERROR(LookUpRuns(reading, asked, ticks));
        return PlanJson(ticks, clipped);
      },
      std::move(answered));
}

void AnswerWithBackfill(Context& context, const runtime::Outcome& outcome, Answered answered) {
  if (!outcome)
    return answered(base::Fail(outcome.error()));
  Exchange made;
  made.args = {std::to_string(outcome->id.value_or(0))};
  AnswerWith(context, &GetBackfill, std::move(made), std::move(answered));
}

void Create(Context& context, model::CreateBackfill asked, Answered answered) {
  auto with_clipped = [clipped = context.views.WhatIsClipped(asked),
                       answered = std::move(answered)](Answer answer) {
    if (json::object* body = answer ? std::get_if<json::object>(&*answer) : nullptr)
      (*body)["clipped"] = TextOrNull(clipped);
    answered(std::move(answer));
  };
  context.commands.CreateBackfill(
      std::move(asked),
      [&context, with_clipped = std::move(with_clipped)](const runtime::Outcome& outcome) {
        AnswerWithBackfill(context, outcome, with_clipped);
      });
}

// Who asks again, perhaps because the first answer was lost, has what they want.
Answer GetCancelled(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const int64_t id, IdOf(exchange));
  ASSIGN_OR_RETURN(const model::BackfillRow row, reading.rows.Backfill(id));
  if (!row.is_cancelled)
    return base::Fail(base::ErrorCode::kConflict,
                      base::Cat("the backfill ", id, " is completed: there is nothing to cancel"));
  return GetBackfill(reading, exchange);
}

void ChangeOne(Context& context,
               const SharedExchange& exchange,
               model::ChangeBackfill::To to,
               Answered answered) {
  const auto id = IdOf(*exchange);
  if (!id)
    return answered(base::Fail(id.error()));
  IfSeen(context, exchange, &GetBackfill, answered, [&context, exchange, id = *id, to, answered] {
    context.commands.ChangeBackfill(
        {id, to, exchange->principal()},
        [&context, exchange, to, answered](const runtime::Outcome& outcome) {
          const bool is_over = !outcome && outcome.error().code == base::ErrorCode::kConflict;
          if (is_over && to == model::ChangeBackfill::To::kCancelled)
            AnswerWith(context, &GetCancelled, *exchange, answered);
          else
            AnswerWithBackfill(context, outcome, answered);
        });
  });
}

}  // namespace

Answer ListBackfills(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  std::optional<model::DagId> dag;
  ASSIGN_OR_RETURN(const auto dag_id, ReadOne(exchange, "dag_id"));
  ASSIGN_OR_RETURN(const auto active, ReadBool(exchange, "active"));
  if (dag_id) {
    dag = model::DagId(*dag_id);
    RETURN_IF_ERROR(FindDag(reading, *dag));
  }
  const auto order = ReadOrder(exchange, {"id"});
  if (!order)
    return order.error();
  ASSIGN_OR_RETURN(auto rows, reading.rows.Backfills(dag));
  if (!order->empty() && !order->front().is_descending)
    std::ranges::reverse(rows);
  json::array backfills;
  for (const model::BackfillRow& row : rows) {
    if (!active || *active != row.completed_at.has_value())
      backfills.push_back(BackfillJson(row));
  }
  return PageOf("backfills", std::move(backfills), *paging);
}

Answer GetBackfill(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const int64_t id, IdOf(exchange));
  ASSIGN_OR_RETURN(const model::BackfillRow row, reading.rows.Backfill(id));
  ASSIGN_OR_RETURN(const Ticks ticks, reading.rows.BackfillTicks(id));
  std::map<std::string_view, int64_t> counts;
  for (const BackfillTickRow& tick : ticks)
    ++counts[ToString(tick.outcome)];
  json::object out = BackfillJson(row);
  json::object by_outcome;
  for (const auto& [word, count] : counts)
    by_outcome[word] = count;
  out["num_ticks"] = ticks.size();
  out["ticks"] = std::move(by_outcome);
  return out;
}

Answer ListBackfillTicks(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  ASSIGN_OR_RETURN(const int64_t id, IdOf(exchange));
  RETURN_IF_ERROR(reading.rows.Backfill(id));
  ASSIGN_OR_RETURN(const Ticks rows, reading.rows.BackfillTicks(id));
  json::array ticks;
  for (const BackfillTickRow& tick : rows)
    ticks.push_back(TickJson(tick));
  return PageOf("ticks", std::move(ticks), *paging);
}

void CreateBackfill(Context& context, const SharedExchange& exchange, Answered answered) {
  auto asked = ReadBackfill(*exchange);
  if (!asked)
    return answered(base::Fail(asked.error()));
  Create(context, *std::move(asked), std::move(answered));
}

void DryRunBackfill(Context& context, const SharedExchange& exchange, Answered answered) {
  const auto asked = ReadBackfill(*exchange);
  if (!asked)
    return answered(base::Fail(asked.error()));
  DryRun(context, *asked, std::move(answered));
}

void PauseBackfill(Context& context, const SharedExchange& exchange, Answered answered) {
  ChangeOne(context, exchange, model::ChangeBackfill::To::kPaused, std::move(answered));
}

void UnpauseBackfill(Context& context, const SharedExchange& exchange, Answered answered) {
  ChangeOne(context, exchange, model::ChangeBackfill::To::kGoesOn, std::move(answered));
}

void CancelBackfill(Context& context, const SharedExchange& exchange, Answered answered) {
  ChangeOne(context, exchange, model::ChangeBackfill::To::kCancelled, std::move(answered));
}

void FillHoles(Context& context, const SharedExchange& exchange, Answered answered) {
  auto asked = ReadFill(*exchange);
  if (!asked)
    return answered(base::Fail(asked.error()));
  if (base::GetBool(exchange->body, "dry_run"))
    return DryRun(context, *asked, std::move(answered));
  Create(context, *std::move(asked), std::move(answered));
}

}  // namespace api
