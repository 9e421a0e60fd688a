"""Groups with retries through the real program, against the emulator: all jobs of a group begin again,
what follows it begins once, and a restart in between changes nothing. The emulator's journal is the
judge: which clusters there were, in which order, and that none is left."""

import json

import pytest

from processes import Estate, Ledger, eventually, write_project

FAULTS = """
timing: {provisioning: 1m, bootstrap: 1m, step: 10m, shutdown: 30s}
faults:
  - {name: "* work try 1", do: fail_step, step: 1}
  - {name: "* hopeless try *", do: fail_step, step: 1}
"""

JOB = "type: emr_job, cluster: small"
DAG = f"""
dag_id: chain
is_paused_upon_creation: false
tasks:
  after: {{{JOB}, depends_on: [make]}}
  alarm: {{{JOB}, depends_on: [bad], trigger_rule: one_failed}}
groups:
  good:
    retries: 2
    retry_delay: 20m
    tasks:
      make: {{{JOB}}}
      work: {{{JOB}, depends_on: [make]}}
      drop: {{{JOB}, depends_on: [work], teardown: {{setups: [make]}}}}
  bad:
    retries: 1
    retry_delay: 1m
    tasks:
      hopeless: {{{JOB}}}
      other: {{{JOB}}}
"""


@pytest.fixture
def estate(tmp_path):
    project = write_project(tmp_path / "project", "deployment: groups\n", 1)
    (project / "dags" / "chain.yaml").write_text(DAG)
    made = Estate(tmp_path, project, FAULTS)
    made.trigger("chain")
    yield made
    made.stop()


def states(estate):
    tasks = estate.standalone.call("/dags/chain/dagRuns/r/taskInstances")["task_instances"]
    return {task["task_id"]: task["state"] for task in tasks}


def why(estate, job):
    """The sentences of what keeps the job."""
    task = f"/dags/chain/dagRuns/r/taskInstances/{job}.wait_cluster_termination"
    return [(b["kind"], b["message"]) for b in estate.standalone.call(task)["blocked_by"]]


def test_a_group_is_tried_again_and_what_follows_begins_once(estate):
    wait = "work.wait_cluster_termination"
    eventually(lambda: states(estate), lambda s: s[wait] == "up_for_retry"
               and s["drop.wait_cluster_termination"] == "success")
    assert states(estate)["make.start_cluster"] == "success"
    assert states(estate)["after.start_cluster"] is None  # its upstream's success may be taken back
    [(kind, sentence)] = why(estate, "work")
    assert kind == "group_retry" and "it waits for try 2 of 3 of the group 'good' at " in sentence
    assert (kind, sentence) in why(estate, "after")

    run = eventually(lambda: estate.standalone.call("/dags/chain/dagRuns/r"),
                     lambda found: found["state"] in ("success", "failed"))
    assert run["state"] == "success"  # the alarm is a last job, and it succeeded
    eventually(lambda: Ledger(estate.emulator.journal()).alive(), lambda alive: not alive)
    listed = estate.standalone.call("/clusters?limit=100")["clusters"]
    tries = {}
    for cluster in listed:
        tries.setdefault(cluster["name"].split()[3], []).append(cluster)
    assert {job: len(of) for job, of in tries.items()} == {
        "make": 2, "work": 2, "drop": 2, "after": 1, "hopeless": 2, "other": 2, "alarm": 1}
    began = {job: max(c["created_at"] for c in of) for job, of in tries.items()}
    assert began["make"] < began["work"] < began["drop"] < began["after"]
    assert began["alarm"] > max(began["hopeless"], began["other"])
    details = estate.standalone.call("/dags/chain/details")
    assert {g["path"]: g["retries"] for g in details["groups"]} == {"good": 2, "bad": 1}


def test_a_clear_and_a_mark_of_a_group_that_waits_for_its_try(estate):
    wait = "work.wait_cluster_termination"
    eventually(lambda: states(estate), lambda s: s[wait] == "up_for_retry"
               and s["drop.wait_cluster_termination"] == "success")
    done = estate.cli("tasks", "set-state", "chain", "r", "work", "failed", "--yes")
    assert done.returncode == 0, done.stderr
    found = states(estate)
    assert found[wait] == "failed"  # a person's word is final: the group has no try left
    assert found["after.start_cluster"] is not None
    done = estate.cli("tasks", "clear", "chain", "r", "good", "--dry-run", "--output", "json")
    assert {t["task_id"].split(".")[0] for t in json.loads(done.stdout)} == {"make", "work", "drop"}
