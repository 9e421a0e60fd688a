#!/usr/bin/env python3
"""1,000 no-op tasks that Airflow's own code runs: how many a second, and how soon each begins.

    bench/airflow_tasks.py [--tasks N]    # `make bench-airflow`

Chains of 10 tasks, one alone and then all at once, and one task that fans out. A task returns the
time of its first line; it is ready when the one before it has ended.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[1]
VENV = pathlib.Path(os.environ.get("SIGNALBOX_AIRFLOW_VENV", ROOT / "build/airflow-venv"))
PROGRAM = os.environ.get("SIGNALBOX_BIN", str(ROOT / "build/release/signalbox"))
LINKS = 10
FILE = """
import time
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, task


def noop():
    return time.time()


with DAG("chain", schedule=None, is_paused_upon_creation=False, max_active_runs=1000, max_active_tasks=1000):
    before = None
    for number in range({links}):
        one = PythonOperator(task_id=f"t{{number}}", python_callable=noop)
        if before is not None:
            before >> one
        before = one

with DAG("fan", schedule=None, is_paused_upon_creation=False, max_active_tasks=2000):

    @task
    def items():
        return list(range({fan}))

    @task
    def each(item):
        return time.time()

    each.expand(item=items())
"""


class Signalbox:
    """One server on a project of these files."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("SIGNALBOX_", "AIRFLOW_"))}
        environment |= {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "eu-west-1"}
        (folder / "signalbox.yaml").write_text(
            f"deployment: bench\npython: {VENV}/bin/python\nemr: {{endpoint: 'http://127.0.0.1:9'}}\n"
            "pools: {default_pool: {slots: 16}}\n"
        )
        self.log = (folder / "log").open("w")
        self.process = subprocess.Popen(
            [PROGRAM, "standalone", "--project", str(folder), "--port", "0"], env=environment, stdout=self.log, stderr=self.log
        )
        until = time.monotonic() + 30
        while not (folder / ".signalbox/server.json").exists():
            if time.monotonic() > until or self.process.poll() is not None:
                raise SystemExit((folder / "log").read_text())
            time.sleep(0.05)
        self.url = json.loads((folder / ".signalbox/server.json").read_text())["url"]
        self.token = (folder / ".signalbox/token").read_text().strip()

    def call(self, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            self.url + "/api/v2" + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def wait(self, what: Any, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not what():
            if time.monotonic() > until:
                raise SystemExit(f"not done after {seconds} s: {self.folder}/log")
            time.sleep(0.2)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        self.log.close()


def seconds(text: str) -> float:
    import datetime

    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def run(server: Signalbox, dag: str, runs: list[str]) -> tuple[float, list[float]]:
    """How long all took, and how long each task of a chain waited for its first line."""
    begun = time.time()
    for one in runs:
        server.call(f"/dags/{dag}/dagRuns", {"dag_run_id": one, "logical_date": None})
    server.wait(lambda: server.call(f"/dags/{dag}/dagRuns?limit=1&state=success&state=failed")["total_entries"] >= len(runs), 600)
    took = time.time() - begun
    if failed := server.call(f"/dags/{dag}/dagRuns?limit=1&state=failed")["total_entries"]:
        raise SystemExit(f"{failed} runs of {dag} have failed: {server.folder}/log")
    waits: list[float] = []
    for one in runs if dag == "chain" else ():
        attempts = server.call(f"/dags/{dag}/dagRuns/{one}/attempts")["attempts"]
        ends = {each["job_id"]: seconds(each["ended_at"]) for each in attempts}
        for number in range(1, LINKS):
            value = server.call(f"/dags/{dag}/dagRuns/{one}/taskInstances/t{number}/xcomEntries/return_value")["value"]
            waits.append(value - ends[f"t{number - 1}"])
    return took, waits


def told(waits: list[float]) -> str:
    return f"p50 {statistics.median(waits) * 1000:.0f} ms, max {max(waits) * 1000:.0f} ms"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="signalbox-bench-") as name:
        folder = pathlib.Path(name)
        (folder / "dags").mkdir()
        (folder / "dags/noop.py").write_text(FILE.format(links=LINKS, fan=options.tasks))
        server = Signalbox(folder)
        try:
            server.wait(lambda: server.call("/dags")["total_entries"] == 2, 60)
            time.sleep(5)  # the warm Python imports Airflow
            took, waits = run(server, "chain", ["alone"])
            print(f"one chain of {LINKS}: {took:.2f} s; ready -> first line: {told(waits)}")
            chains = [f"r{number}" for number in range(options.tasks // LINKS)]
            took, waits = run(server, "chain", chains)
            rate = len(chains) * LINKS / took
            print(f"{len(chains)} chains of {LINKS}: {took:.1f} s, {rate:.1f} tasks/s; ready -> first line: {told(waits)}")
            took, _ = run(server, "fan", ["fan"])
            print(f"a fan of {options.tasks}: {took:.1f} s, {options.tasks / took:.1f} tasks/s")
        finally:
            server.stop()
            with contextlib.suppress(OSError):
                (ROOT / "build/bench-airflow.log").write_text((folder / "log").read_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
