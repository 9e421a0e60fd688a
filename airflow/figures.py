#!/usr/bin/env python3
"""How long DAG files take to read: 200 of them cold, and one changed of 200. Prints a table.

    airflow/figures.py [N]    # with build/airflow-venv, or SIGNALBOX_AIRFLOW_VENV

The files are copies of those of tests/python/airflow_files and examples/airflow, each with its own
dag_ids. What is to be read again after a change is decided as a caller does it: by the files that an
answer says were read.
"""

from __future__ import annotations

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[1]
VENV = pathlib.Path(os.environ.get("SIGNALBOX_AIRFLOW_VENV", ROOT / "build/airflow-venv"))
SOURCES = [*(ROOT / "examples/airflow/dags").glob("*.py"), *(ROOT / "tests/python/airflow_files").glob("*.py")]
LEFT_OUT = {"variables.py", "emr_requests.py"}  # needs secrets; is no DAG file


def make(folder: pathlib.Path, count: int) -> list[str]:
    """Copies of our own files, and what they import."""
    sources = sorted(path for path in SOURCES if path.name not in LEFT_OUT)
    (folder / "emr_requests.py").write_text((ROOT / "tests/python/airflow_files/emr_requests.py").read_text())
    (folder / "beside.sh").write_text("true\n")
    files = []
    for number in range(count):
        source = sources[number % len(sources)]
        file = folder / f"{source.stem}_{number}.py"
        file.write_text(source.read_text())
        files.append(str(file))
    return files


class Parser:
    """The process under measurement."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [VENV / "bin/python", "-m", "signalbox_airflow.parse"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT / "airflow")},
            text=True,
        )

    def read(self, files: list[str]) -> tuple[float, list[dict[str, Any]]]:
        begun = time.monotonic()
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"files": files, "dags_folder": str(self.folder)}) + "\n")
        self.process.stdin.flush()
        answers = []
        for line in self.process.stdout:
            answers.append(json.loads(line))
            if "done" in answers[-1]:
                break
        return time.monotonic() - begun, answers[:-1]

    def stop(self) -> float:
        """Processor time of the parser and its children, in seconds."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        files = make(folder, count)
        parser = Parser(folder)
        started, _ = parser.read([])
        cold, answers = parser.read(files)
        wrong = [answer["file"] for answer in answers if answer["error"]]
        shared = str(folder / "emr_requests.py")
        users = [answer["file"] for answer in answers if "emr_requests.py" in answer["reads"]]
        one, _ = parser.read(files[:1])
        several, _ = parser.read(users)
        used = parser.stop()
    dags = sum(len(answer["dags"]) for answer in answers)
    took = sorted(answer["took_ms"] for answer in answers)
    print(f"start (imports of Airflow)     {started:7.2f} s")
    print(f"{count} files, {dags} DAGs, cold     {cold:7.2f} s   median {took[len(took) // 2]} ms, slowest {took[-1]} ms a file")
    print(f"one changed of {count}             {one:7.2f} s")
    print(f"{os.path.basename(shared)} changed: {len(users):3d} files {several:7.2f} s")
    print(f"processor time of all          {used:7.2f} s")
    for file in wrong:
        print(f"error: {file}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
