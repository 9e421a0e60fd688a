"""Reads one file: what the forked child does, from the import to the answer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from signalbox_airflow import compat, loader, translate
from signalbox_airflow.places import UserFiles
from signalbox_airflow.secrets import Asked

_MOST_MESSAGES = 200


@dataclass(frozen=True)
class Request:
    """One request, checked."""

    files: list[str]
    dags_folder: str  # without links
    given_folder: str
    airflow_version: int | None
    variables: dict[str, Any]
    connections: dict[str, Any]
    strict_emr: bool
    unknown_schedules_by_hand: bool
    by_airflow: frozenset[str]


def read(file: str, request: Request) -> dict[str, Any]:
    """The answer about one file but its time; only for a process that may be thrown away."""
    loaded = loader.load(file, request.dags_folder, request.airflow_version, request.variables, request.connections)
    options = translate.Options(
        loaded.version.number,
        os.path.relpath(file, request.dags_folder),
        request.connections,
        request.strict_emr,
        request.by_airflow,
        request.unknown_schedules_by_hand,
    )
    dags = []
    for dag in loaded.dags:
        try:
            dags.append(translate.jsonable(translate.translate(dag, options)))
        except (MemoryError, RecursionError) as error:
            loaded.error = loaded.error or loader.describe(error)
    return {
        "file": file,
        "airflow_version": loaded.version.number,
        "dags": dags,
        "error": loaded.error,
        "warnings": [
            {"message": text, "file": place[0] and UserFiles.short(place[0]), "line": place[1]}
            for text, place in list(compat.Notes.told.items())[:_MOST_MESSAGES]
        ],
        "reads": [os.path.relpath(path, request.dags_folder) for path in loader.Reads.all()],
        "asked": {"variables": Asked.variables, "connections": Asked.connections},
    }
