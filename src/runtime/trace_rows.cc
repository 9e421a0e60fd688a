#include "runtime/trace_rows.h"

#include <utility>

#include "base/json_text.h"
#include "lineage/moments.h"
#include "lineage/traces.h"

namespace runtime {

namespace {

base::Result<lineage::TraceFacts> FactsOf(store::Reader& rows, const model::HistoryRow& end) {
  const model::RunKey key{end.subject.dag, end.subject.run};
  lineage::TraceFacts facts;
  ASSIGN_OR_RETURN(facts.run, rows.Run(key));
  ASSIGN_OR_RETURN(
      const auto of_run,
      rows.History(
          {.limit = 1000, .kind = model::EntityKind::kRun, .dag = key.dag, .run = key.run}));
  facts.round = lineage::RoundAt(of_run, end.seq);
  facts.begun = facts.ended = end.at;
  // The run may have begun again by now: its state is the row's.
  facts.run.state = end.to == "success" ? model::RunState::kSuccess : model::RunState::kFailed;
  for (const model::HistoryRow& row : of_run) {
    const bool is_of_round = row.seq <= end.seq && lineage::RoundAt(of_run, row.seq) == facts.round;
    if (is_of_round && (row.from.empty() || row.to == "running"))
      facts.begun = std::min(facts.begun, row.at);
  }
  ASSIGN_OR_RETURN(auto attempts, rows.Attempts(key));
  for (model::AttemptRow& attempt : attempts) {
    if (attempt.started_at >= facts.begun && attempt.started_at <= facts.ended)
      facts.attempts.push_back(std::move(attempt));
  }
  ASSIGN_OR_RETURN(facts.clusters, rows.ClustersOf(key));
  ASSIGN_OR_RETURN(auto causes, rows.Causes(key));
  for (model::CauseRow& cause : causes)
    facts.causes.emplace(cause.key, std::move(cause.text));
  return facts;
}

}  // namespace

bool EndsRun(const model::HistoryRow& row) {
  return row.subject.kind == model::EntityKind::kRun && row.from != row.to &&
         (row.to == "success" || row.to == "failed");
}

base::Result<std::vector<Exporter::Message>> TracesOf(store::Reader& rows,
                                                      const lineage::Origin& origin,
                                                      const std::string& deployment,
                                                      const Feed::Rows& page) {
  std::vector<Exporter::Message> messages;
  for (const auto& row : page) {
    const auto facts = FactsOf(rows, *row);
    if (!facts && facts.error().code == base::ErrorCode::kNotFound)
      continue;
    if (!facts)
      return base::Fail(facts.error());
    for (const json::object& request : lineage::TraceRequests(origin, deployment, *facts))
      messages.push_back({base::Serialize(request), row->at});
  }
  return messages;
}

}  // namespace runtime
