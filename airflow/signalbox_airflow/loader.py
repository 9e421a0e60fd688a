"""Imports one DAG file as Airflow does, in the child, and collects its DAGs."""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.util
import os
import sys
import traceback
import warnings
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from signalbox_airflow import secrets, versions
from signalbox_airflow.compat import Notes
from signalbox_airflow.places import UserFiles
from signalbox_airflow.sandbox import Hang

_MOST_TRACEBACK = 8 * 1024
_MOST_WARNINGS = 50
# Read-only, forbidden: what the filter of the sandbox answers.
_FORBIDDEN = {1: "opens a socket or starts a process, which is not allowed", 30: "writes to the disk, which is not allowed"}


@dataclass
class Loaded:
    """What a file gave."""

    version: versions.Version
    dags: list[Any] = field(default_factory=list)
    module: ModuleType | None = None
    error: dict[str, Any] | None = None


class Reads:
    """Files below the folder that were read or imported, by an audit hook of Python."""

    seen: set[str] = set()

    @classmethod
    def watch(cls) -> None:
        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if event in ("open", "os.listdir", "os.scandir") and arguments and isinstance(arguments[0], str | bytes):
                path = os.path.abspath(os.fsdecode(arguments[0]))
                if path.startswith(UserFiles.folder):
                    cls.seen.add(path)

        sys.addaudithook(hook)

    @classmethod
    def all(cls) -> list[str]:
        paths = set(cls.seen)
        for module in list(sys.modules.values()):
            origin = getattr(module, "__file__", None)
            if isinstance(origin, str) and origin.startswith(UserFiles.folder):
                paths.add(origin)
        paths.discard(UserFiles.file)
        sources = {path for path in paths if os.path.exists(path)}
        return sorted(path for path in sources if "__pycache__" not in path)


def load(file: str, dags_folder: str, version: int | None, variables: dict[str, Any], connections: dict[str, Any]) -> Loaded:
    """Never raises for what the file does."""
    UserFiles.folder = os.path.join(os.path.abspath(dags_folder), "")
    UserFiles.file = file
    with open(file, "rb") as opened:
        source = opened.read()
    try:
        found = versions.find(version, versions.imported_modules(source, file))
    except (SyntaxError, ValueError, RecursionError) as error:
        return Loaded(versions.Version(version or 3, None), error=describe(error))
    loaded = Loaded(found)
    versions.take_on(found)
    secrets.install(variables, connections)
    _surroundings(file, dags_folder)
    Reads.watch()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            loaded.module = _import(file, source)
            loaded.dags = _collect(loaded.module)
        except BaseException as error:
            loaded.error = describe(error)
    _note_warnings(caught)
    return loaded


def _surroundings(file: str, dags_folder: str) -> None:
    sys.dont_write_bytecode = True
    sys.argv = [file]
    home = os.environ.get("AIRFLOW_HOME", "")
    for folder in (dags_folder, os.path.join(home, "config"), os.path.join(home, "plugins")):
        if os.path.isdir(folder) and folder not in sys.path:
            sys.path.append(folder)
    os.chdir(os.path.dirname(file))


def _import(file: str, source: bytes) -> ModuleType:
    from airflow.sdk.definitions._internal.contextmanager import DagContext

    stem = os.path.splitext(os.path.basename(file))[0]
    # Airflow's own form: two files of one name do not meet.
    name = f"unusual_prefix_{hashlib.sha1(file.encode(), usedforsecurity=False).hexdigest()}_{stem}"
    loader = importlib.machinery.SourceFileLoader(name, file)
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    DagContext.autoregistered_dags.clear()
    DagContext.current_autoregister_module_name = name
    exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)  # as the loader does, from what was read
    return module


def _collect(module: ModuleType) -> list[Any]:
    from airflow.sdk import DAG
    from airflow.sdk.definitions._internal.contextmanager import DagContext

    found = {id(value): value for value in module.__dict__.values() if isinstance(value, DAG)}
    found |= {id(dag): dag for dag, _ in DagContext.autoregistered_dags}
    dags = sorted(found.values(), key=lambda dag: dag.dag_id)
    for dag in dags:
        dag.fileloc = module.__file__
        dag.check_cycle()
        dag.validate()
        dag.resolve_template_files()
    return dags


def _own_frames(error: BaseException) -> list[traceback.FrameSummary]:
    return [frame for frame in traceback.extract_tb(error.__traceback__) if UserFiles.have(frame.filename)]


def describe(error: BaseException) -> dict[str, Any]:
    """One sentence for the person who has to fix it, the traceback, and the line in the file that was read."""
    frames = _own_frames(error)
    lines = [frame.lineno for frame in frames if frame.filename == UserFiles.file]
    line = lines[-1] if lines else None
    if isinstance(error, SyntaxError):
        line = error.lineno if error.filename == UserFiles.file else line
    shown = traceback.TracebackException.from_exception(error)
    shown.stack = traceback.StackSummary.from_list(frames)
    text = "".join(shown.format())[-_MOST_TRACEBACK:]
    return {"message": _message(error), "traceback": text, "line": line}


def _message(error: BaseException) -> str:
    said = str(error) or type(error).__name__
    if isinstance(error, Hang):
        return "the file takes too long to read"
    if isinstance(error, SystemExit):
        return f"the file calls sys.exit({error.code!r}) while it is read"
    if isinstance(error, MemoryError | RecursionError):
        return f"the file needs more memory than it may have ({type(error).__name__})"
    if isinstance(error, ModuleNotFoundError):
        return f"the file imports '{error.name}', which is not installed beside Airflow"
    if isinstance(error, OSError) and error.errno in _FORBIDDEN:
        return f"the file {_FORBIDDEN[error.errno]} while it is read: {said}"
    if _is_missing_secret(error):
        return f"the file needs {secrets.Asked.missing[-1]} while it is read, and nobody gave it"
    if isinstance(error, SyntaxError):
        return f"{error.msg} (line {error.lineno})"
    return f"{type(error).__name__}: {said}"


def _is_missing_secret(error: BaseException) -> bool:
    """Airflow raises a KeyError, an AirflowNotFoundException or an AirflowRuntimeError, which name it."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if not kinds & {"KeyError", "AirflowNotFoundException", "AirflowRuntimeError"} or not secrets.Asked.missing:
        return False
    return secrets.Asked.missing[-1].split("'")[1] in str(error)


def _note_warnings(caught: list[warnings.WarningMessage]) -> None:
    """Airflow's own redirections and what the user's files warn of; the rest is of libraries."""
    for warning in caught[: _MOST_WARNINGS * 20]:
        kind = warning.category.__name__
        own = UserFiles.have(warning.filename)
        if len(Notes.told) < _MOST_WARNINGS and (own or "Airflow" in kind or "DeprecatedImport" in kind):
            place = (warning.filename, warning.lineno) if own else (None, None)
            Notes.told.setdefault(str(warning.message).strip(), place)
