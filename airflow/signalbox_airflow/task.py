"""`python -m signalbox_airflow.task`: runs one task of a DAG file, as Airflow's executors do.

Standard input is `{"workload": …, "airflow_version": 2|3}`: Airflow's own `ExecuteTask`, and whose meaning the file has.
Airflow's supervisor and task runner do all the rest, and tell the Task Execution API of Signalbox what became of the
task. What the task prints and logs goes to standard output.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

# Airflow's client gives up after half a minute without a server; ours may be down for longer, and the task goes on.
_PATIENCE = {"EXECUTION_API_RETRIES": "20000", "EXECUTION_API_RETRY_WAIT_MIN": "0.2", "EXECUTION_API_RETRY_WAIT_MAX": "5"}


def prepare() -> None:
    """What does not depend on the task: imports, and what makes old files load."""
    be_patient()
    from signalbox_airflow import compat, waits

    compat.install()
    waits.install()


def be_patient() -> None:
    """Before Airflow's client is imported, which reads it then."""
    for name, value in _PATIENCE.items():
        os.environ.setdefault(f"AIRFLOW__WORKERS__{name}", value)


def run(given: dict[str, Any]) -> int:
    """The exit code of the task's process."""
    import structlog
    from airflow.executors.workloads import ExecuteTask
    from airflow.sdk.execution_time.supervisor import supervise_task
    from airflow.sdk.log import configure_logging
    from airflow.settings import dispose_orm

    from signalbox_airflow import versions, waits

    waits.LastWords.keep()
    # Signalbox takes its region from either; boto3 knows only the second.
    if "AWS_REGION" in os.environ:
        os.environ.setdefault("AWS_DEFAULT_REGION", os.environ["AWS_REGION"])
    versions.take_on(versions.Version(given["airflow_version"], None))
    workload = ExecuteTask.model_validate(given["workload"])
    dispose_orm(do_log=False)
    configure_logging(output=sys.stdout.buffer, colored_console_log=False)
    structlog.get_logger("signalbox").info(
        "Task begins", dag_id=workload.ti.dag_id, task_id=workload.ti.task_id, run_id=workload.ti.run_id
    )
    return supervise_task(
        ti=workload.ti,
        dag_rel_path=workload.dag_rel_path,
        bundle_info=workload.bundle_info,
        token=workload.token,
        server=os.environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"],
        log_path=None,
        subprocess_logs_to_stdout=False,  # without a log_path they go there already
    )


def main() -> int:
    given = json.load(sys.stdin)
    prepare()
    return run(given)


if __name__ == "__main__":
    sys.exit(main())
