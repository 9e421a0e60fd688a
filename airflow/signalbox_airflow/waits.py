"""What waits in Airflow outside of its process waits inside it here, with the same end.

A deferrable operator awaits its trigger in the process of its task; a sensor in mode `reschedule` pokes as one in mode
`poke` does. Signalbox sends the mails, so Airflow's own are not sent a second time.
"""

from __future__ import annotations

import asyncio
import ctypes
import datetime
import functools
import json
import os
import selectors
import signal
import traceback
from collections.abc import Callable
from typing import Any, ClassVar

_PR_SET_PDEATHSIG = 1
# What a task leaves running may hold its pipes, and is killed once its end is known.
_SECONDS_FOR_PIPES = 2.0


def install() -> None:
    """In the process of a task, before Airflow's task runner works."""
    from airflow.sdk.execution_time import task_runner

    original = task_runner._run_execute_callable

    def run_execute_callable(context: Any, execute: Callable[..., Any], task: Any) -> Any:
        if getattr(task, "mode", None) == "reschedule" and hasattr(task, "poke"):
            task.__dict__["mode"] = "poke"
        return run_to_end(original, context, execute, task)

    task_runner._run_execute_callable = run_execute_callable
    task_runner._send_error_email_notification = lambda *_, **__: None
    _last_words(task_runner)
    _notice_the_end()
    _outlive_the_server()
    _die_with_the_parent()


class LastWords:
    """The standard error of the process that Airflow's supervisor runs in: its last line is the reason that people see."""

    descriptor: ClassVar[int] = -1

    @classmethod
    def keep(cls) -> None:
        cls.descriptor = os.dup(2)


def _say(error: BaseException) -> None:
    from airflow.sdk.log import redact

    if LastWords.descriptor >= 0:
        text = " ".join(str(redact(f"{type(error).__name__}: {error}")).split())
        os.write(LastWords.descriptor, text[:1000].encode() + b"\n")


def _last_words(task_runner: Any) -> None:
    """Why a task has failed stands among hundreds of lines on its standard output otherwise."""
    startup, run = task_runner.startup, task_runner.run

    @functools.wraps(startup)
    def startup_or_say(*arguments: Any, **more: Any) -> Any:
        try:
            return startup(*arguments, **more)
        except BaseException as error:
            _say(error)
            raise

    @functools.wraps(run)
    def run_and_say(*arguments: Any, **more: Any) -> Any:
        state, message, error = run(*arguments, **more)
        if error is not None:
            _say(error)
        return state, message, error

    task_runner.startup, task_runner.run = startup_or_say, run_and_say


def _outlive_the_server() -> None:
    """Airflow's supervisor kills a task whose heartbeats nobody takes; here its process is watched by others."""
    from airflow.sdk.api import client
    from airflow.sdk.execution_time import supervisor

    supervisor.MAX_FAILED_HEARTBEATS = 1 << 30
    supervisor.SOCKET_CLEANUP_TIMEOUT = _SECONDS_FOR_PIPES
    original = client.Client.send

    def send(self: Any, request: Any, **more: Any) -> Any:
        port = _port_now()
        if port and request.url.port != port:
            request.url = request.url.copy_with(port=port)
        return original(self, request, **more)

    client.Client.send = send


def _port_now() -> int | None:
    """Where the server is: after a restart it may have another port, because somebody has taken its own."""
    try:
        with open(os.environ["SIGNALBOX_TASKS"]) as file:
            return int(json.load(file)["port"])
    except (OSError, ValueError, KeyError):
        return None


class _End:
    """The end of a process as a file that one can wait for."""

    def __init__(self, pid: int) -> None:
        self.descriptor = os.pidfd_open(pid)

    def fileno(self) -> int:
        return self.descriptor

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def _notice_the_end() -> None:
    """Airflow's supervisor waits for up to 5 s if all pipes of the task's process close before it has ended."""
    from airflow.sdk.execution_time import supervisor

    original = supervisor.ActivitySubprocess._register_pipe_readers

    def register_pipe_readers(self: Any, *readers: Any, **more: Any) -> None:
        original(self, *readers, **more)
        end = _End(self._process.pid)
        self.selector.register(end, selectors.EVENT_READ, (lambda _: False, self.selector.unregister))

    supervisor.ActivitySubprocess._register_pipe_readers = register_pipe_readers


def _die_with_the_parent() -> None:
    """The process that Airflow's supervisor forks for the task does not outlive that one."""
    from airflow.sdk.execution_time import supervisor

    original = supervisor._fork_main

    def fork_main(*arguments: Any) -> None:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        original(*arguments)

    supervisor._fork_main = fork_main


def run_to_end(original: Callable[..., Any], context: Any, execute: Callable[..., Any], task: Any) -> Any:
    """Executes, and each time that the task defers itself awaits its trigger and goes on."""
    from airflow.sdk.exceptions import TaskDeferred

    while True:
        try:
            return original(context, execute, task)
        except TaskDeferred as defer:
            method, kwargs = await_trigger(defer, context["ti"])
            execute = functools.partial(task.resume_execution, next_method=method, next_kwargs=kwargs)


def await_trigger(defer: Any, ti: Any) -> tuple[str, dict[str, Any]]:
    """The method that goes on, and its arguments."""
    from airflow.sdk.bases.operator import TRIGGER_FAIL_REPR, TriggerFailureReason

    print(f"The task waits in its process for {type(defer.trigger).__name__}", flush=True)
    defer.trigger.task_instance = ti
    seconds = defer.timeout.total_seconds() if isinstance(defer.timeout, datetime.timedelta) else defer.timeout
    try:
        event = asyncio.run(_first_event(defer.trigger, seconds))
    except TimeoutError:
        return TRIGGER_FAIL_REPR, {"error": TriggerFailureReason.TRIGGER_TIMEOUT}
    except Exception as error:
        return TRIGGER_FAIL_REPR, {
            "error": TriggerFailureReason.TRIGGER_FAILURE,
            "traceback": traceback.format_exception(error),
        }
    kwargs = dict(defer.kwargs or {})
    if event is None:
        return TRIGGER_FAIL_REPR, {"error": "the trigger has ended without an event"}
    kwargs["event"] = event.payload
    return defer.method_name, kwargs


async def _first_event(trigger: Any, seconds: float | None) -> Any:
    """A time-out of the trigger itself counts as its failure."""
    events = trigger.run()

    async def first() -> tuple[Any, BaseException | None]:
        try:
            return await anext(events, None), None
        except Exception as error:
            return None, error

    try:
        event, error = await asyncio.wait_for(first(), seconds)
    finally:
        await trigger.cleanup()
    if error is not None:
        raise RuntimeError(str(error)) from error
    return event
