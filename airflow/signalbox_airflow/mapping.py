"""How many instances a mapped task of Airflow has, as `lengths` of our `map_over` say it.

Each instance finds its own items by Airflow's own code; only their number is decided outside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Unknown(Exception):
    """Nobody can tell the number before the task runs; the text says why."""


def lengths_of(task: Any, job_of: Callable[[str], str]) -> Any:
    """Of `expand` and `expand_kwargs`; `job_of` gives the job of a task."""
    value = task._get_specified_expand_input().value
    if isinstance(value, dict):
        return _joined("product", [_length(one, job_of) for one in value.values()])
    return _length(value, job_of)


def _joined(operation: str, parts: list[Any]) -> Any:
    return parts[0] if len(parts) == 1 else {operation: parts}


def _length(value: Any, job_of: Callable[[str], str]) -> Any:
    from airflow.sdk import XComArg
    from airflow.sdk.definitions import xcom_arg

    if not isinstance(value, XComArg):
        return len(value)
    kind = type(value).__name__
    if isinstance(value, xcom_arg.PlainXComArg):
        if value.key != "return_value":
            raise Unknown(f"it is mapped over the XCom '{value.key}'")
        return {"job": job_of(value.operator.task_id)}
    if kind == "MapXComArg":
        return _length(value.arg, job_of)
    if kind == "ZipXComArg":
        longest = xcom_arg.is_arg_set(value.fillvalue)
        return _joined("max" if longest else "min", [_length(one, job_of) for one in value.args])
    if kind == "ConcatXComArg":
        return _joined("sum", [_length(one, job_of) for one in value.args])
    raise Unknown(f"it is mapped over a {kind}")
