"""A seccomp filter for a process that reads a DAG file: no sockets, no new processes, no writes.

It is a program of classic BPF, made here and installed by prctl; that needs no privilege. A call
that is refused gives an errno, so Python raises an OSError at the line that made the call.
The numbers are those of linux/audit.h, linux/filter.h, linux/seccomp.h and of the two kernels'
tables of system calls. A kernel without seccomp raises NoFilter.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2

_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_KILL = 0x80000000

_LOAD = 0x20  # a 32-bit word of the call's description
_IF_EQUAL = 0x15
_IF_ANY_BIT = 0x45
_IF_AT_LEAST = 0x35
_RETURN = 0x06

_AT_NUMBER, _AT_ARCH, _AT_ARGS = 0, 4, 16
_CLONE_THREAD = 0x00010000
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


@dataclass(frozen=True)
class _Machine:
    arch: int
    numbers: dict[str, int]


_X86_64 = _Machine(
    0xC000003E,
    {
        "open": 2, "socket": 41, "connect": 42, "accept": 43, "bind": 49, "listen": 50,
        "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "kill": 62, "rename": 82, "mkdir": 83,
        "rmdir": 84, "creat": 85, "link": 86, "unlink": 87, "symlink": 88, "chmod": 90, "fchmod": 91,
        "chown": 92, "fchown": 93, "lchown": 94, "truncate": 76, "ptrace": 101, "mknod": 133, "mount": 165,
        "umount2": 166, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "tkill": 200, "tgkill": 234,
        "openat": 257, "mkdirat": 258, "mknodat": 259, "fchownat": 260, "unlinkat": 263, "renameat": 264,
        "linkat": 265, "symlinkat": 266, "fchmodat": 268, "accept4": 288, "rt_sigqueueinfo": 129,
        "rt_tgsigqueueinfo": 297, "process_vm_writev": 311, "renameat2": 316, "execveat": 322,
        "setsid": 112, "setpgid": 109, "bpf": 321, "memfd_create": 319, "pidfd_send_signal": 424,
        "io_uring_setup": 425, "pidfd_open": 434, "clone3": 435, "openat2": 437, "pidfd_getfd": 438,
        "unshare": 272, "setns": 308, "fchmodat2": 452, "shmget": 29, "utimensat": 280, "utime": 132,
        "utimes": 235, "futimesat": 261, "prlimit64": 302, "setpriority": 141, "sched_setscheduler": 144,
        "sched_setparam": 142, "sched_setattr": 314, "sched_setaffinity": 203, "process_vm_readv": 310,
    },
)  # fmt: skip
_AARCH64 = _Machine(
    0xC00000B7,
    {
        "socket": 198, "connect": 203, "accept": 202, "bind": 200, "listen": 201, "clone": 220,
        "execve": 221, "kill": 129, "truncate": 45, "ptrace": 117, "mount": 40, "umount2": 39, "setxattr": 5,
        "lsetxattr": 6, "fsetxattr": 7, "tkill": 130, "tgkill": 131, "openat": 56, "mkdirat": 34, "mknodat": 33,
        "fchownat": 54, "fchown": 55, "unlinkat": 35, "renameat": 38, "linkat": 37, "symlinkat": 36,
        "fchmodat": 53, "fchmod": 52, "accept4": 242, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240,
        "process_vm_writev": 271, "renameat2": 276, "execveat": 281, "setsid": 157, "setpgid": 154, "bpf": 280,
        "memfd_create": 279, "pidfd_send_signal": 424, "io_uring_setup": 425, "pidfd_open": 434, "clone3": 435,
        "openat2": 437, "pidfd_getfd": 438, "unshare": 97, "setns": 268, "fchmodat2": 452, "shmget": 194, "utimensat": 88,
        "prlimit64": 261, "setpriority": 140, "sched_setscheduler": 119, "sched_setparam": 118, "sched_setattr": 274,
        "sched_setaffinity": 122, "process_vm_readv": 270,
    },
)  # fmt: skip
_MACHINES = {"x86_64": _X86_64, "aarch64": _AARCH64}

_NETWORK = ("socket", "connect", "accept", "accept4", "bind", "listen", "io_uring_setup")
_PROCESSES = ("fork", "vfork", "execve", "execveat", "setsid", "setpgid", "unshare", "setns")
_OTHERS = (
    "ptrace", "process_vm_writev", "pidfd_send_signal", "pidfd_open", "pidfd_getfd", "bpf", "mount", "umount2",
    "memfd_create", "shmget", "setpriority", "sched_setscheduler", "sched_setparam", "sched_setattr", "sched_setaffinity",
    "process_vm_readv",
)  # fmt: skip
_CHANGES = (
    "rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir", "creat", "link", "linkat", "unlink", "unlinkat",
    "symlink", "symlinkat", "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat",
    "truncate", "mknod", "mknodat", "setxattr", "lsetxattr", "fsetxattr", "utimensat",
    "utime", "utimes", "futimesat",
)  # fmt: skip
# To oneself alone; the first argument is a process.
_SIGNALS = ("kill", "tgkill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")


class NoFilter(RuntimeError):
    """The kernel or the machine has no such filter."""


def _step(code: int, k: int, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_so, if_not, k)


def _refuse(number: int, code: int) -> bytes:
    return _step(_IF_EQUAL, number, 0, 1) + _step(_RETURN, _ERRNO | code)


def _on_argument(number: int, index: int, test: bytes, if_test: int, otherwise: int) -> bytes:
    """For one call: loads the low half of an argument, and returns by `test` (which looks one step ahead)."""
    return (
        _step(_IF_EQUAL, number, 0, 4)
        + _step(_LOAD, _AT_ARGS + 8 * index)
        + test
        + _step(_RETURN, if_test)
        + _step(_RETURN, otherwise)
    )


def program(machine: _Machine, own_pid: int) -> bytes:
    """The filter: what is not named in it is allowed."""
    numbers = machine.numbers
    steps = [
        _step(_LOAD, _AT_ARCH),
        _step(_IF_EQUAL, machine.arch, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _AT_NUMBER),
    ]
    # The x32 calls of x86-64 have numbers of their own, and nobody here uses them.
    steps.append(_step(_IF_AT_LEAST, 0x40000000, 0, 1) + _step(_RETURN, _ERRNO | errno.EPERM))
    # glibc then takes clone, whose flags can be seen.
    steps.append(_refuse(numbers["clone3"], errno.ENOSYS))
    # Its flags stand in memory, which a filter cannot read; glibc does not need it.
    steps.append(_refuse(numbers["openat2"], errno.ENOSYS))
    steps += [_refuse(numbers[name], errno.EPERM) for name in (*_NETWORK, *_PROCESSES, *_OTHERS) if name in numbers]
    steps += [_refuse(numbers[name], errno.EROFS) for name in _CHANGES if name in numbers]
    if_bit = _step(_IF_ANY_BIT, _CLONE_THREAD, 0, 1)
    steps.append(_on_argument(numbers["clone"], 0, if_bit, _ALLOW, _ERRNO | errno.EPERM))
    if_writes = _step(_IF_ANY_BIT, _WRITES, 0, 1)
    for name, index in (("open", 1), ("openat", 2)):
        if name in numbers:
            steps.append(_on_argument(numbers[name], index, if_writes, _ERRNO | errno.EROFS, _ALLOW))
    if_own = _step(_IF_EQUAL, own_pid, 0, 1)
    for name in _SIGNALS:
        # tkill names a thread; Python and glibc use tgkill.
        test = if_own if name != "tkill" else _step(_IF_EQUAL, 0, 0, 1)
        steps.append(_on_argument(numbers[name], 0, test, _ALLOW, _ERRNO | errno.EPERM))
    # The limits of other processes; 0 is this one.
    if_zero = _step(_IF_EQUAL, 0, 0, 1)
    steps.append(_on_argument(numbers["prlimit64"], 0, if_zero, _ALLOW, _ERRNO | errno.EPERM))
    steps.append(_step(_RETURN, _ALLOW))
    return b"".join(steps)


def install() -> None:
    """Puts the filter on this process for good. Raises NoFilter if that cannot be."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        raise NoFilter(f"there is no filter for {platform.machine()}")
    code = program(machine, os.getpid())
    instructions = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("first", ctypes.c_void_p))

    given = Program(len(code) // 8, ctypes.cast(instructions, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise NoFilter(f"prctl(PR_SET_NO_NEW_PRIVS): {os.strerror(ctypes.get_errno())}")
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(given), 0, 0) != 0:
        raise NoFilter(f"prctl(PR_SET_SECCOMP): {os.strerror(ctypes.get_errno())}")
