"""Whose Airflow a file was written for: the request says it, else its imports do.

Airflow 2 and 3 mean different things by the same file: a cron is a data interval or a trigger,
`catchup` is on or off, and a DAG without a schedule runs each day or not at all.
"""

from __future__ import annotations

import ast
import datetime
import os
import re
from dataclasses import dataclass

from signalbox_airflow.compat import Meaning, Notes

_OLD_STYLE = re.compile(r"airflow\.(contrib\b|(operators|sensors|hooks)\.\w+_(operator|sensor|hook)$|operators\.sensors$)")
_THREE = re.compile(r"airflow\.(sdk|providers\.standard)\b")


@dataclass(frozen=True)
class Version:
    """`number` is 2 or 3; 1.10 means what 2 means."""

    number: int
    why: str | None  # None: the request said it


def imported_modules(source: bytes, file: str) -> list[str]:
    """The modules that a file names in its import statements, wherever they stand."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source, file)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.append(node.module)
    return names


def find(given: int | None, modules: list[str]) -> Version:
    """What the request says, else a guess."""
    if given is not None:
        return Version(given, None)
    for name in modules:
        if _THREE.match(name):
            return Version(3, f"it imports {name}")
    for name in modules:
        if _OLD_STYLE.match(name):
            return Version(2, f"it imports {name}, a path of Airflow 1.10, which means what 2 means")
    return Version(2, "it imports nothing that only Airflow 3 has")


def take_on(version: Version) -> None:
    """In the child: Airflow's settings and what absent arguments mean."""
    is_two = version.number == 2
    os.environ["AIRFLOW__SCHEDULER__CREATE_CRON_DATA_INTERVALS"] = str(is_two)
    os.environ["AIRFLOW__SCHEDULER__CATCHUP_BY_DEFAULT"] = str(is_two)
    Meaning.absent_schedule = datetime.timedelta(days=1) if is_two else None
    if version.why is not None:
        Notes.tell(
            f"the file is read as one of Airflow {version.number}, because {version.why}; "
            "airflow.version in signalbox.yaml (or --airflow-version) says which"
        )
