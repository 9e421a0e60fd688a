#include "dagfile/project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dagfile/test_support.h"

namespace dagfile {
namespace {

Loaded LoadText(const std::string& text, const Environment& environment = {}) {
  return Load({{"signalbox.yaml", text}}, environment);
}

TEST(Project, ReadsEveryKey) {
  Loaded loaded = LoadText(
      "deployment: prod1\n"
      "database: sqlite:///var/lib/sb.db\n"
      "emr:\n"
      "  region: eu-west-1\n"
      "  endpoint: http://127.0.0.1:1\n"
      "  poll_interval: 10s\n"
      "  launch_settle: 20m\n"
      "  list_lag_max: 4m\n"
      "  fleet_grace: 6m\n"
      "  fleet_interval: 1m\n"
      "  idle_timeout: 7m\n"
      "  overdue_factor: 1.5\n"
      "  profile: prod\n"
      "  budget:\n"
      "    share: 0.5\n"
      "    account: {burst: 20, per_second: 4}\n"
      "    RunJobFlow: {burst: 5, per_second: 0.25}\n"
      "reaper: {armed: true, grace: 30m, interval: 1m, max_per_pass: 2, max_ratio: 0.1}\n"
      "sources:\n"
      "  policy: sampled\n"
      "  poke_interval: 30s\n"
      "  stale_after: 2m\n"
      "  dynamodb: {table: states, weight: 0.8, names: {cluster_id: id, ttl: expires}}\n"
      "  sqs: {queue_url: 'https://sqs.eu-west-1.amazonaws.com/123456789012/q'}\n"
      "  webhook: {token_env: HOOK_TOKEN}\n"
      "  emr: {weight: 0.2}\n"
      "pools:\n"
      "  a: 3\n"
      "  b: {slots: 4, description: four}\n");
  EXPECT_EQ(Text(loaded.errors), "");
  EXPECT_EQ(Text(loaded.warnings), "");
  ASSERT_TRUE(loaded.project);
  const Project& project = *loaded.project;
  EXPECT_EQ(project.deployment, "prod1");
  EXPECT_EQ(project.database, "sqlite:///var/lib/sb.db");
  EXPECT_EQ(project.region, "eu-west-1");
  EXPECT_EQ(project.emr_endpoint, "http://127.0.0.1:1");
  EXPECT_EQ(project.poll_interval, base::seconds(10));
  EXPECT_EQ(project.launch_settle, base::minutes(20));
  EXPECT_EQ(project.list_lag_max, base::minutes(4));
  EXPECT_EQ(project.fleet_grace, base::minutes(6));
  EXPECT_EQ(project.fleet_interval, base::minutes(1));
  EXPECT_EQ(project.idle_timeout, base::minutes(7));
  EXPECT_EQ(project.overdue_factor, 1.5);
  EXPECT_EQ(project.emr_profile, "prod");
  EXPECT_EQ(project.budget_share, 0.5);
  EXPECT_EQ(project.budget,
            (std::map<std::string, CallQuota>{{"account", {20, 4}}, {"RunJobFlow", {5, 0.25}}}));
  EXPECT_TRUE(project.reaper.armed);
  EXPECT_EQ(project.reaper.grace, base::minutes(30));
  EXPECT_EQ(project.reaper.interval, base::minutes(1));
  EXPECT_EQ(project.reaper.max_per_pass, 2);
  EXPECT_EQ(project.reaper.max_ratio, 0.1);
  EXPECT_EQ(project.sources.policy, WatchPolicy::kSampled);
  EXPECT_EQ(project.sources.poke_interval, base::seconds(30));
  EXPECT_EQ(project.sources.stale_after, base::minutes(2));
  EXPECT_EQ(project.sources.table, "states");
  EXPECT_EQ(project.sources.table_weight, 0.8);
  EXPECT_EQ(project.sources.table_names,
            (std::map<std::string, std::string>{{"cluster_id", "id"}, {"ttl", "expires"}}));
  EXPECT_EQ(project.sources.queue_url, "https://sqs.eu-west-1.amazonaws.com/123456789012/q");
  EXPECT_EQ(project.sources.webhook_token_env, "HOOK_TOKEN");
  EXPECT_EQ(project.sources.emr_weight, 0.2);
  ASSERT_EQ(project.pools.size(), 2u);
  EXPECT_EQ(project.pools[0], (model::PoolRow{model::PoolId("a"), 3, ""}));
  EXPECT_EQ(project.pools[1], (model::PoolRow{model::PoolId("b"), 4, "four"}));
}

TEST(Project, TellsEveryMistakeAtOnce) {
  Loaded loaded = LoadText(
      "deployment: My-Prod\n"
      "databse: x\n"
      "auth: {}\n"
      "emr: {regoin: x, poll_interval: 10, fleet_grace: 0s, launch_settle: 1m}\n"
      "pools: {a: many, b: {slot: 1}, c: -1}\n");
  EXPECT_FALSE(loaded.project);
  EXPECT_EQ(
      Text(loaded.errors),
      "signalbox.yaml:1:13: the deployment 'My-Prod' is not 2 to 20 lower-case letters and digits\n"
      "signalbox.yaml:2:1: unknown key 'databse' in signalbox.yaml; did you mean 'database'?\n"
      "signalbox.yaml:3:1: 'auth' is not supported yet in this version\n"
      "signalbox.yaml:4:7: unknown key 'regoin' in 'emr'; did you mean 'region'?\n"
      "signalbox.yaml:4:33: 'poll_interval': expected a duration such as 90s, 10m, 1h30m or 5d, "
      "found 10\n"
      "signalbox.yaml:4:50: 'fleet_grace' must be more than 0s\n"
      "signalbox.yaml:5:12: the pool 'a': expected a whole number, found the text 'many'\n"
      "signalbox.yaml:5:21: the pool 'b' needs the key 'slots'\n"
      "signalbox.yaml:5:22: unknown key 'slot' in the pool 'b'; did you mean 'slots'?\n"
      "signalbox.yaml:5:35: a pool has 0 to 1000000 slots, found -1\n");
  EXPECT_EQ(Text(loaded.warnings),
            "signalbox.yaml:4:69: 'launch_settle' is below 15m: a launch that AWS accepts or lists "
            "later than this would run twice\n");
}

TEST(Project, TellsEveryMistakeOfSources) {
  EXPECT_EQ(Text(LoadText("deployment: demo\n"
                          "sources:\n"
                          "  policy: adaptiv\n"
                          "  poke_intervall: 1m\n"
                          "  stale_after: 0s\n"
                          "  dynamodb: {tabel: x, weight: 1.5, names: {state: item, stat: y}}\n"
                          "  sqs: {queue_url: my-queue}\n"
                          "  webhook: {token_env: 'hunter2!'}\n"
                          "  kinesis: {}\n")
                     .errors),
            "signalbox.yaml:3:3: 'queue_url' is no URL such as "
            "https://sqs.REGION.amazonaws.com/ACCOUNT/NAME\n"
            "signalbox.yaml:3:3: 'token_env' must be the name of an environment variable, which "
            "holds the token\n"
            "signalbox.yaml:3:11: 'policy' is 'adaptiv'; expected one of adaptive, sampled\n"
            "signalbox.yaml:4:3: unknown key 'poke_intervall' in 'sources'; did you mean "
            "'poke_interval'?\n"
            "signalbox.yaml:5:16: 'stale_after' must be more than 0s\n"
            "signalbox.yaml:6:14: unknown key 'tabel' in 'dynamodb'; did you mean 'table'?\n"
            "signalbox.yaml:6:32: 'weight' must be from 0 to 1, found 1.5\n"
            "signalbox.yaml:6:52: 'state' cannot be called 'item': another attribute is\n"
            "signalbox.yaml:6:58: unknown key 'stat' in 'names'; did you mean 'state'?\n"
            "signalbox.yaml:9:3: unknown key 'kinesis' in 'sources'; it may have dynamodb, emr, "
            "poke_interval, policy, sqs, stale_after, webhook\n");
  EXPECT_EQ(Text(LoadText("deployment: demo\n"
                          "sources: {policy: sampled, emr: {weight: 0}, dynamodb: {weight: 0}}\n")
                     .errors),
            "signalbox.yaml:2:10: the policy 'sampled' needs a table to look at: set "
            "'sources.dynamodb.table'\n"
            "signalbox.yaml:2:10: the weights of 'dynamodb' and 'emr' are both 0: one of them must "
            "be more\n");
}

TEST(Project, TakesSourcesFromTheEnvironment) {
  Loaded loaded = LoadText("deployment: demo\n",
                           {{"SIGNALBOX__SOURCES__POLICY", "sampled"},
                            {"SIGNALBOX__SOURCES__DYNAMODB__TABLE", "states"},
                            {"SIGNALBOX__SOURCES__DYNAMODB__NAMES", "{ttl: expires}"},
                            {"SIGNALBOX__SOURCES__EMR__WEIGHT", "0.5"}});
  EXPECT_EQ(Text(loaded.errors), "");
  ASSERT_TRUE(loaded.project);
  EXPECT_EQ(loaded.project->sources.policy, WatchPolicy::kSampled);
  EXPECT_EQ(loaded.project->sources.table, "states");
  EXPECT_EQ(loaded.project->sources.table_names.at("ttl"), "expires");
  EXPECT_EQ(loaded.project->sources.emr_weight, 0.5);
}

TEST(Project, TellsEveryMistakeOfBudgetsAndTheReaper) {
  EXPECT_EQ(Text(LoadText("deployment: demo\n"
                          "emr:\n"
                          "  idle_timeout: 0s\n"
                          "  overdue_factor: 0.5\n"
                          "  profile: true\n"
                          "  budget:\n"
                          "    share: 1.5\n"
                          "    RunJobFlw: {burst: 1, per_second: 1}\n"
                          "    ListSteps: {burst: 0, per_second: fast}\n"
                          "    account: {burst: 5, rate: 1}\n"
                          "reaper:\n"
                          "  armed: 1\n"
                          "  grace: 0s\n"
                          "  interval: 5\n"
                          "  max_per_pass: 0\n"
                          "  max_ratio: 0\n"
                          "  max_rato: 1\n")
                     .errors),
            "signalbox.yaml:3:17: 'idle_timeout' must be more than 0s\n"
            "signalbox.yaml:4:19: 'overdue_factor' must be at least 1, found 0.5\n"
            "signalbox.yaml:5:12: 'profile': expected a text (put it in quotes if it is one), "
            "found true\n"
            "signalbox.yaml:7:12: 'share' must be more than 0 and at most 1, found 1.5\n"
            "signalbox.yaml:8:5: unknown key 'RunJobFlw' in 'budget'; did you mean 'RunJobFlow'?\n"
            "signalbox.yaml:9:24: 'burst' must be more than 0, found 0\n"
            "signalbox.yaml:9:39: 'per_second': expected a number, found the text 'fast'\n"
            "signalbox.yaml:10:14: the budget of account needs the key 'per_second'\n"
            "signalbox.yaml:10:25: unknown key 'rate' in the budget of account; it may have burst, "
            "per_second\n"
            "signalbox.yaml:12:10: 'armed': expected true or false, found 1\n"
            "signalbox.yaml:13:10: 'grace' must be more than 0s\n"
            "signalbox.yaml:14:13: 'interval': expected a duration such as 90s, 10m, 1h30m or 5d, "
            "found 5\n"
            "signalbox.yaml:15:17: 'max_per_pass' must be from 1 to 1000, found 0\n"
            "signalbox.yaml:16:14: 'max_ratio' must be more than 0 and at most 1, found 0\n"
            "signalbox.yaml:17:3: unknown key 'max_rato' in 'reaper'; did you mean 'max_ratio'?\n");
}

TEST(Project, ByDefaultTheReaperOnlyTellsAndNothingIsLimitedFurther) {
  Loaded loaded = LoadText("deployment: demo\n");
  EXPECT_EQ(Text(loaded.warnings), "");
  ASSERT_TRUE(loaded.project);
  EXPECT_FALSE(loaded.project->reaper.armed);
  EXPECT_EQ(loaded.project->reaper.max_per_pass, 5);
  EXPECT_EQ(loaded.project->reaper.max_ratio, 0.5);
  EXPECT_EQ(loaded.project->idle_timeout, base::minutes(10));
  EXPECT_EQ(loaded.project->overdue_factor, 2);
  EXPECT_EQ(loaded.project->budget_share, 1);
  EXPECT_TRUE(loaded.project->budget.empty());
}

TEST(Project, TheReaperWaitsAtLeastAsLongAsALaunchMayBeUnsettled) {
  auto grace = [](const std::string& more) {
    Loaded loaded = LoadText("deployment: demo\n" + more);
    EXPECT_EQ(Text(loaded.errors), "");
    return loaded.project->reaper.grace;
  };
  EXPECT_EQ(grace(""), base::minutes(18));
  EXPECT_EQ(grace("emr: {launch_settle: 40m}\n"), base::minutes(43));
  EXPECT_EQ(grace("emr: {launch_settle: 1m, list_lag_max: 1m}\n"), base::minutes(15));
  EXPECT_EQ(grace("reaper: {grace: 5m}\n"), base::minutes(5));
  EXPECT_EQ(Text(LoadText("deployment: demo\nreaper: {grace: 5m}\n").warnings),
            "signalbox.yaml:2:17: 'grace' is below 18m (launch_settle and list_lag_max together): "
            "a cluster whose launch is still being looked up could be taken for a stray\n");
}

TEST(Project, NeedsADeployment) {
  EXPECT_EQ(Text(LoadText("database: x\n").errors),
            "signalbox.yaml:1:1: signalbox.yaml needs the key 'deployment', a short name for this "
            "installation\n");
  EXPECT_EQ(Text(LoadText("").errors),
            "signalbox.yaml:1:1: signalbox.yaml: expected a map, found nothing (give a value, or "
            "remove the key)\n");
  EXPECT_EQ(Text(LoadProject({}, FindTestZone).errors),
            "signalbox.yaml:1:1: the project has no signalbox.yaml; it needs at least 'deployment: "
            "NAME'\n");
}

TEST(Project, TheEnvironmentOverridesAnyKey) {
  Loaded loaded = LoadText("database: x\nemr: {region: a}\npools: {clusters: 1}\n",
                           {{"SIGNALBOX__DEPLOYMENT", "staging"},
                            {"SIGNALBOX__EMR__REGION", "eu-central-1"},
                            {"SIGNALBOX__EMR__POLL_INTERVAL", "5s"},
                            {"SIGNALBOX__EMR__IDLE_TIMEOUT", "5m"},
                            {"SIGNALBOX__EMR__OVERDUE_FACTOR", "3"},
                            {"SIGNALBOX__EMR__PROFILE", "p"},
                            {"SIGNALBOX__EMR__BUDGET__SHARE", "0.25"},
                            {"SIGNALBOX__EMR__BUDGET", "{ListSteps: {burst: 1, per_second: 2}}"},
                            {"SIGNALBOX__REAPER__ARMED", "true"},
                            {"SIGNALBOX__REAPER__MAX_PER_PASS", "1"},
                            {"SIGNALBOX__POOLS__CLUSTERS", "9"},
                            {"SIGNALBOX_CLOCK", "1,2,3"},
                            {"HOME", "/root"}});
  EXPECT_EQ(Text(loaded.errors), "");
  ASSERT_TRUE(loaded.project);
  EXPECT_EQ(loaded.project->deployment, "staging");
  EXPECT_EQ(loaded.project->region, "eu-central-1");
  EXPECT_EQ(loaded.project->poll_interval, base::seconds(5));
  EXPECT_EQ(loaded.project->idle_timeout, base::minutes(5));
  EXPECT_EQ(loaded.project->overdue_factor, 3);
  EXPECT_EQ(loaded.project->emr_profile, "p");
  EXPECT_EQ(loaded.project->budget_share, 0.25);
  EXPECT_EQ(loaded.project->budget.at("ListSteps"), (CallQuota{1, 2}));
  EXPECT_TRUE(loaded.project->reaper.armed);
  EXPECT_EQ(loaded.project->reaper.max_per_pass, 1);
  ASSERT_EQ(loaded.project->pools.size(), 1u);
  EXPECT_EQ(loaded.project->pools[0].slots, 9);
}

TEST(Project, MistakesInTheEnvironmentAreToldToo) {
  Loaded loaded = LoadText("deployment: demo\n",
                           {{"SIGNALBOX__EMR__REGOIN", "x"},
                            {"SIGNALBOX__EMR__FLEET_GRACE", "soon"},
                            {"SIGNALBOX__REAPER__ARMD", "true"},
                            {"SIGNALBOX__EMR__BUDGET__SHARES", "1"},
                            {"SIGNALBOX__EMR__BUDGET__SHARE", "0"},
                            {"SIGNALBOX__DATABASE", "[x"}});
  EXPECT_FALSE(loaded.project);
  EXPECT_EQ(Text(loaded.errors),
            "environment:1:1: SIGNALBOX__DATABASE: '[x' cannot be read as a YAML value\n"
            "environment:1:1: SIGNALBOX__EMR__BUDGET__SHARE: 'share' must be more than 0 and at "
            "most 1, found 0\n"
            "environment:1:1: SIGNALBOX__EMR__BUDGET__SHARES overrides no setting; did you mean "
            "SIGNALBOX__EMR__BUDGET__SHARE?\n"
            "environment:1:1: SIGNALBOX__EMR__FLEET_GRACE: 'fleet_grace': expected a duration such "
            "as 90s, 10m, 1h30m or 5d, found the text 'soon'\n"
            "environment:1:1: SIGNALBOX__EMR__REGOIN overrides no setting; did you mean "
            "SIGNALBOX__EMR__REGION?\n"
            "environment:1:1: SIGNALBOX__REAPER__ARMD overrides no setting; did you mean "
            "SIGNALBOX__REAPER__ARMED?\n");
}

TEST(Project, ReadsWhereTheServerListens) {
  const Loaded loaded = LoadText(
      "deployment: prod1\n"
      "server:\n"
      "  bind: [0.0.0.0, '::']\n"
      "  port: 8443\n"
      "  tls_certificate: tls/box.pem\n"
      "  tls_key: tls/box.key\n"
      "  allowed_hosts: box.example\n"
      "  trusted_proxies: [10.0.0.0/8, '2001:db8::1']\n"
      "  insecure_http: true\n"
      "  max_body_bytes: 2000000\n"
      "  read_timeout: 5s\n"
      "  max_strangers: 40\n"
      "  max_event_streams: 9\n",
      {{"SIGNALBOX__SERVER__ALLOWED_HOSTS", "[a.example, 'b.example:8443']"},
       {"SIGNALBOX__SERVER__MAX_STRANGERS", "41"}});
  EXPECT_EQ(Text(loaded.errors), "");
  ASSERT_TRUE(loaded.project);
  const Server& server = loaded.project->server;
  EXPECT_EQ(server.bind, (std::vector<std::string>{"0.0.0.0", "::"}));
  EXPECT_EQ(server.port, 8443);
  EXPECT_EQ(server.tls_certificate, "tls/box.pem");
  EXPECT_EQ(server.tls_key, "tls/box.key");
  EXPECT_EQ(server.allowed_hosts, (std::vector<std::string>{"a.example", "b.example:8443"}));
  EXPECT_EQ(server.trusted_proxies, (std::vector<std::string>{"10.0.0.0/8", "2001:db8::1"}));
  EXPECT_TRUE(server.insecure_http);
  EXPECT_EQ(server.max_body_bytes, 2'000'000);
  EXPECT_EQ(server.read_timeout, base::seconds(5));
  EXPECT_EQ(server.max_strangers, 41);
  EXPECT_EQ(server.max_event_streams, 9);
  EXPECT_EQ(server.max_strangers_per_peer, Server().max_strangers_per_peer);
}

TEST(Project, RefusesAServerThatCannotBe) {
  const auto errors_of = [](const std::string& server) {
    return Text(LoadText("deployment: prod1\nserver: {" + server + "}\n").errors);
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(errors_of("bind: box.example"), HasSubstr("'bind': 'box.example' is no IP address"));
  EXPECT_THAT(errors_of("bind: []"), HasSubstr("'bind' of 'server' is empty"));
  EXPECT_THAT(errors_of("port: 70000"), HasSubstr("'port' must be from 0 to 65535"));
  EXPECT_THAT(errors_of("tls_key: k.pem"),
              HasSubstr("'tls_certificate' and 'tls_key' go together"));
  EXPECT_THAT(errors_of("allowed_hosts: 'https://box.example'"), HasSubstr("is no host"));
  EXPECT_THAT(errors_of("allowed_hosts: [Box.example]"), HasSubstr("in lower case"));
  EXPECT_THAT(errors_of("trusted_proxies: [10.0.0.1/8]"),
              HasSubstr("is no IP address and no network"));
  EXPECT_THAT(errors_of("max_strangers: 0"), HasSubstr("'max_strangers' must be from 1"));
  EXPECT_THAT(errors_of("hsts: 1"), HasSubstr("hsts"));
}

}  // namespace
}  // namespace dagfile
