"""Months that can't be written again: what they may name is not deleted until they can."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable
from typing import TYPE_CHECKING

from archive.database.schema import microseconds
from archive.index.months.month import span_of
from archive.values.errors import IntegrityError, ObjectNotFound

if TYPE_CHECKING:
    from archive.index.months.month import Month
    from archive.warc.manifest import Manifest

logger = logging.getLogger(__name__)


class HeldMonths:
    """The months where a purge has failed, and what they may name."""

    def __init__(self) -> None:
        self.months: dict[str, str] = {}
        """Why each can't be written again, and the way out."""
        self.holding: dict[str, str] = {}
        """Those that hold something up, as `why` has told."""
        self._named: dict[str, frozenset[str] | None] = {}

    def hold(self, name: str, error: IntegrityError | ObjectNotFound | OSError, known: Iterable[Month] | None) -> None:
        """Note a month. `known` are all its manifests; None if one of them can't be read."""
        self.months[name] = _sentence(name, error, is_read=known is not None)
        each = None if known is None else (one.manifest_key for month in known for one in month.segments.values())
        self._named[name] = None if each is None else frozenset(each)
        facts = {"month": name, "reason": self.months[name]}
        logger.warning("a month could not be written again without what was purged", extra=facts)

    def why(self, former: Manifest) -> str | None:
        """Return why a segment is not deleted yet; None if none of these months may name it."""
        name = next((name for name, keys in self._named.items() if _may_name(name, keys, former)), None)
        if name is None:
            return None
        self.holding[name] = self.months[name]
        return self.months[name]


def _may_name(name: str, keys: frozenset[str] | None, former: Manifest) -> bool:
    if keys is not None:
        return former.key in keys
    if former.first_at is None or former.last_at is None:
        return False
    first, past = span_of(name)
    return microseconds(former.first_at) < past and first <= microseconds(former.last_at)


def _sentence(name: str, error: IntegrityError | ObjectNotFound | OSError, *, is_read: bool) -> str:
    if isinstance(error, OSError):
        return (
            f"the month {name} can't be written again without what was purged: the directory of temporary files "
            f"({tempfile.gettempdir()}) refuses: {error}; free space there, or set TMPDIR; then run pressmark purge"
        )
    if is_read:
        return str(error)
    return (
        f"the month {name} can't be written again without what was purged: {error}; restore this manifest from a "
        f"copy, or run pressmark months detach {name} (and pressmark rebuild where the database has no rows of it) and "
        f"pressmark months delete {name}; then run pressmark purge"
    )
