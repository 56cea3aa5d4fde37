"""A notice, and how one is sent."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

_log = logging.getLogger(__name__)
SECONDS = 15.0
"""Seconds that a server may take to accept a notice."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A change of a source's state, or a test."""

    source: str
    state: Literal["blocked", "free", "test"]
    since: datetime
    reason: str
    run: str

    @property
    def title(self) -> str:
        if self.state == "test":
            return "Pressmark: a test"
        return f"Pressmark: {self.source} is {'blocked' if self.state == 'blocked' else 'no longer blocked'}"

    @property
    def text(self) -> str:
        if self.state == "test":
            return f"{self.reason}\n"
        when = f"{self.since:%Y-%m-%d %H:%M:%S} UTC"
        what = "has been blocking our requests" if self.state == "blocked" else "has been serving pages again"
        return f"The site of the source {self.source} {what} since {when}.\n\n{self.reason}\n\nRun {self.run}\n"


class NoticeRefused(Exception):
    """A notification could not be delivered. The message contains no secret."""


Notifier = Callable[[Notice], None]
"""Sends a notice. Raises NoticeRefused, OSError."""


def attempt(send: Callable[[], None]) -> None:
    """Make and send a message. Raises NoticeRefused, OSError: whatever else is raised is a failure of its channel."""
    try:
        send()
    except (NoticeRefused, OSError):
        raise
    except Exception as error:
        _log.exception("a notifier failed")
        raise NoticeRefused(
            f"the notification could not be made or sent ({type(error).__name__}); the log has the details"
        ) from error
