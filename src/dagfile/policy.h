#pragma once

// How a job is retried and capped: the keys that stand in a job or in default_args, and on_retry.
// Only for this folder.

#include <optional>
#include <string>
#include <vector>

#include "dagfile/capacity.h"
#include "dagfile/draft.h"
#include "dagfile/notifications.h"
#include "yaml/reader.h"

namespace dagfile {

// What one map says; the job's own wins over default_args.
struct Policy {
  std::optional<int64_t> retries;
  std::optional<int64_t> infra_retries;
  std::optional<base::Duration> retry_delay;
  std::optional<base::Duration> infra_retry_delay;
  std::optional<bool> retry_exponential_backoff;
  std::optional<base::Duration> max_retry_delay;
  std::optional<std::vector<model::VerdictClass>> retry_on;
  std::optional<base::Duration> launch_timeout;
  std::optional<base::Duration> max_run_time;
  std::optional<model::Resume> resume;
  std::optional<model::TriggerRule> trigger_rule;
  std::optional<base::Duration> execution_timeout;
  std::optional<bool> depends_on_past;
  std::optional<bool> wait_for_downstream;
  std::optional<bool> hold_on_configuration_failure;
  std::optional<std::string> pool;
  yaml::Mark pool_mark;
  CapacityPolicy capacity;
  EmailPolicy emails;
};

// A whole number within [min, 10000].
std::optional<int64_t> ReadCount(yaml::MapReader& reader, std::string_view key, int64_t min);

Policy ReadPolicy(yaml::MapReader& reader, yaml::Diagnostics* errors);

// `retries` and what goes with it, of a group.
void ReadGroupRetries(yaml::MapReader& reader, model::Group& group);

// A job's own keys: on_retry, expected_duration. Of a job without a cluster they are errors, and so
// are the other keys that are about clusters; `is_command`: it has the two that are about work.
void ReadClusterPolicy(yaml::MapReader& reader, yaml::Diagnostics* errors, JobDraft* job);
void RefuseClusterPolicy(yaml::MapReader& reader, bool is_command);
// Those keys in default_args.
void RefuseJobsOwnKeys(yaml::MapReader& reader);

// What `inner` says, and what `outer` says where it is silent.
Policy Merge(const Policy& inner, const Policy& outer);

// Own settings, then default_args, then Airflow's defaults.
void Settle(const Policy& own, const Policy& defaults, JobDraft* job);

}  // namespace dagfile
