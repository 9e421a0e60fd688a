"""`python -m signalbox_airflow.migrate DIR`: what Signalbox can do with the DAG files of a folder, before anything
runs. With `--write FOLDER` also a project of Signalbox with the DAGs of which every task is native.

Nothing is run: each file is read in its own sandbox, and no call leaves the machine.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from signalbox_airflow import parse

_WORDS = {"native": "native", "airflow": "by Airflow's SDK", "impossible": "not possible"}
_WIDTH = 100


def read_values(path: str | None) -> dict[str, Any] | None:
    """What `airflow variables export` and `airflow connections export` have written."""
    if path is None:
        return None
    with open(path, encoding="utf-8") as opened:
        values = json.load(opened)
    if not isinstance(values, dict):
        raise ValueError(f"{path} is no map, as Airflow exports it")
    return values


def read_all(folder: str, version: int | None, variables: Any, connections: Any) -> list[dict[str, Any]]:
    """The parser's answer about each file that is a DAG file, or has a mistake."""
    request = {
        "files": None,
        "dags_folder": folder,
        "airflow_version": version,
        "variables": variables,
        "connections": connections,
    }
    answers = io.StringIO()
    parse.serve(io.StringIO(json.dumps(request) + "\n"), answers)
    lines = [json.loads(line) for line in answers.getvalue().splitlines()]
    for line in lines:
        if "bad_request" in line:
            raise ValueError(line["bad_request"])
    return [line for line in lines if "file" in line and (line["dags"] or line["error"])]


def is_native(dag: dict[str, Any]) -> bool:
    return not dag["errors"] and all(task["verdict"] == "native" for task in dag["plan"]["tasks"])


def is_possible(dag: dict[str, Any]) -> bool:
    return not dag["errors"] and dag["document"] is not None


def _needs(needs: dict[str, list[str]]) -> str:
    return "; ".join(f"{what} {', '.join(names)}" for what, names in needs.items() if names)


def _task_lines(dag: dict[str, Any]) -> Iterator[str]:
    tasks = dag["plan"]["tasks"]
    width = min(40, max((len(task["task_id"]) for task in tasks), default=0))
    for task in tasks:
        verdict = task["kind"] if task["verdict"] == "native" else _WORDS[task["verdict"]]
        line = "" if task["line"] is None else f"line {task['line']}"
        yield f"    {task['task_id']:<{width}}  {verdict:<19}  {line:<9}  {task['reason']}".rstrip()
        for change in task["changes"]:
            yield f"    {'':<{width}}    changes: {change}"


def report(answers: list[dict[str, Any]], folder: str) -> Iterator[str]:
    """For people, file by file, and the sum at the end."""
    tasks: Counter[str] = Counter()
    dags = possible = native = broken = 0
    for answer in answers:
        version = "" if answer["airflow_version"] is None else f"  (read as Airflow {answer['airflow_version']})"
        yield f"{os.path.relpath(answer['file'], folder)}{version}"
        for warning in answer["warnings"]:
            place = f"line {warning['line']}: " if warning["line"] else ""
            yield f"  warning: {place}{warning['message']}"
        if answer["error"]:
            broken += 1
            place = f"line {answer['error']['line']}: " if answer["error"]["line"] else ""
            yield f"  error: {place}{answer['error']['message']}"
        for dag in answer["dags"]:
            dags += 1
            native += is_native(dag)
            possible += is_possible(dag)
            tasks.update(task["verdict"] for task in dag["plan"]["tasks"])
            yield f"  {dag['dag_id']}"
            yield from _task_lines(dag)
            for change in dag["plan"]["changes"]:
                yield f"    changes: {change}"
            for error in dag["errors"]:
                yield f"    error: {error}"
            if needs := _needs(dag["plan"]["needs"]):
                yield f"    needs: {needs}"
        yield ""
    counted = ", ".join(f"{tasks[verdict]} {word}" for verdict, word in _WORDS.items() if tasks[verdict])
    yield f"{len(answers)} files, {dags} DAGs, {sum(tasks.values())} tasks{': ' + counted if counted else ''}"
    yield f"{possible} DAGs can run as they are" + (f"; {broken} files cannot be read" if broken else "")
    if possible > native:
        yield (
            f"{native} of them need no Python while they run; the server runs the others from their files, "
            "with the key python in signalbox.yaml"
        )


class _Writer:
    """A project of Signalbox; what is there already is never written over."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def write(self, name: str, content: Any, head: str) -> None:
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "x", encoding="utf-8") as opened:
            opened.write(head)
            json.dump(content, opened, indent=2, ensure_ascii=False)
            opened.write("\n")


def write_project(answers: list[dict[str, Any]], folder: str, source: str) -> int:
    """The DAGs that are native, and their clusters' templates; how many there are. JSON is YAML."""
    writer = _Writer(folder)
    count = 0
    for answer in answers:
        head = f"# from {os.path.relpath(answer['file'], source)}\n"
        for dag in filter(is_native, answer["dags"]):
            count += 1
            writer.write(f"dags/{_file_name(dag['dag_id'])}.yaml", dag["document"], head)
            for name, template in dag["clusters"].items():
                writer.write(f"clusters/{name}.yaml", template, head)
    if count and not os.path.exists(os.path.join(folder, "signalbox.yaml")):
        with open(os.path.join(folder, "signalbox.yaml"), "x", encoding="utf-8") as opened:
            opened.write("deployment: migrated\n")
    return count


def _file_name(dag_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", dag_id)


def main(arguments: list[str]) -> int:
    """0: all files were read; 3: some were not."""
    parser = argparse.ArgumentParser(prog="signalbox migrate", description=__doc__.split("\n\n")[0].partition(": ")[2])
    parser.add_argument("folder", metavar="DIR")
    parser.add_argument("--airflow-version", type=int, choices=(2, 3))
    parser.add_argument("--variables", metavar="FILE")
    parser.add_argument("--connections", metavar="FILE")
    parser.add_argument("--write", metavar="FOLDER")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    folder = os.path.realpath(given.folder)
    try:
        if not os.path.isdir(folder):
            raise ValueError(f"{given.folder} is no folder")
        answers = read_all(folder, given.airflow_version, read_values(given.variables), read_values(given.connections))
        if given.json:
            json.dump({"files": answers}, sys.stdout, indent=2, ensure_ascii=False)
            print()
        elif not answers:
            print(f"{given.folder} has no DAG files")
        else:
            print("\n".join(report(answers, folder)))
        if given.write:
            count = write_project(answers, given.write, folder)
            print(f"{count} DAGs written to {given.write}; see `signalbox dags validate {given.write}`", file=sys.stderr)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody reads on: nothing is left to say
        return 1
    except FileExistsError as error:
        print(f"signalbox migrate: {error.filename} is there already: name another folder", file=sys.stderr)
        return 2
    except (OSError, ValueError) as error:
        print(f"signalbox migrate: {error}", file=sys.stderr)
        return 2
    return 3 if any(answer["error"] for answer in answers) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
