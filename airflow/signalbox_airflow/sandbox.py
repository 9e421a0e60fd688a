"""Runs one piece of work in a forked child that cannot hurt anybody, and brings back its answer.

The child inherits what the parent has imported. Its output goes to a pipe, of which the beginning
is kept. Its answer goes through a second pipe, behind a mark that the parent has drawn; what the
file's own code writes there is thrown away. The parent's own standard output is closed in the child.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import secrets
import selectors
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from signalbox_airflow import limits as limits_
from signalbox_airflow import seccomp

_ANSWER_FD = 200
_GRACE_SECONDS = 2.0  # between the child's own alarm and the parent's kill
_WE_FAILED, _TOO_LONG = 70, 71  # exit statuses of the child's own end


class Hang(BaseException):
    """The child's alarm. It is no Exception, so that `except Exception` does not swallow it."""


@dataclass
class Outcome:
    """What became of a child: an answer, or why there is none."""

    answer: dict[str, Any] | None
    problem: str | None
    output: str
    output_cut: bool


def _raise_hang(_signal: int, _frame: object) -> None:
    raise Hang


def _prepare(answer_fd: int, output_fd: int, limits: limits_.Limits) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output_fd, 1)
    os.dup2(output_fd, 2)
    os.dup2(answer_fd, _ANSWER_FD)
    os.closerange(3, _ANSWER_FD)
    os.closerange(_ANSWER_FD + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGXFSZ, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    limits_.apply(limits)
    limits_.drop_capabilities()
    seccomp.install()
    signal.signal(signal.SIGALRM, _raise_hang)
    signal.setitimer(signal.ITIMER_REAL, limits.seconds)


def _child(work: Callable[[], dict[str, Any]], mark: bytes, answer_fd: int, output_fd: int, limits: limits_.Limits) -> None:
    status = _WE_FAILED
    try:
        _prepare(answer_fd, output_fd, limits)
        answer = work()
        signal.setitimer(signal.ITIMER_REAL, 0)
        left = memoryview(mark + json.dumps(answer).encode())
        while left:
            left = left[os.write(_ANSWER_FD, left) :]
        status = 0
    except Hang:
        status = _TOO_LONG
    except BaseException as error:  # nothing may go on in the parent's code
        with contextlib.suppress(OSError):
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(status)


def _how_it_ended(status: int, timed_out: bool, limits: limits_.Limits) -> str:
    if timed_out:
        return f"the file is still being read after {limits.seconds:g} s, and it does not stop"
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return f"the file takes more than {limits.seconds:g} s of processor time"
        return f"the process that read the file was ended by signal {number} ({signal.strsignal(number)})"
    if os.WEXITSTATUS(status) == _TOO_LONG:
        return "the file takes too long to read"
    if os.WEXITSTATUS(status) == _WE_FAILED:
        return "the reader failed on this file, which is a mistake of Signalbox: the last line of the output says more"
    return f"the file ended the process that read it (exit status {os.WEXITSTATUS(status)}), as os._exit does"


def run(work: Callable[[], dict[str, Any]], limits: limits_.Limits) -> Outcome:
    """Runs `work` in a child and waits for it, at most as long as the limits say."""
    answer_read, answer_write = os.pipe()
    output_read, output_write = os.pipe()
    mark = secrets.token_hex(16).encode()
    gc.freeze()
    pid = os.fork()
    if pid == 0:
        _child(work, mark, answer_write, output_write, limits)
    os.close(answer_write)
    os.close(output_write)
    answer, output = bytearray(), bytearray()
    output_cut = timed_out = False
    deadline = time.monotonic() + limits.seconds + _GRACE_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(answer_read, selectors.EVENT_READ)
        selector.register(output_read, selectors.EVENT_READ)
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                timed_out = True
                break
            for key, _ in selector.select(left):
                data = os.read(key.fd, 65536)
                if not data:
                    selector.unregister(key.fd)
                elif key.fd == output_read:
                    room = limits.output_bytes - len(output)
                    output += data[:room]
                    output_cut = output_cut or len(data) > room
                elif len(answer) < limits.answer_bytes:
                    answer += data
    os.close(answer_read)
    os.close(output_read)
    status, ended = _wait(pid, deadline)
    timed_out = timed_out or not ended
    text = output.decode("utf-8", "replace")
    at = answer.find(mark)
    if at >= 0 and len(answer) < limits.answer_bytes:
        try:
            return Outcome(json.loads(answer[at + len(mark) :]), None, text, output_cut)
        except ValueError:
            pass
    if len(answer) >= limits.answer_bytes:
        return Outcome(None, f"the file's DAGs are larger than {limits.answer_bytes} bytes", text, output_cut)
    return Outcome(None, _how_it_ended(status, timed_out, limits), text, output_cut)


def _wait(pid: int, deadline: float) -> tuple[int, bool]:
    """The child's status, and whether it ended by itself; it is killed at the deadline."""
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status, True
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1], False
