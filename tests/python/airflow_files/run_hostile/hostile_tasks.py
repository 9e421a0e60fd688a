"""Tasks that do what no task should."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import time
from datetime import timedelta

from airflow.sdk import DAG, Variable, task


def note(name: str, *words: object) -> pathlib.Path:
    path = pathlib.Path(Variable.get("folder")) / name
    with path.open("a") as file:
        file.write(" ".join(map(str, words)) + "\n")
    return path


with DAG("ends", schedule=None, is_paused_upon_creation=False, default_args={"retry_delay": timedelta(seconds=20)}):

    @task(retries=1)
    def killed() -> None:
        note("killed", "x")
        os.kill(os.getpid(), signal.SIGKILL)

    @task
    def killed_without_retries() -> None:
        note("killed_without_retries", "x")
        os.kill(os.getpid(), signal.SIGKILL)

    @task(retries=1)
    def runner_killed() -> None:
        note("runner_killed", "x")
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(600)

    @task(retries=1)
    def crashes() -> None:
        note("crashes", "x")
        os.abort()

    @task
    def exits_hard() -> None:
        os._exit(3)

    @task
    def exits_hard_and_well() -> None:
        os._exit(0)

    @task
    def closes_all() -> None:
        os.closerange(0, 256)

    @task
    def prints() -> str:
        line = "y" * 1023 + "\n"
        for _ in range(20 << 10):
            sys.stdout.write(line)
        print("the last line")
        return "printed"

    @task
    def leaves_a_daemon() -> None:
        code = "import os, sys, time\nopen(sys.argv[1], 'a').write(f'{os.getpid()}\\n')\ntime.sleep(600)"
        path = note("daemons")
        subprocess.Popen([sys.executable, "-c", code, path], stdin=subprocess.DEVNULL, start_new_session=True)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                with path.open("a") as file:
                    file.write(f"{os.getpid()}\n")
                time.sleep(600)
            os._exit(0)
        for _ in range(1000):
            if len(path.read_text().split()) == 2:
                return
            time.sleep(0.01)

    @task
    def large(ti=None) -> None:
        ti.xcom_push("a", "x" * 30000)
        ti.xcom_push("b", "x" * 30000)

    @task
    def large_return() -> str:
        return "x" * 50000

    @task
    def nearly_too_large() -> str:
        return "x" * 49000

    @task
    def no_json() -> object:
        return object()

    @task
    def no_number() -> float:
        return float("nan")

    killed()
    killed_without_retries()
    runner_killed()
    crashes()
    exits_hard()
    exits_hard_and_well()
    closes_all()
    prints()
    leaves_a_daemon()
    large()
    large_return()
    nearly_too_large()
    no_json()
    no_number()

with DAG("long", schedule=None, is_paused_upon_creation=False):

    @task
    def works(run_id: str | None = None) -> str:
        """Until it may end."""
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        note(f"began_{run_id}", os.getpid(), os.getppid(), child.pid)
        while not (pathlib.Path(Variable.get("folder")) / f"go_{run_id}").exists():
            time.sleep(0.05)
        note(f"ended_{run_id}", "x")
        return "done"

    @task
    def after(value: str) -> str:
        return value + " and more"

    after(works())
