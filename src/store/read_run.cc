#include "store/store.h"

namespace store {

base::Result<model::Snapshot> ReadRun(Reader& reader, const model::RunKey& key) {
  model::Snapshot rows;
  ASSIGN_OR_RETURN(model::RunRow run, reader.Run(key));
  ASSIGN_OR_RETURN(model::DagVersionRow version, reader.Version(run.version));
  rows.runs.push_back(std::move(run));
  rows.versions.push_back(std::move(version));
  ASSIGN_OR_RETURN(rows.jobs, reader.Jobs(key));
  ASSIGN_OR_RETURN(rows.mappings, reader.Mappings(key));
  ASSIGN_OR_RETURN(rows.groups, reader.GroupTries(key));
  ASSIGN_OR_RETURN(rows.tasks, reader.Tasks(key));
  ASSIGN_OR_RETURN(rows.attempts, reader.Attempts(key));
  ASSIGN_OR_RETURN(rows.outputs, reader.Outputs(key));
  ASSIGN_OR_RETURN(rows.launches, reader.Launches(key));
  ASSIGN_OR_RETURN(rows.clusters, reader.ClustersOf(key));
  ASSIGN_OR_RETURN(rows.deadlines, reader.Deadlines(key));
  return rows;
}

}  // namespace store
