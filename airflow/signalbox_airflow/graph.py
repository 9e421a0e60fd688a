"""The tasks of a DAG by id: what is above and below each, and what each pulls of others."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Iterator
from typing import Any

from signalbox_airflow import jinja_texts
from signalbox_airflow.places import UserFiles

_DEEPEST = 6


class Graph:
    """Edges are those of Airflow: groups are resolved, and so are edges by XCom arguments."""

    def __init__(self, dag: Any) -> None:
        self.tasks: dict[str, Any] = dict(dag.task_dict)
        self.above = {task_id: set(task.upstream_task_ids) for task_id, task in self.tasks.items()}
        self.below = {task_id: set(task.downstream_task_ids) for task_id, task in self.tasks.items()}
        self.pulls = {task_id: pulls_of(task, set(self.tasks)) for task_id, task in self.tasks.items()}

    @functools.cached_property
    def all_above(self) -> dict[str, set[str]]:
        """Everything above each task."""
        found: dict[str, set[str]] = {}
        for task_id in self.order:
            found[task_id] = set().union(*({up} | found[up] for up in self.above[task_id]))
        return found

    @functools.cached_property
    def order(self) -> list[str]:
        """Topological; ties as the tasks stand in the file."""
        left = {task_id: set(above) for task_id, above in self.above.items()}
        out: list[str] = []
        while left:
            ready = [task_id for task_id, above in left.items() if not above]
            if not ready:
                raise ValueError("the DAG has a cycle")
            for task_id in ready:
                del left[task_id]
                out.append(task_id)
            for above in left.values():
                above.difference_update(ready)
        return out

    def who_pulls(self, task_id: str) -> list[str]:
        """The tasks that name this one's XCom."""
        return [other for other, pulls in self.pulls.items() if other != task_id and task_id in pulls.tasks]

    def who_may_pull(self, task_id: str) -> list[str]:
        """The tasks that take an XCom without a plain name, and stand below this one."""
        return [other for other, pulls in self.pulls.items() if pulls.unknown and task_id in self.all_above[other]]


class Pulls:
    """Whose XCom a task takes."""

    def __init__(self) -> None:
        self.tasks: set[str] = set()
        self.unknown = False  # it pulls something that its text does not name


def attribute(task: Any, name: str) -> Any:
    """Of a mapped task: what `partial` was given."""
    if is_mapped(task):
        return task.partial_kwargs.get(name)
    return getattr(task, name, None)


def is_mapped(task: Any) -> bool:
    return bool(getattr(task, "_is_mapped", False)) or type(task).__name__ in ("MappedOperator", "DecoratedMappedOperator")


def operator_class(task: Any) -> type:
    return task.operator_class if is_mapped(task) else type(task)


def class_path(task: Any) -> str:
    found = operator_class(task)
    return f"{found.__module__}.{found.__qualname__}"


def template_values(task: Any) -> dict[str, Any]:
    """The templated fields and what stands in them."""
    values = {name: attribute(task, name) for name in task.template_fields}
    if is_mapped(task):
        value = task.expand_input.value if hasattr(task, "expand_input") else {}
        values["expand"] = value
        values["op_kwargs"] = task.partial_kwargs.get("op_kwargs")
    return {name: value for name, value in values.items() if value is not None}


def xcom_references(value: Any) -> Iterator[str]:
    """The tasks of XCom arguments in a value."""
    from airflow.sdk import XComArg

    if isinstance(value, XComArg):
        for task, _ in value.iter_references():
            yield task.task_id
    elif isinstance(value, dict):
        for item in value.values():
            yield from xcom_references(item)
    elif isinstance(value, list | tuple | set):
        for item in value:
            yield from xcom_references(item)


def pulls_of(task: Any, task_ids: set[str]) -> Pulls:
    """By XCom arguments, by `xcom_pull` in templates, and by `xcom_pull` in the code of the user.

    Code that pulls names its tasks by texts; if none of its texts is a task, nobody knows which it takes.
    """
    pulls = Pulls()
    values = template_values(task)
    pulls.tasks.update(xcom_references(values))
    findings = jinja_texts.find(values)
    pulls.tasks |= findings.pulled_tasks
    pulls.unknown = findings.pulls_unknown
    texts, names = code_of(task)
    if "xcom_pull" in names:
        pulls.tasks |= texts & task_ids
        pulls.unknown = pulls.unknown or not texts & task_ids
    return pulls


def code_of(task: Any) -> tuple[set[str], set[str]]:
    """The texts and names in the user's code that the task runs: its callable, or its class's methods."""
    texts: set[str] = set()
    names: set[str] = set()
    seen: set[int] = set()
    found = operator_class(task)
    roots: list[Any] = [attribute(task, "python_callable")]
    if UserFiles.have(_file_of(found)):
        roots += [value for klass in found.__mro__ if UserFiles.have(_file_of(klass)) for value in vars(klass).values()]
    for root in roots:
        _look_into(root, texts, names, seen, 0)
    return texts, names


def _file_of(klass: type) -> str:
    try:
        return inspect.getfile(klass)
    except (TypeError, OSError):
        return ""


def _look_into(value: Any, texts: set[str], names: set[str], seen: set[int], depth: int) -> None:
    value = inspect.unwrap(value) if callable(value) else value
    function = getattr(value, "__func__", value)
    if not isinstance(function, types.FunctionType) or id(function) in seen or depth > _DEEPEST:
        return
    seen.add(id(function))
    if not UserFiles.have(function.__code__.co_filename):
        return
    for code in _codes(function.__code__):
        names.update(code.co_names)
        for constant in code.co_consts:
            texts.update(jinja_texts.texts_of(constant if not isinstance(constant, types.CodeType) else ""))
        for name in code.co_names:
            other = function.__globals__.get(name)
            if isinstance(other, str):
                texts.add(other)
            _look_into(other, texts, names, seen, depth + 1)


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)
