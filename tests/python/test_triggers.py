"""Jobs that trigger runs of other DAGs, through the real program: Airflow's names in the API, a kill of
the server while a job waits, conditions over the ends of another DAG's jobs."""

import pytest

from processes import Estate, StandaloneProcess, eventually, write_project

FAULTS = """
timing: {provisioning: 1m, bootstrap: 1m, step: 10m, shutdown: 30s}
faults:
  - {name: "* bad try *", do: fail_step, step: 1}
"""

DAGS = {
    "caller": """
dag_id: caller
is_paused_upon_creation: false
tasks:
  good: {type: trigger_dag_run, trigger_dag_id: worker, conf: {month: "{{ 1 + 1 }}"},
         wait_for_completion: true}
  bad: {type: trigger_dag_run, trigger_dag_id: failing, wait_for_completion: true}
  loose: {type: trigger_dag_run, trigger_dag_id: worker, trigger_run_id: "of-{{ run_id }}"}
  end: {type: empty, depends_on: [good, bad, loose], trigger_rule: all_done,
        when: "states.bad == 'failed' and outputs.loose.trigger_run_id == 'of-r'"}
""",
    "worker": """
dag_id: worker
is_paused_upon_creation: false
params: {month: 1}
tasks: {work: {type: emr_job, cluster: small}}
""",
    "failing": """
dag_id: failing
is_paused_upon_creation: false
tasks: {bad: {type: emr_job, cluster: small}}
""",
    "repair": """
dag_id: repair
is_paused_upon_creation: false
tasks:
  patch: {type: empty, depends_on: [{job: failing/bad, rule: all_done}],
         when: "states['failing/bad'] == 'failed'"}
  praise: {type: empty, depends_on: [{job: failing/bad, rule: all_done}],
           when: "states['failing/bad'] == 'success'"}
""",
}


class Triggers(Estate):
    def __init__(self, folder):
        project = write_project(folder / "project", "deployment: triggers\n", 1)
        for name, text in DAGS.items():
            (project / "dags" / f"{name}.yaml").write_text(text)
        super().__init__(folder, project, FAULTS)

    def tasks(self, dag, run="r"):
        found = self.standalone.call(f"/dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"]
        return {task["task_id"]: task for task in found}

    def states(self, dag, run="r"):
        return {task: found["state"] for task, found in self.tasks(dag, run).items()}

    def runs(self, dag):
        return self.standalone.call(f"/dags/{dag}/dagRuns")["dag_runs"]


@pytest.fixture
def estate(tmp_path):
    made = Triggers(tmp_path)
    yield made
    made.stop()


def test_a_job_waits_for_the_run_that_it_triggers_also_over_a_kill(estate):
    estate.trigger("caller")
    tasks = eventually(lambda: estate.tasks("caller"),
                       lambda tasks: tasks["good"]["state"] == "deferred")
    assert tasks["good"]["operator"] == "TriggerDagRunOperator"
    assert "which is running" in estate.cli("why", "caller", "r", "good").stdout
    estate.standalone.kill()
    estate.standalone = StandaloneProcess(
        estate.project, estate.state, estate.emulator, estate.clock)

    estate.standalone.wait_for_run("caller", "r")
    assert estate.states("caller") == {
        "good": "success", "bad": "failed", "loose": "success", "end": "success"}
    workers = {run["triggering_job"]: run for run in estate.runs("worker")}
    assert set(workers) == {"caller/r/good", "caller/r/loose"}
    good, loose = workers["caller/r/good"], workers["caller/r/loose"]
    assert good["run_type"] == loose["run_type"] == "operator_triggered"
    assert good["triggered_by"] == "operator"
    assert good["triggering_user_name"] is None
    assert good["conf"] == {"month": 2}
    assert loose["dag_run_id"] == "of-r"
    xcom = estate.standalone.call(
        "/dags/caller/dagRuns/r/taskInstances/loose/xcomEntries/trigger_run_id")
    assert xcom["value"] == "of-r"
    assert len(estate.runs("failing")) == 1


def test_a_condition_asks_how_a_job_of_another_dag_has_ended(estate):
    estate.trigger("repair")
    estate.trigger("failing")
    estate.standalone.wait_for_run("repair", "r")
    assert estate.states("repair") == {"patch": "success", "praise": "skipped"}
