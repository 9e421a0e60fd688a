"""What a process that reads a DAG file may use, and how it gives up what it has: limits, rights."""

from __future__ import annotations

import ctypes
import resource
from dataclasses import dataclass, fields
from typing import Any

_MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """The request's `limits`; a key that is not here is an error."""

    seconds: float = 30.0  # of the wall, for each file
    memory_mb: int = 1024  # address space beyond what the warm parent has
    output_bytes: int = 16 * 1024  # of what the file prints, that are kept
    answer_bytes: int = 64 * _MIB

    @classmethod
    def of(cls, given: dict[str, Any] | None) -> Limits:
        """Reads the request's map."""
        given = given or {}
        known = {field.name: field.type for field in fields(cls)}
        for name, value in given.items():
            if name not in known:
                raise ValueError(f"limits has no '{name}'; there are {', '.join(sorted(known))}")
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                raise ValueError(f"limits.{name} is a number above 0")
        return cls(**{name: value if name == "seconds" else int(value) for name, value in given.items()})


def _address_space_now() -> int:
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()


def apply(limits: Limits) -> None:
    """Sets the limits of this process, for good."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MIB, _MIB))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    cpu = int(limits.seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    most = _address_space_now() + limits.memory_mb * _MIB
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def drop_capabilities() -> None:
    """A process of root loses root's rights beyond its own files."""

    class Header(ctypes.Structure):
        _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))

    header = Header(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3
    nothing = (ctypes.c_uint32 * 6)()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.capset(ctypes.byref(header), ctypes.byref(nothing))
