#include "notify/facts.h"

namespace notify {

namespace {

using model::EntityKind;

bool TellsOfFailure(const model::HistoryRow& row) {
  return row.subject.kind == EntityKind::kTask && (row.to == "failed" || row.to == "up_for_retry");
}

bool TellsOfNewCluster(const model::HistoryRow& row) {
  return row.subject.kind == EntityKind::kCluster && row.from.empty();
}

}  // namespace

bool NeedsFacts(const model::HistoryRow& row) {
  return TellsOfFailure(row) || TellsOfNewCluster(row);
}

base::Result<Facts> FactsOf(store::Reader& reader, const model::HistoryRow& row) {
  Facts facts;
  if (TellsOfNewCluster(row)) {
    const auto cluster = reader.Cluster(row.subject.cluster);
    if (!cluster && cluster.error().code != base::ErrorCode::kNotFound)
      return base::Fail(cluster.error());
    // One that is ended at once, because it was made twice, is nobody's concern.
    facts.is_unclaimed = cluster && !cluster->attempt && cluster->terminate_requested_at != row.at;
    return facts;
  }
  const model::Subject& subject = row.subject;
  const model::RunKey run{subject.dag, subject.run};
  const store::Instances of{subject.job, subject.lane, subject.index, subject.index};
  ASSIGN_OR_RETURN(const auto attempts, reader.Attempts(run, of));
  for (const model::AttemptRow& attempt : attempts) {
    if (attempt.started_at <= row.at && (!facts.attempt || facts.attempt->key.n < attempt.key.n))
      facts.attempt = attempt;
  }
  ASSIGN_OR_RETURN(const auto jobs, reader.Jobs(run, of));
  // It may have begun again since.
  for (const model::JobRow& job : jobs) {
    if (facts.attempt && job.try_number == facts.attempt->key.n)
      facts.next_try_at = job.next_try_at;
  }
  return facts;
}

}  // namespace notify
