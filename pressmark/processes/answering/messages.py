"""What the service writes to the input of a process that answers: lines of JSON, the first of which is the greeting."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

_AT_ONCE = 1 << 16

Problems = Mapping[str, str | None]
"""Why a part of the service does not work, as a sentence, by its name; None when it does."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a process needs before it can answer."""

    key: str = field(repr=False)
    """What signs the addresses of replay (`stage_key`)."""
    replay_port: int
    problems: Problems
    number: int = 0
    """Which of the processes that answer it is; 0 is the service."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The parts of the service that work have changed."""

    problems: Problems


@dataclass(frozen=True, slots=True)
class Shown:
    """The replay server gave a frame a capture: the pages that describe its first and its last one (`FramePages`)."""

    frame: str
    first: str | None
    last: str | None


Message = Greeting | Changed | Shown
_KINDS: dict[str, type[Message]] = {kind.__name__: kind for kind in (Greeting, Changed, Shown)}


def line_of(message: Message) -> bytes:
    return json.dumps({"kind": type(message).__name__} | asdict(message)).encode() + b"\n"


class Input:
    """The messages that arrive at a descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = b""
        self.ended = False

    def read(self) -> Iterator[Message]:
        """Read what is there, and return the messages that are complete; wait if nothing is there."""
        data = os.read(self._descriptor, _AT_ONCE)
        self.ended = not data
        *lines, self._rest = (self._rest + data).split(b"\n")
        return map(_message_of, lines)


def _message_of(line: bytes) -> Message:
    fields = json.loads(line)
    return _KINDS[fields.pop("kind")](**fields)
