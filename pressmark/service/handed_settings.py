"""Hand the settings of a service to the processes that it starts: all of them use what the service read at its start.

Files may say something else by the time a process is started again: one port has one access policy, and what is written
to one store is not looked for in another.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager

from config.settings import Settings
from pressmark import __version__


class OtherVersion(Exception):
    """The service runs an earlier installation of Pressmark than the process that it starts."""

    def __init__(self, theirs: str) -> None:
        super().__init__(f"the service runs Pressmark {theirs}, but {__version__} is installed; restart the service")


@contextmanager
def handed(settings: Settings) -> Iterator[int]:
    """Yield the descriptor of a file in memory with the settings and their secrets; a process that inherits it may
    call `taken`."""
    descriptor = os.memfd_create("settings")
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(packed(settings))
        yield descriptor
    finally:
        os.close(descriptor)


def taken(descriptor: int) -> Settings:
    """Return the settings that the service has `handed` to this process. Raises OtherVersion, OSError."""
    return unpacked(os.pread(descriptor, os.fstat(descriptor).st_size, 0))


def packed(settings: Settings) -> bytes:
    """Return the settings as bytes, after a line with our version."""
    return __version__.encode() + b"\n" + pickle.dumps(settings)


def unpacked(content: bytes) -> Settings:
    """Return settings that were `packed`. Raises OtherVersion."""
    version, _, rest = content.partition(b"\n")
    if version.decode() != __version__:
        raise OtherVersion(version.decode())
    settings: Settings = pickle.loads(rest)  # noqa: S301 - our own service wrote it
    return settings
