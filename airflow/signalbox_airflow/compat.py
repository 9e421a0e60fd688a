"""Makes files of Airflow 1.10 and 2 load under Airflow 3, and tells each old path and argument.

`install` is called once, in the warm parent. What a file uses is told by `Notes`, in the child.
"""

from __future__ import annotations

import datetime
import functools
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, ClassVar

from signalbox_airflow.old_paths import (
    DROPPED_DAG_ARGUMENTS,
    DROPPED_TASK_ARGUMENTS,
    OLD_PATHS,
    RENAMED_ARGUMENTS,
)
from signalbox_airflow.places import place_of_caller


class Notes:
    """What was told while a file was read: each text once, with the place that led to it first."""

    told: ClassVar[dict[str, tuple[str | None, int | None]]] = {}

    @classmethod
    def tell(cls, text: str) -> None:
        cls.told.setdefault(text, place_of_caller())


class Refused(ImportError):
    """The file uses what Airflow 3 does not have, and nothing takes its place."""


def apply_defaults(function: Callable[..., Any]) -> Callable[..., Any]:
    """Since Airflow 2 every operator does this by itself."""
    return function


class DaysAgo(datetime.datetime):
    """A start date that moves with each reading of the file."""


def days_ago(n: int, hour: int = 0, minute: int = 0, second: int = 0, microsecond: int = 0) -> DaysAgo:
    """Midnight of UTC, n days before today."""
    day = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=n)
    return DaysAgo(day.year, day.month, day.day, hour, minute, second, microsecond, tzinfo=datetime.UTC)


def dataset_or_time_schedule(*, timetable: Any, datasets: Any) -> Any:
    """Airflow 2's DatasetOrTimeSchedule."""
    from airflow.sdk import AssetOrTimeSchedule

    return AssetOrTimeSchedule(timetable=timetable, assets=datasets)


def _today(module: str, name: str) -> str:
    names = OLD_PATHS[module]
    if name in names:
        return names[name]
    if "*" in names:
        everything = names["*"]
        return everything if everything.startswith("!") else f"{everything}:{name}"
    raise AttributeError(f"module {module!r} has no attribute {name!r}")


def _resolve(module: str, name: str) -> Any:
    target = _today(module, name)
    if target.startswith("!"):
        raise Refused(f"{module}.{name}: {target[1:]}")
    path, _, found = target.partition(":")
    if path == "signalbox_airflow.compat":
        Notes.tell(f"{module}.{name} is not in Airflow 3")
    else:
        Notes.tell(f"{module}.{name} is {path}.{found} today")
    return getattr(importlib.import_module(path), found)


class _OldModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _resolve(self.__name__, name)


class OldPathFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Asked last: it finds modules that are not there any more."""

    def __init__(self) -> None:
        self.packages = {
            ".".join(parts[:count]) for path in OLD_PATHS if (parts := path.split(".")) for count in range(1, len(parts))
        }

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname in OLD_PATHS:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=fullname in self.packages)
        if fullname in self.packages:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return _OldModule(spec.name) if spec.name in OLD_PATHS else None

    def exec_module(self, module: ModuleType) -> None:
        pass


def _give_old_names(module_name: str) -> None:
    """To a module that is still there: the names that it lost."""
    module = sys.modules.get(module_name)
    if module is None or isinstance(module, _OldModule) or "_signalbox_old_names" in module.__dict__:
        return
    module.__dict__["_signalbox_old_names"] = True
    before = module.__dict__.get("__getattr__")

    def find(name: str) -> Any:
        if before is not None:
            try:
                return before(name)
            except AttributeError:
                pass
        if name.startswith("__"):
            raise AttributeError(name)
        return _resolve(module_name, name)

    module.__dict__["__getattr__"] = find


def rename_arguments(given: dict[str, Any], owner: str, dropped: dict[str, str]) -> None:
    """Old arguments get today's names; those that meant nothing go, and both are told."""
    for old in [name for name in given if name in RENAMED_ARGUMENTS or name in dropped]:
        value = given.pop(old)
        if old in dropped:
            if value is not None:
                Notes.tell(f"{owner}({old}=…) is left out: {dropped[old]}")
            continue
        new = RENAMED_ARGUMENTS[old]
        Notes.tell(f"{owner}({old}=…) is {new} today")
        given.setdefault(new, value)


def _wrap_dag(dag_class: type) -> None:
    original = dag_class.__init__

    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        rename_arguments(kwargs, "DAG", DROPPED_DAG_ARGUMENTS)
        given = {"schedule"} & kwargs.keys()
        if not given and Meaning.absent_schedule is not None:
            kwargs["schedule"] = Meaning.absent_schedule
            Notes.tell("DAG without schedule: Airflow 2 runs it each day, Airflow 3 does not run it by itself")
        defaults = kwargs.get("default_args") or {}
        start = kwargs.get("start_date") or defaults.get("start_date")
        # Airflow 2 then takes the earliest start of the tasks; Airflow 3 refuses the DAG.
        by_tasks = Meaning.absent_schedule is not None and not start and "catchup" not in kwargs
        if by_tasks:
            kwargs["catchup"] = False
        original(self, *args, **kwargs)
        self.__dict__["_signalbox_starts_by_tasks"] = by_tasks
        self.__dict__["_signalbox_place"] = place_of_caller()
        self.__dict__["_signalbox_moving_start"] = isinstance(start, DaysAgo)

    dag_class.__init__ = init


def _wrap_operator(operator_class: type) -> None:
    decorated = operator_class.__init__

    @functools.wraps(decorated)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        rename_arguments(kwargs, type(self).__name__, DROPPED_TASK_ARGUMENTS)
        if isinstance(kwargs.get("start_date"), DaysAgo):
            self.__dict__["_signalbox_moving_start"] = True
        decorated(self, *args, **kwargs)

    # Airflow asks for the function that its decorator has wrapped.
    init.__wrapped__ = decorated.__wrapped__
    operator_class.__init__ = init


class Meaning:
    """What the file's Airflow means by what it does not say; set in the child."""

    absent_schedule: datetime.timedelta | None = None


def _is_there(name: str) -> bool:
    if name in sys.modules:  # Airflow puts redirections there, which have no spec
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False


def give_old_names() -> None:
    """To the modules that have been imported since, the names that they lost."""
    for name in OLD_PATHS:
        _give_old_names(name)


def install() -> None:
    """In the warm parent, once airflow.sdk is imported."""
    from airflow.sdk import DAG, BaseOperator

    for name in OLD_PATHS:
        if not name.startswith("airflow.providers.") and _is_there(name):
            importlib.import_module(name)
    give_old_names()
    sys.meta_path.append(OldPathFinder())
    _wrap_dag(DAG)
    _wrap_operator(BaseOperator)
