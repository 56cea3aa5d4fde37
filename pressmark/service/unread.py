"""Streams that nobody reads: a full pipe whose reader has stopped, or a closed one, must not stop a command."""

from __future__ import annotations

import select
from contextlib import suppress
from typing import TextIO

_PATIENCE = 5.0
"""Seconds that a line waits for a reader. After that, lines are dropped until the reader continues."""
_PIECE = 1024
"""Characters that a pipe takes at once if it takes any: 4,096 bytes (PIPE_BUF)."""
_stopped: set[int] = set()
"""File descriptors whose readers have stopped."""


def write_if_read(stream: TextIO, text: str) -> None:
    """Write to a stream, and flush it. What nobody reads is dropped."""
    with suppress(BrokenPipeError):
        for start in range(0, len(text), _PIECE):
            if not _is_read(stream):
                return
            stream.write(text[start : start + _PIECE])
            stream.flush()


def _is_read(stream: TextIO) -> bool:
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # a stream of a test, in memory
        return True
    patience = 0.0 if descriptor in _stopped else _PATIENCE
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    if poll.poll(patience * 1000):
        _stopped.discard(descriptor)
        return True
    _stopped.add(descriptor)
    return False
