"""EMR's operators: which tasks become one job, with which meaning, and why others stay apart."""

import pytest
from airflow_fixtures import NEEDS_AIRFLOW, parser  # noqa: F811, F401 - a fixture
from airflow_parser import EXAMPLES, FILES, jobs, rows

pytestmark = NEEDS_AIRFLOW


@pytest.fixture(scope="module")
def shapes(parser):  # noqa: F811
    (answer,) = parser.read(FILES / "emr_shapes.py")
    assert answer["error"] is None
    return {dag["dag_id"].removeprefix("emr_"): dag for dag in answer["dags"]}


@pytest.fixture(scope="module")
def apart(parser):  # noqa: F811
    (answer,) = parser.read(FILES / "emr_apart.py")
    assert answer["error"] is None
    return {dag["dag_id"].removeprefix("apart_"): dag for dag in answer["dags"]}


def steps(job):
    return [(step["Name"], step["ActionOnFailure"]) for step in job["steps"]]


def changes(dag, task="create"):
    return " | ".join(rows(dag)[task]["changes"])


def test_every_task_of_every_shape_is_native(shapes):
    assert len(shapes) == 10
    for name, dag in shapes.items():
        assert {row["verdict"] for row in dag["plan"]["tasks"]} == {"native"}, name
        assert {row["job"] for row in dag["plan"]["tasks"]} == jobs(dag["document"]).keys(), name


def test_create_steps_sensor_terminate_is_one_job(shapes):
    dag = shapes["plain"]
    found = jobs(dag["document"])
    assert found.keys() == {"begin", "create", "end"}
    job = found["create"]
    assert job["type"] == "emr_job" and job["depends_on"] == ["begin"] and found["end"]["depends_on"] == ["create"]
    assert steps(job) == [("a", "CANCEL_AND_WAIT"), ("b", "CONTINUE")]
    assert job["execution_timeout"] == "2h" and "retries" not in job
    assert [rows(dag)[task]["job"] for task in ("add", "watch", "terminate")] == ["create"] * 3
    assert "the 3 retries of 'watch' look at the same failed step again" in changes(dag)
    assert "its cluster also ends after a failure; in Airflow it stays up then" in changes(dag)
    request = dag["clusters"]["emr_plain.create"]
    assert job["cluster"] == "emr_plain.create"
    assert not {"Name", "Steps"} & request.keys() and "KeepJobFlowAliveWhenNoSteps" not in request["Instances"]


def test_steps_at_creation_and_a_sensor_of_the_cluster(shapes):
    job = jobs(shapes["steps_at_creation"]["document"])["create"]
    assert steps(job) == [("only", "TERMINATE_JOB_FLOW")]
    assert "execution_timeout" not in job


def test_a_create_that_waits_itself_keeps_its_tries(shapes):
    job = jobs(shapes["waits_itself"]["document"])["create"]
    assert (job["retries"], job["retry_delay"], job["execution_timeout"]) == (2, "7m", "2h")


def test_steps_that_are_added_by_tasks_that_wait(shapes):
    found = jobs(shapes["waiting_adds"]["document"])
    # Airflow adds the second ones only after the first one has completed.
    assert steps(found["create"]) == [("a", "TERMINATE_CLUSTER"), ("b", "CONTINUE"), ("c", "CONTINUE")]
    assert found["create"]["execution_timeout"] == "1h30m"
    assert found["terminate"] == {"type": "empty", "trigger_rule": "all_done", "depends_on": ["create"]}
    assert found["end"]["depends_on"] == ["terminate"]


def test_a_sensor_between_two_adds_stops_what_follows(shapes):
    dag = shapes["gates"]
    found = jobs(dag["document"])
    assert steps(found["create"]) == [("a", "TERMINATE_CLUSTER"), ("b", "CONTINUE")]
    # The sensor behind the terminate sees the end that it asked for.
    assert rows(dag)["gone"]["job"] == "terminate" and found["end"]["depends_on"] == ["terminate"]


def test_steps_side_by_side_run_in_one_order(shapes):
    dag = shapes["parallel"]
    assert steps(jobs(dag["document"])["create"]) == [("a", "CONTINUE"), ("b", "CONTINUE")]
    assert "after a failure of the step 'a' the steps behind it run to their end" in changes(dag)


def test_a_terminate_that_is_the_last_task_keeps_airflows_end_of_the_run(shapes, parser):  # noqa: F811
    dag = shapes["parallel"]
    assert jobs(dag["document"])["terminate"]["trigger_rule"] == "all_done"
    assert "a run whose steps failed ends in success, as in Airflow" in changes(dag, "terminate")
    strict = {found["dag_id"]: found for found in parser.read(FILES / "emr_shapes.py", strict_emr=True)[0]["dags"]}
    assert jobs(strict["emr_parallel"]["document"]).keys() == {"create"}
    assert rows(strict["emr_parallel"])["terminate"]["job"] == "create"


def test_a_teardown_terminates_without_a_job_of_its_own(shapes):
    found = jobs(shapes["teardown"]["document"])
    assert found.keys() == {"create"} and "setup" not in found["create"]


def test_tasks_in_the_midst_move_before_and_behind(shapes):
    dag = shapes["moved"]
    found = jobs(dag["document"])
    assert "depends_on" not in found["prepare"]
    assert found["create"]["depends_on"] == ["prepare"]
    assert found["tell"]["depends_on"] == ["create"]
    assert sorted(found["terminate"]["depends_on"]) == ["create", "tell"]
    assert found["end"]["depends_on"] == ["terminate"]
    assert "it runs before the cluster of 'create' is made" in changes(dag, "prepare")


def test_a_job_stands_in_the_group_of_its_tasks(shapes):
    document = shapes["grouped"]["document"]
    assert document["groups"]["north"]["tasks"].keys() == {"north__create", "north__terminate"}
    job = jobs(document)["north__create"]
    assert job["depends_on"] == ["start"] and job["execution_timeout"] == "1h"
    assert jobs(document)["stop"]["depends_on"] == ["north__terminate"]


def test_the_connections_extra_is_merged_at_the_top_alone(shapes, parser):  # noqa: F811
    dag = shapes["connection"]
    request = dag["clusters"]["emr_connection.create"]
    assert request["ReleaseLabel"] == "emr-7.1.0" and request["Instances"]["InstanceCount"] == 3
    assert rows(dag)["create"]["needs"]["regions"] == ["eu-central-1"]
    assert "not those of the connection 'aws_other'" in changes(dag)
    (without,) = parser.read(FILES / "emr_shapes.py", connections={})
    dag = next(found for found in without["dags"] if found["dag_id"] == "emr_connection")
    assert "the connection 'emr_shapes', which nobody gave" in rows(dag)["create"]["reason"]


WHY = {
    "unwatched": "a failure of the step 'a' passes in Airflow, because no task watches it",
    "not_awaited": "no task waits for the step 'b' before the cluster is terminated",
    "fire_and_forget": "a failure of the step 'a' passes in Airflow, because no task watches it",
    "stays_up": "no task ends its cluster, so it stays up after the run",
    "between_steps": "'between' stands between two steps",
    "uses_cluster": "'look' needs the live cluster or its id",
    "side_branch": "'tell' runs while the cluster is up",
    "subclass": "'watch' needs the live cluster or its id",
    "xcom_in_step": "the steps of 'add': its templates use what Signalbox's template language has not: xcom_pull",
    "own_states": "'watch' has states of its own",
    "step_by_function": "'first_of' takes the XCom of 'add'",
    "gate_and_not": "after a failure of the step 'a' some steps are not added, and others run",
    "modified": "'resize' needs the live cluster or its id",
    "terminate_too_early": "'terminate' does not wait for 'watch'",
    "rule": "'watch' has the trigger rule all_done",
    "job_flow_by_name": "no task gives its cluster a step",
}


def test_every_reason_has_a_dag(apart):
    assert apart.keys() == WHY.keys()


@pytest.mark.parametrize("name", sorted(WHY))
def test_tasks_stay_apart_and_the_plan_says_why(apart, name):
    row = rows(apart[name])["create"]
    assert row["verdict"] == "airflow"
    assert row["reason"].endswith(WHY[name])
    job = jobs(apart[name]["document"])["create"]
    assert job["type"] == "airflow_task" and job["file"] == "emr_apart.py"
    assert apart[name]["clusters"] == {}


def test_strictness_takes_steps_that_nobody_watches(parser):  # noqa: F811
    (answer,) = parser.read(FILES / "emr_apart.py", strict_emr=True)
    dags = {dag["dag_id"].removeprefix("apart_"): dag for dag in answer["dags"]}
    for name in ("unwatched", "fire_and_forget"):
        assert rows(dags[name])["create"]["kind"] == "emr_job"
        assert "a failure of the step 'a' fails the job; in Airflow no task sees it" in changes(dags[name])
    assert rows(dags["between_steps"])["create"]["verdict"] == "airflow"


def test_boto3_in_functions_and_serverless_are_by_the_sdk(parser):  # noqa: F811
    for name in ("emr_boto3", "emr_serverless"):
        assert {row["verdict"] for row in parser.dag(FILES / f"{name}.py")["plan"]["tasks"]} == {"airflow"}


def test_the_examples_are_native(parser):  # noqa: F811
    for name in ("tariffs_emr", "harvest_groups"):
        assert {row["verdict"] for row in parser.dag(EXAMPLES / f"{name}.py")["plan"]["tasks"]} == {"native"}


def test_a_setting_leaves_a_dag_to_airflow(parser):
    (answer,) = parser.read(FILES / "emr_shapes.py")
    native = [dag["dag_id"] for dag in answer["dags"] if dag["clusters"]]
    (answer,) = parser.read(FILES / "emr_shapes.py", by_airflow=native[:1])
    found = {dag["dag_id"]: dag for dag in answer["dags"]}
    assert not found[native[0]]["clusters"] and found[native[1]]["clusters"]
    assert {row["verdict"] for row in found[native[0]]["plan"]["tasks"]} == {"airflow"}
    assert all("by_airflow" in row["reason"] for row in found[native[0]]["plan"]["tasks"])
