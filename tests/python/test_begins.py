"""When runs and jobs begin beside ticks, through the real program: depends_on_past, @continuous,
start_jitter, calendars and blackouts."""

import datetime
import json
import subprocess

import pytest

from processes import Estate, SMALL_CLUSTER, clean_environment, eventually, signalbox_path

SETTINGS = "deployment: begins\n"
FAULTS = """
timing: {provisioning: 1m, bootstrap: 1m, step: 2m, shutdown: 30s}
faults:
  - {name: "* load try *", do: fail_step, step: 1}
"""
DAGS = {
    # Its step fails in each run that begins.
    "past": """
dag_id: past
is_paused_upon_creation: false
schedule: "*/20 * * * *"
start_date: 2026-01-05
default_args: {depends_on_past: true}
tasks:
  load: {type: emr_job, cluster: small}
""",
    "loop": """
dag_id: loop
is_paused_upon_creation: false
schedule: "@continuous"
start_date: 2026-01-05
tasks: {only: {type: empty}}
""",
    "late": """
dag_id: late
is_paused_upon_creation: false
schedule: "*/20 * * * *"
start_date: 2026-01-05
catchup: true
start_jitter: 15m
tasks: {only: {type: empty}}
""",
    "closed": """
dag_id: closed
is_paused_upon_creation: false
schedule: "*/10 * * * *"
start_date: 2026-01-05
catchup: true
calendar: first_week
blackout: {from: "2026-01-05T00:20", to: "2026-01-05T01:00"}
tasks: {only: {type: empty}}
""",
}


def at(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Begins(Estate):
    def __init__(self, folder):
        project = folder / "project"
        for below in ("dags", "clusters", "calendars"):
            (project / below).mkdir(parents=True)
        (project / "signalbox.yaml").write_text(SETTINGS)
        (project / "clusters" / "small.yaml").write_text(SMALL_CLUSTER)
        (project / "calendars" / "first_week.yaml").write_text(
            "dates: [{from: 2026-01-01, to: 2026-01-07}]\n")
        for name, text in DAGS.items():
            (project / "dags" / f"{name}.yaml").write_text(text)
        super().__init__(folder, project, FAULTS)

    def preview(self, dag, *options):
        """`dags next-execution`, which asks no server."""
        return subprocess.run(
            [signalbox_path(), "dags", "next-execution", dag, "--project", self.project, *options],
            env=dict(clean_environment(), SIGNALBOX_CLOCK=self.clock), capture_output=True,
            text=True, timeout=60, check=False)

    def runs(self, dag):
        """In the order of their logical dates."""
        runs = self.standalone.call(f"/dags/{dag}/dagRuns?limit=100")["dag_runs"]
        return sorted(runs, key=lambda run: run["logical_date"])

    def wait_for_runs(self, dag, count):
        return eventually(lambda: self.runs(dag), lambda runs: len(runs) >= count)


@pytest.fixture
def begins(tmp_path):
    estate = Begins(tmp_path)
    yield estate
    estate.stop()


def test_a_job_waits_for_its_past_and_goes_on_once_that_is_marked(begins):
    first, second = eventually(
        lambda: begins.runs("past"),
        lambda runs: len(runs) > 1 and runs[0]["state"] == "failed")[:2]
    assert second["state"] == "running"
    why = begins.cli("why", "past", second["dag_run_id"]).stdout
    assert first["dag_run_id"] in why and "depends_on_past" in why, why
    done = begins.cli("tasks", "set-state", "past", first["dag_run_id"], "load", "success",
                      "--yes")
    assert done.returncode == 0, done.stderr
    # It begins, and fails for itself; the one behind it waits.
    third = eventually(
        lambda: begins.runs("past"), lambda runs: runs[1]["state"] == "failed" and len(runs) > 2)[2]
    assert third["state"] == "running"


def test_continuous_runs_follow_each_other_a_minute_apart(begins):
    runs = begins.wait_for_runs("loop", 4)
    assert at(runs[0]["logical_date"]) == at("2026-01-05T00:00:00Z")
    for before, after in zip(runs, runs[1:]):
        assert after["data_interval_start"] == before["data_interval_end"]
        assert after["logical_date"] == after["data_interval_start"]
        apart = at(after["data_interval_end"]) - at(before["data_interval_end"])
        assert apart >= datetime.timedelta(minutes=1)
        assert before["state"] == "success"
    preview = begins.preview("loop")
    assert preview.returncode == 1 and "@continuous" in preview.stderr


def test_a_jittered_run_starts_late_and_keeps_its_dates(begins):
    runs = begins.wait_for_runs("late", 4)[:3]
    eventually(lambda: begins.runs("late"), lambda now: all(run["start_date"] for run in now[:3]))
    for run in begins.runs("late")[:3]:
        tick = at(run["logical_date"])
        assert tick.minute % 20 == 0 and at(run["data_interval_end"]) == tick
        late = at(run["run_after"]) - tick
        assert datetime.timedelta() <= late < datetime.timedelta(minutes=15)
        assert at(run["start_date"]) >= at(run["run_after"])
    assert len({at(run["run_after"]) - at(run["logical_date"]) for run in runs}) > 1


def test_nothing_fires_in_a_blackout_and_on_days_that_are_not_in_the_calendar(begins):
    runs = begins.wait_for_runs("closed", 3)
    ticks = [run["logical_date"][11:16] for run in runs[:3]]
    assert ticks == ["00:00", "00:10", "01:00"]
    assert runs[2]["data_interval_start"] == runs[1]["data_interval_end"]
    assert begins.standalone.call("/dags/closed/holes")["holes"] == []
    preview = json.loads(
        begins.preview("closed", "-n", "1000", "--output", "json").stdout)
    assert at(preview[-1]["run_after"]) == at("2026-01-07T23:50:00Z")


def test_a_calendar_that_is_edited_is_an_edit_of_the_schedule(begins):
    before = begins.standalone.call("/dags/closed")
    (begins.project / "calendars" / "first_week.yaml").write_text("weekdays: [mon, tue]\n")
    after = eventually(lambda: begins.standalone.call("/dags/closed"),
                       lambda dag: dag["version"] != before["version"])
    assert "only mon,tue" in after["timetable_summary"]
