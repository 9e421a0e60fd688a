"""Imports one DAG file as Airflow does, in the child, and collects its DAGs."""

from __future__ import annotations

import errno
import hashlib
import importlib.machinery
import importlib.util
import os
import socket
import sys
import traceback
import warnings
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, ClassVar

from signalbox_airflow import secrets, versions
from signalbox_airflow.compat import Notes, Refused
from signalbox_airflow.places import UserFiles
from signalbox_airflow.sandbox import Hang

_MOST_TRACEBACK = 8 * 1024
_MOST_WARNINGS = 50
# What the file tries, by the events of Python's audit hooks.
_ATTEMPTS = {
    "socket": "opens a socket",
    "os.fork": "starts a process",
    "os.forkpty": "starts a process",
    "os.exec": "starts a program",
    "os.posix_spawn": "starts a program",
    "subprocess.Popen": "starts a program",
    "os.kill": "sends a signal to another process",
    "signal.pthread_kill": "sends a signal to another process",
}


@dataclass
class Loaded:
    """What a file gave."""

    version: versions.Version
    dags: list[Any] = field(default_factory=list)
    module: ModuleType | None = None
    error: dict[str, Any] | None = None


class Reads:
    """By an audit hook of Python: files below the folder that were read or imported, and what else was tried."""

    seen: ClassVar[set[str]] = set()
    attempt = "does what is not allowed"

    @classmethod
    def watch(cls) -> None:
        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            kind = "socket" if event.startswith("socket.") else event
            if kind in _ATTEMPTS:
                cls.attempt = _ATTEMPTS[kind]
            elif event in ("open", "os.listdir", "os.scandir") and arguments and isinstance(arguments[0], str | bytes):
                path = os.path.abspath(os.fsdecode(arguments[0]))
                # Python lists folders when it looks for modules; the modules that it finds are told by themselves.
                searched = event == "os.listdir" and sys._getframe(1).f_code.co_filename.startswith("<frozen importlib")
                if os.path.join(path, "").startswith(UserFiles.folder) and not searched:
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
            _collect(loaded)
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


def _collect(loaded: Loaded) -> None:
    """As Airflow does: a DAG that is wrong is told, and the others of its file stay."""
    from airflow.sdk import DAG
    from airflow.sdk.definitions._internal.contextmanager import DagContext

    module = loaded.module
    assert module is not None
    found = {id(value): value for value in module.__dict__.values() if isinstance(value, DAG)}
    found |= {id(dag): dag for dag, _ in DagContext.autoregistered_dags}
    for dag in sorted(found.values(), key=lambda dag: dag.dag_id):
        dag.fileloc = module.__file__
        try:
            dag.check_cycle()
            dag.validate()
            dag.resolve_template_files()
        except Exception as error:
            loaded.error = describe(error)
            loaded.error["line"] = loaded.error["line"] or getattr(dag, "_signalbox_place", (None, None))[1]
        else:
            loaded.dags.append(dag)


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
    if isinstance(error, Refused):
        return f"the file uses what Airflow 3 does not have: {said}"
    if isinstance(error, ModuleNotFoundError):
        return f"the file imports '{error.name}', which is not installed beside Airflow"
    forbidden = _forbidden(error)
    if forbidden is not None:
        return f"the file {forbidden}, which is not allowed while it is read: {said}"
    if _is_missing_secret(error):
        return f"the file needs {secrets.Asked.missing[-1]} while it is read, and nobody gave it"
    if isinstance(error, SyntaxError):
        return f"{error.msg} (line {error.lineno})"
    if isinstance(error, KeyError) and _raised_in(error) in ("<frozen os>", os.__file__):
        return f"the file reads the environment variable {said} while it is read, and it is not set"
    return f"{type(error).__name__}: {said}"


def _forbidden(error: BaseException) -> str | None:
    """What the filter of the sandbox refused, by the error's own chain of causes."""
    link: BaseException | None = error
    for _ in range(20):
        if link is None:
            return None
        if isinstance(link, OSError) and link.errno == errno.EROFS:
            return "writes to the disk"
        if isinstance(link, socket.gaierror) or (isinstance(link, OSError) and link.errno == errno.EPERM):
            return Reads.attempt
        link = link.__cause__ or link.__context__
    return None


def _raised_in(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return frames[-1].filename if frames else ""


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
