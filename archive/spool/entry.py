"""What the recorder is given, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from archive.values.capture import Capture, Context
from archive.values.errors import ArchiveError
from archive.warc.derived import Derived
from archive.warc.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result for an exchange: an acknowledged capture, or an error, and then nothing of it is stored."""

    token: object
    capture: Capture | None
    error: ArchiveError | None


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An exchange to be written to the spool, or what was derived from one."""

    exchange: Exchange | Derived
    context: Context
    token: object

    def close(self) -> None:
        """Close a body that is a temporary file."""
        message = self.exchange if isinstance(self.exchange, Derived) else self.exchange.response
        if message and not isinstance(message.body, bytes):
            message.body.close()
