"""`python -m signalbox_airflow.warm SOCKET`: has imported what tasks need, and forks a process for each.

A supervisor of Signalbox connects, and sends one line of JSON, `{"cwd": …, "env": {…}}`, with three descriptors: the
standard input (what task.py reads), output and error of the task. The new process answers `{"pid": N}`, and begins to
work once it gets a line; without one it ends. The answer after its end is `{"status": S}` as waitpid(2) gives it. The
process leads a group of its own.

It ends when its standard input does; the tasks that it has forked go on.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from typing import Any

_MOST_BYTES = 4 << 20
_MODULES = (
    "airflow.dag_processing.bundles.local",
    "airflow.dag_processing.dagbag",
    "airflow.executors.workloads",
    "airflow.providers.amazon.aws.operators.emr",
    "airflow.providers.amazon.aws.sensors.emr",
    "airflow.providers.standard.decorators.python",
    "airflow.providers.standard.operators.bash",
    "airflow.providers.standard.operators.empty",
    "airflow.providers.standard.operators.python",
    "airflow.providers.standard.operators.trigger_dagrun",
    "airflow.providers.standard.sensors.python",
    "airflow.sdk",
    "airflow.sdk.definitions.context",
    "airflow.sdk.execution_time.context",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "airflow.sdk.serde",
    "airflow.serialization.serialized_objects",
    "boto3",
    "certifi",
    "httpx",
    "pendulum",
)


class Forks:
    """The tasks that live, and who waits for each."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.waiting: dict[int, socket.socket] = {}

    def take(self) -> None:
        """One request."""
        connection, _ = self.listener.accept()
        connection.settimeout(5)
        try:
            text, descriptors = _receive(connection)
            request = json.loads(text)
        except (OSError, ValueError):
            connection.close()
            return
        pid = os.fork()
        if pid == 0:
            _become(self, connection, request, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        self.waiting[pid] = connection

    def reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            connection = self.waiting.pop(pid, None)
            if connection is not None:
                _say(connection, {"status": status})
                connection.close()


def _receive(connection: socket.socket) -> tuple[bytes, list[int]]:
    text, descriptors, _, _ = socket.recv_fds(connection, _MOST_BYTES, 3)
    while not text.endswith(b"\n"):
        more = connection.recv(_MOST_BYTES)
        if not more or len(text) > _MOST_BYTES:
            raise ValueError("the request was cut")
        text += more
    if len(descriptors) != 3:
        raise ValueError("there are not three descriptors")
    return text, descriptors


def _say(connection: socket.socket, answer: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # the supervisor has died; the task tells us its state all the same
        connection.sendall(json.dumps(answer).encode() + b"\n")


def _become(forks: Forks, connection: socket.socket, request: dict[str, Any], descriptors: list[int]) -> None:
    """The task's process; never returns."""
    code = 1
    try:
        os.setpgid(0, 0)
        _say(connection, {"pid": os.getpid()})
        connection.settimeout(None)
        if not connection.recv(1):
            os._exit(0)  # nobody knows of us
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        for target, descriptor in enumerate(descriptors):
            os.dup2(descriptor, target)
        # Airflow puts others in their place, and these must not close the descriptors when they go.
        sys.stdin, sys.stdout, sys.stderr = (os.fdopen(target, mode, closefd=False) for target, mode in enumerate("rww"))
        os.closerange(3, max([forks.listener.fileno(), connection.fileno(), *descriptors, 64]) + 1)
        os.environ.clear()
        os.environ.update(request["env"])
        os.chdir(request["cwd"])
        from signalbox_airflow import task

        code = task.run(json.load(sys.stdin))
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code & 0xFF)


def warm_up() -> None:
    from signalbox_airflow import task

    task.be_patient()
    for name in _MODULES:
        try:
            importlib.import_module(name)
        except ImportError as error:
            print(f"{name}: {error}", file=sys.stderr)
    task.prepare()
    # Reading certificates takes longer than all else that a client does; each task's client takes this.
    from airflow.sdk.api import client

    client.Client._get_ssl_context_cached(client.API_SSL_CA_FILE_PATH, client.API_SSL_CERT_PATH)
    gc.collect()
    gc.freeze()


def main() -> int:
    path = sys.argv[1]
    warm_up()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    listener.bind(path)
    listener.listen(256)
    woken, waker = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    forks = Forks(listener)
    with selectors.DefaultSelector() as selector:
        for watched in (listener, woken, 0):
            selector.register(watched, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if woken in ready:
                os.read(woken, 4096)
                forks.reap()
            if 0 in ready and not os.read(0, 4096):
                with contextlib.suppress(OSError):
                    os.unlink(path)
                    os.rmdir(os.path.dirname(path))  # made for it alone
                return 0
            if listener in ready:
                forks.take()
                forks.reap()


if __name__ == "__main__":
    sys.exit(main())
