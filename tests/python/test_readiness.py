"""Trigger rules, groups, setup and teardown through the real program, against the emulator: what runs
after a failure, what an abort leaves to run, what a clear takes along. The emulator's journal is the
judge: which clusters there were, and that none is left."""

import json

import pytest

from processes import Estate, Ledger, eventually, write_project

FAULTS = """
timing: {provisioning: 1m, bootstrap: 1m, step: 10m, shutdown: 30s}
faults:
  - {name: "* bad try *", do: fail_step, step: 1}
"""

JOB = "type: emr_job, cluster: small"
DAG = f"""
dag_id: chain
is_paused_upon_creation: false
default_args: {{retry_delay: 1m}}
tasks:
  bad: {{{JOB}}}
  sorry: {{{JOB}, depends_on: [bad], trigger_rule: one_failed}}
  glad: {{{JOB}, depends_on: [bad], trigger_rule: all_done, doc_md: "# Always"}}
  never: {{type: empty, depends_on: [sorry], trigger_rule: all_failed}}
  end: {{type: empty, depends_on: [cache, never], trigger_rule: none_failed_min_one_success}}
groups:
  cache:
    tooltip: what needs the cache
    tasks:
      make: {{{JOB}}}
      work: {{{JOB}, depends_on: [make]}}
      drop: {{{JOB}, depends_on: [work], teardown: {{setups: [make]}}}}
"""


class Rules(Estate):
    def __init__(self, folder):
        project = write_project(folder / "project", "deployment: rules\n", 1)
        (project / "dags" / "chain.yaml").write_text(DAG)
        super().__init__(folder, project, FAULTS)
        self.trigger("chain")

    def done(self, *arguments):
        """What a command prints that must succeed."""
        result = self.cli(*arguments)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def states(self):
        tasks = self.standalone.call("/dags/chain/dagRuns/r/taskInstances")["task_instances"]
        return {task["task_id"].removesuffix(".wait_cluster_termination"): task["state"]
                for task in tasks if not task["task_id"].endswith(".start_cluster")}

    def wait_for(self, wanted):
        return eventually(
            self.states, lambda states: all(states[job] == wanted[job] for job in wanted))

    def wait_for_run(self, state):
        run = "/dags/chain/dagRuns/r"
        return eventually(lambda: self.standalone.call(run), lambda found: found["state"] == state)

    def clusters(self):
        """By job: how many clusters there were; none of them lives once all is at rest."""
        eventually(lambda: Ledger(self.emulator.journal()).alive(), lambda alive: not alive)
        eventually(lambda: self.standalone.call("/clusters?live=true")["clusters"],
                   lambda live: not live)
        listed = self.standalone.call("/clusters?limit=100")["clusters"]
        assert all(c["state"].startswith("TERMINATED") for c in listed), listed
        counts = {}
        for cluster in listed:
            job = cluster["name"].split()[3]
            counts[job] = counts.get(job, 0) + 1
        return counts


@pytest.fixture
def estate(tmp_path):
    made = Rules(tmp_path)
    yield made
    made.stop()


def test_rules_decide_what_follows_a_failure(estate):
    run = estate.wait_for_run("success")  # its last jobs succeeded, or were skipped
    assert run["state"] == "success"
    assert estate.states() == {
        "bad": "failed", "sorry": "success", "glad": "success", "never": "skipped",
        "make": "success", "work": "success", "drop": "success", "end": "success",
    }
    assert estate.clusters() == {
        "bad": 1, "sorry": 1, "glad": 1, "make": 1, "work": 1, "drop": 1,
    }
    details = estate.standalone.call("/dags/chain/details")
    jobs = {job["job_id"]: job for job in details["jobs"]}
    assert jobs["sorry"]["trigger_rule"] == "one_failed"
    assert jobs["work"]["group"] == "cache"
    assert jobs["make"]["is_setup"] and jobs["drop"]["is_teardown"]
    assert jobs["end"]["depends_on"] == ["never", "work"]  # a teardown is not waited for
    assert jobs["glad"]["doc_md"] == "# Always"


def test_an_abort_leaves_the_teardown_to_run(estate):
    estate.wait_for({"make": "success", "work": "deferred"})
    estate.done("dags", "abort", "chain", "r", "--yes")
    states = estate.wait_for({"work": "failed"})
    assert states["drop"] != "failed"
    run = estate.wait_for_run("failed")
    assert run["state"] == "failed"
    assert estate.states()["drop"] == "success"
    assert estate.clusters()["drop"] == 1


def test_a_clear_takes_the_setup_and_the_teardown_along(estate):
    estate.wait_for_run("success")
    planned = estate.done("tasks", "clear", "chain", "r", "work", "--dry-run", "--output", "json")
    touched = {task["task_id"].split(".")[0] for task in json.loads(planned)}
    assert touched == {"make", "work", "drop"}
    by_group = estate.done("tasks", "clear", "chain", "r", "cache", "--dry-run", "--output", "json")
    assert json.loads(by_group) == json.loads(planned)
    upward = estate.done(
        "tasks", "clear", "chain", "r", "sorry", "--upstream", "--dry-run", "--output", "json")
    assert {t["task_id"].split(".")[0] for t in json.loads(upward)} == {"bad", "sorry"}

    estate.done("tasks", "clear", "chain", "r", "work", "--yes")
    estate.wait_for_run("success")
    counts = estate.clusters()
    assert (counts["make"], counts["work"], counts["drop"], counts["bad"]) == (2, 2, 2, 1)


def test_a_job_that_a_person_skips_lets_the_others_go_on(estate):
    estate.wait_for({"make": "deferred"})
    estate.done("tasks", "set-state", "chain", "r", "work", "skipped", "--yes")
    assert estate.states()["work"] == "skipped"
    estate.wait_for_run("success")
    states = estate.states()
    assert states["drop"] == "success"
    assert states["end"] == "skipped"  # none of those before it succeeded
    assert "work" not in estate.clusters()
