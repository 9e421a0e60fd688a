"""What people see of a running server: why a task is where it is, what it waits for, broken files; and
what they are asked before something is ended. At a terminal, too: a pseudo-terminal of a known width."""

import fcntl
import json
import os
import pty
import struct
import subprocess
import termios

import pytest

from processes import Estate, clean_environment, write_project

FAULTS = "timing: {provisioning: 1m, bootstrap: 1m, step: 20m, shutdown: 30s}\n"
SETTINGS = "deployment: lists\npools: {narrow: {slots: 1}}\n"
NARROW = """dag_id: narrow
is_paused_upon_creation: false
tasks:
  a: {type: emr_job, cluster: small, pool: narrow}
  b: {type: emr_job, cluster: small, pool: narrow}
"""


class Lists(Estate):
    def __init__(self, folder):
        project = write_project(folder / "project", SETTINGS, 3)
        (project / "dags" / "narrow.yaml").write_text(NARROW)
        (project / "dags" / "broken.yaml").write_text("dag_id: broken\ntasks: {a: {type: emty}}\n")
        super().__init__(folder, project, FAULTS)

    def at_a_terminal(self, *arguments, answer="", columns=80):
        """(exit code, all that the terminal showed)."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen(
            self.command(arguments), env=clean_environment(TERM="xterm"), stdin=theirs,
            stdout=theirs, stderr=theirs,
        )
        os.close(theirs)
        os.write(ours, answer.encode())
        shown = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            shown += piece
        os.close(ours)
        return process.wait(timeout=60), shown.decode().replace("\r\n", "\n")

    def tasks(self, dag, run="r"):
        found = self.standalone.call(f"/dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"]
        return {task["task_id"]: task for task in found}

    def wait_for_task(self, dag, task, state):
        for _ in range(2000):
            found = self.tasks(dag)[task]
            if found["state"] == state:
                return found
        raise AssertionError(found)


@pytest.fixture
def estate(tmp_path):
    made = Lists(tmp_path)
    yield made
    made.stop()


def test_a_job_says_what_it_waits_for_and_only_that(estate):
    estate.trigger("chain")
    estate.wait_for_task("chain", "job0.wait_cluster_termination", "deferred")
    tasks = estate.tasks("chain")
    assert tasks["job0.wait_cluster_termination"]["blocked_by"] == []
    for task in ("job1.start_cluster", "job1.wait_cluster_termination"):
        (blocker,) = tasks[task]["blocked_by"]
        assert (blocker["kind"], blocker["message"]) == ("upstream", "it waits for job0")
    table = estate.cli("tasks", "states-for-dag-run", "chain", "r").stdout
    assert "waits for job1" in next(l for l in table.splitlines() if l.startswith("job2.start"))
    only = estate.cli("tasks", "states-for-dag-run", "chain", "r", "--state", "deferred", "-o", "json")
    assert [task["task_id"] for task in json.loads(only.stdout)] == ["job0.wait_cluster_termination"]


def test_a_full_pool_and_a_paused_dag_are_named(estate):
    estate.trigger("narrow")
    estate.wait_for_task("narrow", "a.wait_cluster_termination", "deferred")
    (blocker,) = estate.tasks("narrow")["b.start_cluster"]["blocked_by"]
    assert blocker["kind"] == "pool" and "1 of 1 slots" in blocker["message"]
    estate.cli("dags", "pause", "narrow")
    kinds = [b["kind"] for b in estate.tasks("narrow")["b.start_cluster"]["blocked_by"]]
    assert kinds == ["paused", "pool"]


def test_a_reason_is_shown_while_it_holds_and_no_longer(estate):
    estate.trigger("chain")
    first = estate.wait_for_task("chain", "job0.wait_cluster_termination", "deferred")
    estate.cli("clusters", "terminate", first["cluster_id"], "--yes")
    failed = estate.wait_for_task("chain", "job0.wait_cluster_termination", "failed")
    assert "terminated by" in failed["reason"]
    below = estate.tasks("chain")["job1.start_cluster"]
    assert (below["state"], below["reason"]) == ("upstream_failed", "job0 did not succeed")
    (cluster,) = json.loads(estate.cli("clusters", "list", "-o", "json").stdout)
    assert "terminated by" in cluster["reason"] and cluster["state_since"]
    estate.cli("dags", "clear", "chain", "r", "--yes")
    assert {task["reason"] for task in estate.tasks("chain").values()} == {None}
    assert estate.standalone.wait_for_run("chain", "r") == "success"
    assert {task["reason"] for task in estate.tasks("chain").values()} == {None}


def test_broken_files_are_named(estate):
    listed = estate.cli("dags", "list")
    assert "dags/broken.yaml" in listed.stderr and "list-import-errors" in listed.stderr
    errors = estate.cli("dags", "list-import-errors")
    assert errors.returncode == 1 and "2:19: there is no job type 'emty'" in errors.stdout, errors.stdout
    (error,) = json.loads(estate.cli("dags", "list-import-errors", "-o", "json").stdout)
    assert error["filename"] == "dags/broken.yaml"


def test_lists_are_filtered_and_bounded(estate):
    for run in ("r", "r2", "r3"):
        estate.trigger("chain", run)
    estate.trigger("narrow")
    runs = estate.cli("dags", "list-runs", "-d", "chain", "--limit", "2", "-o", "json")
    assert [run["dag_run_id"] for run in json.loads(runs.stdout)] == ["r3", "r2"]
    assert runs.stderr == "1 more: --limit 0 shows all\n"
    assert len(json.loads(estate.cli("dags", "list-runs", "-l", "0", "-o", "json").stdout)) == 4
    estate.wait_for_task("narrow", "a.wait_cluster_termination", "deferred")
    clusters = estate.cli("clusters", "list", "--dag", "narrow", "--live", "-o", "json")
    assert [c["dag_id"] for c in json.loads(clusters.stdout)] == ["narrow"]
    none = estate.cli("clusters", "list", "--state", "LOST", "-o", "json")
    assert json.loads(none.stdout) == []
    unknown = estate.cli("clusters", "list", "--dag", "nothing")
    assert unknown.returncode == 1 and "nothing" in unknown.stderr


def test_the_last_run_of_a_dag_is_in_its_list(estate):
    estate.trigger("chain")
    dags = {dag["dag_id"]: dag for dag in json.loads(estate.cli("dags", "list", "-o", "json").stdout)}
    assert dags["chain"]["last_run_id"] == "r" and dags["chain"]["last_run_state"] == "running"
    assert dags["narrow"]["last_run_state"] is None


def test_a_trigger_of_a_paused_dag_says_so_and_does_not_hang(estate):
    estate.cli("dags", "pause", "chain")
    queued = estate.cli("dags", "trigger", "chain", "-r", "one")
    assert queued.returncode == 0 and "dags unpause chain" in queued.stderr
    waits = estate.cli("dags", "trigger", "chain", "-r", "two", "--wait")
    assert waits.returncode == 1 and "dags unpause chain" in waits.stderr
    estate.cli("dags", "unpause", "chain")
    assert estate.standalone.wait_for_run("chain", "two") == "success"


DESTRUCTIVE = [
    ("dags", "abort", "chain", "r"),
    ("dags", "clear", "chain", "r"),
    ("dags", "mark-success", "chain", "r"),
    ("tasks", "clear", "chain", "r", "job0"),
    ("tasks", "set-state", "chain", "r", "job0", "failed"),
    ("clusters", "terminate", "CLUSTER"),
]


def test_whatever_ends_work_shows_it_and_asks(estate):
    estate.trigger("chain")
    task = estate.wait_for_task("chain", "job0.wait_cluster_termination", "deferred")
    before = estate.tasks("chain")
    for command in DESTRUCTIVE:
        command = [task["cluster_id"] if word == "CLUSTER" else word for word in command]
        refused = estate.cli(*command)
        assert refused.returncode == 2 and "--yes" in refused.stderr, command
        shown = estate.cli(*command, "--dry-run")
        assert shown.returncode == 0 and task["cluster_id"] in shown.stdout, command
        code, text = estate.at_a_terminal(*command, answer="n\n", columns=200)
        assert code == 1 and "[y/N]" in text and "nothing was changed" in text, text
        assert task["cluster_id"] in text, text
    states = {name: found["state"] for name, found in estate.tasks("chain").items()}
    assert states == {name: found["state"] for name, found in before.items()}
    code, text = estate.at_a_terminal("dags", "abort", "chain", "r", answer="y\n")
    assert code == 0 and "failed" in text, text


def test_tables_fit_a_terminal_and_colours_stay_out_of_pipes(estate):
    estate.trigger("chain", "scheduled-looking-run-with-a-very-long-name-of-its-own")
    for _ in range(2000):
        if estate.standalone.call("/clusters")["total_entries"]:
            break
    for command in (("dags", "list-runs"), ("clusters", "list"), ("dags", "list")):
        for columns in (80, 200):
            code, text = estate.at_a_terminal(*command, columns=columns)
            plain = text.replace("\x1b[0m", "")
            for code_of_colour in range(1, 40):
                plain = plain.replace(f"\x1b[{code_of_colour}m", "")
            assert code == 0 and "\x1b[1m" in text, text
            table = [line for line in plain.splitlines() if not line.startswith("broken")]
            assert max(map(len, table)) <= columns, plain
        assert "\x1b" not in estate.cli(*command).stdout
