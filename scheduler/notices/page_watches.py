"""The watches that people made in the pages, with what each was before its last change."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from pydantic import ValidationError

from archive.database.engine import Database
from archive.database.marks import Marks
from config.groups.watches import Watch
from scheduler.notices.watch_hits import WatchHits

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PageWatch:
    """A watch of the pages. While it is paused, it finds nothing."""

    watch: Watch
    paused: bool = False
    text: str = field(default="", compare=False)
    """The text that was read from the database; empty for a watch that was not."""

    @property
    def digest(self) -> str:
        """SHA-256 of the watch, in hexadecimal: names what a person began to edit."""
        return hashlib.sha256(_written(self).encode()).hexdigest()


_PRESENT = "watch/"
_FORMER = "former-watch/"


class PageWatches:
    """The watches of the pages, in the database: all machines of a service follow the same."""

    def __init__(self, database: Database) -> None:
        self._present = Marks(database, _PRESENT)
        self._former = Marks(database, _FORMER)
        self._hits = WatchHits(database)

    def all(self) -> dict[str, PageWatch]:
        found = ((name, _read(name, text)) for name, text in sorted(self._present.all().items()))
        return {name: watch for name, watch in found if watch is not None}

    def unreadable(self) -> list[str]:
        """Return the names of the watches that this version can't read: they find nothing."""
        return [name for name, text in sorted(self._present.all().items()) if _read(name, text) is None]

    def get(self, name: str) -> PageWatch | None:
        text = self._present.get(name)
        return None if text is None else _read(name, text)

    def former(self, name: str) -> PageWatch | None:
        """Return a watch as it was before its last change, or before it was removed; None if it was not."""
        text = self._former.get(name)
        return None if text is None else _read(name, text)

    def has_former(self, name: str) -> bool:
        """Return whether a watch was changed or removed, also if this version can't read what it was."""
        return self._former.get(name) is not None

    def add(self, name: str, watch: PageWatch) -> bool:
        """Write a new watch, which finds what is archived from now on. Return False if another one has the name."""
        text = _written(watch)
        added = self._present.put(name, text) == text
        if added and not watch.paused:
            self._hits.begin(name)
        return added

    def save(self, name: str, watch: PageWatch, before: PageWatch) -> bool:
        """Write a watch instead of the one that was read, which stays as the former one.

        One that is paused forgets how far it has read; a resumed one finds what is archived from now on.
        Return False if it was changed or removed since then.
        """
        if kept := self._present.replace(name, before.text, _written(watch)):
            self._former.set(name, before.text)
            if watch.paused:
                self._hits.stop(name)
            elif before.paused:
                self._hits.begin(name)
        return kept

    def remove(self, name: str, before: PageWatch) -> bool:
        """Remove a watch that was read, which stays as the former one; its hits stay, too.

        Return False if it was changed or removed since then.
        """
        if gone := self._present.delete_if(name, before.text):
            self._former.set(name, before.text)
            self._hits.stop(name)
        return gone

    def remove_unreadable(self, name: str) -> bool:
        """Remove a watch that this version can't read. Return False if there is none."""
        text = self._present.get(name)
        if text is None or _read(name, text) is not None or not self._present.delete_if(name, text):
            return False
        self._former.set(name, text)
        return True


def active_watches(of_settings: Mapping[str, Watch], database: Database) -> dict[str, Watch]:
    """Return the watches to follow: those of the settings, and those of the pages that are not paused.

    A watch of the settings counts, and not one of the same name of the pages.
    """
    own = {name: one.watch for name, one in PageWatches(database).all().items() if not one.paused}
    return own | dict(of_settings)


def _written(watch: PageWatch) -> str:
    return json.dumps({"watch": watch.watch.model_dump(mode="json"), "paused": watch.paused}, ensure_ascii=False)


@lru_cache(maxsize=1024)
def _read(name: str, text: str) -> PageWatch | None:
    """Return a watch; None for one that this version can't read: it keeps no other from its work.

    That is logged once per text, because the service reads its watches every few seconds.
    """
    try:
        facts = json.loads(text)
        return PageWatch(Watch.model_validate(facts["watch"]), bool(facts["paused"]), text)
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        _log.error("a watch of the pages can't be read", extra={"watch": name, "reason": str(error)})
        return None
