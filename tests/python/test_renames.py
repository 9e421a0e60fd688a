"""A DAG file gets another dag_id while its cluster lives: everything goes on under the new name."""

from processes import Estate, eventually, write_project

FAULTS = "quotas: off\ntiming: {provisioning: 1m, bootstrap: 1m, step: 20m, shutdown: 1m}\n"
SETTINGS = "deployment: renames\npools: {default_pool: 9}\n"


def dag(name, key=""):
    return f"""
dag_id: {name}
{key}
is_paused_upon_creation: false
tasks:
  work: {{type: emr_job, cluster: small}}
"""


def test_a_renamed_dag_keeps_its_runs_and_its_cluster(tmp_path):
    project = write_project(tmp_path / "project", SETTINGS, jobs=1)
    for old in (project / "dags").glob("*.yaml"):
        old.unlink()
    (project / "dags" / "before.yaml").write_text(dag("before"))
    estate = Estate(tmp_path, project, FAULTS, speed=600)
    try:
        estate.trigger("before")
        server = estate.standalone
        eventually(
            lambda: server.call("/dags/before/dagRuns/r/taskInstances/work.wait_cluster_termination")["state"],
            lambda state: state == "deferred",
        )
        (project / "dags" / "before.yaml").unlink()
        (project / "dags" / "after.yaml").write_text(dag("after", "formerly: before"))
        eventually(lambda: [each["dag_id"] for each in server.call("/dags")["dags"]], lambda ids: ids == ["after"])
        assert server.wait_for_run("after", "r") == "success"
        launched = [line for line in estate.emulator.journal() if line.get("action") == "RunJobFlow"]
        assert len(launched) == 1, "the cluster that was up is that of the run"
        assert server.call("/dags/after/dagVersions")["total_entries"] == 2
        estate.trigger("after", run="s")
        assert server.wait_for_run("after", "s") == "success"
        listed = server.call("/dags/after/dagRuns")["dag_runs"]
        assert {run["dag_run_id"] for run in listed} == {"r", "s"}
    finally:
        estate.stop()
