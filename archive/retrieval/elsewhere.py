"""What other machines have in their spools, and the store does not have yet."""

from __future__ import annotations

from typing import BinaryIO, Protocol

from archive.values.capture import Location


class Elsewhere(Protocol):
    """The spools of the other machines that share the database."""

    def get(self, where: Location) -> BinaryIO:
        """Return a part of a segment, as a file that the caller closes.

        Raises FileNotFoundError if nobody can be asked, ObjectNotFound, SpoolUnreachable.
        """
        ...

    def size(self, segment: str) -> int:
        """Return the size of a segment in bytes. Raises what `get` raises."""
        ...
