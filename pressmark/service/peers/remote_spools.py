"""Read from the spool of another machine what is not in the store yet, through the service of that machine."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from threading import BoundedSemaphore
from typing import BinaryIO
from urllib.parse import quote, urlsplit

from archive.store.streams import as_file
from archive.values.capture import Location
from archive.values.errors import ObjectNotFound, SpoolUnreachable
from pressmark.service.peers.addresses import SpoolAddress, SpoolAddresses
from pressmark.service.peers.signatures import HEADER, SIZE, Signatures

_PATIENCE = 5.0
"""Seconds without a byte after which the other machine counts as unreachable."""
_SLOWEST = 64 << 10
"""Bytes a second, below which an answer is given up."""
_AT_ONCE, _WAIT = 8, 2.0
"""Requests of this process at the same time, and seconds that another one waits: the others answer meanwhile."""
_REMEMBERED = 10.0
"""Seconds in which a machine that did not answer is not asked again."""


class RemoteSpools:
    """Implements `archive.retrieval.elsewhere.Elsewhere` over HTTP. Any thread may ask."""

    def __init__(self, addresses: SpoolAddresses, signatures: Signatures, *, own: str) -> None:
        """`own` is the name of the worker of this machine, whose spool needs no request."""
        self._addresses, self._signatures, self._own = addresses, signatures, own
        self._places = BoundedSemaphore(_AT_ONCE)
        self._silent: dict[str, tuple[float, str]] = {}

    def get(self, where: Location) -> BinaryIO:
        """Return a part of a segment, as a file that the caller closes.

        Raises FileNotFoundError if no address is known, ObjectNotFound if that machine has the segment no longer,
        SpoolUnreachable, DatabaseUnusable.
        """
        at = self._address(where.segment)
        response, _ = self._asked(at, where.segment, where.offset, where.length)
        return as_file(response, lambda: self._answering(at))

    def size(self, segment: str) -> int:
        """Return the size of a segment in bytes. Raises what `get` raises."""
        response, size = self._asked(self._address(segment), segment, 0, 0)
        response.close()
        return size

    def _address(self, segment: str) -> SpoolAddress:
        at = self._addresses.address_of(segment)
        if at is None or at.holder.worker == self._own:
            raise FileNotFoundError(segment)
        return at

    def _asked(self, at: SpoolAddress, segment: str, offset: int, length: int) -> tuple[_Body, int]:
        """Return a part of a segment and the size of the whole."""
        since, failure = self._silent.get(at.url, (-math.inf, ""))
        if time.monotonic() - since < _REMEMBERED:
            raise SpoolUnreachable(failure)
        if not self._places.acquire(timeout=_WAIT):
            raise SpoolUnreachable(f"{at.holder} has not answered {_AT_ONCE} other requests yet at {at.url}")
        parts = urlsplit(at.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=_PATIENCE)

        def end() -> None:
            connection.close()
            self._places.release()

        try:
            response, size = self._answer(at, connection, segment, offset, length)
        except BaseException:
            end()
            raise
        return _Body(response, time.monotonic() + _PATIENCE + length / _SLOWEST, end), size

    def _answer(
        self, at: SpoolAddress, connection: HTTPConnection, segment: str, offset: int, length: int
    ) -> tuple[HTTPResponse, int]:
        headers = {HEADER: self._signatures.sign(segment, offset, length), "Connection": "close"}
        path = f"{urlsplit(at.url).path}/segments/{quote(segment)}?offset={offset}&length={length}"
        with self._answering(at):
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
        size = response.headers.get(SIZE, "")
        is_ours = response.status == 200 and size.isascii() and size.isdigit()
        if is_ours and response.length == min(length, max(int(size) - offset, 0)):
            return response, int(size)
        response.close()
        if response.status == 404:
            raise ObjectNotFound(
                f"of the segment {segment}: {at.holder} does not have it any more, or does not know us"
            )
        told = f"with the status {response.status}" if response.status != 200 else "with something else"
        raise SpoolUnreachable(f"{at.holder} answered {told} at {at.url}")

    @contextmanager
    def _answering(self, at: SpoolAddress) -> Iterator[None]:
        try:
            yield
        except (OSError, HTTPException) as error:
            why = str(error) or type(error).__name__
            failure = f"{at.holder} does not answer at {at.url}: {why}"
            self._silent[at.url] = time.monotonic(), failure
            raise SpoolUnreachable(failure) from error


class _Body:
    """A response. One that ends too early or comes too slowly is an error: what is missing is not damage."""

    def __init__(self, response: HTTPResponse, until: float, closed: Callable[[], None]) -> None:
        self._response, self._until, self._closed = response, until, closed
        self._is_open = True

    def read(self, size: int = -1, /) -> bytes:
        if time.monotonic() > self._until:
            raise TimeoutError("the answer comes too slowly")
        block = self._response.read1(size)
        if not block and size and self._response.length:
            raise IncompleteRead(block, self._response.length)
        return block

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._response.close()
            self._closed()
