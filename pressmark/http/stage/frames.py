"""What each frame was given last, so that the bar around it describes that page."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

_MOST = 10_000
"""The most frames that are remembered: those used last."""


class FramePages(NamedTuple):
    """The pages of ours about what a frame was given; None for what is not a capture."""

    first: str | None
    last: str | None


class Frames:
    """The frames that this process knows. Any thread may call."""

    def __init__(
        self, most: int = _MOST, *, noted: Callable[[str, FramePages], object] = lambda frame, pages: None
    ) -> None:
        """Set up. `noted` is called after each note with all that is known of the frame: other processes keep it."""
        self._most = most
        self._noted = noted
        self._given: OrderedDict[str, FramePages] = OrderedDict()
        self._changing = threading.Lock()

    @staticmethod
    def new() -> str:
        """Return a name for a new frame."""
        return secrets.token_urlsafe(12)

    def note(self, frame: str, page: str | None) -> None:
        """Note that a frame was given what `page` describes."""
        with self._changing:
            before = self._given.get(frame)
            pages = FramePages(before.first if before else page, page)
            self._keep(frame, pages)
        self._noted(frame, pages)

    def keep(self, frame: str, pages: FramePages) -> None:
        """Keep what another process knows of a frame: it saw the first page, which this one may have missed."""
        with self._changing:
            self._keep(frame, pages)

    def _keep(self, frame: str, pages: FramePages) -> None:
        self._given[frame] = pages
        self._given.move_to_end(frame)
        while len(self._given) > self._most:
            self._given.popitem(last=False)

    def of(self, frame: str) -> FramePages | None:
        """Return what a frame was given; None if it was given nothing, or is forgotten."""
        return self._given.get(frame)
