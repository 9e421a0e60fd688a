"""Limits of vCPUs and spend caps through the real program, against the emulator: how many vCPUs are up
at once, as the emulator's journal has it; who waits for money, what they are told, and that a cap
which is raised in the file releases them; what people are shown of the money."""

import json

import pytest

from processes import Estate, eventually, write_project

FAULTS = """
timing: {provisioning: 1m, bootstrap: 1m, step: 20m, shutdown: 30s, jitter: 0}
"""
SETTINGS = """
deployment: caps
limits: {active: [{tag: sized, max_vcpus: 20}]}
spend_cap: {per_day: 1000}
prices:
  m5.xlarge: {on_demand: 0.192, spot: 0.07, emr: 0.048}
"""
JOB = "type: emr_job, cluster: small"
SIZED = f"""
dag_id: sized
is_paused_upon_creation: false
tags: [sized]
lanes: [{{id: a}}, {{id: b}}, {{id: c}}, {{id: d}}]
tasks:
  work: {{{JOB}, vcpus: 10}}
"""
COSTLY = f"""
dag_id: costly
is_paused_upon_creation: false
spend_cap: {{per_run: 0.05}}
tasks:
  first: {{{JOB}}}
  second: {{{JOB}, depends_on: [first]}}
"""


@pytest.fixture
def estate(tmp_path):
    project = write_project(tmp_path / "project", SETTINGS, 1)
    (project / "dags" / "sized.yaml").write_text(SIZED)
    (project / "dags" / "costly.yaml").write_text(COSTLY)
    made = Estate(tmp_path, project, FAULTS)
    yield made
    made.stop()


def job_of(estate, dag, job):
    listed = estate.standalone.call(f"/dags/{dag}/dagRuns/r/taskInstances")["task_instances"]
    (task,) = [task for task in listed if task["task_id"] == f"{job}.start_cluster"]
    return task


def finish(estate, dag):
    run = f"/dags/{dag}/dagRuns/r"
    found = eventually(lambda: estate.standalone.call(run),
                       lambda seen: seen["state"] in ("success", "failed"))
    assert found["state"] == "success"


def test_a_limit_bounds_the_vcpus_that_are_up_at_once(estate):
    estate.trigger("sized")
    task = eventually(lambda: job_of(estate, "sized", "work_c"),
                      lambda seen: seen["state"] == "queued" and seen["blocked_by"])
    (blocker,) = task["blocked_by"]
    assert blocker["kind"] == "limit"
    assert blocker["message"] == (
        "the limit 'tag: sized, max_vcpus: 20' of signalbox.yaml has 0 of 20 vCPUs left, and the "
        "job takes 10; the others are held by work_a, work_b")
    finish(estate, "sized")
    up, most = set(), 0
    for line in estate.emulator.journal():
        if line.get("change") == "cluster":
            (up.discard if line["state"].startswith("TERMINATED") else up.add)(line["cluster_id"])
            most = max(most, len(up))
    assert most == 2


def test_a_spend_cap_holds_launches_until_it_is_raised(estate):
    estate.trigger("costly")
    task = eventually(lambda: job_of(estate, "costly", "second"),
                      lambda seen: seen["state"] == "queued" and
                      [b["kind"] for b in seen["blocked_by"]] == ["spend_cap"])
    (blocker,) = task["blocked_by"]
    assert blocker["message"].startswith("the spend cap of 0.05 USD for a run is reached (an estimate of")
    why = estate.cli("why", "costly", "r")
    assert "the spend cap of 0.05 USD for a run is reached" in why.stdout

    run = estate.standalone.call("/dags/costly/dagRuns/r/spend")
    (cluster,) = run["clusters"]
    assert run["spend_cap_usd"] == 0.05
    assert run["estimated_cost_usd"] == cluster["estimated_cost_usd"] > 0.05
    # Its instances, for 23 minutes or so of world time.
    shown = estate.standalone.call(f"/clusters/{cluster['cluster_id']}")
    hours = shown["estimated_cost_usd"] / (0.192 + 0.048 + 2 * (0.07 + 0.048))
    assert 0.3 < hours < 5, hours
    (day,) = estate.standalone.call("/spend?dag_id=costly")["dags"]
    assert day["estimated_cost_usd"] == run["estimated_cost_usd"]
    assert estate.standalone.call("/spend")["spend_cap_usd"] == 1000
    assert estate.standalone.call("/spend?day=2020-01-01")["dags"] == []

    table = estate.cli("spend", "--dag", "costly")
    assert table.returncode == 0, table.stderr
    assert "(UTC), costly: an estimate of" in table.stdout
    assert "all DAGs" in (all_dags := estate.cli("spend").stdout) and "the cap is 1000.00" in all_dags
    of_run = estate.cli("spend", "--dag", "costly", "--run", "r", "--output", "json")
    assert json.loads(of_run.stdout) == run

    (estate.project / "dags" / "costly.yaml").write_text(COSTLY.replace("0.05", "5"))
    finish(estate, "costly")
    text = estate.standalone.fetch("/metrics").decode()
    (line,) = [line for line in text.splitlines()
               if line.startswith('signalbox_spend_usd_total{dag="costly"}')]
    assert float(line.split()[1]) == pytest.approx(
        estate.standalone.call("/dags/costly/dagRuns/r/spend")["estimated_cost_usd"])
