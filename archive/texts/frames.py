"""Messages on a pipe: the length in four bytes, big-endian, then that many bytes."""

from __future__ import annotations

from typing import BinaryIO

HEAD = 4
LONGEST = 64 << 20
"""Octets of a message. A longer one is a broken pipe partner, not a message."""


def framed(message: bytes) -> bytes:
    """Return a message with its length. Raises ValueError if it is too long."""
    if len(message) > LONGEST:
        raise ValueError(f"a message of {len(message)} bytes is longer than {LONGEST}")
    return len(message).to_bytes(HEAD, "big") + message


def length_of(head: bytes) -> int:
    """Return the number of bytes that follow a head. Raises ValueError if it is too large."""
    length = int.from_bytes(head, "big")
    if length > LONGEST:
        raise ValueError(f"a message of {length} bytes is longer than {LONGEST}")
    return length


def read_frame(source: BinaryIO) -> bytes | None:
    """Return the next message of a blocking stream; None if the other side is gone."""
    head = source.read(HEAD)
    if len(head) < HEAD:
        return None
    length = length_of(head)
    message = source.read(length)
    return message if len(message) == length else None
