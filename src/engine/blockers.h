#pragma once

// What keeps a job from going on, for people: only what is missing now. It decides nothing; the
// rules that it explains are in propagate, attempts and runs, and in the job's kind of work.

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/ids.h"

namespace engine {

class Engine;

struct Blocker {
  // paused        its DAG is paused
  // start_jitter  until the run's run_after
  // run_queued    max_active_runs of its DAG are active
  // upstream      jobs of this run have not ended as its trigger rule wants
  // upstream_dag  data intervals of other DAGs are missing
  // past_run      of the DAG's previous run (depends_on_past) a job is not done
  // group         jobs of a group around them have ended, and it is not settled
  // group_retry   until the next try of the job's group, or of a group that it waits for
  // retry_delay   until the next try
  // pool          its pool is full, is too small for it, or keeps its slots for another job
  // limit         as many jobs as a limit allows hold slots, or their work has its vCPUs
  // spend_cap     as much as a cap allows is spent
  // max_active    the same for max_active_tasks, max_active_tis_per_dag and …_per_dagrun
  // hold          a person holds its launches
  // instances     of a mapped job: its instances have not ended
  // Further ones are the kind's own. A literal.
  std::string_view kind;
  std::string sentence;
  std::optional<base::Time> until =
      {};                            // retry_delay, group_retry, start_jitter, spend_cap of a day
  std::set<model::DagId> dags = {};  // other ones, of which the sentence tells
};

// None for a job that has ended or works and waits for nothing, and for a run that is not in memory
// because it has ended.
std::vector<Blocker> BlockersOf(const Engine& engine, const model::JobKey& job);

// "a, b and 3 more": a sentence names a few things and counts the others.
std::string Enumerate(const std::vector<std::string>& names);

}  // namespace engine
