"""What Signalbox stops by itself, through the real program: a mistake in one lane holds the others, failed runs
pause their DAG. And what the file meant before it was fixed."""

import json

import pytest

from processes import Estate, eventually, write_project

FAULTS = """
timing: {provisioning: 1m, bootstrap: 1m, step: 5m, shutdown: 30s}
"""

PROJECT = """
deployment: breakers
pools: {narrow: {slots: 1}}
"""

DAG = """
dag_id: etl
is_paused_upon_creation: false
max_consecutive_failed_dag_runs: 1
lanes: [{id: 1}, {id: 2}, {id: 3}]
default_args: {on_configuration_failure: hold, pool: narrow, retries: 2}
tasks:
  build:
    type: emr_job
    cluster: {template: small, overrides: {LogUri: "s3://logs/{{ dag_run.conf.customer }}/"}}
"""


class Broken(Estate):
    def __init__(self, folder):
        project = write_project(folder / "project", PROJECT, 1)
        (project / "dags" / "etl.yaml").write_text(DAG)
        super().__init__(folder, project, FAULTS)

    def json(self, *arguments):
        result = self.cli(*arguments, "--output", "json")
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    def is_paused(self):
        (dag,) = [dag for dag in self.json("dags", "list") if dag["dag_id"] == "etl"]
        return dag["is_paused"]

    def states(self, run):
        return [job["state"] for job in self.json("tasks", "states-for-dag-run", "etl", run)
                if job["task_id"].endswith("start_cluster")]


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    estate = Broken(tmp_path_factory.mktemp("breakers"))
    yield estate
    estate.stop()


def test_a_mistake_in_one_lane_holds_the_others_until_somebody_releases_them(estate):
    estate.trigger("etl", "wrong")
    (hold,) = eventually(lambda: estate.json("holds", "list"), lambda holds: len(holds) == 1)
    assert (hold["scope"], hold["target"], hold["placed_by"]) == ("job", "etl/build", "signalbox")
    assert "failed by its configuration" in hold["reason"] and "customer" in hold["reason"]
    assert sorted(estate.states("wrong")) == ["failed", "queued", "queued"]
    reasons = " ".join(line["reason"] for line in estate.json("why", "etl", "wrong"))
    assert f"holds release {hold['id']}" in reasons
    assert not estate.is_paused(), "the run has not ended"
    # Nobody has fixed it: the next lane meets the same mistake, and holds the last one.
    assert estate.cli("holds", "release", str(hold["id"])).returncode == 0
    (second,) = eventually(lambda: estate.json("holds", "list"),
                           lambda holds: len(holds) == 1 and holds[0]["id"] != hold["id"])
    estate.cli("holds", "release", str(second["id"]))


def test_the_failed_run_pauses_its_dag_and_the_fix_is_a_version(estate):
    eventually(estate.is_paused, bool)
    lines = [line for line in estate.standalone.call("/history?limit=1000")["history"]
             if line["kind"] == "dag" and line["to"] == "paused"]
    assert [line["cause"] for line in lines] == ["1 run has failed (max_consecutive_failed_dag_runs)"]
    assert estate.standalone.call("/dags/etl/details")["max_consecutive_failed_dag_runs"] == 1
    fixed = DAG.replace("dag_run.conf.customer", "params.customer") + "params: {customer: all}\n"
    (estate.project / "dags" / "etl.yaml").write_text(fixed)
    versions = eventually(lambda: estate.json("dags", "versions", "etl"), lambda found: len(found) == 2)
    assert [version["version_number"] for version in versions] == [1, 2]
    changes = {line["path"]: (line["before"], line["after"])
               for line in estate.json("dags", "show", "etl", "--diff", "1", "2")}
    assert changes["params.customer"] == ("", '"all"')
    assert sorted(path for path in changes if "LogUri" in path) == [
        f"tasks.build_{lane}.cluster.LogUri" for lane in (1, 2, 3)], changes
    table = estate.cli("dags", "show", "etl", "--diff", "1", "1")
    assert table.returncode == 0 and "they mean the same" in table.stderr
    unknown = estate.cli("dags", "show", "etl", "--diff", "1", "7")
    assert unknown.returncode != 0 and "its versions are 1 to 2" in unknown.stderr
    estate.trigger("etl", "waits")
    (why,) = {line["reason"] for line in estate.json("why", "etl", "waits")}
    assert "1 run has failed" in why and "dags unpause etl" in why
    assert estate.cli("dags", "unpause", "etl").returncode == 0
    estate.trigger("etl", "right")
    eventually(lambda: estate.standalone.call("/dags/etl/dagRuns/right"), lambda run: run["state"] == "success")
