"""People clear, mark and abort through the command line and the REST API, while clusters work. The
emulator's journal is the judge: whatever was ended by hand leaves no cluster behind."""

import json

import pytest

from processes import Estate, Ledger, write_project

FAULTS = "timing: {provisioning: 1m, bootstrap: 1m, step: 20m, shutdown: 30s}\n"


class Hands(Estate):
    def __init__(self, folder):
        super().__init__(folder, write_project(folder / "project", "deployment: hands\n", 3), FAULTS)
        self.trigger("chain")

    def task(self, task):
        return self.standalone.call(f"/dags/chain/dagRuns/r/taskInstances/{task}")

    def wait_for_task(self, task, state, attempt):
        for _ in range(2000):
            found = self.task(task)
            if (found["state"], found["try_number"]) == (state, attempt):
                return found
        raise AssertionError(found)

    def ledger_at_rest(self):
        for _ in range(2000):
            self.standalone.call("/clusters?live=true")
            ledger = Ledger(self.emulator.journal())
            if not ledger.alive():
                return ledger
        raise AssertionError(ledger.states)


@pytest.fixture
def estate(tmp_path):
    made = Hands(tmp_path)
    yield made
    made.stop()


def test_clear_ends_the_cluster_and_starts_the_next_attempt(estate):
    wait = "job0.wait_cluster_termination"
    first = estate.wait_for_task(wait, "deferred", 1)["cluster_id"]
    planned = estate.cli("tasks", "clear", "chain", "r", "job0", "--dry-run", "--output", "json")
    assert [task["task_id"] for task in json.loads(planned.stdout)] == ["job0.start_cluster", wait]
    assert estate.task(wait)["state"] == "deferred"  # a dry run does nothing

    refused = estate.cli("tasks", "clear", "chain", "r", "job0")
    assert refused.returncode == 2 and "--yes" in refused.stderr
    cleared = estate.cli("tasks", "clear", "chain", "r", "job0", "--yes", "--output", "json")
    assert {task["state"] for task in json.loads(cleared.stdout)} == {"restarting"}
    assert estate.cli("tasks", "note", "chain", "r", "job0", "seen").returncode == 0  # of its first task
    assert estate.task("job0.start_cluster")["note"] == "seen" and estate.task(wait)["note"] is None
    second = estate.wait_for_task(wait, "deferred", 2)["cluster_id"]
    assert second != first
    assert Ledger(estate.emulator.journal()).states[first] == "TERMINATED"


def test_R4_what_is_marked_by_hand_leaves_no_cluster(estate):
    estate.wait_for_task("job0.wait_cluster_termination", "deferred", 1)
    marked = estate.cli("tasks", "set-state", "chain", "r", "job0", "success", "--yes")
    assert marked.returncode == 0, marked.stderr
    estate.wait_for_task("job1.wait_cluster_termination", "deferred", 1)
    estate.standalone.call(
        "/dags/chain/dagRuns/r/taskInstances/job1.start_cluster",
        {"new_state": "failed"},
        method="PATCH",
    )
    assert estate.standalone.wait_for_run("chain", "r") == "failed"
    assert estate.task("job2.start_cluster")["state"] == "upstream_failed"
    ledger = estate.ledger_at_rest()
    assert len(ledger.states) == 2


def test_an_aborted_run_ends_its_clusters_and_can_be_cleared_after_it_has_left_memory(estate):
    estate.wait_for_task("job0.wait_cluster_termination", "deferred", 1)
    aborted = estate.cli("dags", "abort", "chain", "r", "-y")
    assert aborted.returncode == 0 and "failed" in aborted.stdout, aborted.stderr
    assert estate.task("job2.start_cluster")["state"] == "skipped"
    estate.ledger_at_rest()

    cleared = estate.cli("dags", "clear", "chain", "r", "--yes")
    assert cleared.returncode == 0, cleared.stderr
    estate.wait_for_task("job0.wait_cluster_termination", "deferred", 2)
    estate.cli("dags", "mark-success", "chain", "r", "--yes")
    assert estate.standalone.wait_for_run("chain", "r") == "success"
    estate.ledger_at_rest()


def test_a_cluster_that_a_person_terminates_is_a_retry_or_the_end(estate):
    found = estate.wait_for_task("job0.wait_cluster_termination", "deferred", 1)
    killed = estate.cli("clusters", "terminate", found["cluster_id"], "--yes")
    assert killed.returncode == 0, killed.stderr
    assert estate.standalone.wait_for_run("chain", "r") == "failed"  # it has no retries
    reason = estate.task("job0.wait_cluster_termination")["reason"]
    assert "terminated by" in reason, reason


def test_what_does_not_exist_is_named(estate):
    unknown = estate.cli("tasks", "clear", "chain", "r", "jop0", "--yes")
    assert unknown.returncode == 1 and "did you mean 'job0'" in unknown.stderr
    unknown = estate.cli("dags", "abort", "chain", "nothing")
    assert unknown.returncode == 1 and "404" in unknown.stderr
