"""Confine this process to its open pipes and to reading its own code: no network, no files, no other process.

What a page makes a parser do stays in the process that reads it. A spider of a user also needs its own files and the
socket to its worker: `Needs` says so. No root is needed (prctl(2), seccomp(2), landlock(7)):

* `NoNewPrivs`: nothing that it could execute gets more rights.
* seccomp: system calls for the network, other processes and changes to files fail with EPERM, and opening a file for
  writing does. The filter is in the kernel for the rest of the process.
* Landlock (Linux 5.13): files can be opened for reading only where code is loaded from, since libraries import parts of
  themselves late. Of a directory of packages outside of the environment, only the packages are.

Where the kernel lacks one of them, the other still holds; `missing` says so.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import socket
import struct
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from archive.texts import landlock
from archive.texts.denied_calls import (
    ARCHITECTURES,
    CLONE3,
    DENIED_FCNTL,
    DENIED_IOCTL,
    FIRST_UNKNOWN,
    OPENAT2,
    Architecture,
)
from archive.values.core_affinity import on_all_cores

_TRY_SECONDS = 60

# linux/prctl.h, linux/seccomp.h
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAPBSET_DROP = 24
_LOOKING_INTO_PROCESSES = (21, 38)
"""CAP_SYS_ADMIN, CAP_PERFMON: with one of them, Landlock does not deny /proc/PID/environ and maps (Linux 6.14)."""
_SECCOMP, _SET_MODE_FILTER, _FLAG_TSYNC = {"x86_64": 317, "aarch64": 277}, 1, 1
_KILL, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_CALL, _ARCHITECTURE = 0, 4
"""Offsets in struct seccomp_data; the low half of argument N is at 16 + 8 * N."""
_CLONE_THREAD = 0x10000
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | 0o20000000
"""Flags of open(2) for a file that may be changed; the last is that of O_TMPFILE alone."""

_INSTALLED = frozenset({".py", ".so", ".dist-info", ".libs"})

_TALKING = frozenset({"sendto", "sendmsg", "recvfrom", "recvmsg"})
_CHANGING = frozenset(
    {"creat", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat"}
)
"""What Landlock restricts by directory. Modes, owners, times and attributes it does not, so they stay denied."""
_IGNORED = frozenset({"chmod", "fchmod", "fchmodat", "fchmodat2"})
"""What programs do to files that they write, and do well without: these calls do nothing, and report success."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a process needs besides its pipes and its code."""

    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    """Directories in which it may also make, change and remove files. Only Landlock can restrict that."""
    talks: bool = False
    """Whether it uses sockets that are open already."""
    open_files: int = 64


def confine(needs: Needs | None = None) -> list[str]:
    """Confine this process, for good. Return what this kernel could not do, a sentence each."""
    libc, needs = ctypes.CDLL(None, use_errno=True), needs or Needs()
    resource.setrlimit(resource.RLIMIT_NOFILE, (needs.open_files, needs.open_files))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return list(filter(None, (_keep_rights(libc), _restrict_files(libc, needs), _restrict_calls(libc, needs))))


def deny_network() -> list[str]:
    """Leave this process, and all that it starts, only pairs of local sockets; return what the kernel could not do."""
    libc = ctypes.CDLL(None, use_errno=True)
    return list(filter(None, (_keep_rights(libc), _set_filter(libc, _without_network))))


def deny_files(readable: Sequence[Path], writable: Sequence[Path]) -> list[str]:
    """Leave this process, and all that it starts, only files below these directories.

    Programs below `readable` can be executed. The memory and the environment of processes outside can't be read.
    Return what the kernel could not do, a sentence each.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    places = [(path, landlock.READ | landlock.EXECUTE) for path in readable]
    places += [(path, landlock.WRITE) for path in writable]
    for capability in _LOOKING_INTO_PROCESSES:  # only root has them, and loses them with the next program
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    return list(filter(None, (_keep_rights(libc), landlock.restrict(libc, places))))


def _keep_rights(libc: ctypes.CDLL) -> str | None:
    failed = libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
    return f"NoNewPrivs can't be set: {os.strerror(ctypes.get_errno())}" if failed else None


def missing() -> list[str]:
    """Return what `confine` can't do on this machine, a sentence each: a child process confines itself, and tries."""
    command = [sys.executable, "-P", "-m", "archive.texts.confinement"]
    with on_all_cores():
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TRY_SECONDS)
    if done.returncode != 0:
        return [f"a process that confines itself ended with {done.returncode}: {done.stderr.strip()[-200:]}"]
    return done.stdout.splitlines()


def reached() -> list[str]:
    """Try what a confined process must not reach; return what it reaches nevertheless, a sentence each."""
    found = []
    for what, attempt in _ATTEMPTS.items():
        with suppress(OSError):
            attempt()
            found.append(f"a page that takes over its extractor process can {what} as this user")
    return found


_ATTEMPTS: dict[str, Callable[[], object]] = {
    "reach the network": lambda: socket.socket().close(),
    "read files": lambda: Path("/etc/passwd").read_bytes(),
    "write files": lambda: tempfile.TemporaryFile().close(),
    "start programs": lambda: os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {}),
}


# --- seccomp --------------------------------------------------------------------------------------------------------


def _restrict_calls(libc: ctypes.CDLL, needs: Needs) -> str | None:
    return _set_filter(libc, lambda machine: _filter(machine, os.getpid(), needs))


def _set_filter(libc: ctypes.CDLL, steps: Callable[[Architecture], Iterator[bytes]]) -> str | None:
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        return f"there is no filter of system calls for {machine}"
    program = b"".join(steps(ARCHITECTURES[machine]))
    instructions = ctypes.create_string_buffer(program, len(program))
    given = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(instructions))
    if libc.syscall(_SECCOMP[machine], _SET_MODE_FILTER, _FLAG_TSYNC, given) != 0:
        return f"the filter of system calls can't be set: {os.strerror(ctypes.get_errno())}"
    return None


def _without_network(machine: Architecture) -> Iterator[bytes]:
    """Yield the filter for a browser: what it does beside the network is its own sandbox's matter."""
    yield from _known_calls(machine)
    for name in ("connect", "io_uring_setup"):  # a ring connects without a call that a filter sees
        yield from (_step(_EQUAL, machine.denied[name], 0, 1), _answer(_ERRNO | errno.EPERM))
    yield from _unless(machine.denied["socket"], 0, _EQUAL, socket.AF_UNIX)
    yield _answer(_ALLOW)


def _filter(machine: Architecture, process: int, needs: Needs) -> Iterator[bytes]:
    """Yield the filter, as a classic BPF program."""
    yield from _known_calls(machine)
    yield from (_step(_AT_LEAST, FIRST_UNKNOWN, 0, 1), _answer(_ERRNO | errno.ENOSYS))
    for call in (OPENAT2, CLONE3):  # their arguments are in memory, where no filter can look; libc then uses the older
        yield from (_step(_EQUAL, call, 0, 1), _answer(_ERRNO | errno.ENOSYS))
    spared = (_TALKING if needs.talks else frozenset()) | (_CHANGING if needs.writable else frozenset())
    for name, call in machine.denied.items():
        if name not in spared:
            ignored = needs.writable and name in _IGNORED
            yield from (_step(_EQUAL, call, 0, 1), _answer(_ERRNO | (0 if ignored else errno.EPERM)))
    yield from _unless(machine.clone, 0, _ANY_BIT, _CLONE_THREAD)
    if not needs.writable:
        yield from _if(machine.openat, 2, _ANY_BIT, _WRITES)
        if machine.open is not None:
            yield from _if(machine.open, 1, _ANY_BIT, _WRITES)
    yield from _unless(machine.tgkill, 0, _EQUAL, process)
    yield from _if(machine.prlimit64, 0, _AT_LEAST, 1)
    yield from _if_one_of(machine.fcntl, 1, DENIED_FCNTL)
    yield from _if_one_of(machine.ioctl, 1, DENIED_IOCTL)
    yield _answer(_ALLOW)


def _known_calls(machine: Architecture) -> Iterator[bytes]:
    """Yield the steps that kill a process with calls of another architecture, and load the number of the call."""
    yield from (_step(_LOAD, _ARCHITECTURE), _step(_EQUAL, machine.audit, 1, 0), _answer(_KILL))
    yield _step(_LOAD, _CALL)
    yield from (_step(_AT_LEAST, 0x40000000, 0, 1), _answer(_KILL))  # the x32 calls of x86_64 have numbers of their own


def _if(call: int, argument: int, test: int, value: int) -> Iterator[bytes]:
    """Deny a call if the test of its argument is true."""
    yield from _judged(call, argument, _step(test, value, 1, 0))


def _unless(call: int, argument: int, test: int, value: int) -> Iterator[bytes]:
    """Deny a call if the test of its argument is false."""
    yield from _judged(call, argument, _step(test, value, 0, 1))


def _if_one_of(call: int, argument: int, values: Sequence[int]) -> Iterator[bytes]:
    """Deny a call if its argument is one of the values."""
    yield _step(_EQUAL, call, 0, len(values) + 3)
    yield _step(_LOAD, 16 + 8 * argument)
    yield from (_step(_EQUAL, value, len(values) - place, 0) for place, value in enumerate(values))
    yield from (_answer(_ALLOW), _answer(_ERRNO | errno.EPERM))


def _judged(call: int, argument: int, test: bytes) -> Iterator[bytes]:
    """Answer a call by a test that goes to the next step to allow it, and past that to deny it."""
    yield _step(_EQUAL, call, 0, 4)
    yield from (_step(_LOAD, 16 + 8 * argument), test, _answer(_ALLOW), _answer(_ERRNO | errno.EPERM))


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _answer(action: int) -> bytes:
    return _step(_RETURN, action)


# --- Landlock -------------------------------------------------------------------------------------------------------


def _restrict_files(libc: ctypes.CDLL, needs: Needs) -> str | None:
    places = [(path, landlock.READ) for path in (*_readable(), *needs.readable)]
    places += [(path, landlock.LIST) for path in _with_packages()]  # an import lists it; all names below are readable
    places += [(path, landlock.WRITE) for path in needs.writable]
    return landlock.restrict(libc, places)


def _readable() -> Iterator[Path]:
    """Yield where code and its data are: the standard library, packages, shared libraries, and time zones."""
    yield from _code_alone()
    for directory in _with_packages():
        yield from _packages(directory)
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if "." not in name and file:
            yield Path(file).parent if hasattr(module, "__path__") else Path(file)


def _code_alone() -> list[Path]:
    libraries = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", "/usr/share/zoneinfo")
    places = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    return sorted({Path(place) for place in (*places, *libraries)})


def _with_packages() -> list[Path]:
    """Return other directories that packages are imported from. They may contain anything else, even the home."""
    whole = _code_alone()
    places = (place for place in map(Path, filter(None, sys.path)) if not any(map(place.is_relative_to, whole)))
    return [place for place in places if next(place.glob("*.dist-info"), None)]


def _packages(directory: Path) -> Iterator[Path]:
    """Yield what is installed in a directory. Only RECORD names the packages that have no `__init__.py`."""
    records = (file.read_text("utf-8", "replace") for file in directory.glob("*.dist-info/RECORD"))
    recorded = {line.partition("/")[0] for record in records for line in record.splitlines() if "/" in line}
    for child in directory.iterdir():
        if child.name in recorded or child.suffix in _INSTALLED or (child / "__init__.py").is_file():
            yield child


if __name__ == "__main__":
    sys.stdout.writelines(f"{problem}\n" for problem in [*confine(), *reached()])
