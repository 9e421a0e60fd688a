"""Past runs, the filling of holes and held launches, through the command line and Airflow's API. The
official client of Airflow judges the resources that are Airflow's."""

import datetime
import json
import time

import pytest

from processes import Estate, Ledger, write_project

FAULTS = "timing: {provisioning: 1m, bootstrap: 1m, step: 5m, shutdown: 30s}\n"
HOURLY = """
dag_id: hourly
schedule: "0 * * * *"
start_date: 2026-01-01
is_paused_upon_creation: false
tasks:
  nothing: {type: empty}
"""
FROM, TO = "2026-01-04T20:00:00Z", "2026-01-04T22:30:00Z"


class Past(Estate):
    def __init__(self, folder):
        project = write_project(folder / "project", "deployment: past\n", 1)
        (project / "dags" / "hourly.yaml").write_text(HOURLY)
        super().__init__(folder, project, FAULTS)

    def answer(self, *arguments):
        done = self.cli(*arguments, "--output", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def wait_for(self, path, condition):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = self.standalone.call(path)
            if condition(found):
                return found
            time.sleep(0.02)
        raise AssertionError(found)

    def completed(self, backfill):
        return self.wait_for(f"/backfills/{backfill}", lambda row: row["completed_at"])

    def runs(self, dag):
        runs = self.standalone.call(f"/dags/{dag}/dagRuns?limit=1000")["dag_runs"]
        return {run["dag_run_id"]: run for run in runs}


@pytest.fixture
def estate(tmp_path):
    made = Past(tmp_path)
    yield made
    made.stop()


def test_a_range_is_planned_run_and_run_again(estate):
    create = ("backfill", "create", "hourly", "--from-date", FROM, "--to-date", TO)
    plan = estate.answer(*create, "--dry-run")
    assert [tick["outcome"] for tick in plan["backfills"]] == ["created"] * 3
    assert estate.answer("backfill", "list") == []  # a dry run does nothing
    made = estate.answer(*create)
    assert estate.completed(made["id"])["ticks"] == {"created": 3}
    runs = estate.runs("hourly")
    run = runs["backfill__2026-01-04T20:00:00+00:00"]
    assert (run["run_type"], run["triggered_by"], run["backfill_id"]) == ("backfill", "backfill", made["id"])

    plan = estate.answer(*create, "--dry-run")
    assert [tick["outcome"] for tick in plan["left_out"]] == ["already exists"] * 3
    again = estate.answer(*create, "--reprocess-behavior", "completed", "--run-backwards")
    estate.completed(again["id"])
    ticks = estate.answer("backfill", "show", str(again["id"]))["tick_list"]
    assert [tick["outcome"] for tick in ticks] == ["cleared existing run"] * 3
    assert ticks[0]["logical_date"] > ticks[-1]["logical_date"]
    assert len([run for run in estate.runs("hourly") if run.startswith("backfill__")]) == 3
    who = estate.standalone.call(f"/history?kind=backfill")["history"]
    assert {row["actor"] for row in who if row["from"] == ""} == {"api"}


def test_one_at_a_time_and_it_outlives_the_process(estate):
    intervals = [f"2026-01-0{day}T00:00:00Z/2026-01-0{day}T12:00:00Z" for day in (1, 2, 3)]
    named = [word for interval in intervals for word in ("--data-interval", interval)]
    made = estate.answer("backfill", "create", "chain", *named, "--max-active-runs", "1")
    estate.wait_for("/clusters?live=true", lambda page: page["total_entries"] == 1)
    second = estate.cli("backfill", "create", "chain", *named)
    assert second.returncode == 1 and f"signalbox backfill cancel {made['id']}" in second.stderr
    estate.standalone.kill()
    estate.standalone = type(estate.standalone)(
        estate.project, estate.state, estate.emulator, estate.clock
    )
    row = estate.completed(made["id"])
    assert row["ticks"] == {"created": 3}
    ledger = Ledger(estate.emulator.journal())
    assert len(ledger.names) == 3 and not ledger.double_work()
    assert {run["state"] for run in estate.runs("chain").values()} == {"success"}


def test_holes_are_filled(estate):
    estate.cli("dags", "pause", "hourly")
    estate.wait_for("/monitor/health", lambda health: health["now"] > "2026-01-05T04:30")
    estate.cli("dags", "unpause", "hourly")
    holes = estate.wait_for("/dags/hourly/holes", lambda page: page["holes"])["holes"]
    made = estate.answer("holes", "fill", "hourly")
    estate.completed(made["id"])
    for hole in estate.standalone.call("/dags/hourly/holes")["holes"]:
        assert hole["filled"] == hole["ticks"]
    assert holes[0]["ticks"] >= 2
    nothing = estate.cli("holes", "fill", "hourly")
    assert nothing.returncode == 1 and "no tick there that a run could fill" in nothing.stderr


def test_a_hold_is_named_by_those_who_wait(estate):
    hold = estate.answer("holds", "create", "--dag", "chain", "--reason", "the input is wrong")
    assert estate.answer("holds", "create", "--dag", "chain", "--reason", "the input is wrong") == hold
    estate.trigger("chain")
    found = estate.wait_for(
        "/dags/chain/dagRuns/r/taskInstances/job0.start_cluster", lambda task: task["blocked_by"]
    )
    assert found["blocked_by"][0]["kind"] == "hold"
    assert "the input is wrong" in found["blocked_by"][0]["message"]
    assert "api" in found["blocked_by"][0]["message"]
    assert estate.standalone.call("/monitor/health")["launching"]["holds"] == 1
    assert "1 hold of launches in force" in estate.cli("health").stderr
    assert b'signalbox_holds{scope="dag"} 1' in estate.standalone.fetch("/metrics")
    assert not Ledger(estate.emulator.journal()).names
    for _ in range(2):
        released = estate.answer("holds", "release", str(hold["id"]))
        assert released["released_by"] == "api" and not released["active"]
    assert estate.standalone.wait_for_run("chain", "r") == "success"
    unknown = estate.cli("holds", "create", "--pool", "puddle")
    assert unknown.returncode == 1 and "there is no pool 'puddle'" in unknown.stderr
    assert estate.cli("holds", "create").returncode == 2


def test_drain_waits_until_nothing_lives(estate):
    estate.trigger("chain")
    estate.wait_for("/clusters?live=true", lambda page: page["total_entries"] == 1)
    drained = estate.cli("drain", "--reason", "upgrade", "--wait")
    assert drained.returncode == 0, drained.stderr
    assert "1 cluster still live\nnothing lives any more\n" in drained.stdout
    assert not Ledger(estate.emulator.journal()).alive()
    estate.trigger("chain", "later")
    assert len(estate.answer("drain", "--undo")) == 1
    assert estate.standalone.wait_for_run("chain", "later") == "success"


def test_airflows_client_creates_pauses_and_cancels(estate):
    airflow = pytest.importorskip("airflow_client.client", reason="apache-airflow-client is not installed")
    from airflow_client.client.api import backfill_api
    from airflow_client.client.models.backfill_post_body import BackfillPostBody
    from airflow_client.client.models.reprocess_behavior import ReprocessBehavior

    token = (estate.state / "token").read_text().strip()
    settings = airflow.Configuration(host=estate.standalone.url, access_token=token)
    with airflow.ApiClient(settings) as client:
        client.set_default_header("Authorization", f"Bearer {token}")
        api = backfill_api.BackfillApi(client)
        at = datetime.datetime.fromisoformat
        body = BackfillPostBody(
            dag_id="hourly", from_date=at(FROM), to_date=at(TO), dag_run_conf={}, max_active_runs=2,
            reprocess_behavior=ReprocessBehavior.NONE, run_backwards=True, run_on_latest_version=True,
        )
        planned = api.create_backfill_dry_run(body)
        assert planned.total_entries == 3 and planned.backfills[0].logical_date == at("2026-01-04T22:00:00Z")
        estate.cli("dags", "pause", "hourly")  # so that nothing of it goes on
        made = api.create_backfill(body)
        assert (made.dag_id, made.max_active_runs, made.completed_at) == ("hourly", 2, None)
        assert api.pause_backfill(made.id).is_paused
        assert not api.unpause_backfill(made.id).is_paused
        assert [row.id for row in api.list_backfills("hourly").backfills] == [made.id]
        assert api.get_backfill(made.id).from_date == at(FROM)
        assert api.cancel_backfill(made.id).completed_at is not None
        assert api.cancel_backfill(made.id).completed_at is not None  # again: nothing changes
        with pytest.raises(airflow.exceptions.NotFoundException):
            api.get_backfill(99)
