"""`python -m signalbox_airflow.parse`: requests on standard input, one a line; answers on standard output.

A request is `{"files": […] or null for all, "dags_folder": …, "airflow_version": 2|3|null, "variables": {…}|null,
"connections": {…}|null, "limits": {…}|null, "strict_emr": false,
"unknown_schedules_by_hand": false, "by_airflow": [dag ids]}`. For each file follows one line of
JSON, then `{"done": N}`. The process stays for further requests until its input ends, so that
Airflow is imported once. Each file is read in a forked child (sandbox.py), which has neither
standard input nor the standard output that the answers go to.

`{"list": FOLDER}` asks which files below a folder are DAG files; the answer is `{"listed": [paths]}`.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
import tempfile
import time
from typing import Any, TextIO

from signalbox_airflow import sandbox
from signalbox_airflow.limits import Limits

# What files of every kind need; further modules of Airflow are imported when a file names them.
_WARM = (
    "airflow.sdk",
    "airflow.models.variable",
    "airflow.models.connection",
    "airflow.sdk.execution_time.supervisor",
    "airflow.secrets.environment_variables",
    "airflow.sdk.definitions.timetables.interval",
    "airflow.sdk.definitions.timetables.trigger",
    "airflow.providers.standard.operators.empty",
)
_NAMED = re.compile(rb"^\s*(?:from|import)\s+((?:airflow|boto3|botocore|pendulum)(?:\.[\w.]+)?)", re.M)
_KEYS = {
    "files",
    "dags_folder",
    "airflow_version",
    "variables",
    "connections",
    "limits",
    "strict_emr",
    "by_airflow",
    "unknown_schedules_by_hand",
}


class BadRequest(ValueError):
    """The request is not what the text at the top says."""


def _prepare_airflow(home: str) -> None:
    os.environ.setdefault("AIRFLOW_HOME", home)
    # Airflow puts this folder on the path; the folder of a request is put there in the child.
    os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = os.path.join(home, "dags")
    os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
    os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "ERROR")
    # Clients of boto3 are made while files are read; none of them may wait for a machine's own role.
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")


def _warm_up() -> None:
    from signalbox_airflow import compat

    for name in _WARM:
        importlib.import_module(name)
    compat.install()
    # Afterwards, since it needs the classes above.
    importlib.import_module("signalbox_airflow.read")
    _watch_tasks()


def _watch_tasks() -> None:
    """Each task remembers the line that made it."""
    from airflow.sdk import DAG

    from signalbox_airflow.places import place_of_caller

    original = DAG.add_task

    def add_task(self: Any, task: Any) -> None:
        original(self, task)
        self.__dict__.setdefault("_signalbox_places", {}).setdefault(task.task_id, place_of_caller())

    DAG.add_task = add_task


_tried: set[str] = set()


def _import_what_it_names(source: bytes) -> None:
    """In the parent, so that the files after this one find it there: modules of packages that are installed."""
    from signalbox_airflow import compat

    named = {match.group(1).decode() for match in _NAMED.finditer(source)} - _tried
    _tried.update(named)
    for name in sorted(named):
        if name in sys.modules:
            continue
        try:
            importlib.import_module(name)
        except Exception as error:  # the file will meet it again, and it is told there
            print(f"{name}: {error}", file=sys.stderr)
    if named:
        compat.give_old_names()


def _checked(text: str) -> tuple[Any, Limits]:
    from signalbox_airflow.read import Request

    try:
        given = json.loads(text)
    except ValueError as error:
        raise BadRequest(f"the request is no JSON: {error}") from None
    if not isinstance(given, dict) or not given.keys() <= _KEYS or not {"files", "dags_folder"} <= given.keys():
        raise BadRequest(f"a request is a map with files and dags_folder, and at most {', '.join(sorted(_KEYS))}")
    files, folder = given["files"], given["dags_folder"]
    if files is None and isinstance(folder, str) and os.path.isdir(folder):
        files = given["files"] = list_files(folder)
    if not isinstance(files, list) or not all(isinstance(file, str) and os.path.isabs(file) for file in files):
        raise BadRequest("files is a list of absolute paths")
    if not isinstance(folder, str) or not os.path.isabs(folder):
        raise BadRequest("dags_folder is an absolute path")
    if given.get("airflow_version") not in (None, 2, 3):
        raise BadRequest("airflow_version is 2, 3 or null")
    request = Request(
        files=files,
        dags_folder=os.path.realpath(folder),
        given_folder=folder,
        airflow_version=given.get("airflow_version"),
        variables=given.get("variables") or {},
        connections=given.get("connections") or {},
        strict_emr=bool(given.get("strict_emr")),
        unknown_schedules_by_hand=bool(given.get("unknown_schedules_by_hand")),
        by_airflow=frozenset(given.get("by_airflow") or ()),
    )
    return request, Limits.of(given.get("limits"))


def _folder_to_list(text: str) -> str | None:
    """The folder of a request to list; none for a request to read."""
    try:
        given = json.loads(text)
    except ValueError:
        return None
    if not isinstance(given, dict) or given.keys() != {"list"}:
        return None
    folder = given["list"]
    if not isinstance(folder, str) or not os.path.isabs(folder):
        raise BadRequest("list is an absolute path")
    if not os.path.isdir(folder):
        raise BadRequest(f"there is no folder {folder}")
    return folder


def list_files(folder: str) -> list[str]:
    """The DAG files below the folder as Airflow finds them: `.airflowignore` counts, archives are left out."""
    from airflow.utils.file import list_py_file_paths

    # A module that others import is no DAG file: it names neither word.
    return sorted(path for path in list_py_file_paths(folder, safe_mode=True) if path.endswith(".py"))


def _path_below(file: str, request: Any) -> str:
    """The file without links; one that a link in the folder leads out of it keeps its place below the folder."""
    real = os.path.realpath(file)
    if real.startswith(os.path.join(request.dags_folder, "")):
        return real
    place = os.path.relpath(file, request.given_folder)
    return real if place.startswith("..") else os.path.join(request.dags_folder, place)


def _is_no_dag_file(source: bytes) -> bool:
    """Airflow's own test: such a file is a module that others import."""
    lower = source.lower()
    return b"dag" not in lower or b"airflow" not in lower


def _answer(file: str, given: str, request: Any, limits: Limits) -> dict[str, Any]:
    from signalbox_airflow import read

    begun = time.monotonic()
    empty: dict[str, Any] = {
        "file": given, "airflow_version": None, "dags": [], "error": None, "warnings": [], "reads": [], "asked": {}, "output": "",
    }  # fmt: skip
    try:
        with open(file, "rb") as opened:
            source = opened.read()
    except OSError as error:
        return empty | {"error": _error(f"the file cannot be read: {error.strerror}"), "took_ms": 0}
    if _is_no_dag_file(source):
        return empty | {"took_ms": 0}
    _import_what_it_names(source)
    outcome = sandbox.run(lambda: read.read(file, request), limits)
    answer = outcome.answer or empty
    if outcome.problem is not None:
        answer = answer | {"error": _error(outcome.problem)}
    output = outcome.output + ("…" if outcome.output_cut else "")
    return answer | {"file": given, "output": output, "took_ms": round((time.monotonic() - begun) * 1000)}


def _error(message: str) -> dict[str, Any]:
    return {"message": message, "traceback": "", "line": None}


def serve(requests: TextIO, answers: TextIO) -> int:
    """Until the input ends. A request that is wrong is answered by `{"bad_request": why}`."""
    warm = False
    status = 0

    def say(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer, ensure_ascii=False) + "\n")
        answers.flush()

    with tempfile.TemporaryDirectory(prefix="signalbox-airflow-") as home:
        for line in requests:
            if not line.strip():
                continue
            try:
                if not warm:
                    _prepare_airflow(home)
                    _warm_up()
                    warm = True
                folder = _folder_to_list(line)
                if folder is not None:
                    say({"listed": list_files(folder)})
                    continue
                request, limits = _checked(line)
            except (ValueError, AttributeError) as error:
                say({"bad_request": str(error)})
                status = 1
                continue
            for file in request.files:
                say(_answer(_path_below(file, request), file, request, limits))
            say({"done": len(request.files)})
    return status


def _leave_working_folder() -> None:
    """`python -m` puts it on the path; a module of the user's there would be imported outside the sandbox."""
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[:] = [path for path in sys.path if path not in ("", os.getcwd()) or os.path.abspath(path) == own]


def main() -> int:
    """Keeps the answers' descriptor for itself; everything else that prints goes to standard error."""
    _leave_working_folder()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return serve(sys.stdin, answers)


if __name__ == "__main__":
    sys.exit(main())
