#include "dagfile/project_keys.h"

#include <array>

#include "dagfile/oidc.h"

namespace dagfile {

namespace {

constexpr std::string_view kTable = "sources.dynamodb";

constexpr std::array kScalars = {
    ScalarKey{"", "deployment", [](Project& p) -> auto& { return p.deployment; }},
    ScalarKey{"", "database", [](Project& p) -> auto& { return p.database; }},
    ScalarKey{"", "python", [](Project& p) -> auto& { return p.python; }},
    ScalarKey{"airflow", "dags_folder", [](Project& p) -> auto& { return p.airflow.dags_folder; }},
    ScalarKey{"airflow",
              "version",
              CountSlot{[](Project& p) -> auto& { return p.airflow.version; }, 2, 3}},
    ScalarKey{"airflow",
              "by_airflow",
              ListSlot{[](Project& p) -> auto& { return p.airflow.by_airflow; },
                       [](std::string_view) { return std::string(); }}},
    ScalarKey{"airflow",
              "unknown_schedules_by_hand",
              [](Project& p) -> auto& { return p.airflow.unknown_schedules_by_hand; }},
    ScalarKey{"airflow", "strict_emr", [](Project& p) -> auto& { return p.airflow.strict_emr; }},
    ScalarKey{"emr", "region", [](Project& p) -> auto& { return p.region; }},
    ScalarKey{"emr", "endpoint", [](Project& p) -> auto& { return p.emr_endpoint; }},
    ScalarKey{"emr", "profile", [](Project& p) -> auto& { return p.emr_profile; }},
    ScalarKey{"emr", "poll_interval", [](Project& p) -> auto& { return p.poll_interval; }},
    ScalarKey{"emr", "launch_settle", [](Project& p) -> auto& { return p.launch_settle; }},
    ScalarKey{"emr", "list_lag_max", [](Project& p) -> auto& { return p.list_lag_max; }},
    ScalarKey{"emr", "fleet_grace", [](Project& p) -> auto& { return p.fleet_grace; }},
    ScalarKey{"emr", "fleet_interval", [](Project& p) -> auto& { return p.fleet_interval; }},
    ScalarKey{"emr", "idle_timeout", [](Project& p) -> auto& { return p.idle_timeout; }},
    ScalarKey{"emr",
              "overdue_factor",
              NumberSlot{[](Project& p) -> auto& { return p.overdue_factor; }, Bound::kFromOne}},
    ScalarKey{kBudget,
              "share",
              NumberSlot{[](Project& p) -> auto& { return p.budget_share; }, Bound::kFraction}},
    ScalarKey{"reaper", "armed", [](Project& p) -> auto& { return p.reaper.armed; }},
    ScalarKey{"reaper", "grace", [](Project& p) -> auto& { return p.reaper.grace; }},
    ScalarKey{"reaper", "interval", [](Project& p) -> auto& { return p.reaper.interval; }},
    ScalarKey{"reaper",
              "max_per_pass",
              CountSlot{[](Project& p) -> auto& { return p.reaper.max_per_pass; }, 1, 1000}},
    ScalarKey{"reaper",
              "max_ratio",
              NumberSlot{[](Project& p) -> auto& { return p.reaper.max_ratio; }, Bound::kFraction}},
    ScalarKey{"limits",
              "jobs_per_dag",
              CountSlot{[](Project& p) -> auto& { return p.limits.jobs_per_dag; }, 1, 1'000'000}},
    ScalarKey{
        "limits",
        "jobs_per_project",
        CountSlot{[](Project& p) -> auto& { return p.limits.jobs_per_project; }, 1, 1'000'000}},
    ScalarKey{
        "server", "bind", ListSlot{[](Project& p) -> auto& { return p.server.bind; }, BindMistake}},
    ScalarKey{
        "server", "port", CountSlot{[](Project& p) -> auto& { return p.server.port; }, 0, 65535}},
    ScalarKey{
        "server", "tls_certificate", [](Project& p) -> auto& { return p.server.tls_certificate; }},
    ScalarKey{"server", "url", [](Project& p) -> auto& { return p.server.url; }},
    ScalarKey{"server", "tls_key", [](Project& p) -> auto& { return p.server.tls_key; }},
    ScalarKey{"server",
              "allowed_hosts",
              ListSlot{[](Project& p) -> auto& { return p.server.allowed_hosts; }, HostMistake}},
    ScalarKey{"server",
              "trusted_proxies",
              ListSlot{[](Project& p) -> auto& { return p.server.trusted_proxies; }, ProxyMistake}},
    ScalarKey{
        "server", "insecure_http", [](Project& p) -> auto& { return p.server.insecure_http; }},
    ScalarKey{
        "server",
        "max_body_bytes",
        CountSlot{[](Project& p) -> auto& { return p.server.max_body_bytes; }, 65'536, 64 << 20}},
    ScalarKey{
        "server",
        "max_header_bytes",
        CountSlot{[](Project& p) -> auto& { return p.server.max_header_bytes; }, 4'096, 1 << 20}},
    ScalarKey{"server", "read_timeout", [](Project& p) -> auto& { return p.server.read_timeout; }},
    ScalarKey{"server", "idle_timeout", [](Project& p) -> auto& { return p.server.idle_timeout; }},
    ScalarKey{"server",
              "max_connections",
              CountSlot{[](Project& p) -> auto& { return p.server.max_connections; }, 8, 100'000}},
    ScalarKey{"server",
              "max_strangers",
              CountSlot{[](Project& p) -> auto& { return p.server.max_strangers; }, 1, 100'000}},
    ScalarKey{
        "server",
        "max_strangers_per_peer",
        CountSlot{[](Project& p) -> auto& { return p.server.max_strangers_per_peer; }, 1, 100'000}},
    ScalarKey{"openlineage", "url", [](Project& p) -> auto& { return p.openlineage.url; }},
    ScalarKey{
        "openlineage", "endpoint", [](Project& p) -> auto& { return p.openlineage.endpoint; }},
    ScalarKey{"openlineage", "api_key", [](Project& p) -> auto& { return p.openlineage.api_key; }},
    ScalarKey{"openlineage", "namespace", [](Project& p) -> auto& { return p.openlineage.space; }},
    ScalarKey{"openlineage", "timeout", [](Project& p) -> auto& { return p.openlineage.timeout; }},
    ScalarKey{"openlineage",
              "allow_private",
              [](Project& p) -> auto& { return p.openlineage.allow_private; }},
    ScalarKey{"openlineage", "spark", [](Project& p) -> auto& { return p.openlineage.spark; }},
    ScalarKey{"traces", "endpoint", [](Project& p) -> auto& { return p.traces.endpoint; }},
    ScalarKey{"traces", "timeout", [](Project& p) -> auto& { return p.traces.timeout; }},
    ScalarKey{
        "traces", "allow_private", [](Project& p) -> auto& { return p.traces.allow_private; }},
    ScalarKey{kOidc, "issuer", [](Project& p) -> auto& { return p.server.oidc.issuer; }},
    ScalarKey{kOidc, "client_id", [](Project& p) -> auto& { return p.server.oidc.client_id; }},
    ScalarKey{
        kOidc, "client_secret", [](Project& p) -> auto& { return p.server.oidc.client_secret; }},
    ScalarKey{kOidc,
              "scopes",
              ListSlot{[](Project& p) -> auto& { return p.server.oidc.scopes; }, OidcScopeMistake}},
    ScalarKey{
        kOidc, "redirect_url", [](Project& p) -> auto& { return p.server.oidc.redirect_url; }},
    ScalarKey{kOidc,
              "post_logout_url",
              [](Project& p) -> auto& { return p.server.oidc.post_logout_url; }},
    ScalarKey{
        kOidc, "username_claim", [](Project& p) -> auto& { return p.server.oidc.username_claim; }},
    ScalarKey{
        kOidc, "groups_claim", [](Project& p) -> auto& { return p.server.oidc.groups_claim; }},
    ScalarKey{
        kOidc, "session_length", [](Project& p) -> auto& { return p.server.oidc.session_length; }},
    ScalarKey{kOidc, "clock_skew", [](Project& p) -> auto& { return p.server.oidc.clock_skew; }},
    ScalarKey{kOidc, "timeout", [](Project& p) -> auto& { return p.server.oidc.timeout; }},
    ScalarKey{kOidc, "ca_file", [](Project& p) -> auto& { return p.server.oidc.ca_file; }},
    ScalarKey{kOidc, "allow_http", [](Project& p) -> auto& { return p.server.oidc.allow_http; }},
    ScalarKey{
        "server",
        "max_event_streams",
        CountSlot{[](Project& p) -> auto& { return p.server.max_event_streams; }, 1, 100'000}},
    ScalarKey{kSources, "policy", PolicySlot{[](Project& p) -> auto& { return p.sources.policy; }}},
    ScalarKey{
        kSources, "poke_interval", [](Project& p) -> auto& { return p.sources.poke_interval; }},
    ScalarKey{kSources, "stale_after", [](Project& p) -> auto& { return p.sources.stale_after; }},
    ScalarKey{kTable, "table", [](Project& p) -> auto& { return p.sources.table; }},
    ScalarKey{
        kTable,
        "weight",
        NumberSlot{[](Project& p) -> auto& { return p.sources.table_weight; }, Bound::kShare}},
    ScalarKey{"sources.sqs", "queue_url", [](Project& p) -> auto& { return p.sources.queue_url; }},
    ScalarKey{"sources.webhook",
              "token_env",
              [](Project& p) -> auto& { return p.sources.webhook_token_env; }},
    ScalarKey{"sources.emr",
              "weight",
              NumberSlot{[](Project& p) -> auto& { return p.sources.emr_weight; }, Bound::kShare}},
};

constexpr std::array<std::string_view, 9> kBudgetNames = {"account",
                                                          "RunJobFlow",
                                                          "TerminateJobFlows",
                                                          "SetTerminationProtection",
                                                          "DescribeCluster",
                                                          "ListClusters",
                                                          "ListInstanceFleets",
                                                          "ListInstanceGroups",
                                                          "ListSteps"};

constexpr std::array<std::string_view, 12> kTableAttributes = {"cluster_id",
                                                               "item",
                                                               "rank",
                                                               "event_time",
                                                               "state",
                                                               "reason_code",
                                                               "message",
                                                               "name",
                                                               "target",
                                                               "running",
                                                               "raw",
                                                               "ttl"};

}  // namespace

std::span<const ScalarKey> ScalarKeys() {
  return kScalars;
}

std::span<const std::string_view> BudgetNames() {
  return kBudgetNames;
}

std::span<const std::string_view> TableAttributes() {
  return kTableAttributes;
}

}  // namespace dagfile
