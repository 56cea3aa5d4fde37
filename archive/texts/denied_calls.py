"""The system calls that a process which only reads its input never needs: their numbers by architecture.

They reach the network, other processes, the names and attributes of files, the kernel's configuration, and rarely used
parts of the kernel. Opening files and making threads are not among them: `archive.texts.confinement` looks at their
arguments. The numbers are those of Linux's `unistd.h`; they never change.
"""

from __future__ import annotations

from typing import NamedTuple

from archive.texts.denied_calls_aarch64 import AARCH64
from archive.texts.denied_calls_x86_64 import X86_64


class Architecture(NamedTuple):
    audit: int
    """AUDIT_ARCH_* of linux/audit.h."""
    openat: int
    open: int | None
    clone: int
    tgkill: int
    prlimit64: int
    fcntl: int
    ioctl: int
    denied: dict[str, int]


DENIED_FCNTL = (8, 10, 15, 1024, 1026)
"""F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY: with them, a pipe sends signals to any process of the user."""
DENIED_IOCTL = (0x5412, 0x541C, 0x8901, 0x8902)
"""TIOCSTI and TIOCLINUX, which type into a terminal; FIOSETOWN and SIOCSPGRP, which are F_SETOWN for sockets."""
OPENAT2, CLONE3, FIRST_UNKNOWN = 437, 435, 451
"""The same on all architectures. Calls from `FIRST_UNKNOWN` on are newer than this list (Linux 6.4)."""

ARCHITECTURES = {
    "x86_64": Architecture(
        0xC000003E, openat=257, open=2, clone=56, tgkill=234, prlimit64=302, fcntl=72, ioctl=16, denied=X86_64
    ),
    "aarch64": Architecture(
        0xC00000B7, openat=56, open=None, clone=220, tgkill=131, prlimit64=261, fcntl=25, ioctl=29, denied=AARCH64
    ),
}
