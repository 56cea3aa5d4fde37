"""The watches that people made in the pages, with what each was before its last change."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from archive.database.engine import Database
from archive.database.marks import Marks
from config.groups.watches import Watch

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PageWatch:
    """A watch of the pages. While it is paused, it finds nothing."""

    watch: Watch
    paused: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of the watch, in hexadecimal: names what a person began to edit."""
        return hashlib.sha256(_written(self).encode()).hexdigest()


class PageWatches:
    """The watches of the pages, in the database: all machines of a service follow the same."""

    def __init__(self, database: Database) -> None:
        self._present = Marks(database, "watch/")
        self._former = Marks(database, "former-watch/")

    def all(self) -> dict[str, PageWatch]:
        found = ((name, _read(name, text)) for name, text in sorted(self._present.all().items()))
        return {name: watch for name, watch in found if watch is not None}

    def get(self, name: str) -> PageWatch | None:
        text = self._present.get(name)
        return None if text is None else _read(name, text)

    def former(self, name: str) -> PageWatch | None:
        """Return a watch as it was before its last change, or before it was removed; None if it was not."""
        text = self._former.get(name)
        return None if text is None else _read(name, text)

    def save(self, name: str, watch: PageWatch) -> None:
        """Write a watch. What it was stays as the former one."""
        self._keep_former(name)
        self._present.set(name, _written(watch))

    def remove(self, name: str) -> None:
        """Remove a watch; its hits stay."""
        self._keep_former(name)
        self._present.delete(name)

    def _keep_former(self, name: str) -> None:
        if (text := self._present.get(name)) is not None:
            self._former.set(name, text)


def active_watches(of_settings: Mapping[str, Watch], database: Database) -> dict[str, Watch]:
    """Return the watches to follow: those of the settings, and those of the pages that are not paused.

    A watch of the settings counts, and not one of the same name of the pages.
    """
    own = {name: one.watch for name, one in PageWatches(database).all().items() if not one.paused}
    return own | dict(of_settings)


def _written(watch: PageWatch) -> str:
    return json.dumps({"watch": watch.watch.model_dump(mode="json"), "paused": watch.paused}, ensure_ascii=False)


def _read(name: str, text: str) -> PageWatch | None:
    """Return a watch; None, logged, for one that this version can't read: it keeps no other from its work."""
    try:
        facts = json.loads(text)
        return PageWatch(Watch.model_validate(facts["watch"]), bool(facts["paused"]))
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        _log.error("a watch of the pages can't be read", extra={"watch": name, "reason": str(error)})
        return None
