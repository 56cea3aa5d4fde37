"""Become Chromium without a network and our files: ``python -m crawler.browser.launch READ WRITE PROGRAM ARGUMENTS…``.

READ and WRITE are inherited pipes, which Chromium expects as descriptors 3 and 4. It dies with its worker, and writes
files only below the directory in which it starts.
"""

from __future__ import annotations

import fcntl
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from archive.texts.confinement import deny_files, deny_network
from archive.values.parent_death import die_with_parent

_READABLE = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/sys", "/var/cache/fontconfig"),
    *("/etc/alternatives", "/etc/chromium", "/etc/chromium.d", "/etc/fonts", "/etc/ld.so.cache", "/etc/localtime"),
    *("/etc/mime.types", "/etc/nsswitch.conf", "/etc/passwd", "/etc/ssl/certs"),
)
"""Programs, libraries, fonts and the description of the machine; nothing that holds a secret of a service."""
_WRITABLE = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/shm", "/proc")  # noqa: S108 -- memory that processes share
"""/proc: its sandbox writes the maps of its user namespace. The kernel denies it the state of processes outside."""
_NAMING_PLACES = ("LD_LIBRARY_PATH", "FONTCONFIG_PATH", "FONTCONFIG_FILE")


def main(read: int, write: int, command: list[str]) -> None:
    die_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if problems := deny_network():
        sys.exit(f"the browser can't be kept from the network ({'; '.join(problems)})")
    deny_files([*_readable(command[0])], [*map(Path, _WRITABLE), Path.cwd()])  # doctor names a kernel without Landlock
    above = [fcntl.fcntl(pipe, fcntl.F_DUPFD_CLOEXEC, 10) for pipe in (read, write)]  # 3 and 4 may be these themselves
    for pipe, expected in zip(above, (3, 4), strict=True):
        os.dup2(pipe, expected)
    os.execv(command[0], command)  # noqa: S606 -- no shell is wanted


def _readable(program: str) -> Iterator[Path]:
    yield from map(Path, _READABLE)
    yield from {Path(program).parent, Path(program).resolve().parent}
    for name in _NAMING_PLACES:
        yield from map(Path, filter(None, os.environ.get(name, "").split(os.pathsep)))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
