"""What Airflow itself makes of DAG files, by its own DagBag: run by the interpreter of build/airflow-venv.

    airflow_oracle.py < {"files": […], "dags_folder": …}

It prints one JSON map: file → {"dags": {dag_id: {"tasks": […], "edges": [[…]]}}, "error": text or null}.
It shares no code with signalbox_airflow. Each file is read in a process of its own.
"""

import json
import multiprocessing
import os
import sys


def read(file, folder):
    from airflow.dag_processing.dagbag import DagBag

    sys.path.append(folder)
    os.chdir(os.path.dirname(file))
    bag = DagBag(dag_folder=file, safe_mode=True)
    dags = {
        dag_id: {
            "tasks": sorted(task.task_id for task in dag.tasks),
            "edges": sorted([task.task_id, below] for task in dag.tasks for below in task.downstream_task_ids),
        }
        for dag_id, dag in bag.dags.items()
    }
    return {"dags": dags, "error": next(iter(bag.import_errors.values()), None)}


def child(file, folder, queue):
    sys.stdout = sys.stderr
    queue.put(read(file, folder))


def main():
    # Airflow logs to standard output.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    import airflow.dag_processing.dagbag  # noqa: F401 - once, before the forks
    import airflow.sdk  # noqa: F401

    fork = multiprocessing.get_context("fork")
    answers = {}
    for file in request["files"]:
        queue = fork.SimpleQueue()
        process = fork.Process(target=child, args=(file, request["dags_folder"], queue))
        process.start()
        answers[file] = queue.get()
        process.join()
    json.dump(answers, out)
    out.flush()


if __name__ == "__main__":
    main()
