"""Restrict the files of this process with Landlock (landlock(7), Linux 5.13): what is not permitted is denied."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

# linux/landlock.h
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH = 1, 1
EXECUTE = 1 << 0
LIST = 1 << 3
READ = 1 << 2 | LIST
_NOT_WRITING = EXECUTE | 1 << 6 | 1 << 11
"""The rights to execute files, and to make character and block devices."""
_ALL = (1 << 16) - 1
WRITE = _ALL & ~_NOT_WRITING
"""Also to read, make, change and remove files."""
_OF_FILES = READ & ~LIST | EXECUTE | 1 << 1 | 1 << 14 | 1 << 15
"""The rights that a file has, and not only a directory: those above, to write, to truncate and to control devices."""
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights on files there are, by version."""
_O_PATH = 0o10000000


def restrict(libc: ctypes.CDLL, places: Sequence[tuple[Path, int]]) -> str | None:
    """Deny this process all other files than those below these places; return what the kernel could not do.

    Each place comes with its rights. One that does not exist is skipped. NoNewPrivs must be set.
    """
    version = int(libc.syscall(_CREATE_RULESET, None, 0, _ASK_VERSION))
    if version < 1:
        return "the kernel has no Landlock; use Linux 5.13 or later, with landlock in its list of security modules"
    files = (1 << _RIGHTS.get(version, 16)) - 1
    network = 0b11 if version >= 4 else 0  # TCP: bind, connect
    scopes = 0b11 if version >= 6 else 0  # abstract sockets, signals
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(_CREATE_RULESET, struct.pack("QQQ", files, network, scopes), size, 0)
    if ruleset < 0:
        return f"Landlock can't be used: {os.strerror(ctypes.get_errno())}"
    try:
        for path, rights in places:
            _permit(libc, ruleset, path, rights & files)
        if libc.syscall(_RESTRICT_SELF, ruleset, 0) != 0:
            return f"Landlock can't be used: {os.strerror(ctypes.get_errno())}"
    finally:
        os.close(ruleset)
    return None


def _permit(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    with suppress(OSError):
        opened = os.open(path, _O_PATH | os.O_CLOEXEC)
        try:
            rule = struct.pack("=Qi", rights if path.is_dir() else rights & _OF_FILES, opened)
            libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
        finally:
            os.close(opened)
