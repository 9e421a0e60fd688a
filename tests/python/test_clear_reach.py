"""A clear beyond one run, through the real program and against the emulator: earlier and later runs of
the DAG, and the jobs of other DAGs that waited for what is cleared. The emulator's journal is the
judge: how often each job ran, and what began after what."""

import json

import pytest

from processes import Estate, Ledger, write_project

FAULTS = "timing: {provisioning: 1m, bootstrap: 1m, step: 10m, shutdown: 30s}\n"

JOB = "type: emr_job, cluster: small"
DAGS = {
    "etl": f"""
dag_id: etl
schedule: "@daily"
start_date: 2027-01-01
is_paused_upon_creation: false
tasks:
  build: {{{JOB}}}
  report: {{{JOB}}}
""",
    "features": f"""
dag_id: features
schedule: "@daily"
start_date: 2027-01-01
is_paused_upon_creation: false
tasks:
  join: {{{JOB}, depends_on: [{{job: etl/build, window: same_interval}}]}}
  score: {{{JOB}, depends_on: [join]}}
  other: {{{JOB}}}
""",
    "publish": f"""
dag_id: publish
schedule: "@daily"
start_date: 2027-01-01
is_paused_upon_creation: false
tasks:
  send: {{{JOB}, depends_on: [{{job: features/score, window: same_interval}}]}}
""",
}
DAY = ["2027-01-02T00:00:00Z", "2027-01-03T00:00:00Z"]
NEXT = ["2027-01-03T00:00:00Z", "2027-01-04T00:00:00Z"]


class Chain(Estate):
    def __init__(self, folder):
        project = write_project(folder / "project", "deployment: reach\n", 1)
        for name, text in DAGS.items():
            (project / "dags" / f"{name}.yaml").write_text(text)
        super().__init__(folder, project, FAULTS)

    def run(self, dag, run, interval):
        result = self.cli("dags", "trigger", dag, "--run-id", run, "--data-interval", *interval)
        assert result.returncode == 0, result.stderr

    def wait(self, dag, run):
        assert self.standalone.wait_for_run(dag, run) == "success"

    def clear(self, *arguments):
        result = self.cli("tasks", "clear", *arguments, "--output", "json")
        assert result.returncode == 0, result.stderr
        return {f"{task['dag_id']}/{task['dag_run_id']}/{task['task_id'].split('.')[0]}"
                for task in json.loads(result.stdout)}

    def tries(self):
        """By DAG, run and job: how many clusters there were."""
        counts = {}
        for name in Ledger(self.emulator.journal()).names.values():
            _, dag, run, job, _, _ = name.split(" ")
            counts[f"{dag}/{run}/{job}"] = counts.get(f"{dag}/{run}/{job}", 0) + 1
        return counts


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    made = Chain(tmp_path_factory.mktemp("reach"))
    for dag in DAGS:
        made.run(dag, "day", DAY)
        made.run(dag, "next", NEXT)
    for dag in DAGS:
        made.wait(dag, "day")
        made.wait(dag, "next")
    yield made
    made.stop()


def test_a_dry_run_shows_every_job_that_it_would_touch(estate):
    before = estate.tries()
    assert estate.clear("etl", "day", "build", "--other-dags", "--dry-run") == {
        "etl/day/build", "features/day/join", "features/day/score", "publish/day/send"}
    assert estate.clear("etl", "day", "build", "--future", "--dry-run") == {
        "etl/day/build", "etl/next/build"}
    assert estate.clear("etl", "next", "report", "--past", "--dry-run") == {
        "etl/day/report", "etl/next/report"}
    assert estate.clear("etl", "next", "report", "--future", "--dry-run") == {"etl/next/report"}
    table = estate.cli("tasks", "clear", "etl", "day", "build", "--other-dags", "--dry-run").stdout
    assert "publish" in table and "DAG" in table, table
    assert estate.tries() == before


def test_what_waited_runs_again_after_what_it_waited_for(estate):
    before = estate.tries()
    estate.clear("etl", "day", "build", "--other-dags", "--yes")
    for dag in DAGS:
        estate.wait(dag, "day")
    again = {job for job, count in estate.tries().items() if count > before.get(job, 0)}
    assert again == {"etl/day/build", "features/day/join", "features/day/score", "publish/day/send"}
    names = list(Ledger(estate.emulator.journal()).names.values())
    order = [name.split(" ")[3] for name in names if name.endswith("try 2")]
    assert order == ["build", "join", "score", "send"]


def test_later_runs_are_cleared_too(estate):
    before = estate.tries()
    estate.clear("etl", "day", "report", "--future", "--yes")
    estate.wait("etl", "day")
    estate.wait("etl", "next")
    again = {job for job, count in estate.tries().items() if count > before.get(job, 0)}
    assert again == {"etl/day/report", "etl/next/report"}


def test_only_what_failed_is_nothing_where_all_succeeded(estate):
    assert estate.clear("etl", "day", "--past", "--future", "--other-dags", "--only-failed", "--dry-run") == set()
