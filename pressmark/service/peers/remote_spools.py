"""Read from the spool of another machine what is not in the store yet, through the service of that machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from typing import BinaryIO
from urllib.parse import quote, urlsplit

from archive.store.streams import as_file
from archive.values.capture import Location
from archive.values.errors import ObjectNotFound, SpoolUnreachable
from pressmark.service.peers.addresses import SpoolAddress, SpoolAddresses
from pressmark.service.peers.signatures import HEADER, SIZE, Signatures

_PATIENCE = 10.0
"""Seconds without a byte after which the other machine counts as unreachable."""


class RemoteSpools:
    """Implements `archive.retrieval.elsewhere.Elsewhere` over HTTP."""

    def __init__(self, addresses: SpoolAddresses, signatures: Signatures, *, own: str) -> None:
        """`own` is the name of the worker of this machine, whose spool needs no request."""
        self._addresses, self._signatures, self._own = addresses, signatures, own

    def get(self, where: Location) -> BinaryIO:
        """Return a part of a segment, as a file that the caller closes.

        Raises FileNotFoundError if no address is known, ObjectNotFound if that machine has the segment no longer,
        SpoolUnreachable, DatabaseUnusable.
        """
        at = self._address(where.segment)
        response = self._asked(at, where.segment, where.offset, where.length)
        return as_file(_Body(response), lambda: _answering(at))

    def size(self, segment: str) -> int:
        """Return the size of a segment in bytes. Raises what `get` raises."""
        at = self._address(segment)
        with self._asked(at, segment, 0, 0) as response:
            return int(response.headers[SIZE])

    def _address(self, segment: str) -> SpoolAddress:
        at = self._addresses.address_of(segment)
        if at is None or at.holder.worker == self._own:
            raise FileNotFoundError(segment)
        return at

    def _asked(self, at: SpoolAddress, segment: str, offset: int, length: int) -> HTTPResponse:
        parts = urlsplit(at.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        headers = {HEADER: self._signatures.sign(segment, offset, length), "Connection": "close"}
        path = f"{parts.path}/segments/{quote(segment)}?offset={offset}&length={length}"
        with _answering(at):
            connection = kind(parts.hostname or "", parts.port, timeout=_PATIENCE)
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
        if response.status == 200:
            return response
        response.close()
        if response.status == 404:
            raise ObjectNotFound(
                f"of the segment {segment}: {at.holder} does not have it any more, or does not know us"
            )
        raise SpoolUnreachable(f"{at.holder} answered with the status {response.status} at {at.url}")


class _Body:
    """A response that ends too early is an error: what is missing is not damage."""

    def __init__(self, response: HTTPResponse) -> None:
        self._response = response
        self.close = response.close

    def read(self, size: int = -1, /) -> bytes:
        block = self._response.read(None if size < 0 else size)
        if not block and size and self._response.length:
            raise IncompleteRead(block, self._response.length)
        return block


@contextmanager
def _answering(at: SpoolAddress) -> Iterator[None]:
    try:
        yield
    except (OSError, HTTPException) as error:
        why = str(error) or type(error).__name__
        raise SpoolUnreachable(f"{at.holder} does not answer at {at.url}: {why}") from error
