// Holds of launches: placed, listed, released.

#include <algorithm>
#include <utility>

#include "api/paging.h"
#include "api/resources.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

constexpr size_t kReasonMost = 1000;  // bytes

json::object HoldJson(const model::HoldRow& row) {
  return {{"id", row.id},
          {"scope", ToString(row.scope)},
          {"target", TextOrNull(row.target)},
          {"reason", TextOrNull(row.reason)},
          {"since", TimeOrNull(row.since)},
          {"placed_by", row.placed_by},
          {"active", !row.released_at.has_value()},
          {"released_at", TimeOrNull(row.released_at)},
          {"released_by", TextOrNull(row.released_by)}};
}

// Who sees only some of the DAGs holds these, and nobody else's.
base::Status CheckReach(const Exchange& exchange, const model::PlaceHold& hold) {
  if (!exchange.IsScoped())
    return {};
  if (hold.scope != model::HoldScope::kDag && hold.scope != model::HoldScope::kJob)
    return base::Fail(base::ErrorCode::kPermission,
                      "this may concern DAGs that you do not see: hold a DAG or a job");
  const model::DagId dag(hold.target.substr(0, hold.target.find('/')));
  if (!exchange.MaySee(dag))
    return base::Fail(NoDag(dag));
  return {};
}

base::Result<model::PlaceHold> ReadHold(const Exchange& exchange) {
  const json::object& body = exchange.body;
  model::PlaceHold out;
  out.by = exchange.principal();
  out.target = base::GetString(body, "target");
  out.reason = base::GetString(body, "reason");
  const std::string scope = base::GetString(body, "scope");
  const auto parsed = model::ParseHoldScope(scope);
  if (!parsed)
    return base::Fail(
        base::ErrorCode::kInvalidArgument,
        base::Cat(
            "'scope' is '", base::Excerpt(scope), "', and must be all, pool, tag, dag or job"));
  out.scope = *parsed;
  if (out.scope != model::HoldScope::kAll && out.target.empty())
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'target' is missing: which ", scope, " is to be held?"));
  RETURN_IF_ERROR(CheckReach(exchange, out));
  if (out.reason.size() > kReasonMost)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'reason' may have ", kReasonMost, " bytes"));
  return out;
}

Answer GetHold(const Reading& reading, const Exchange& exchange) {
  const std::optional<int64_t> id = base::ParseInt(exchange.args.at(0));
  ASSIGN_OR_RETURN(const auto rows, reading.rows.Holds());
  const auto found =
      std::ranges::find_if(rows, [&](const model::HoldRow& row) { return id && row.id == *id; });
  if (found == rows.end())
    return base::Fail(base::ErrorCode::kNotFound,
                      base::Cat("there is no hold '", base::Excerpt(exchange.args.at(0)), "'"));
  return HoldJson(*found);
}

// To be released by those who could have placed it.
Answer GetOwnHold(const Reading& reading, const Exchange& exchange) {
  const std::optional<int64_t> id = base::ParseInt(exchange.args.at(0));
  ASSIGN_OR_RETURN(const auto rows, reading.rows.Holds());
  for (const model::HoldRow& row : rows) {
    if (id && row.id == *id)
      RETURN_IF_ERROR(
          CheckReach(exchange, {.scope = row.scope, .target = row.target, .reason = "", .by = ""}));
  }
  return GetHold(reading, exchange);
}

void AnswerWithHold(Context& context, const runtime::Outcome& outcome, Answered answered) {
  if (!outcome)
    return answered(base::Fail(outcome.error()));
  Exchange made;
  made.args = {std::to_string(outcome->id.value_or(0))};
  AnswerWith(context, &GetHold, std::move(made), std::move(answered));
}

}  // namespace

Answer ListHolds(const Reading& reading, const Exchange& exchange) {
  const auto paging = ReadPaging(exchange);
  if (!paging)
    return paging.error();
  ASSIGN_OR_RETURN(const auto active, ReadBool(exchange, "active"));
  ASSIGN_OR_RETURN(const auto rows, reading.rows.Holds());
  json::array holds;
  for (const model::HoldRow& row : rows) {
    if (!active || *active != row.released_at.has_value())
      holds.push_back(HoldJson(row));
  }
  return PageOf("holds", std::move(holds), *paging);
}

void PlaceHold(Context& context, const SharedExchange& exchange, Answered answered) {
  auto hold = ReadHold(*exchange);
  if (!hold)
    return answered(base::Fail(hold.error()));
  context.commands.PlaceHold(*std::move(hold),
                             [&context, answered = std::move(answered)](const auto& outcome) {
                               AnswerWithHold(context, outcome, answered);
                             });
}

void ReleaseHold(Context& context, const SharedExchange& exchange, Answered answered) {
  IfSeen(context, exchange, &GetOwnHold, answered, [&context, exchange, answered] {
    const std::optional<int64_t> id = base::ParseInt(exchange->args.at(0));
    context.commands.ReleaseHold(
        {id.value_or(0), exchange->principal()},
        [&context, answered](const auto& outcome) { AnswerWithHold(context, outcome, answered); });
  });
}

}  // namespace api
