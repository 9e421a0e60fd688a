"""What becomes of Airflow's example DAGs under Airflow itself, by `DAG.test()`, which `airflow dags test` calls.

    airflow_examples_oracle.py FOLDER SECONDS [DAG_ID …] < confs.json

It is run by the interpreter of build/airflow-venv, with AIRFLOW_HOME in FOLDER, and shares no code with
signalbox_airflow. Standard input is a map of DAG → conf. It prints one JSON object a line: first the files that
Airflow cannot read, then each DAG with the end states of its run and of its task instances. Each DAG runs in a
process and on a copy of the database of its own; one that has not ended after SECONDS is cut off.
"""

import asyncio
import datetime
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import time


def read_all():
    """All bundles of examples, stored as Airflow's own processor stores them; the DAGs by id."""
    from airflow import settings
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db

    manager = DagBundlesManager()
    with settings.Session() as session:
        manager.sync_bundles_to_db(session=session)
        session.commit()
    dags, errors = {}, {}
    for bundle in manager.get_all_dag_bundles():
        bundle.initialize()
        bag = BundleDagBag(dag_folder=bundle.path, bundle_path=bundle.path, bundle_name=bundle.name)
        sync_bag_to_db(bag, bundle.name, bundle.version)
        dags |= bag.dags
        errors |= {str(pathlib.Path(bundle.path) / name): text for name, text in bag.import_errors.items()}
    return dags, errors


def warm_up():
    """What each process would else do for itself; making the Execution API takes longest."""
    import httpx
    from a2wsgi import ASGIMiddleware  # noqa: F401
    from airflow.sdk.execution_time import supervisor, task_runner  # noqa: F401

    app = supervisor.in_process_api_server().app

    async def ask():
        async with app.router.lifespan_context(app):
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://none") as client:
                await client.get("/variables/none")

    asyncio.run(ask())


def copy_of(database, copy):
    """Also of what stands in its write-ahead log yet."""
    with sqlite3.connect(database) as source, sqlite3.connect(copy) as target:
        source.backup(target)


def child(dag, conf, database, log):
    """Never returns."""
    code = 1
    try:
        os.setpgid(0, 0)
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = f"sqlite:///{database}"
        from airflow import settings
        from airflow.dag_processing import dagbag

        settings.dispose_orm()
        settings.configure_vars()
        settings.configure_orm()
        # DAG.test() reads and stores the whole bundle again, each time; it is stored already.
        dagbag.BundleDagBag = lambda **_: None
        dagbag.sync_bag_to_db = lambda *_, **__: None
        dag.test(logical_date=datetime.datetime.now(datetime.UTC), run_conf=conf)
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def wait(pid, seconds):
    """The exit code; None: its time was over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


def states_in(database, dag_id):
    with sqlite3.connect(database) as rows:
        run = rows.execute("SELECT state FROM dag_run WHERE dag_id = ?", (dag_id,)).fetchone()
        tasks = rows.execute("SELECT task_id, map_index, state FROM task_instance WHERE dag_id = ?", (dag_id,)).fetchall()
    names = {(task if index < 0 else f"{task}[{index}]"): state or "none" for task, index, state in tasks}
    return {"run": run and run[0], "tasks": dict(sorted(names.items()))}


def main():
    folder, seconds, wanted = pathlib.Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
    confs = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # Airflow logs to standard output
    os.environ["AIRFLOW_HOME"] = str(folder)
    os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "True"
    database = folder / "airflow.db"
    if not database.exists():
        subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, stdin=subprocess.DEVNULL)
    import airflow

    dags, errors = read_all()
    print(json.dumps({"airflow": airflow.__version__, "errors": errors}), file=out, flush=True)
    warm_up()
    logs = folder / "examples"
    logs.mkdir(exist_ok=True)
    for dag_id in wanted or sorted(dags):
        copy = logs / f"{dag_id}.db"
        copy_of(database, copy)
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            child(dags[dag_id], confs.get(dag_id), copy, logs / f"{dag_id}.log")
        code = wait(pid, seconds)
        told = {"dag_id": dag_id, "file": dags[dag_id].fileloc, "cut_off": code is None, "seconds": time.monotonic() - began}
        print(json.dumps(told | states_in(copy, dag_id)), file=out, flush=True)
        for left in logs.glob(f"{copy.name}*"):
            left.unlink()


if __name__ == "__main__":
    main()
