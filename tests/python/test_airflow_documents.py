"""What an Airflow DAG becomes in our own format; the real program judges documents whose tasks are all native."""

import json
import os
import subprocess

import pytest
from airflow_fixtures import NEEDS_AIRFLOW, parser  # noqa: F401 - a fixture
from airflow_parser import EXAMPLES, FILES, example_files, jobs, own_files, rows
from processes import signalbox_path

pytestmark = NEEDS_AIRFLOW


@pytest.fixture(scope="module")
def dags(parser):  # noqa: F811
    """All DAGs of our files, as Airflow 3 means them."""
    files = [file for file in own_files() if not file.endswith("old_paths.py")]
    answers = parser.read(*files, folder=FILES, airflow_version=3)
    return {dag["dag_id"]: dag for answer in answers for dag in answer["dags"]}


def schedule(dags, name):
    document = dags[f"by_{name}"]["document"]
    return document["schedule"], document["timezone"]


def test_schedules(dags):
    local = "Europe/Istanbul"
    assert schedule(dags, "none") == (None, local)
    assert schedule(dags, "once") == ("@once", local)
    assert schedule(dags, "continuous") == ("@continuous", local)
    assert schedule(dags, "cron") == ({"cron": "30 2 * * MON-FRI"}, local)
    assert schedule(dags, "preset") == ({"cron": "0 0 1 * *"}, local)
    assert schedule(dags, "delta") == ({"interval": "6h"}, local)
    assert schedule(dags, "cron_trigger") == ({"cron": "0 4 * * *"}, "Asia/Tokyo")
    assert schedule(dags, "cron_interval") == ({"cron": "0 4 * * *", "timetable": "data_interval"}, "UTC")
    assert schedule(dags, "delta_trigger") == ({"interval": "2d"}, local)
    assert schedule(dags, "delta_interval") == ({"interval": "1h30m", "timetable": "data_interval"}, local)
    assert schedule(dags, "several") == ({"cron": ["0 4 * * *", "0 16 * * 0"]}, "UTC")
    dates = ["2026-03-01T03:00:00+03:00", "2026-05-01T15:00:00+03:00"]
    assert schedule(dags, "events") == ({"dates": dates}, local)
    assert dags["by_cron"]["document"]["start_date"] == "2026-01-05T00:00:00+03:00"
    assert dags["by_cron"]["document"]["end_date"] == "2027-01-05T03:00:00+03:00"
    assert dags["by_cron"]["document"]["catchup"] is True and "catchup" not in dags["by_preset"]["document"]


@pytest.mark.parametrize(
    "name, why",
    [
        ("by_cron_with_interval", "the argument 'interval' of CronTriggerTimetable has no counterpart"),
        ("by_months", "a schedule by relativedelta, which is no fixed length of time, has no counterpart"),
        ("by_fixed_offset", "the time zone '+03:30' is an offset"),
    ],
)
def test_schedules_without_a_counterpart_are_named_errors(dags, name, why):
    assert dags[name]["document"] is None
    (error,) = dags[name]["errors"]
    assert why in error and f"'{name}'" in error


def test_assets(dags):
    assert dags["asset_both"]["document"]["schedule"] == {"assets": {"all": ["raw_orders", "s3://shop/clean/"]}}
    either = {"assets": {"any": ["raw_orders", {"all": ["s3://shop/clean/", "rates"]}]}}
    assert dags["asset_either"]["document"]["schedule"] == either
    assert dags["asset_or_time"]["document"]["schedule"] == {"cron": "0 6 * * *", "assets": {"any": ["raw_orders", "rates"]}}
    makers = jobs(dags["asset_makers"]["document"])
    assert makers["load"]["outlets"] == [{"name": "raw_orders", "uri": "s3://shop/raw", "extra": {"team": "orders"}}]
    clean = {"name": "s3://shop/clean/", "uri": "s3://shop/clean"}
    assert makers["read"]["outlets"] == [clean, {"name": "rates", "group": "finance"}]
    assert makers["read"]["inlets"] == [{"name": "raw_orders", "uri": "s3://shop/raw"}]


def test_rules_weights_pools_and_the_past(dags):
    document = dags["branch"]["document"]
    assert document["default_args"] == {"depends_on_past": True}
    assert (document["max_active_tasks"], document["max_consecutive_failed_dag_runs"]) == (4, 3)
    found = jobs(document)
    for rule in ("all_failed", "none_failed_min_one_success", "always"):
        assert found[f"by_{rule}"]["trigger_rule"] == rule
    assert "trigger_rule" not in found["by_all_success"]
    assert (found["left"]["priority_weight"], found["left"]["weight_rule"]) == (5, "downstream")
    assert (found["right"]["pool"], found["right"]["pool_slots"], found["right"]["wait_for_downstream"]) == ("narrow", 2, True)
    assert (found["choose"]["retries"], found["choose"]["retry_delay"]) == (3, "1m30s")
    assert "retries" not in found["left"]  # an empty job cannot fail
    assert dags["branch"]["plan"]["needs"]["pools"] == ["narrow"]
    assert found["choose"]["operator"] == "BranchPythonOperator"
    assert (found["choose"]["type"], found["choose"]["infra_retries"]) == ("airflow_task", 3)


def test_setups_and_teardowns(dags):
    found = jobs(dags["setup_teardown"]["document"])
    assert found["drop"]["teardown"] == {"setups": ["make"]} and found["drop"]["depends_on"] == ["use"]
    assert "trigger_rule" not in found["drop"]
    assert found["last"]["teardown"] == {"setups": ["first", "second"], "on_failure_fail_dagrun": True}
    assert found["first"]["setup"] is True


def test_groups(dags):
    document = dags["groups"]["document"]
    outer = document["groups"]["outer"]
    assert outer["tooltip"] == "all of it" and outer["groups"].keys() == {"inner", "bare"}
    assert outer["groups"]["bare"]["tasks"].keys() == {"without_prefix"}
    plan = rows(dags["groups"])
    assert plan["outer.inner.a"]["job"] == "outer__inner__a"
    assert plan["2_begins_with_a_digit"]["job"] == "t_2_begins_with_a_digit"
    assert plan["dots.in.it"]["job"] == "dots__in__it"
    mapped = dags["mapped_group"]
    assert mapped["document"] is None and rows(mapped)["each.work"]["verdict"] == "impossible"
    assert mapped["errors"] == ["the task 'each.work' cannot run: it stands in a mapped task group"]


def test_commands(dags):
    found, plan = jobs(dags["commands"]["document"]), rows(dags["commands"])
    assert found["plain"] == {
        "type": "command",
        "command": ["bash", "-c", "echo {{ ds }}"],
        "outputs": "last_line",
        "execution_timeout": "3m",
    }
    assert found["told"]["env"] == {"DAY": "{{ logical_date.strftime('%d') }}"}
    assert found["told"]["skip_on_exit_code"] == [7, 99] and found["told"]["cwd"] == "/tmp"
    assert "outputs" not in found["told"] and found["pulled"]["outputs"] == "last_line"
    assert found["script"]["command"] == ["bash", "-c", "echo the script beside {{ ds }}"]
    assert plan["told"]["changes"] == ["`execution_date` is written `logical_date`"]
    assert found["puller"]["command"][2] == "echo {{ outputs.pulled.return_value }}"
    assert plan["keyed"]["reason"].endswith("has not: xcom_pull")
    assert "holds the secret conn.store.password" in plan["secret"]["reason"]
    assert found["hidden"]["env"] == {"PASSWORD": "{{ conn.store.password }}"}
    assert "run_as_user" in plan["user"]["reason"] and "output_processor" in plan["processed"]["reason"]
    assert "macros.uuid.uuid4" in plan["lacking"]["reason"] and "a statement" in plan["lacking"]["reason"]


def test_mapping(dags):
    found, plan = jobs(dags["mapping"]["document"]), rows(dags["mapping"])
    assert found["literal"]["map_over"] == "{{ ['echo ' ~ (ds), 'echo \\'two\\''] }}"
    assert found["literal"]["command"] == ["bash", "-c", "{{ item }}"]
    assert found["literal"]["map_index_template"] == "{{ item }}"
    assert found["product"]["map_over"] == [
        {"bash_command": command, "cwd": folder} for command in ("pwd", "ls") for folder in ("/tmp", "/")
    ]
    assert found["product"]["cwd"] == "{{ item.cwd }}"
    assert "over what another task gives (XCom)" in plan["of_another"]["reason"]
    assert plan["score"]["verdict"] == "airflow" and found["score"]["max_active_tis_per_dagrun"] == 2


def test_params(dags):
    document = dags["params"]["document"]
    assert document["params"] == {
        "models": 4,
        "day": {
            "type": "string",
            "format": "date",
            "title": "Day",
            "description": "The day to make again",
            "default": "2026-01-05",
        },
        "size": {"type": "integer", "minimum": 1, "maximum": 64, "default": 8},
        "table": {"type": ["null", "string"], "default": None},
        "needed": {"type": "string", "minLength": 2},
        "shape": {"default": {"type": "m5", "cores": 4}},
        "kind": {"enum": ["a", "b"], "default": "a"},
        "address": {"type": "string", "default": "a@example.com"},
        "own": "of the task",
    }
    assert document["params_open"] is True
    assert "the format 'idn-email' of the param 'address' is not checked" in dags["params"]["plan"]["changes"]


def test_a_param_that_nobody_declares_is_left_to_airflow(parser, tmp_path):  # noqa: F811
    """There the text fails when it is rendered; a document with it would be a mistake."""
    (tmp_path / "undeclared.py").write_text(
        "from airflow.sdk import DAG\nfrom airflow.providers.standard.operators.bash import BashOperator\n"
        "with DAG('undeclared', schedule=None):\n"
        "    BashOperator(task_id='known', bash_command='echo {{ params.own }}', params={'own': 1})\n"
        "    BashOperator(task_id='unknown', bash_command='echo {{ params.lost }}')\n"
    )
    dag = parser.dag(tmp_path / "undeclared.py", airflow_version=3)
    assert rows(dag)["known"]["verdict"] == "native"
    assert rows(dag)["unknown"]["verdict"] == "airflow" and "'lost'" in rows(dag)["unknown"]["reason"]


def test_partitions_at_run_time_are_no_schedule(parser):  # noqa: F811
    (file,) = [file for file in example_files() if file.endswith("example_asset_partition.py")]
    dag = parser.dag(file, "ingest_region_stats", airflow_version=3)
    assert dag["document"]["schedule"] is None
    assert any("partition keys" in change for change in dag["plan"]["changes"])


def test_triggers(dags):
    found = jobs(dags["triggers"]["document"])
    assert found["plain"] == {"type": "trigger_dag_run", "trigger_dag_id": "triggered"}
    assert found["all_of_it"] == {
        "type": "trigger_dag_run",
        "trigger_dag_id": "triggered",
        "trigger_run_id": "from_{{ ds }}",
        "logical_date": "{{ logical_date }}",
        "conf": {"day": "{{ ds }}", "full": True},
        "reset_dag_run": True,
        "wait_for_completion": True,
        "allowed_states": ["success", "failed"],
        "failed_states": [],
    }
    assert found["no_date"]["logical_date"] == "{{ none }}"
    assert found["by_xcom"]["type"] == "airflow_task"


def test_sensors_of_other_dags(dags):
    found = jobs(dags["visit_reports"]["document"])
    same = {"window": "same_interval"}
    assert found["one"] == {"type": "empty", "depends_on": [{"job": "visits/funnels"} | same]}
    assert found["two"]["depends_on"] == [{"job": f"visits/{name}"} | same for name in ("funnels", "sessions")]
    assert found["whole"]["depends_on"] == [{"dag": "visits"} | same]
    assert found["earlier"]["depends_on"] == [{"job": "visits/funnels", "offset": "1d"} | same]
    assert found["or_skipped"]["depends_on"] == [{"job": "visits/funnels", "rule": "none_failed"} | same]
    assert {row["verdict"] for task, row in rows(dags["visit_sensors"]).items() if task != "report"} == {"airflow"}


def _is_native(dag, kinds):
    return dag["document"] is not None and {row["kind"] for row in dag["plan"]["tasks"]} <= kinds


def _validate(dags, folder):
    """`dags validate` of a project of these documents."""
    (folder / "dags").mkdir(parents=True)
    (folder / "clusters").mkdir()
    pools = {pool: {"slots": 4} for dag in dags for pool in dag["plan"]["needs"].get("pools", [])}
    mails = {"mail": {"type": "smtp", "host": "mail.example", "from": "box@example.com"}}
    project = {"deployment": "airflowtest", "pools": pools, "notifiers": mails}
    (folder / "signalbox.yaml").write_text(json.dumps(project))
    for dag in dags:
        (folder / "dags" / f"{dag['dag_id']}.yaml").write_text(json.dumps(dag["document"]))
        for name, request in dag["clusters"].items():
            (folder / "clusters" / f"{name}.yaml").write_text(json.dumps(request))
    return subprocess.run([signalbox_path(), "dags", "validate", str(folder)], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def kinds():
    if not os.access(signalbox_path(), os.X_OK):
        pytest.fail(f"{signalbox_path()} is not there: build it, or set SIGNALBOX_BIN")
    return {"empty", "trigger_dag_run", "emr_job", "command"}


def test_the_program_takes_documents_whose_tasks_are_all_native(dags, kinds, tmp_path):
    native = [dag for dag in dags.values() if _is_native(dag, kinds)]
    assert len(native) > 25
    done = _validate(native, tmp_path / "project")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_program_takes_airflows_own_examples_that_are_native(parser, kinds, tmp_path):  # noqa: F811
    answers = parser.read(*example_files(), folder="/", airflow_version=3)
    native = [dag for answer in answers for dag in answer["dags"] if _is_native(dag, kinds)]
    known = {dag["dag_id"] for dag in native}
    native = [dag for dag in native if set(dag["plan"]["needs"].get("dags", [])) <= known]
    assert len(native) > 15
    done = _validate(native, tmp_path / "project")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_program_takes_tasks_that_airflow_runs(dags, kinds, tmp_path):
    done = _validate([dags["emr_boto3"]], tmp_path / "project")
    assert done.returncode == 0, done.stdout + done.stderr
