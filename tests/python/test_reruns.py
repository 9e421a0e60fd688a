"""Typed params, notes, and runs that take the newest version, through the real program and its command
line. The official client of Airflow judges the bodies and the answers."""

import contextlib
import json
import time

import pytest

from processes import Estate, StandaloneProcess, write_project

FAULTS = "timing: {provisioning: 1m, bootstrap: 1m, step: 5m, shutdown: 30s}\n"
TYPED = """
dag_id: typed
is_paused_upon_creation: false
params:
  size: {type: integer, minimum: 1, maximum: 64, default: 8, description: "How many nodes", section: Cluster}
  day: {type: string, format: date}
  free: {cores: 4}
tasks:
  use: {type: empty, when: "params.size > 4"}
"""
FIRST = """
dag_id: moved
is_paused_upon_creation: false
tasks:
  a: {type: empty}
  b: {type: empty, depends_on: [a], when: "1 == 2"}
"""
SECOND = """
dag_id: moved
is_paused_upon_creation: false
tasks:
  a: {type: empty}
  c: {type: empty, depends_on: [a]}
"""
FOLLOWER = """
dag_id: follower
is_paused_upon_creation: false
schedule: {assets: [sessions, prices]}
tasks:
  use: {type: empty, when: "triggering_asset_events.sessions[-1].extra.rows == 3"}
"""


class Reruns(Estate):
    def __init__(self, folder):
        project = write_project(folder / "project", "deployment: reruns\n", 1)
        for name, text in (("typed", TYPED), ("moved", FIRST), ("follower", FOLLOWER)):
            (project / "dags" / f"{name}.yaml").write_text(text)
        super().__init__(folder, project, FAULTS)

    def restart(self):
        self.standalone.stop()
        self.standalone = StandaloneProcess(self.project, self.state, self.emulator, self.clock)

    def tasks(self, dag, run):
        path = f"/dags/{dag}/dagRuns/{run}/taskInstances"
        return {task["task_id"]: task for task in self.standalone.call(path)["task_instances"]}

    def wait_for_version(self, dag, count):
        for _ in range(2000):
            if len(self.standalone.call(f"/dags/{dag}/dagVersions")["dag_versions"]) == count:
                return
            time.sleep(0.01)
        raise AssertionError(count)


@pytest.fixture
def estate(tmp_path):
    made = Reruns(tmp_path)
    yield made
    made.stop()


@contextlib.contextmanager
def airflow_client(estate):
    airflow = pytest.importorskip("airflow_client.client", reason="apache-airflow-client is not installed")
    token = (estate.state / "token").read_text().strip()
    with airflow.ApiClient(airflow.Configuration(host=estate.standalone.url, access_token=token)) as client:
        client.set_default_header("Authorization", f"Bearer {token}")
        yield client


def test_a_trigger_that_does_not_fit_is_refused_and_makes_no_run(estate):
    for conf, words in (
        ("{}", "Invalid input for param day: No value passed and Param has no default value"),
        ('{"day": "today"}', "Invalid input for param day: 'today' is not a 'date'"),
        ('{"day": "2026-06-01", "size": 0}', "Invalid input for param size: 0 is less than the minimum of 1"),
        ('{"day": "2026-06-01", "sise": 9}', "did you mean 'size'?"),
    ):
        refused = estate.cli("dags", "trigger", "typed", "--conf", conf)
        assert refused.returncode != 0 and words in refused.stderr, refused.stderr
    assert estate.standalone.call("/dags/typed/dagRuns")["dag_runs"] == []
    made = estate.cli("dags", "trigger", "typed", "--run-id", "r", "--conf",
                      '{"day": "2026-06-01", "size": 3}', "--note", "a small one", "--wait")
    assert made.returncode == 0, made.stderr
    use = estate.tasks("typed", "r")["use"]
    assert (use["state"], use["reason"]) == ("skipped", "when: params.size > 4")
    assert "a small one" in estate.cli("dags", "list-runs", "typed", "--output", "json").stdout
    shown = estate.cli("dags", "show", "typed").stdout
    assert "(each trigger gives it)" in shown and "How many nodes" in shown


def test_airflows_client_reads_params_and_writes_notes(estate):
    with airflow_client(estate) as client:
        from airflow_client.client.api import dag_api, dag_run_api, task_instance_api
        from airflow_client.client.models.dag_run_patch_body import DAGRunPatchBody
        from airflow_client.client.models.patch_task_instance_body import PatchTaskInstanceBody
        from airflow_client.client.models.trigger_dag_run_post_body import TriggerDAGRunPostBody

        params = dag_api.DAGApi(client).get_dag_details("typed").params
        assert params["size"]["value"] == 8 and params["size"]["description"] == "How many nodes"
        assert params["size"]["schema"]["section"] == "Cluster"
        assert params["day"]["value"] is None and params["free"]["value"] == {"cores": 4}
        runs = dag_run_api.DagRunApi(client)
        body = TriggerDAGRunPostBody(dag_run_id="r", logical_date=None, conf={"day": "2026-06-01"}, note="first")
        assert runs.trigger_dag_run("typed", body).note == "first"
        assert estate.standalone.wait_for_run("typed", "r") == "success"
        # The run has left memory.
        assert runs.patch_dag_run("typed", "r", DAGRunPatchBody(note="second"), ["note"]).note == "second"
        assert runs.get_dag_run("typed", "r").state == "success"
        tasks = task_instance_api.TaskInstanceApi(client)
        tasks.patch_task_instance("typed", "r", "use", PatchTaskInstanceBody(note="seen"), update_mask=["note"])
        assert tasks.get_task_instance("typed", "r", "use").note == "seen"
    assert "note: seen" in estate.cli("tasks", "states-for-dag-run", "typed", "r").stdout
    assert estate.cli("tasks", "note", "typed", "r", "use", "").returncode == 0
    assert estate.cli("dags", "note", "typed", "r", "third").returncode == 0
    assert estate.tasks("typed", "r")["use"]["note"] is None
    assert estate.standalone.call("/dags/typed/dagRuns/r")["note"] == "third"
    refused = estate.cli("dags", "note", "typed", "r", "x" * 1001)
    assert refused.returncode != 0 and "at most 1000" in refused.stderr
    causes = [row["cause"] for row in estate.standalone.call("/history?dag_id=typed&limit=1000")["history"]]
    assert "note by api: second (before: first)" in causes and "note removed by api (before: seen)" in causes
    estate.restart()
    assert estate.standalone.call("/dags/typed/dagRuns/r")["note"] == "third"


def test_a_run_takes_the_newest_version_if_somebody_asks(estate):
    assert estate.cli("dags", "trigger", "moved", "--run-id", "r", "--wait").returncode == 0
    assert estate.tasks("moved", "r")["b"]["reason"] == "when: 1 == 2"
    before = estate.standalone.call("/dags/moved/dagRuns/r")["version"]
    (estate.project / "dags" / "moved.yaml").write_text(SECOND)
    estate.wait_for_version("moved", 2)
    assert estate.cli("dags", "clear", "moved", "r", "--yes").returncode == 0
    assert estate.standalone.wait_for_run("moved", "r") == "success"
    assert estate.standalone.call("/dags/moved/dagRuns/r")["version"] == before
    with airflow_client(estate):
        from airflow_client.client.models.dag_run_clear_body import DAGRunClearBody

        # Its answer is ours (README.md of api).
        body = DAGRunClearBody(dry_run=False, run_on_latest_version=True).to_dict()
        estate.standalone.call("/dags/moved/dagRuns/r/clear", body)
    assert estate.standalone.wait_for_run("moved", "r") == "success"
    assert estate.standalone.call("/dags/moved/dagRuns/r")["version"] != before
    tasks = estate.tasks("moved", "r")
    assert {name: task["state"] for name, task in tasks.items()} == {
        "a": "success", "b": "removed", "c": "success"}
    (estate.project / "dags" / "moved.yaml").write_text(FIRST)
    estate.wait_for_version("moved", 2)
    for _ in range(2000):
        if estate.standalone.call("/dags/moved")["version"] == before:
            break
        time.sleep(0.01)
    refused = estate.cli("tasks", "clear", "moved", "r", "a", "--latest-version", "--yes")
    assert refused.returncode != 0 and "an earlier rerun took 'b' out of the run" in refused.stderr
    estate.restart()
    assert estate.tasks("moved", "r")["b"]["state"] == "removed"


def test_events_of_assets_stand_in_templates(estate):
    assets = {asset["name"]: asset["id"] for asset in estate.standalone.call("/assets")["assets"]}
    estate.standalone.call("/assets/events", {"asset_id": assets["sessions"], "extra": {"rows": 2}})
    estate.standalone.call("/assets/events", {"asset_id": assets["sessions"], "extra": {"rows": 3}})
    info = estate.standalone.call("/dags/follower/details")["asset_triggered_next_run_info"]
    assert info == {"ready": 1, "total": 2, "waits_for": ["prices"]}
    assert "1 of 2 are there; it waits for prices" in estate.cli("dags", "details", "follower").stdout
    estate.restart()
    estate.standalone.call("/assets/events", {"asset_id": assets["prices"]})
    for _ in range(2000):
        runs = estate.standalone.call("/dags/follower/dagRuns")["dag_runs"]
        if runs and runs[0]["state"] in ("success", "failed"):
            break
        time.sleep(0.01)
    run = runs[0]["dag_run_id"].replace("+", "%2B")
    assert estate.tasks("follower", run)["use"]["state"] == "success"
