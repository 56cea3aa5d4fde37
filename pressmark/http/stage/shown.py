"""What each frame was given last, so that the bar around it can tell of that page and of no other."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import NamedTuple

_MOST = 10_000
"""So many frames are remembered, those that were looked at last."""


class Given(NamedTuple):
    """Pages of ours that tell of what a frame was given; None for what is no capture."""

    first: str | None
    last: str | None


class Shown:
    """Of this process. Any thread may ask."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._given: OrderedDict[str, Given] = OrderedDict()
        self._changing = threading.Lock()

    @staticmethod
    def new() -> str:
        """The name of a frame that is going to be."""
        return secrets.token_urlsafe(12)

    def note(self, frame: str, page: str | None) -> None:
        """A frame was given what `page` tells of."""
        with self._changing:
            before = self._given.get(frame)
            self._given[frame] = Given(before.first if before else page, page)
            self._given.move_to_end(frame)
            while len(self._given) > self._most:
                self._given.popitem(last=False)

    def of(self, frame: str) -> Given | None:
        """None for a frame that was given nothing, and for one that is forgotten."""
        return self._given.get(frame)
