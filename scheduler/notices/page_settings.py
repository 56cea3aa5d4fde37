"""What people set up in the pages, by name, with what each was before its last change."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from archive.database.engine import Database
from archive.database.marks import Marks

_log = logging.getLogger(__name__)
T = TypeVar("T", bound=BaseModel)


class PageSettings(Generic[T]):
    """Things of one kind, in the database: all machines of a service have the same."""

    kind: str
    """The prefix of their names in the database."""

    def __init__(self, database: Database) -> None:
        self._present = Marks(database, f"{self.kind}/")
        self._former = Marks(database, f"former-{self.kind}/")

    def type_of(self, name: str) -> type[T] | None:
        """Return what the thing of this name is; None for a name that this version does not know."""
        raise NotImplementedError

    def all(self) -> dict[str, T]:
        """Return the things that this version can read."""
        return {name: one for name, one in self._read_all().items() if one is not None}

    def unreadable(self) -> list[str]:
        """Return the names of those that this version can't read."""
        return [name for name, one in self._read_all().items() if one is None]

    def get(self, name: str) -> T | None:
        return self._read(name, self._present.get(name))

    def former(self, name: str) -> T | None:
        """Return a thing as it was before its last change, or before it was removed; None if it was not."""
        return self._read(name, self._former.get(name))

    def digest(self, name: str) -> str:
        """Return a name of the present state: who saves a form must have begun with it."""
        return _digest(self._present.get(name))

    def save(self, name: str, thing: T | None, seen: str) -> bool:
        """Write a thing, or remove it (None); the one before stays as the former one.

        Return False if it is not in the state of the digest `seen` any more.
        """
        before = self._present.get(name)
        if seen != _digest(before):
            return False
        text = None if thing is None else as_text(thing)
        if before is None:
            return text is None or self._present.put(name, text) == text
        if text == before:
            return True
        done = self._present.delete_if(name, before) if text is None else self._present.replace(name, before, text)
        if done:
            self._former.set(name, before)
        return done

    def _read_all(self) -> Mapping[str, T | None]:
        found = sorted(self._present.all().items())
        return {name: self._read(name, text) for name, text in found if self.type_of(name) is not None}

    def _read(self, name: str, text: str | None) -> T | None:
        """Return a thing; None for one that this version can't read: it keeps no other from its work."""
        made_of = self.type_of(name)
        return None if text is None or made_of is None else _parsed(self.kind, name, made_of, text)


def as_text(thing: BaseModel) -> str:
    """Return a thing as it is written."""
    return json.dumps(thing.model_dump(mode="json"), ensure_ascii=False)


def _digest(text: str | None) -> str:
    return hashlib.sha256((text or "").encode()).hexdigest()


@lru_cache(maxsize=1024)
def _parsed(kind: str, name: str, made_of: type[T], text: str) -> T | None:
    """Return what a text says. A text that can't be read is logged once: the service reads it every few seconds."""
    try:
        return made_of.model_validate(json.loads(text))
    except (ValueError, ValidationError) as error:
        _log.error("a setting of the pages can't be read", extra={"kind": kind, "item": name, "reason": str(error)})
        return None
