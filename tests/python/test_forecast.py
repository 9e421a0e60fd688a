"""Forecast, deadlines and `why` through the real program, against the emulator: what they say before
and after there is a history, and that a run ends when it was said to."""

import datetime
import json

import pytest

from processes import Estate, eventually, write_project

FAULTS = """
timing: {provisioning: 1m, bootstrap: 1m, step: 28m, shutdown: 30s}
"""

PROJECT = """
deployment: forecast
pools: {narrow: {slots: 1}}
deadlines:
  tonight: {tags: [nightly], by: "24:00"}
"""

DAG = """
dag_id: etl
tags: [nightly]
is_paused_upon_creation: false
deadline: {from: queued_at, within: 20m}
tasks:
  build: {type: emr_job, cluster: small, expected_duration: 10m}
  score: {type: emr_job, cluster: small, expected_duration: 5m, depends_on: [build]}
"""

NARROW = """
dag_id: narrow
is_paused_upon_creation: false
tasks:
  a: {type: emr_job, cluster: small, pool: narrow}
  b: {type: emr_job, cluster: small, pool: narrow}
"""


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Nightly(Estate):
    def __init__(self, folder):
        project = write_project(folder / "project", PROJECT, 1)
        (project / "dags" / "etl.yaml").write_text(DAG)
        (project / "dags" / "narrow.yaml").write_text(NARROW)
        super().__init__(folder, project, FAULTS)

    def wait(self, dag, run):
        """The run once it has ended."""
        found = eventually(lambda: self.standalone.call(f"/dags/{dag}/dagRuns/{run}"),
                           lambda seen: seen["state"] in ("success", "failed"))
        assert found["state"] == "success"
        return found

    def json(self, *arguments):
        result = self.cli(*arguments, "--output", "json")
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    estate = Nightly(tmp_path_factory.mktemp("forecast"))
    yield estate
    estate.stop()


def test_what_the_file_expects_counts_until_there_is_a_history(estate):
    estate.trigger("etl", "first")
    (run,) = estate.json("dags", "forecast", "etl")
    assert run["basis"] == "expected_duration"
    assert [job["display_name"] for job in run["critical_path"]] == ["build", "score"]
    own, shared = sorted(estate.json("deadlines", "etl"), key=lambda each: each["due"])
    assert own["deadline"] is None and own["status"] in ("on_track", "at_risk")
    assert shared["deadline"] == "tonight" and shared["due"].endswith("T00:00:00Z")
    estate.wait("etl", "first")


def test_then_the_history_tells_and_the_run_ends_as_it_says(estate):
    estate.trigger("etl", "second")
    (run,) = estate.json("dags", "forecast", "etl")
    assert run["basis"] == "history" and "jobs" not in run
    (listed,) = estate.standalone.call("/forecast?dag_id=etl&with_jobs=true")["runs"]
    assert [job["display_name"] for job in listed["jobs"]] == ["build", "score"]
    (own,) = [each for each in estate.json("deadlines", "etl") if each["deadline"] is None]
    assert own["status"] == "late", "an hour of work has 20 minutes"
    assert "takes" in own["holds_up"]
    table = estate.cli("deadlines", "--status", "late").stdout
    assert "late" in table and "etl" in table
    jobs = estate.json("dags", "forecast", "etl", "--run", "second")["jobs"]
    assert [job["slack_seconds"] for job in jobs] == [0, 0]
    ended = estate.wait("etl", "second")
    past = eventually(lambda: estate.json("deadlines", "etl", "--past"), lambda found: len(found) >= 2)
    assert {each["status"] for each in past if each["deadline"] is None} == {"missed"}, past
    lines = estate.standalone.call("/history?limit=1000")["history"]
    assert any(line["kind"] == "deadline" and line["to"] == "missed" for line in lines)
    # Two attempts of half an hour each, as they were; looks and polls make the rest.
    late = moment(ended["end_date"]) - moment(run["finish_p50"])
    assert abs(late) < datetime.timedelta(minutes=15)


def test_why_tells_what_each_job_waits_for(estate):
    estate.trigger("narrow", "r")
    reasons = {line["job"]: line["reason"] for line in estate.json("why", "narrow", "r")}
    assert any("the pool 'narrow' is full" in reason for reason in reasons.values()), reasons
    unknown = estate.cli("why", "narrow", "r", "nope")
    assert unknown.returncode == 2 and "no job 'nope'" in unknown.stderr
    estate.wait("narrow", "r")
    assert estate.json("why", "narrow", "r") == []


def test_mistakes_are_told(estate):
    bad = estate.cli("dags", "forecast", "--horizon", "8")
    assert bad.returncode == 1 and "horizon" in bad.stderr
    ended = estate.cli("dags", "forecast", "etl", "--run", "second")
    assert ended.returncode == 1 and "has ended (success)" in ended.stderr
