"""Airflow's official client, method by method: what each of its operations does here. docs/rest-api.md has
the same table; SIGNALBOX_WRITE_TABLE=1 writes it."""

import contextlib
import datetime
import json
import os
import re
import urllib.error

import airflow_client.client as airflow
import airflow_client.client.models as models
import pytest

from airflow_operations import (
    ABSENT, LATER, WORKS, class_of_refusal, connect, described, operations, parameters_of, request_of,
    send_anything, shape_of,
)
from processes import ROOT, Estate, StandaloneProcess, eventually, write_project

FAULTS = """
quotas: off
timing: {provisioning: 1m, bootstrap: 1m, step: 5m, shutdown: 30s}
faults:
  - {name: "* fails try 1", do: fail_step, step: 1}
"""
TELL = '"s3://b/work.py", "--write-outputs", "s3://told/{{ run_id }}.json", \'{"day": "monday", "rows": 3}\''
CHAIN = """
dag_id: chain
tags: [etl, weekly]
owner: ml
doc_md: What it is for
is_paused_upon_creation: false
tasks:
  tell: {type: emr_job, cluster: tell, outputs: "s3://told/{{ run_id }}.json"}
  fails: {type: emr_job, cluster: small, retries: 1, retry_delay: 1m, depends_on: [tell]}
  last: {type: empty, depends_on: [fails]}
"""
OTHERS = {
    "grouped": """
dag_id: grouped
tags: [etl]
owner: bi
is_paused_upon_creation: false
groups:
  features:
    tooltip: all of them
    tasks:
      one: {type: empty}
      two: {type: empty, depends_on: [one]}
""",
    "maps": """
dag_id: maps
is_paused_upon_creation: false
tasks: {each: {type: empty, map_over: [north, south]}}
""",
    "hourly": """
dag_id: hourly
schedule: "0 * * * *"
start_date: 2026-01-01
tasks: {nothing: {type: empty}}
""",
    "maker": """
dag_id: maker
is_paused_upon_creation: false
tasks: {make: {type: empty, outlets: [{name: sessions, uri: "s3://lake/sessions"}]}}
""",
    "follower": """
dag_id: follower
is_paused_upon_creation: false
schedule: {assets: [sessions]}
tasks: {use: {type: empty, inlets: [sessions]}}
""",
    "waits": """
dag_id: waits
is_paused_upon_creation: false
schedule: {assets: [sessions, prices]}
tasks: {use: {type: empty}}
""",
    "broken": "dag_id: broken\ntasks: {a: {type: emty}}\n",
}
RUN = {"dag_id": "chain", "dag_run_id": "r"}
FIRST, SECOND = "tell.start_cluster", "tell.wait_cluster_termination"
FAILED = "fails.wait_cluster_termination"
UTC = datetime.timezone.utc
DAY = datetime.datetime(2026, 1, 4, 20, tzinfo=UTC)


class Judged(Estate):
    """A server on which something of everything has happened."""

    def __init__(self, folder):
        project = write_project(folder / "project", "deployment: judged\n", jobs=1)
        small = (project / "clusters" / "small.yaml").read_text()
        small += "LogUri: s3://logs/here/\n"
        (project / "clusters" / "small.yaml").write_text(small)
        (project / "clusters" / "tell.yaml").write_text(small.replace('"s3://b/work.py"', TELL))
        (project / "dags" / "chain.yaml").write_text(CHAIN)
        for name, text in OTHERS.items():
            (project / "dags" / f"{name}.yaml").write_text(text)
        super().__init__(folder, project, FAULTS, speed=600)
        self.standalone.stop()
        self.standalone = StandaloneProcess(
            project, self.state, self.emulator, self.clock, AWS_ENDPOINT_URL_S3=self.emulator.url
        )
        self.client = connect(self.standalone)
        for dag, run in (("chain", "r"), ("grouped", "g"), ("maps", "m"), ("maker", "a")):
            self.trigger(dag, run)
        for dag, run in (("chain", "r"), ("grouped", "g"), ("maps", "m"), ("maker", "a")):
            assert self.standalone.wait_for_run(dag, run) == "success"

    def api(self, name):
        return getattr(airflow, name)(self.client)

    def call(self, path, body=None, method=None):
        return self.standalone.call(path, body, method)

    def followed(self):
        """The id of the run that the asset's event made."""
        runs = eventually(
            lambda: self.call("/dags/follower/dagRuns")["dag_runs"], lambda runs: len(runs) > 0
        )
        return runs[-1]["dag_run_id"]

    def asset(self):
        return self.call("/assets?name_pattern=sessions")["assets"][0]["id"]

    def backfill(self):
        """Of one tick that no other has."""
        self.ticks = getattr(self, "ticks", 0) + 1
        begin = DAY - datetime.timedelta(hours=self.ticks)
        return models.BackfillPostBody(dag_id="hourly", from_date=begin, to_date=begin)


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    made = Judged(tmp_path_factory.mktemp("judged"))
    yield made
    made.stop()


# What works: how it is called, and what its answer must say.
def assets(e):
    api = e.api("AssetApi")
    asset = e.asset()
    yield "AssetApi.get_assets", lambda: api.get_assets(name_pattern="sess"), lambda a: (
        a.total_entries == 1 and [d.dag_id for d in a.assets[0].scheduled_dags] == ["follower", "waits"]
    )
    yield "AssetApi.get_asset", lambda: api.get_asset(asset), lambda a: a.uri == "s3://lake/sessions"
    yield "AssetApi.get_asset_aliases", api.get_asset_aliases, lambda a: a.asset_aliases == []
    yield "AssetApi.get_asset_events", lambda: api.get_asset_events(source_dag_id="maker"), lambda a: (
        a.asset_events[0].source_task_id == "make"
    )
    body = models.CreateAssetEventsBody(asset_id=asset, extra={"by": "hand"})
    yield "AssetApi.create_asset_event", lambda: api.create_asset_event(body), lambda a: a.extra["by"] == "hand"
    yield "AssetApi.get_asset_queued_events", lambda: api.get_asset_queued_events(asset), lambda a: (
        [q.dag_id for q in a.queued_events] == ["waits"]
    )
    yield "AssetApi.get_dag_asset_queued_events", lambda: api.get_dag_asset_queued_events("waits"), lambda a: (
        a.total_entries == 1
    )
    yield "AssetApi.get_dag_asset_queued_event", lambda: api.get_dag_asset_queued_event("waits", asset), (
        lambda a: a.asset_id == asset
    )
    for name, arguments in (
        ("delete_dag_asset_queued_event", ("waits", asset)),
        ("delete_dag_asset_queued_events", ("waits",)),
        ("delete_asset_queued_events", (asset,)),
    ):
        def drop(name=name, arguments=arguments):
            api.create_asset_event(body)
            getattr(api, name)(*arguments)
            return e.call(f"/assets/{asset}/queuedEvents")

        yield f"AssetApi.{name}", drop, lambda a: a["total_entries"] == 0
    yield "AssetApi.materialize_asset", lambda: api.materialize_asset(asset), lambda a: a.dag_id == "maker"
    yield "DagRunApi.get_upstream_asset_events", (
        lambda: e.api("DagRunApi").get_upstream_asset_events("follower", e.followed())
    ), lambda a: a.asset_events[0].name == "sessions"


def backfills(e):
    api = e.api("BackfillApi")
    yield "BackfillApi.create_backfill_dry_run", lambda: api.create_backfill_dry_run(e.backfill()), (
        lambda a: a.total_entries == 1
    )
    yield "BackfillApi.create_backfill", lambda: api.create_backfill(e.backfill()), lambda a: a.dag_id == "hourly"
    yield "BackfillApi.get_backfill", lambda: api.get_backfill(1), lambda a: a.id == 1
    yield "BackfillApi.list_backfills", lambda: api.list_backfills(dag_id="hourly"), lambda a: a.total_entries == 1
    for name, member in (("pause", "is_paused"), ("unpause", "is_paused"), ("cancel", "completed_at")):
        def change(name=name):
            # The DAG is paused, so that the backfill waits.
            made = eventually(lambda: api.list_backfills(dag_id="hourly").backfills[-1], bool)
            if made.completed_at:
                made = api.create_backfill(e.backfill())
            if name == "unpause" and not made.is_paused:
                api.pause_backfill(made.id)
            return getattr(api, f"{name}_backfill")(made.id)

        yield f"BackfillApi.{name}_backfill", change, lambda a, name=name, member=member: (
            bool(getattr(a, member)) == (name != "unpause")
        )


def dags(e):
    api = e.api("DAGApi")
    yield "DAGApi.get_dag", lambda: api.get_dag("chain"), lambda a: a.owners == ["ml"]
    yield "DAGApi.get_dag_details", lambda: api.get_dag_details("chain"), lambda a: a.catchup is False
    yield "DAGApi.get_dags", lambda: api.get_dags(tags=["weekly", "etl"], tags_match_mode="all"), lambda a: (
        [dag.dag_id for dag in a.dags] == ["chain"]
    )
    yield "DAGApi.get_dag_tags", lambda: api.get_dag_tags(order_by=["-name"]), lambda a: a.tags == ["weekly", "etl"]
    def favour():
        api.favorite_dag("chain")
        assert api.get_dag_details("chain").is_favorite
        return api.get_dags(is_favorite=True)

    def unfavour():
        api.favorite_dag("hourly")
        api.unfavorite_dag("hourly")
        return api.get_dags(is_favorite=True, dag_id_pattern="hourly")

    yield "DAGApi.favorite_dag", favour, lambda a: [dag.dag_id for dag in a.dags] == ["chain"]
    yield "DAGApi.unfavorite_dag", unfavour, lambda a: a.dags == []
    body = models.DAGPatchBody(is_paused=True)
    yield "DAGApi.patch_dag", lambda: api.patch_dag("hourly", body), lambda a: a.is_paused
    yield "DAGApi.patch_dags", lambda: api.patch_dags(body, owners=["bi"], dag_id_pattern="~"), lambda a: (
        [(dag.dag_id, dag.is_paused) for dag in a.dags] == [("grouped", True)]
    )
    token = api.get_dag("chain").file_token
    yield "DAGParsingApi.reparse_dag_file", lambda: e.api("DAGParsingApi").reparse_dag_file(token), (
        lambda a: a is None
    )
    yield "DagSourceApi.get_dag_source", lambda: e.api("DagSourceApi").get_dag_source("chain"), lambda a: (
        json.loads(a.content)["dag_id"] == "chain" and a.version_number == 1
    )
    yield "DagStatsApi.get_dag_stats", lambda: e.api("DagStatsApi").get_dag_stats(dag_ids=["chain"]), lambda a: (
        {s.state.value: s.count for s in a.dags[0].stats} == {"queued": 0, "running": 0, "success": 1, "failed": 0}
    )
    versions = e.api("DagVersionApi")
    yield "DagVersionApi.get_dag_versions", lambda: versions.get_dag_versions("chain"), lambda a: (
        [v.version_number for v in a.dag_versions] == [1]
    )
    yield "DagVersionApi.get_dag_version", lambda: versions.get_dag_version("chain", 1), lambda a: a.dag_id == "chain"
    yield "DagWarningApi.list_dag_warnings", e.api("DagWarningApi").list_dag_warnings, lambda a: a.total_entries == 0
    tasks = e.api("TaskApi")
    yield "TaskApi.get_tasks", lambda: tasks.get_tasks("chain"), lambda a: (
        [t.task_id for t in a.tasks] == [FIRST, SECOND, "fails.start_cluster", FAILED, "last"]
        and a.tasks[1].downstream_task_ids == ["fails.start_cluster"] and a.tasks[2].retry_delay.seconds == 60
    )
    yield "TaskApi.get_task", lambda: tasks.get_task("chain", "last"), lambda a: a.operator_name == "EmptyOperator"


def runs(e):
    api = e.api("DagRunApi")
    yield "DagRunApi.get_dag_run", lambda: api.get_dag_run(**RUN), lambda a: a.state == "success"
    long_ago = datetime.datetime(2020, 1, 1, tzinfo=UTC)
    yield "DagRunApi.get_dag_runs", (
        lambda: api.get_dag_runs(
            "~", run_type=["manual"], state=["success"], start_date_gte=long_ago, dag_id_pattern="cha|gro",
            order_by=["dag_id"], duration_gte=0,
        )
    ), lambda a: [run.dag_id for run in a.dag_runs] == ["chain", "grouped"]
    batch = models.DAGRunsBatchBody(
        dag_ids=["maps", "chain"], states=["success"], order_by="-dag_id", page_limit=1, run_after_gte=long_ago
    )
    yield "DagRunApi.get_list_dag_runs_batch", lambda: api.get_list_dag_runs_batch("~", batch), lambda a: (
        [run.dag_id for run in a.dag_runs] == ["maps"] and a.total_entries == 2
    )

    def trigger():
        body = models.TriggerDAGRunPostBody(dag_run_id=f"t{len(e.call('/dags/maps/dagRuns')['dag_runs'])}",
                                            logical_date=None)
        return api.trigger_dag_run("maps", body)

    yield "DagRunApi.trigger_dag_run", trigger, lambda a: a.state in ("queued", "running", "success")
    yield "DagRunApi.patch_dag_run", (
        lambda: api.patch_dag_run("maps", "m", models.DAGRunPatchBody(state="failed"), update_mask=["state"])
    ), lambda a: a.state == "failed"
    # Of a dry run the client takes no answer, not even Airflow's: two of its models fit each task.
    clear = models.DAGRunClearBody(dry_run=False, only_failed=False)
    yield "DagRunApi.clear_dag_run", lambda: api.clear_dag_run("maps", "m", clear), lambda a: (
        a.actual_instance.dag_run_id == "m"
    )
    many = models.BulkDAGRunClearBody(
        dag_runs=[models.BulkDAGRunBody(dag_id="grouped", dag_run_id="g"),
                  models.BulkDAGRunBody(dag_id="maps", dag_run_id="m")],
        dry_run=False, only_failed=False,
    )
    yield "DagRunApi.clear_dag_runs", lambda: api.clear_dag_runs("~", many), lambda a: (
        [run.dag_run_id for run in a.actual_instance.dag_runs] == ["g", "m"]
    )
    bulk = models.BulkBodyBulkDAGRunBody.from_dict({"actions": [{"action": "update", "entities": [
        {"dag_id": "maps", "dag_run_id": "m", "state": "success"}, {"dag_id": "maps", "dag_run_id": "none", "state": "failed"},
    ]}]})
    yield "DagRunApi.bulk_dag_runs", lambda: api.bulk_dag_runs("~", bulk), lambda a: (
        a.update.success == ["maps.m"] and a.update.errors[0]["status_code"] == 404
    )
    def delete_run():
        body = models.TriggerDAGRunPostBody(dag_run_id="once", logical_date=None, conf={})
        api.trigger_dag_run("maps", body)
        api.patch_dag_run("maps", "once", models.DAGRunPatchBody(state="failed"), update_mask=["state"])
        return api.delete_dag_run_with_http_info("maps", "once").status_code

    yield "DagRunApi.delete_dag_run", delete_run, lambda a: a == 204
    # The client itself cannot read application/x-ndjson: its answer is taken as it came.
    for name in ("DagRunApi", "ExperimentalApi"):
        def wait(name=name):
            answer = e.api(name).wait_dag_run_until_finished_without_preload_content(
                "chain", "r", interval=0.2, result=[SECOND])
            assert answer.headers["content-type"] == "application/x-ndjson"
            return [json.loads(line) for line in answer.read().splitlines()]

        yield f"{name}.wait_dag_run_until_finished", wait, lambda a: (
            a == [{"state": "success", "results": {SECOND: {"day": "monday", "rows": 3}}}]
        )


def instances(e):
    api = e.api("TaskInstanceApi")
    run = ("chain", "r")
    mapped = ("maps", "m", "each")
    yield "TaskInstanceApi.get_task_instance", lambda: api.get_task_instance(*run, FIRST), lambda a: (
        a.operator == "EmrStartCluster" and a.state == "success"
    )
    yield "TaskInstanceApi.get_task_instances", (
        lambda: api.get_task_instances(
            "~", "~", task_id=FIRST, state=["success"], order_by=["-start_date"], run_id_pattern="r")
    ), lambda a: [(t.dag_id, t.task_id) for t in a.task_instances] == [("chain", FIRST)]
    batch = models.TaskInstancesBatchBody(
        dag_ids=["chain"], dag_run_ids=["r"], task_ids=[FIRST, "last"], order_by="-end_date", duration_gte=0.0)
    yield "TaskInstanceApi.get_task_instances_batch", lambda: api.get_task_instances_batch("~", "~", batch), (
        lambda a: [t.task_id for t in a.task_instances] == ["last", FIRST]
    )
    yield "TaskInstanceApi.get_mapped_task_instances", lambda: api.get_mapped_task_instances(*mapped), lambda a: (
        [t.map_index for t in a.task_instances] == [0, 1]
    )
    yield "TaskInstanceApi.get_mapped_task_instance", lambda: api.get_mapped_task_instance(*mapped, 1), lambda a: (
        a.map_index == 1
    )
    tries = lambda a: [(t.try_number, t.state) for t in a.task_instances]
    yield "TaskInstanceApi.get_task_instance_tries", lambda: api.get_task_instance_tries(*run, FAILED), lambda a: (
        tries(a) == [(1, "failed"), (2, "success")]
    )
    yield "TaskInstanceApi.get_task_instance_try_details", (
        lambda: api.get_task_instance_try_details(*run, FAILED, 1)
    ), lambda a: a.state == "failed" and a.end_date > a.start_date
    yield "TaskInstanceApi.get_mapped_task_instance_tries", (
        lambda: api.get_mapped_task_instance_tries(*mapped, 0)
    ), lambda a: len(a.task_instances) == 1
    number = e.call("/dags/maps/dagRuns/m/taskInstances/each/0")["try_number"]
    yield "TaskInstanceApi.get_mapped_task_instance_try_details", (
        lambda: api.get_mapped_task_instance_try_details(*mapped, number, 0)
    ), lambda a: a.map_index == 0
    yield "TaskInstanceApi.get_task_instance_dependencies", (
        lambda: api.get_task_instance_dependencies(*run, FIRST)
    ), lambda a: a.dependencies == []
    yield "TaskInstanceApi.get_task_instance_dependencies_by_map_index", (
        lambda: api.get_task_instance_dependencies_by_map_index(*mapped, 0)
    ), lambda a: a.dependencies == []
    cluster = e.call(f"/dags/chain/dagRuns/r/taskInstances/{FAILED}")["cluster_id"]
    for name in ("TaskInstanceApi", "ExtraLinksApi"):
        yield f"{name}.get_extra_links", lambda name=name: e.api(name).get_extra_links(*run, FAILED), lambda a: (
            a.extra_links["EMR Cluster"].endswith(f"region=us-east-1#/clusterDetails/{cluster}")
            and a.extra_links["EMR Cluster Logs"].endswith(f"prefix=here%2F{cluster}%2F")
        )
    yield "TaskInstanceApi.get_external_log_url", lambda: api.get_external_log_url(*run, FAILED, 2), lambda a: (
        "/s3/buckets/logs?" in a.url and cluster in a.url
    )
    yield "TaskInstanceApi.get_log", lambda: api.get_log(*run, FAILED, 1), lambda a: (
        "try 1 ended: application" in str(a.content.actual_instance)
    )
    done = models.PatchTaskInstanceBody(new_state="success")
    for name in ("patch_task_instance", "patch_task_instance_dry_run"):
        yield f"TaskInstanceApi.{name}", lambda name=name: getattr(api, name)("maker", "a", "make", done), lambda a: (
            [t.task_id for t in a.task_instances] == ["make"]
        )
        yield f"TaskInstanceApi.{name}_by_map_index", lambda name=name: getattr(api, f"{name}_by_map_index")(
            *mapped, 1, done
        ), lambda a: [t.map_index for t in a.task_instances] == [1]
    for name in ("patch_task_group_instances", "patch_task_group_instances_dry_run"):
        yield f"TaskInstanceApi.{name}", lambda name=name: getattr(api, name)("grouped", "g", "features", done), (
            lambda a: [t.task_id for t in a.task_instances] == ["one", "two"]
        )
    bulk = models.BulkBodyBulkTaskInstanceBody.from_dict({"actions": [{"action": "update", "entities": [
        {"task_id": "make", "new_state": "success"}, {"task_id": "none", "new_state": "success"},
    ]}]})
    yield "TaskInstanceApi.bulk_task_instances", lambda: api.bulk_task_instances("maker", "a", bulk), lambda a: (
        a.update.success == ["maker.a.make[-1]"] and a.update.errors[0]["status_code"] == 404
    )
    clear = models.ClearTaskInstancesBody(
        dry_run=True, dag_run_id="r", only_failed=False, include_downstream=True,
        task_ids=[models.ClearTaskInstancesBodyTaskIdsInner("fails")],
    )
    yield "TaskInstanceApi.post_clear_task_instances", lambda: api.post_clear_task_instances("chain", clear), (
        lambda a: len(a.task_instances) == 3
    )
    xcoms = e.api("XComApi")
    yield "XComApi.get_xcom_entries", lambda: xcoms.get_xcom_entries(**RUN, task_id=SECOND), lambda a: (
        [x.key for x in a.xcom_entries] == ["day", "rows"]
    )
    yield "XComApi.get_xcom_entry", lambda: xcoms.get_xcom_entry(**RUN, task_id=SECOND, xcom_key="rows"), lambda a: (
        a.actual_instance.value == 3
    )


def the_server(e):
    config = e.api("ConfigApi")
    yield "ConfigApi.get_config", config.get_config, lambda a: "emr" in [s.name for s in a.sections]
    yield "ConfigApi.get_config_value", lambda: config.get_config_value("core", "deployment"), lambda a: (
        a.sections[0].options[0].value.actual_instance == "judged"
    )
    logs = e.api("EventLogApi")
    yield "EventLogApi.get_event_logs", (
        lambda: logs.get_event_logs(dag_id="chain", run_id="r", task_id=FIRST, event="success")
    ), lambda a: [log.event for log in a.event_logs] == ["success"] and a.total_entries == 1
    yield "EventLogApi.get_event_log", lambda: logs.get_event_log(3), lambda a: a.event_log_id == 3
    errors = e.api("ImportErrorApi")
    yield "ImportErrorApi.get_import_errors", lambda: errors.get_import_errors(filename_pattern="broken"), lambda a: (
        a.import_errors[0].filename == "dags/broken.yaml"
    )
    yield "ImportErrorApi.get_import_error", lambda: errors.get_import_error(1), lambda a: "emty" in a.stack_trace
    yield "JobApi.get_jobs", lambda: e.api("JobApi").get_jobs(is_alive=True), lambda a: (
        a.jobs[0].job_type == "SchedulerJob" and a.jobs[0].latest_heartbeat >= a.jobs[0].start_date
    )
    yield "MonitorApi.get_health", e.api("MonitorApi").get_health, lambda a: a.scheduler.status == "healthy"
    plugins = e.api("PluginApi")
    yield "PluginApi.get_plugins", plugins.get_plugins, lambda a: a.plugins == []
    yield "PluginApi.import_errors", plugins.import_errors, lambda a: a.import_errors == []
    pools = e.api("PoolApi")
    yield "PoolApi.get_pools", lambda: pools.get_pools(pool_name_pattern="def"), lambda a: (
        [p.name for p in a.pools] == ["default_pool"]
    )
    yield "PoolApi.get_pool", lambda: pools.get_pool("default_pool"), lambda a: a.slots == 128
    yield "ProviderApi.get_providers", e.api("ProviderApi").get_providers, lambda a: a.providers == []
    yield "DAGApi.delete_dag", lambda: e.api("DAGApi").delete_dag_with_http_info("hourly").status_code, lambda a: a == 204
    yield "VersionApi.get_version", e.api("VersionApi").get_version, lambda a: bool(a.version)


def variables(e):
    api = e.api("VariableApi")
    body = models.VariableBody(key="a token", value={"a": [1]}, description="d")
    yield "VariableApi.post_variable", lambda: api.post_variable(body), lambda a: (
        (a.key, a.value, a.description, a.is_encrypted) == ("a token", '{"a":["***"]}', "d", True)
    )
    yield "VariableApi.get_variable", lambda: api.get_variable("a token"), lambda a: a.value == '{"a":["***"]}'
    bulk = models.BulkBodyVariableBody.from_dict({"actions": [
        {"action": "create", "entities": [{"key": "x", "value": "1"}, {"key": "y", "value": "2"}]},
        {"action": "create", "entities": [{"key": "x", "value": "3"}, {"key": "z", "value": "4"}]},
        {"action": "update", "entities": [{"key": "x", "value": "5"}], "action_on_non_existence": "skip"},
        {"action": "delete", "entities": ["y"]},
    ]})
    yield "VariableApi.bulk_variables", lambda: api.bulk_variables(bulk), lambda a: (
        (a.create.success, a.create.errors[0]["status_code"]) == (["x", "y"], 409)
        and (a.update.success, a.delete.success) == (["x"], ["y"])
    )
    yield "VariableApi.get_variables", lambda: api.get_variables(order_by=["-key"], variable_key_pattern="%"), lambda a: (
        [(v.key, v.value) for v in a.variables] == [("x", "5"), ("a token", '{"a":["***"]}')] and a.total_entries == 2
    )
    yield "VariableApi.patch_variable", lambda: api.patch_variable(
        "x", models.VariableBody(key="x", value="6", description="new"), update_mask=["description"]
    ), lambda a: (a.value, a.description) == ("5", "new")
    yield "VariableApi.delete_variable", lambda: api.delete_variable("x"), lambda a: a is None


def connections(e):
    api = e.api("ConnectionApi")
    body = models.ConnectionBody(
        connection_id="db", conn_type="postgres", host="h", login="l", password="p", schema="s", port=5432,
        extra='{"token": "t", "mode": "m"}', description="d",
    )
    masked = '{"token":"***","mode":"m"}'
    yield "ConnectionApi.post_connection", lambda: api.post_connection(body), lambda a: (
        (a.connection_id, a.host, a.login, a.password, a.var_schema, a.port, a.extra, a.description)
        == ("db", "h", "l", "***", "s", 5432, masked, "d")
    )
    yield "ConnectionApi.get_connection", lambda: api.get_connection("db"), lambda a: a.password == "***"
    bulk = models.BulkBodyConnectionBody.from_dict({"actions": [
        {"action": "create", "entities": [{"connection_id": "x", "conn_type": "http"}]},
        {"action": "delete", "entities": ["none"]},
    ]})
    yield "ConnectionApi.bulk_connections", lambda: api.bulk_connections(bulk), lambda a: (
        a.create.success == ["x"] and a.delete.errors[0]["status_code"] == 404
    )
    yield "ConnectionApi.get_connections", (
        lambda: api.get_connections(order_by=["-conn_type"], connection_id_prefix_pattern="d|x", limit=1)
    ), lambda a: [c.connection_id for c in a.connections] == ["db"] and a.total_entries == 2
    changed = models.ConnectionBody(connection_id="db", conn_type="mysql", password="***")
    yield "ConnectionApi.patch_connection", lambda: api.patch_connection("db", changed), lambda a: (
        (a.conn_type, a.password, a.host) == ("mysql", "***", "h")
    )
    yield "ConnectionApi.delete_connection", lambda: api.delete_connection("x"), lambda a: a is None


NOTES = {
    "AssetApi.get_asset_aliases": "always empty",
    "DAGApi.patch_dags": "a page at a time, as in Airflow",
    "DAGParsingApi.reparse_dag_file": "the project folder is looked at; a file that has not changed stays as it was",
    "DagRunApi.bulk_dag_runs": "`update`, `delete`",
    "DagSourceApi.get_dag_source": "the version as it was resolved, as JSON",
    "DagWarningApi.list_dag_warnings": "of pools that are gone",
    "EventLogApi.get_event_logs": "from history",
    "JobApi.get_jobs": "this process, as the one `SchedulerJob`",
    "PluginApi.get_plugins": "always empty",
    "PluginApi.import_errors": "always empty",
    "ProviderApi.get_providers": "always empty",
    "TaskInstanceApi.bulk_task_instances": "`update`",
    "TaskInstanceApi.get_log": "what Signalbox decided and saw; on later pages what the steps wrote",
}


def outcome_of(call, is_right):
    """None where the operation works; what is wrong otherwise."""
    try:
        answer = call()
        return None if is_right(answer) else f"answers {answer!r}"[:600]
    except Exception as error:  # the client's own, and whatever its models raise
        return f"{type(error).__name__}: {str(error)[:600]}"


def classify(e):
    """{operation: (class, detail)}, and what does not fit."""
    table, wrong = {}, {}
    for part in (assets, backfills, dags, runs, instances, the_server, variables, connections):
        for name, call, is_right in part(e):
            trouble = outcome_of(call, is_right)
            if trouble:
                wrong[name] = trouble
            table[name] = (WORKS, NOTES.get(name, ""))
    for cls, method in operations():
        name = f"{cls.__name__}.{method}"
        if name in table:
            continue
        status, detail = send_anything(e.client, cls, method)
        kind = class_of_refusal(status, detail)
        if kind is None:
            wrong[name] = f"is in no class: {status} {detail}"
        table[name] = (kind, detail)
    return table, wrong


def without(cls, method, known):
    """Which parameters of the client's are refused here, a range as one."""
    verb, path = request_of(cls, method)
    ours = known[verb, shape_of(path)]
    missing = dict.fromkeys(
        re.sub("_(gte|gt|lte|lt)$", "_…", name) for name in parameters_of(cls, method) if name not in ours
    )
    return "without " + ", ".join(f"`{name}`" for name in missing) if missing else ""


def written(table, known):
    lines = ["| operation | request | |", "|---|---|---|"]
    for cls, method in operations():
        name = f"{cls.__name__}.{method}"
        kind, detail = table[name]
        verb, path = request_of(cls, method)
        if kind == WORKS:
            detail = "; ".join(filter(None, (detail, without(cls, method, known))))
        lines.append(f"| `{name}` | {verb} `{path.removeprefix('/api/v2')}` | "
                     f"{kind}{': ' if detail else ''}{detail} |")
    return "\n".join(lines) + "\n"


BEGIN, END = "<!-- operations: written by tests/python/test_airflow_client.py -->\n", "<!-- end of operations -->\n"


def test_every_operation_of_the_client_works_or_says_why_not(estate):
    table, wrong = classify(estate)
    kinds = [kind for kind, _ in table.values()]
    text = written(table, described(estate.call("/openapi.json")))
    print(text, {kind: kinds.count(kind) for kind in (WORKS, ABSENT, LATER)})
    assert not wrong, "\n".join(f"{name}: {trouble}" for name, trouble in wrong.items())
    assert set(table) == {f"{cls.__name__}.{method}" for cls, method in operations()}
    page = ROOT / "docs" / "rest-api.md"
    before, _, rest = page.read_text().partition(BEGIN)
    if os.environ.get("SIGNALBOX_WRITE_TABLE"):
        page.write_text(before + BEGIN + text + END + rest.partition(END)[2])
    assert rest.partition(END)[0] == text or os.environ.get("SIGNALBOX_WRITE_TABLE")


def test_the_document_names_every_operation_of_the_client(estate):
    known = described(estate.call("/openapi.json"))
    for cls, method in operations():
        verb, path = request_of(cls, method)
        assert (verb, shape_of(path)) in known, (verb, path)


def test_filters_that_are_not_known_are_refused(estate):
    for path in ("/dags?is_favorite=perhaps", "/dags/~/dagRuns?updated_at_gte=2026-01-01T00:00:00Z",
                 "/dags/~/dagRuns?run_after_gte=soon", "/dags/chain/dagRuns/r?x=1"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            estate.call(path)
        assert refused.value.code == 422
        assert "detail" in json.loads(refused.value.read())


def test_a_wait_goes_on_until_the_run_has_ended(estate):
    estate.trigger("chain", "waited")
    lines = estate.standalone.fetch("/api/v2/dags/chain/dagRuns/waited/wait?interval=0.1").splitlines()
    states = [json.loads(line)["state"] for line in lines]
    assert states[-1] == "success" and set(states[:-1]) <= {"queued", "running"} and len(states) > 1
    with contextlib.suppress(urllib.error.HTTPError):
        estate.standalone.fetch("/api/v2/dags/chain/dagRuns/none/wait?interval=1")
        raise AssertionError("there is no such run")


def test_dependencies_are_what_keeps_a_task_from_going_on(estate):
    estate.call("/dags/hourly", {"is_paused": True}, "PATCH")
    estate.trigger("hourly", "held")
    found = estate.api("TaskInstanceApi").get_task_instance_dependencies("hourly", "held", "nothing")
    assert found.dependencies, found
    assert any("paused" in dependency.name for dependency in found.dependencies)
