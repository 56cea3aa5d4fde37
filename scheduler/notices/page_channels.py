"""The channels of notifications that people set up in the pages, with what each was before its last change."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator

from pydantic import ValidationError

from archive.database.engine import Database
from archive.database.marks import Marks
from config.groups.page_channels import CHANNELS, Channel, ChannelName

_log = logging.getLogger(__name__)


class PageChannels:
    """The channels of the pages, in the database: all machines of a service send by the same."""

    def __init__(self, database: Database) -> None:
        self._present, self._former = Marks(database, "channel/"), Marks(database, "former-channel/")

    def all(self) -> dict[ChannelName, Channel]:
        return {name: channel for name, channel in self._read_all() if channel is not None}

    def unreadable(self) -> list[ChannelName]:
        """Return the channels that this version can't read: nothing is sent by them."""
        return [name for name, channel in self._read_all() if channel is None]

    def get(self, name: ChannelName) -> Channel | None:
        return _read(name, self._present.get(name))

    def former(self, name: ChannelName) -> Channel | None:
        """Return a channel as it was before its last change, or before it was removed; None if it was not."""
        return _read(name, self._former.get(name))

    def digest(self, name: ChannelName) -> str:
        """Return a name of the present state: who saves a form must have begun with it."""
        return hashlib.sha256((self._present.get(name) or "").encode()).hexdigest()

    def save(self, name: ChannelName, channel: Channel | None, seen: str) -> bool:
        """Write a channel, or remove it (None); the one before stays as the former one.

        Return False if it is not in the state of the digest `seen` any more.
        """
        before = self._present.get(name)
        if seen != hashlib.sha256((before or "").encode()).hexdigest():
            return False
        text = None if channel is None else json.dumps(channel.model_dump(mode="json"), ensure_ascii=False)
        if before is None:
            return text is None or self._present.put(name, text) == text
        if text == before:
            return True
        done = self._present.delete_if(name, before) if text is None else self._present.replace(name, before, text)
        if done:
            self._former.set(name, before)
        return done

    def _read_all(self) -> Iterator[tuple[ChannelName, Channel | None]]:
        found = self._present.all()
        return ((name, _read(name, found[name])) for name in CHANNELS if name in found)


def _read(name: ChannelName, text: str | None) -> Channel | None:
    """Return a channel; None for one that this version can't read: it keeps no other from its work."""
    if text is None:
        return None
    try:
        return CHANNELS[name].model_validate(json.loads(text))
    except (ValueError, ValidationError) as error:
        _log.error("a channel of the pages can't be read", extra={"channel": name, "reason": str(error)})
        return None
