"""Assets and edges with rules, through the real program and its command line. The official client of
Airflow judges the resources of assets."""

import json
import time

import pytest

from processes import Estate, write_project

FAULTS = "timing: {provisioning: 1m, bootstrap: 1m, step: 5m, shutdown: 30s}\n"
MAKER = """
dag_id: maker
is_paused_upon_creation: false
tasks:
  make: {type: empty, outlets: [{name: sessions, uri: "s3://lake/sessions", extra: {rows: 3}}]}
"""
FOLLOWER = """
dag_id: follower
is_paused_upon_creation: false
schedule: {assets: [sessions, prices]}
tasks:
  use: {type: empty, inlets: [sessions]}
"""
PAUSED = """
dag_id: paused
schedule: {assets: {any: [sessions, prices]}}
tasks: {use: {type: empty}}
"""
# `skip` is skipped in each run, so that its rule decides.
RULED = """
dag_id: ruled
is_paused_upon_creation: false
tasks:
  good: {type: empty, depends_on: [{job: other/skip, rule: all_skipped}, {dag: other, run_state: any}]}
  bad: {type: empty, depends_on: [{job: other/skip, otherwise: end}]}
"""
OTHER = """
dag_id: other
is_paused_upon_creation: false
tasks:
  skip: {type: empty, when: "1 == 2"}
"""


class Assets(Estate):
    def __init__(self, folder):
        project = write_project(folder / "project", "deployment: assets\n", 1)
        for name, text in (("maker", MAKER), ("follower", FOLLOWER), ("paused", PAUSED),
                           ("ruled", RULED), ("other", OTHER)):
            (project / "dags" / f"{name}.yaml").write_text(text)
        (project / "assets").mkdir()
        (project / "assets" / "lake.yaml").write_text("prices: {group: market}\n")
        super().__init__(folder, project, FAULTS)

    def answer(self, *arguments):
        done = self.cli(*arguments, "--output", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def runs(self, dag, count):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = self.standalone.call(f"/dags/{dag}/dagRuns")["dag_runs"]
            if len(found) == count:
                return found
            time.sleep(0.02)
        raise AssertionError(found)


@pytest.fixture
def estate(tmp_path):
    made = Assets(tmp_path)
    yield made
    made.stop()


def test_a_run_follows_its_assets_by_the_command_line(estate):
    assert {asset["name"] for asset in estate.answer("assets", "list")} == {"sessions", "prices"}
    run = estate.answer("assets", "materialize", "sessions")
    assert run["dag_id"] == "maker"
    [event] = estate.answer("assets", "events", "sessions")
    assert (event["source_dag_id"], event["source_run_id"], event["source_task_id"], event["extra"]) == (
        "maker", run["dag_run_id"], "make", {"rows": 3})
    assert estate.runs("follower", 0) == []
    details = estate.answer("assets", "details", "sessions")
    assert details["uri"] == "s3://lake/sessions"
    assert [task["task_id"] for task in details["producing_tasks"]] == ["make"]
    assert sorted(dag["dag_id"] for dag in details["scheduled_dags"]) == ["follower", "paused"]
    wrong = estate.cli("assets", "details", "session")
    assert wrong.returncode == 1 and "did you mean 'sessions'?" in wrong.stderr


def test_rules_of_edges_decide(estate):
    estate.cli("dags", "trigger", "ruled", "--run-id", "r")
    why = estate.cli("why", "ruled", "r")
    assert "(rule all_skipped)" in why.stdout, why.stdout
    estate.cli("dags", "trigger", "other", "--run-id", "o")
    assert estate.standalone.wait_for_run("ruled", "r") == "success"
    tasks = estate.standalone.call("/dags/ruled/dagRuns/r/taskInstances")["task_instances"]
    assert {task["task_id"]: task["state"] for task in tasks} == {"good": "success", "bad": "skipped"}


def test_airflows_client_reads_makes_and_drops(estate):
    airflow = pytest.importorskip("airflow_client.client", reason="apache-airflow-client is not installed")
    from airflow_client.client.api import asset_api
    from airflow_client.client.models.create_asset_events_body import CreateAssetEventsBody

    token = (estate.state / "token").read_text().strip()
    settings = airflow.Configuration(host=estate.standalone.url, access_token=token)
    with airflow.ApiClient(settings) as client:
        client.set_default_header("Authorization", f"Bearer {token}")
        api = asset_api.AssetApi(client)
        assets = {asset.name: asset for asset in api.get_assets().assets}
        assert assets["prices"].group == "market" and assets["sessions"].uri == "s3://lake/sessions"
        assert api.get_asset(assets["prices"].id).last_asset_event is None
        assert api.get_asset_aliases().total_entries == 0
        prices, sessions = assets["prices"].id, assets["sessions"].id
        made = api.create_asset_event(CreateAssetEventsBody(asset_id=prices, extra={"by": "hand"}))
        assert made.extra == {"by": "hand", "from_rest_api": True} and made.source_dag_id is None
        assert [row.asset_id for row in api.get_dag_asset_queued_events("follower").queued_events] == [prices]
        assert [row.dag_id for row in api.get_asset_queued_events(prices).queued_events] == ["follower"]
        assert api.get_dag_asset_queued_event("follower", prices).asset_id == prices
        api.delete_dag_asset_queued_event("follower", prices)
        with pytest.raises(airflow.exceptions.NotFoundException):
            api.delete_dag_asset_queued_events("follower")
        second = api.create_asset_event(CreateAssetEventsBody(asset_id=prices))
        run = api.materialize_asset(sessions)
        assert run.dag_id == "maker"
        [follower] = estate.runs("follower", 1)
        assert follower["run_type"] == "asset_triggered" and follower["logical_date"] is None
        path = f"/dags/follower/dagRuns/{follower['dag_run_id']}/upstreamAssetEvents"
        events = estate.standalone.call(path.replace("+", "%2B"))["asset_events"]
        assert [event["id"] for event in events] == [second.id, second.id + 1]
        listed = api.get_asset_events(asset_id=prices).asset_events
        assert [event.id for event in listed] == [made.id, second.id]
        assert [run.run_id for run in listed[1].created_dagruns] == [follower["dag_run_id"]]
        assert listed[0].created_dagruns == []
        with pytest.raises(airflow.exceptions.NotFoundException):
            api.create_asset_event(CreateAssetEventsBody(asset_id=99))
