"""Tasks that only Airflow's code can do: real program, real Airflow, our emulator, moto for EMR Serverless.

One server runs all DAGs of airflow_files/run at once; the tests look at what became of each.
"""

import pytest

from airflow_estate import RUNS, AirflowTasks
from airflow_fixtures import NEEDS_AIRFLOW
from databases import MotoServer
from processes import eventually

pytestmark = NEEDS_AIRFLOW

DAGS = (
    "asset_producer", "branch_to_nowhere", "branches", "circuits", "emr_by_hand", "emr_failing_step", "emr_operators",
    "emr_serverless_runs", "flow", "groups_in_a_loop", "mapped", "mapped_literals", "secrets_at_run_time", "tries", "waiting",
)  # fmt: skip


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tasks")
    with (folder / "moto.log").open("wb") as log:
        moto = MotoServer(log)
        estate = None
        try:
            estate = AirflowTasks(
                folder,
                RUNS,
                AWS_ENDPOINT_URL_EMR_SERVERLESS=moto.url,
                AIRFLOW_VAR_OF_ENVIRONMENT="of the environment",
                AIRFLOW_CONN_BY_URI="http://by.example:80",
            )
            estate.call("/variables", {"key": "lake", "value": "s3://lake"})
            estate.call("/variables", {"key": "sizes", "value": '{"core": 3}'})
            store = {"connection_id": "store", "conn_type": "http", "host": "store.example", "login": "ada"}
            estate.call("/connections", store | {"password": "ssecrett", "extra": '{"zone": "z"}'})
            estate.wait_for_dags(*DAGS)
            for dag in DAGS:
                estate.trigger(dag)
            yield estate
        finally:
            if estate is not None:
                estate.stop()
            moto.stop()


def test_values_go_from_function_to_function(farm):
    assert farm.state_of("flow") == "success"
    rows = farm.xcom("flow", "collect")
    assert rows == [
        {"id": 1, "shop": "all collect", "total": 30.5, "day": None},
        {"id": 2, "shop": 'Ã¥ "x"\n', "total": None},
    ]
    assert {"rows", "deep", "when", "return_value"} <= farm.keys("flow", "split")
    assert farm.keys("flow", "push") == {"word", "a/key with æ"}
    assert farm.xcom("flow", "push", "word") == "a second time"
    assert farm.xcom("flow", "total") == {
        "rows": 2,
        "deep": {"first": 30.5},
        "when": "2026-01-05 00:00:00",
        "word": "a second time",
        "odd": [1, 2],
        "nothing": None,
        "several": [None, 2],
    }
    assert farm.task("flow", "total")["operator"] == "_PythonDecoratedOperator"


def test_a_run_finds_the_events_that_it_was_made_for(farm):
    assert farm.state_of("asset_producer") == "success"
    runs = eventually(lambda: farm.call("/dags/asset_consumer/dagRuns")["dag_runs"], bool)
    run = runs[0]["dag_run_id"]
    assert farm.state_of("asset_consumer", run) == "success"
    told = farm.call(f"/dags/asset_consumer/dagRuns/{run}/taskInstances/look/xcomEntries/return_value")["value"]
    assert told == [["s3://farm/harvest", "asset_producer", "reap"]]


def test_groups_that_a_loop_makes(farm):
    assert farm.state_of("groups_in_a_loop") == "success"
    assert farm.xcom("groups_in_a_loop", "report") == "no:north.inner.mark:no so:south.inner.mark:so"
    assert set(farm.states("groups_in_a_loop")) == {
        "report", "north__inner__load", "north__inner__mark", "south__inner__load", "south__inner__mark",
    }  # fmt: skip


def test_mapping_over_what_other_tasks_return(farm):
    assert farm.state_of("mapped") == "success"
    gathered = {
        "sums": [2, 4, 6],
        "fan_in": [4, 8, 12],
        "products": [18, 19, 28, 29, 38, 39],
        "kwargs": [12, 34],
        "zips": ["1x", "2y"],
        "concats": [[0, 1], [1, 2], [2, 3], [3, 8], [4, 9]],
        "items": ["x7", "y8"],
        "odds": [1, 3],
        "not_skipped": [],
    }
    assert {job: farm.xcom("mapped", job) for job in gathered} == gathered
    states = farm.states("mapped")
    assert states["nobody"] == "skipped" and states["behind_nobody"] == "skipped", "zero items"
    assert states["odd_alone"] == ["success", "skipped", "success"]
    assert states["product"] == ["success"] * 6
    assert states["zip"] == ["success"] * 2


def test_mapping_over_lists_of_the_file(farm):
    assert farm.state_of("mapped_literals") == "success"
    gathered = {"sums": [65, 75], "products": [11, 12, 21, 22, 31, 32], "classics": [6, 20]}
    assert {job: farm.xcom("mapped_literals", job) for job in gathered} == gathered


def test_a_branch_skips_the_others_and_the_join_runs(farm):
    assert farm.state_of("branches") == "success"
    expected = {
        "choose": "success", "left": "success", "right": "skipped", "join": "success", "group__in_group": "success",
        "group__not_chosen": "skipped", "native_right": "skipped", "behind_right": "skipped",
    }  # fmt: skip
    assert farm.states("branches") == expected
    # Cleared alone, it finds the decision of the branch.
    for job in ("right", "native_right", "group__not_chosen"):
        clear(farm, "branches", job)
        assert farm.state_of("branches") == "success"
        assert farm.states("branches") == expected
    # The branch with all below it decides anew.
    clear(farm, "branches", "choose", include_downstream=True)
    assert farm.state_of("branches") == "success"
    assert farm.states("branches") == expected
    assert farm.task("branches", "left")["try_number"] == 2


def clear(farm, dag, job, **more):
    body = {"dag_run_id": "r", "task_ids": [job], "dry_run": False, "only_failed": False, "reset_dag_runs": True}
    farm.call(f"/dags/{dag}/clearTaskInstances", body | more)


def test_short_circuits(farm):
    assert farm.state_of("circuits") == "success"
    skipped = {"hard_1", "hard_2", "soft_1", "behind_decorated"}
    states = farm.states("circuits")
    assert {job for job, state in states.items() if state == "skipped"} == skipped
    assert {state for job, state in states.items() if job not in skipped} == {"success"}


def test_a_branch_to_a_task_that_is_not_there_fails(farm):
    assert farm.state_of("branch_to_nowhere") == "failed"
    assert farm.states("branch_to_nowhere") == {
        "wrong": "failed", "behind_wrong": "upstream_failed", "nothing": "success", "behind_nothing": "skipped",
    }  # fmt: skip
    assert "no_such_task" in farm.log("branch_to_nowhere", "wrong")


def test_variables_and_connections_at_run_time(farm):
    assert farm.state_of("secrets_at_run_time") == "failed"
    assert farm.xcom("secrets_at_run_time", "read") == {
        "lake": "s3://lake",
        "sizes": {"core": 3},
        "of_environment": "of the environment",
        "absent": "none",
        "host": "store.example",
        "login": "ada",
        "extra": {"zone": "z"},
        "uri": "by.example",
    }
    assert farm.xcom("secrets_at_run_time", "read_again") == [{"by": "a task"}, "s3://other", None]
    assert farm.xcom("secrets_at_run_time", "templates") == "of the environment store.example 3"
    assert farm.call("/variables/lake")["value"] == "s3://other"
    assert farm.call("/variables/made")["description"] == "made"
    states = farm.states("secrets_at_run_time")
    assert states["missing"] == states["missing_connection"] == "failed"
    assert "nowhere" in farm.log("secrets_at_run_time", "missing")
    log = farm.log("secrets_at_run_time", "read")
    assert "the password is ***" in log and "ssecrett" not in log
    database = b"".join(path.read_bytes() for path in farm.state.glob("*.db*"))
    assert b"ssecrett" not in database


def test_what_is_tried_again(farm):
    assert farm.state_of("tries") == "failed"
    assert farm.states("tries") == {
        "second_time": "success", "for_good": "failed", "each_time": "failed", "always": "success", "skips": "skipped",
        "behind": "skipped", "slow": "failed", "exits": "failed", "exits_well": "failed",
    }  # fmt: skip
    tries = {job: farm.task("tries", job)["try_number"] for job in ("second_time", "for_good", "each_time", "slow")}
    assert tries == {"second_time": 2, "for_good": 1, "each_time": 3, "slow": 1}
    assert farm.xcom("tries", "second_time") == [2, 2]
    assert farm.keys("tries", "second_time") == {"return_value", "of_try"}, "a try begins without values"
    assert len(farm.note("for_good")) == 1 and len(farm.note("each_time")) == 3
    assert "no luck the first time" in farm.log("tries", "second_time", 1)
    assert "AirflowTaskTimeout" in farm.log("tries", "slow")
    assert sorted(farm.note("callbacks")) == [
        "failure each_time RuntimeError",
        "failure exits SystemExit",
        "failure exits_well SystemExit",
        "failure for_good AirflowFailException",
        "failure slow AirflowTaskTimeout",
        "retry each_time 1",
        "retry each_time 2",
        "retry second_time 1",
        "success always",
        "success second_time",
    ]


def test_what_waits_outside_of_its_process_in_airflow(farm):
    assert farm.state_of("waiting") == "failed"
    assert farm.states("waiting") == {
        "soon": "success", "date_time": "success", "time_delta": "success", "several": "success", "breaks": "failed",
        "recovers": "success", "too_long": "failed", "rescheduled": "success", "soft": "skipped", "never": "failed",
        "tells": "success",
    }  # fmt: skip
    assert farm.xcom("waiting", "several") == [3, {"text": "2"}]
    assert farm.xcom("waiting", "recovers") == "recovered"
    assert farm.xcom("waiting", "tells") == "found"
    assert "the trigger broke" in farm.log("waiting", "breaks")
    assert "TaskDeferralTimeout" in farm.log("waiting", "too_long")
    assert "AirflowSensorTimeout" in farm.log("waiting", "never")
    assert (farm.notes / "rescheduled.pokes").read_text() == "xxx"
    assert {farm.task("waiting", job)["try_number"] for job in ("rescheduled", "several", "date_time")} == {1}


def calls(farm, cluster):
    """What was asked of EMR about a cluster, in order, without the looks."""
    changing = ("AddJobFlowSteps", "ModifyCluster", "TerminateJobFlows")
    return [
        line["action"] for line in farm.emulator.journal()
        if line.get("action") in changing and cluster in str(line)
    ]  # fmt: skip


def test_operators_of_emr_that_are_not_one_job(farm):
    assert farm.state_of("emr_operators") == "success"
    cluster = farm.xcom("emr_operators", "create")
    assert farm.xcom("emr_operators", "look") == "looked at r"
    assert len(farm.xcom("emr_operators", "first")) == 2 and len(farm.xcom("emr_operators", "second")) == 1
    assert farm.task("emr_operators", "create")["operator"] == "EmrCreateJobFlowOperator"
    assert calls(farm, cluster) == ["AddJobFlowSteps", "ModifyCluster", "AddJobFlowSteps", "TerminateJobFlows"]
    ends = [line["state"] for line in farm.emulator.journal() if line.get("change") == "step" and cluster in str(line)]
    assert ends.count("COMPLETED") == 3


def test_a_terminate_that_always_runs_ends_the_cluster(farm):
    assert farm.state_of("emr_failing_step") == "success"
    cluster = farm.xcom("emr_failing_step", "create")
    assert farm.xcom("emr_failing_step", "name_of") in ("WAITING", "RUNNING")
    assert calls(farm, cluster) == ["AddJobFlowSteps", "TerminateJobFlows"]


def test_a_function_that_calls_boto3(farm):
    assert farm.state_of("emr_by_hand") == "success"
    assert farm.xcom("emr_by_hand", "work") == "ALL_STEPS_COMPLETED"
    cluster = farm.xcom("emr_by_hand", "work", "cluster")
    named = [line["name"] for line in farm.emulator.journal() if line.get("cluster_id") == cluster and "name" in line]
    assert named and set(named) == {"emr_by_hand r"}


def test_emr_serverless(farm):
    """moto moves nothing by itself: an application is STARTED at once, and a job stays as it is."""
    assert farm.state_of("emr_serverless_runs") == "success", farm.states("emr_serverless_runs")
    assert set(farm.states("emr_serverless_runs").values()) == {"success"}
