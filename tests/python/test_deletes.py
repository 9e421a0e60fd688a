"""Runs and DAGs are deleted through the real program and its command line; what they did at EMR stays known."""

from processes import Estate, StandaloneProcess, eventually, write_project

FAULTS = "quotas: off\ntiming: {provisioning: 1m, bootstrap: 1m, step: 5m, shutdown: 1m}\n"
SETTINGS = "deployment: deletes\npools: {default_pool: 9}\n"
DAG = """
dag_id: churn
is_paused_upon_creation: false
tasks:
  work: {type: emr_job, cluster: small}
"""


class Deletes(Estate):
    def __init__(self, folder):
        project = write_project(folder / "project", SETTINGS, jobs=1)
        for old in (project / "dags").glob("*.yaml"):
            old.unlink()
        (project / "dags" / "churn.yaml").write_text(DAG)
        super().__init__(folder, project, FAULTS, speed=600)

    def restart(self):
        self.standalone.stop()
        self.standalone = StandaloneProcess(self.project, self.state, self.emulator, self.clock)

    def clusters(self):
        """{id: (run, name)}"""
        listed = self.standalone.call("/clusters")["clusters"]
        return {each["cluster_id"]: (each["dag_run_id"], each["name"]) for each in listed}

    def delete_run(self, run):
        """Its cluster ends a little after it."""
        return eventually(lambda: self.cli("dags", "delete-run", "churn", run, "--yes"), lambda done: done.returncode == 0)


def test_a_run_with_the_id_of_a_deleted_one_has_a_cluster_of_its_own(tmp_path):
    estate = Deletes(tmp_path)
    try:
        estate.trigger("churn")
        refused = estate.cli("dags", "delete-run", "churn", "r", "--yes")
        assert refused.returncode != 0 and "end it first" in refused.stderr, refused.stderr
        assert estate.standalone.wait_for_run("churn", "r") == "success"
        assert "churn" in estate.cli("dags", "delete-run", "churn", "r", "--dry-run").stdout
        assert "is deleted" in estate.delete_run("r").stdout
        assert estate.standalone.call("/dags/churn/dagRuns")["dag_runs"] == []
        estate.restart()
        estate.trigger("churn")
        assert estate.standalone.wait_for_run("churn", "r") == "success"
        (run, name), (deleted_run, deleted) = sorted(estate.clusters().values())
        assert (run, deleted_run) == ("r", "r (deleted 1)")
        assert name.split(" ", 1)[1] == deleted.split(" ", 1)[1] and name != deleted, "their tokens differ"
    finally:
        estate.stop()


def test_a_dag_is_deleted_with_its_runs_and_comes_back_with_its_file(tmp_path):
    estate = Deletes(tmp_path)
    try:
        estate.trigger("churn")
        assert estate.standalone.wait_for_run("churn", "r") == "success"
        assert estate.cli("dags", "delete", "churn", "--dry-run", "-o", "plain").stdout.split("\t")[2] == "1"
        deleted = eventually(
            lambda: estate.cli("dags", "delete", "churn", "--yes"), lambda done: done.returncode == 0
        )
        assert "its file dags/churn.yaml is there" in deleted.stderr
        assert estate.standalone.call("/dags/churn/dagRuns")["dag_runs"] == []
        assert estate.standalone.call("/dags/churn")["dag_id"] == "churn"
        other = estate.project / "dags" / "other.yaml"
        other.write_text("dag_id: other\ntasks: {x: {type: empty}}\n")
        server = estate.standalone
        eventually(lambda: len(server.call("/dags")["dags"]), lambda count: count == 2)
        (estate.project / "dags" / "churn.yaml").unlink()
        eventually(
            lambda: [each["dag_id"] for each in server.call("/dags")["dags"]], lambda ids: ids == ["other"]
        )
        deleted = estate.cli("dags", "delete", "churn", "--yes")
        assert deleted.returncode == 0 and "is there" not in deleted.stderr, deleted.stderr
        assert estate.cli("dags", "delete", "churn", "--yes").returncode != 0
        history = server.call("/history?dag_id=churn&kind=dag")["history"]
        assert [row["to"] for row in history].count("deleted") == 2
    finally:
        estate.stop()
