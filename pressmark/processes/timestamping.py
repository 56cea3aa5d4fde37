"""A thread of the worker that has the root of each day time-stamped."""

from __future__ import annotations

import asyncio
import logging

from archive.index.objects import Objects
from archive.shipping.roots import put_root, put_stamp, unstamped
from archive.store.failover import with_failover
from archive.store.object_reader import octets_of
from archive.values.errors import ArchiveError, IntegrityError
from archive.warc.keys import ROOTS
from pressmark.notify.http_post import Poster
from pressmark.processes.retrying_loop import RetryingLoop
from pressmark.service.keys import authority_of
from pressmark.service.service import Service

log = logging.getLogger(__name__)

_LOOK = 600.0
"""Seconds between two looks for a new day, and for roots without a time stamp."""


class NoTimestamp(ArchiveError):
    """The authority gave no time stamp."""


class Timestamping(RetryingLoop):
    """Puts roots and their time stamps."""

    what = "the archive was not time-stamped"
    reports_after_stop = True

    def __init__(self, service: Service) -> None:
        super().__init__(longest=3600)
        self._service = service
        self._settings = service.settings.timestamps

    def turn(self) -> float:
        """Put what lacks; return the seconds until the next look."""
        if stamped := self.stamp():
            log.info("roots were time-stamped", extra={"roots": stamped})
        return _LOOK

    def stamp(self) -> int:
        """Put the root of today, and the time stamp of each root that has none; return how many.

        Raises NoTimestamp, StoreError, BadKey, OSError.
        """
        store, stamped = with_failover(self._service.store, writes=True), 0
        new = put_root(store, self._service.now())
        for root in unstamped(store):
            put_stamp(store, root, self._requested(octets_of(store, root)))
            stamped += 1
        if new or stamped:  # so that their loss is noticed, and replicas copy them at once
            Objects(self._service.database).note_keys(store.keys(ROOTS), self._service.now())
        return stamped

    def _requested(self, content: bytes) -> bytes:
        """Return the time stamp of `content`, checked. Raises NoTimestamp, BadKey, OSError."""
        from archive.warc.integrity.timestamps import TYPE, request_for, time_of

        request = request_for(content)
        poster = Poster("Pressmark", allow=self._settings.addresses, figures=self._service.figures)
        answered, stamp = asyncio.run(poster.exchange(str(self._settings.server), {"Content-Type": TYPE}, request.der))
        if not answered.accepted:
            raise NoTimestamp(f"no time stamp was given: {answered.sentence}")
        try:
            time_of(stamp, content, authority_of(self._settings), nonce=request.nonce)
        except IntegrityError as error:
            raise NoTimestamp(str(error)) from error
        return stamp
