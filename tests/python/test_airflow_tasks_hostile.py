"""Tasks of Airflow that die, hang, shout and pry, and a machine that loses programs: nothing runs twice,
nothing is left running, and the server stays well."""

import json
import os
import pathlib
import re
import signal
import urllib.error
import urllib.request

import pytest

from airflow_estate import RUNS, AirflowTasks, alive, pids
from airflow_fixtures import NEEDS_AIRFLOW
from processes import eventually

pytestmark = NEEDS_AIRFLOW


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    estate = AirflowTasks(tmp_path_factory.mktemp("hostile"), RUNS.parent / "run_hostile")
    try:
        estate.wait_for_dags("ends", "long")
        estate.trigger("ends")
        yield estate
    finally:
        estate.stop()


def begin(farm, run):
    """A run whose first task works until it may end; its processes: the task, its runner, its own child."""
    farm.trigger("long", run)
    return [int(pid) for pid in farm.wait_for_note(f"began_{run}")[0].split()]


def let_end(farm, run):
    (farm.notes / f"go_{run}").write_text("")


def all_gone(processes):
    eventually(lambda: [pid for pid in processes if alive(pid)], lambda left: not left)


def living(farm):
    """The records of processes that live."""
    return [record for record in farm.records() if all(map(alive, pids(record)))]


def warm_parent(farm):
    """The process that forks tasks, by its command line and its server."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if b"signalbox_airflow.warm" in words and parent == farm.standalone.process.pid:
            return int(folder.name)
    return None


def test_what_becomes_of_tasks_that_end_oddly(farm):
    assert farm.state_of("ends") == "failed"
    states, tries = farm.states("ends"), {}
    for job in states:
        tries[job] = farm.task("ends", job)["try_number"]
    assert {job for job, state in states.items() if state == "success"} == {
        "prints", "leaves_a_daemon", "nearly_too_large",
    }  # fmt: skip
    # A task that dies is tried again as often as one that fails.
    assert (tries["killed"], tries["killed_without_retries"], tries["crashes"]) == (2, 1, 2)
    assert tries["runner_killed"] == 2
    for job in ("killed", "killed_without_retries", "crashes", "runner_killed"):
        assert len(farm.note(job)) == tries[job], job
    assert farm.dag_ids() == {"ends", "long"}, "the server is well"


def test_the_log_of_a_task_that_prints_much_has_its_end(farm):
    assert farm.state_of("ends") == "failed"
    assert farm.xcom("ends", "prints") == "printed"
    assert "the last line" in farm.log("ends", "prints")


def test_what_a_task_leaves_running_is_killed(farm):
    assert farm.state_of("ends") == "failed"
    daemons = [int(pid) for pid in farm.note("daemons") if pid]
    assert len(daemons) == 2
    all_gone(daemons)


def test_values_that_are_too_large_or_no_json_fail_the_task(farm):
    assert farm.state_of("ends") == "failed"
    for job in ("large", "large_return"):
        assert "48 KiB" in farm.log("ends", job), job
        assert farm.task("ends", job)["try_number"] == 1
    assert len(farm.xcom("ends", "nearly_too_large")) == 49000
    assert "Cannot serialize object of type" in farm.log("ends", "no_json")
    assert "not JSON compliant" in farm.log("ends", "no_number")


def test_a_cleared_and_an_aborted_task_leave_nothing_running(farm):
    run = "cleared"
    first = begin(farm, run)
    farm.call("/dags/long/clearTaskInstances", {"dag_run_id": run, "dry_run": False, "only_failed": False})
    all_gone(first)
    second = [int(pid) for pid in farm.wait_for_note(f"began_{run}", 2)[1].split()]
    assert not set(first) & set(second)
    farm.call(f"/dags/long/dagRuns/{run}", {"state": "failed"}, "PATCH")
    all_gone(second)
    assert farm.state_of("long", run) == "failed"
    assert farm.note(f"ended_{run}") == []


def listening():
    """The inodes of sockets that listen, by TCP."""
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {row[9] for row in rows if row[3] == "0A"}


def test_what_outlives_the_server_does_not_hold_its_ports(farm):
    run = "ports"
    begin(farm, run)
    try:
        for record in living(farm):
            for pid in pids(record):
                held = {os.readlink(descriptor) for descriptor in pathlib.Path(f"/proc/{pid}/fd").iterdir()}
                assert not held & {f"socket:[{inode}]" for inode in listening()}, (pid, held)
    finally:
        let_end(farm, run)
        farm.state_of("long", run)


def test_a_task_outlives_the_server_and_runs_once(farm):
    run = "outlives"
    processes = begin(farm, run)
    for _ in range(2):
        farm.standalone.kill()
        farm.begin()
        assert farm.wait_for_state("long", "works", "running", run=run)["try_number"] == 1
    assert all(map(alive, processes))
    let_end(farm, run)
    assert farm.state_of("long", run) == "success"
    assert farm.xcom("long", "after", run=run) == "done and more"
    assert len(farm.note(f"began_{run}")) == len(farm.note(f"ended_{run}")) == 1


def test_a_task_that_ends_while_no_server_runs_ends_well(farm):
    """Airflow's client tries again for a while, until somebody takes what it tells."""
    run = "alone"
    processes = begin(farm, run)
    farm.standalone.kill()
    let_end(farm, run)
    # The value of the variable `folder` is of the environment of the server, which is asked for it.
    farm.begin()
    assert farm.state_of("long", run) == "success"
    all_gone(processes)
    assert farm.xcom("long", "works", run=run) == "done"
    assert len(farm.note(f"began_{run}")) == len(farm.note(f"ended_{run}")) == 1


def test_a_dead_warm_parent_costs_no_task(farm):
    run = "warm"
    begin(farm, run)
    warm = eventually(lambda: warm_parent(farm), bool)
    os.kill(warm, signal.SIGKILL)
    assert farm.wait_for_state("long", "works", "running", run=run)["try_number"] == 1
    let_end(farm, run)
    # Its process ends although who forked it is gone, and the next one begins without.
    assert farm.state_of("long", run) == "success"
    assert farm.xcom("long", "after", run=run) == "done and more"
    assert farm.task("long", "works", run=run)["try_number"] == 1
    assert len(farm.note(f"began_{run}")) == 1
    assert eventually(lambda: warm_parent(farm), bool) != warm


def call(url, path, token=None, body=None, method="GET"):
    """The status, and the reason."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, None
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())["detail"]["reason"]


def given_to(pid):
    """What a task's process got as its input: the supervisor's memfd, if it is still open."""
    for descriptor in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        if "memfd:stdin" in os.readlink(descriptor):
            return json.loads(descriptor.read_text())["workload"]
    return None


def test_a_token_is_for_its_task_alone_and_as_long_as_it_lives(farm):
    own, other = "token", "other"
    begin(farm, own)
    begin(farm, other)
    workloads = {}
    for record in living(farm):
        workload = given_to(pids(record)[1])
        workloads[workload["ti"]["run_id"]] = (workload["token"], workload["ti"]["id"], pids(record)[1])
    token, task, pid = workloads[own]
    environment = dict(
        line.split("=", 1) for line in pathlib.Path(f"/proc/{pid}/environ").read_text().split("\0") if "=" in line
    )
    assert token not in "".join(environment.values())
    url = json.loads((farm.state / "airflow" / "tasks.json").read_text())["port"]
    url = f"http://127.0.0.1:{url}/execution/"
    beat = {"hostname": "x", "pid": 1}
    path = f"task-instances/{task}/heartbeat"
    assert call(url, path, token, beat, "PUT")[0] == 204
    for wrong in (None, "x", "sbxt..", token[:-1], token + "0", re.sub(r"\.\w", ".0", token, count=1), "ü" * 5000):
        with_it = wrong.encode("utf-8").decode("latin-1") if wrong else None
        assert call(url, path, with_it, beat, "PUT")[0] in (401, 431), wrong
    elsewhere = workloads[other][1]
    assert call(url, f"task-instances/{elsewhere}/heartbeat", token, beat, "PUT") == (403, "access_denied")
    end = {"state": "success", "end_date": "2026-01-05T00:00:00Z", "task_outlets": [], "outlet_events": []}
    assert call(url, f"task-instances/{elsewhere}/state", token, end, "PATCH") == (403, "access_denied")
    assert call(url, f"task-instances/{elsewhere}/run", token, {}, "PATCH") == (403, "access_denied")
    assert call(url, f"xcoms/long/{other}/works/return_value", token, "mine", "POST") == (403, "access_denied")
    assert call(url, f"xcoms/long/{own}/after/return_value", token, "mine", "POST") == (403, "access_denied")
    assert call(url, f"xcoms/long/{other}/works/return_value", token, None, "DELETE") == (403, "access_denied")
    assert call(url, "nothing/at/all", token)[0] == 404
    assert call(url, "nothing/at/all")[0] == 401
    # A task's token opens nothing of people's, and a person's nothing of a task's.
    with pytest.raises(urllib.error.HTTPError) as refused:
        people = urllib.request.Request(farm.standalone.url + "/api/v2/dags", headers={"Authorization": f"Bearer {token}"})
        urllib.request.urlopen(people, timeout=20)
    assert refused.value.code == 401
    assert call(url, path, (farm.state / "token").read_text().strip(), beat, "PUT")[0] == 401
    for run in (own, other):
        let_end(farm, run)
        assert farm.state_of("long", run) == "success"
        assert farm.xcom("long", "after", run=run) == "done and more"
    status, reason = call(url, path, token, beat, "PUT")
    assert (status, reason) in ((404, "not_found"), (401, "invalid_token"))
    assert call(url, "variables/folder", token)[0] in (401, 404)
