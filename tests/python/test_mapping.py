"""Mapped jobs through the real program, against the emulator: one cluster for each item of a list, what
people see of the instances and do to them. The emulator's journal is the judge of the clusters, and
Airflow's own client reads the instances."""

import json

import pytest

from processes import SMALL_CLUSTER, Estate, Ledger, eventually, write_project

# The second customer's step fails at its first try.
FAULTS = """
timing: {provisioning: 1m, bootstrap: 1m, step: 10m, shutdown: 30s, jitter: 0}
faults:
  - {name: "* train?1? try 1", do: fail_step, step: 1}
"""
DAG = """
dag_id: maps
is_paused_upon_creation: false
default_args: {retry_delay: 1m}
params: {customers: [eu, us, asia]}
tasks:
  train:
    type: emr_job
    cluster: bare
    retries: 1
    map_over: "{{ params.customers }}"
    map_index_template: "customer {{ item }}"
    steps: [{name: work, spark_submit: {application: s3://b/x.py, args: ["--customer", "{{ item }}"]}}]
  region:
    type: empty
    map_over: {file: lists/regions.json}
    depends_on: [train]
  none:
    type: empty
    map_over: "{{ dag_run.conf.get('none', []) }}"
  text:
    type: empty
    trigger_rule: all_done
    depends_on: [none]
    map_over: "{{ params.customers[0] }}"
"""
RUN = "/dags/maps/dagRuns/r"


class Maps(Estate):
    def __init__(self, folder):
        project = write_project(folder / "project", "deployment: maps\n", 1)
        (project / "dags" / "maps.yaml").write_text(DAG)
        (project / "clusters" / "bare.yaml").write_text(SMALL_CLUSTER.split("Steps:")[0])
        (project / "lists").mkdir()
        (project / "lists" / "regions.json").write_text('["north", "south"]')
        super().__init__(folder, project, FAULTS)
        self.trigger("maps")

    def done(self, *arguments):
        result = self.cli(*arguments)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def tasks(self, query=""):
        return self.standalone.call(f"{RUN}/taskInstances{query}")["task_instances"]

    def wait_for_run(self, state):
        return eventually(lambda: self.standalone.call(RUN), lambda found: found["state"] == state)


@pytest.fixture(scope="module")
def maps(tmp_path_factory):
    made = Maps(tmp_path_factory.mktemp("maps"))
    yield made
    made.stop()


def states(tasks):
    return {(t["task_id"], t["map_index"]): t["state"] for t in tasks}


def test_each_item_has_a_cluster_and_a_failure_is_tried_again_by_itself(maps):
    maps.wait_for_run("failed")  # the job `text` is mapped over a text
    names = sorted(c["name"].split(" r ")[1] for c in maps.standalone.call("/clusters")["clusters"])
    assert names == ["train[0] try 1", "train[1] try 1", "train[1] try 2", "train[2] try 1"]
    eventually(lambda: Ledger(maps.emulator.journal()).alive(), lambda alive: not alive)
    seen = states(maps.tasks())
    assert [seen["train.wait_cluster_termination", i] for i in range(3)] == ["success"] * 3
    assert ("train.wait_cluster_termination", -1) not in seen
    assert (seen["region", 0], seen["region", 1]) == ("success", "success")
    assert (seen["none", -1], seen["text", -1]) == ("skipped", "failed")
    failed = next(t for t in maps.tasks() if t["task_id"] == "text")
    assert failed["reason"] == "map_over: 'params.customers[0]' gives a text, not a list"


def test_lists_are_folded_unless_asked(maps):
    maps.wait_for_run("failed")
    folded = maps.tasks("?expanded=false")
    whole = next(t for t in folded if t["task_id"] == "train.wait_cluster_termination")
    assert (whole["map_index"], whole["mapped_states"]) == (-1, {"success": 3})
    shown = maps.done("tasks", "states-for-dag-run", "maps", "r")
    assert "3 instances: 3 success" in shown and "[1]" not in shown
    assert "train.wait_cluster_termination[1]" in maps.done(
        "tasks", "states-for-dag-run", "maps", "r", "--expand")
    one = json.loads(maps.done(
        "tasks", "states-for-dag-run", "maps", "r", "--map-index", "1", "--output", "json"))
    assert {t["map_index"] for t in one} == {1}


def test_pages_of_instances_go_on(maps):
    maps.wait_for_run("failed")
    whole = [(t["task_id"], t["map_index"]) for t in maps.tasks("?limit=100")]
    paged = []
    for offset in range(0, len(whole) + 3, 3):
        paged += [(t["task_id"], t["map_index"]) for t in maps.tasks(f"?limit=3&offset={offset}")]
    assert paged == whole and len(whole) == len(set(whole)) == 10


def test_airflows_client_reads_and_clears_instances(maps):
    airflow = pytest.importorskip("airflow_client.client", reason="apache-airflow-client is not installed")
    from airflow_client.client.api import task_instance_api
    from airflow_client.client.models.clear_task_instances_body import ClearTaskInstancesBody
    from airflow_client.client.models.clear_task_instances_body_task_ids_inner import (
        ClearTaskInstancesBodyTaskIdsInner as TaskId)
    from airflow_client.client.models.patch_task_instance_body import PatchTaskInstanceBody

    maps.wait_for_run("failed")
    token = (maps.state / "token").read_text().strip()
    settings = airflow.Configuration(host=maps.standalone.url, access_token=token)
    task = "train.wait_cluster_termination"
    with airflow.ApiClient(settings) as client:
        client.set_default_header("Authorization", f"Bearer {token}")
        api = task_instance_api.TaskInstanceApi(client)
        listed = api.get_mapped_task_instances("maps", "r", task)
        assert [t.map_index for t in listed.task_instances] == [0, 1, 2]
        assert [t.rendered_map_index for t in listed.task_instances] == [
            "customer eu", "customer us", "customer asia"]
        one = api.get_mapped_task_instance("maps", "r", task, 1)
        assert (one.map_index, one.try_number, one.state) == (1, 2, "success")
        with pytest.raises(airflow.exceptions.NotFoundException):
            api.get_task_instance("maps", "r", task)
        with pytest.raises(airflow.exceptions.NotFoundException):
            api.get_mapped_task_instance("maps", "r", task, 3)
        planned = api.post_clear_task_instances("maps", ClearTaskInstancesBody(
            dag_run_id="r", dry_run=True, only_failed=False, task_ids=[TaskId([task, 2])]))
        assert {t.map_index for t in planned.task_instances} == {2}
        api.post_clear_task_instances("maps", ClearTaskInstancesBody(
            dag_run_id="r", dry_run=False, only_failed=False, task_ids=[TaskId([task, 2])]))
        again = api.get_mapped_task_instance("maps", "r", task, 2)
        assert again.state in ("success", None, "queued", "running", "deferred")
        patched = api.patch_task_instance(
            "maps", "r", task, PatchTaskInstanceBody(new_state="success"), map_index=2)
        assert {t.map_index for t in patched.task_instances} == {2}
        patched = api.patch_task_instance_by_map_index(
            "maps", "r", task, 2, PatchTaskInstanceBody(new_state="success"))
        assert {t.state for t in patched.task_instances} == {"success"}
    eventually(lambda: states(maps.tasks()), lambda seen: seen[task, 2] == "success")
    eventually(lambda: Ledger(maps.emulator.journal()).alive(), lambda alive: not alive)


def test_the_command_line_names_instances(maps):
    maps.wait_for_run("failed")
    dry = maps.done("tasks", "clear", "maps", "r", "region[1]", "--dry-run")
    assert "region[1]" in dry and "region[0]" not in dry
    maps.done("tasks", "clear", "maps", "r", "region[1]", "--yes")
    maps.wait_for_run("failed")
    result = maps.cli("tasks", "clear", "maps", "r", "region[9]", "--yes")
    assert result.returncode != 0 and "the run has no instance 'region[9]'" in result.stderr
    result = maps.cli("tasks", "set-state", "maps", "r", "nothing[1]", "success", "--yes")
    assert result.returncode != 0
