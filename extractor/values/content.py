"""Decode the content-codings of a body (RFC 9110, 8.4), with a size limit.

A damaged body gives the decoded part, and a sentence with the error; a compression bomb gives its first `limit`
bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Protocol, cast

import brotlicffi
import zstandard
from isal import isal_zlib

LIMIT = 32 << 20
"""Octets that a decoded body may have, unless the caller says otherwise."""

_MOST_CODINGS = 5
_MOST_MEMBERS = 1_000
_STEP = 1 << 16
_SMALL_STEP = 512
_ZSTD_WINDOW = 8 << 20  # RFC 9659: a decoder of the web need not support more
_INFLATE_ERRORS = cast("tuple[type[Exception], ...]", (zlib.error, isal_zlib.IsalError))
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body without its content-codings."""

    body: bytes
    error: str | None = None
    """Why `body` is not the whole truth, as a sentence; None when all went well."""
    cut: bool = False
    """True when the bound ended it."""


class _Damaged(Exception):
    """Decoding can't continue; the message says why. The decoded part was already yielded."""


class _Inflater(Protocol):
    """The common interface of zlib's and isal's decompression objects."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


_Decoder = Callable[[bytes], Iterator[bytes]]


def decode_content(body: bytes, content_encoding: str | None, limit: int = LIMIT) -> Decoded:
    """Decode the codings of a Content-Encoding header, the last one first. Never raises."""
    names = [name for part in (content_encoding or "").split(",") if (name := part.strip().lower())]
    names = [name for name in names if name not in ("identity", "none")]
    if len(names) > _MOST_CODINGS:
        return _left(body, limit, f"{len(names)} content-codings are nested; at most {_MOST_CODINGS} are undone")
    error = None
    for name in reversed(names):
        if name not in _DECODERS:
            return _left(body, limit, f"the content-coding {name[:40]!r} is not known")
        decoded = _undo(body, name, limit)
        if decoded.error and not decoded.body:
            return _left(body, limit, f"{decoded.error}; the body is left as it came")
        if decoded.cut:
            return decoded
        body, error = decoded.body, error or decoded.error
    return _left(body, limit, error)


def _left(body: bytes, limit: int, error: str | None) -> Decoded:
    """Return a body that is not decoded any further, within the limit."""
    if len(body) > limit:
        return Decoded(body[:limit], error or f"the body has more than {limit} bytes", cut=True)
    return Decoded(body, error)


def _undo(body: bytes, name: str, limit: int) -> Decoded:
    """Decode one known coding. If isal fails, try again in smaller steps."""
    if not body:
        return Decoded(body)
    decoded = _gather(_DECODERS[name](body), name, limit)
    if decoded.error and not decoded.cut and name in _SLOW_DECODERS:
        slow = _gather(_SLOW_DECODERS[name](body), name, limit)
        return slow if len(slow.body) >= len(decoded.body) else decoded
    return decoded


def _gather(blocks: Iterator[bytes], name: str, limit: int) -> Decoded:
    """Join the output of a decoder, up to `limit` bytes."""
    gathered: list[bytes] = []
    size = 0
    error = None
    try:
        for block in blocks:
            gathered.append(block)
            size += len(block)
            if size > limit:
                return Decoded(b"".join(gathered)[:limit], f"{name}: more than {limit} bytes when decoded", cut=True)
    except _Damaged as damage:
        error = f"{name}: {damage}"
    return Decoded(gathered[0] if len(gathered) == 1 else b"".join(gathered), error)


def _gzip(body: bytes, new: Callable[[], _Inflater], step: int) -> Iterator[bytes]:
    if not body.startswith(_GZIP_MAGIC):
        raise _Damaged("it does not begin like gzip")
    position = 0
    for _ in range(_MOST_MEMBERS):
        position = yield from _inflate(body, position, new(), step)
        if body[position : position + 2] != _GZIP_MAGIC:
            break
    rest = len(body) - position
    if rest and body.count(0, position) != rest:
        raise _Damaged(f"{rest} bytes follow its end")


def _deflate(body: bytes, make: Callable[[int], _Inflater], step: int) -> Iterator[bytes]:
    """Decode ``deflate``. RFC 9110 means the zlib format; servers also send raw DEFLATE. The first two bytes decide."""
    zlib_header = len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    yield from _inflate(body, 0, make(zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS), step)


def _inflate(body: bytes, position: int, inflater: _Inflater, step: int) -> Generator[bytes, None, int]:
    """Yield the content of one DEFLATE stream from `position`; return the position after it."""
    pending = b""
    while not inflater.eof:
        fresh = body[position : position + step] if not pending else b""
        position += len(fresh)
        try:
            block = inflater.decompress(pending or fresh, _STEP * 4)
        except _INFLATE_ERRORS as error:
            raise _Damaged(f"damaged near byte {position}: {error}") from None
        pending = inflater.unconsumed_tail
        if block:
            yield block
        elif not pending and position >= len(body) and not inflater.eof:
            raise _Damaged("it ends before its end")
    return position - len(inflater.unused_data)


def _brotli(body: bytes) -> Iterator[bytes]:
    decompressor = brotlicffi.Decompressor()
    try:
        for start in range(0, len(body), _SMALL_STEP * 8):
            piece = body[start : start + _SMALL_STEP * 8]
            while piece or not decompressor.can_accept_more_data():
                yield decompressor.decompress(piece, output_buffer_limit=_STEP * 4)
                piece = b""
            if decompressor.is_finished():
                return
    except brotlicffi.error as error:
        raise _Damaged(f"damaged: {error}") from None
    raise _Damaged("it ends before its end")


def _zstd(body: bytes) -> Iterator[bytes]:
    """Decode 512 bytes at a time: a block of 4 can expand to 128 KiB, and the library has no output limit."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    position = 0
    for _ in range(_MOST_MEMBERS):
        frame = decompressor.decompressobj()
        while not frame.eof:
            if position >= len(body):
                raise _Damaged("it ends before its end")
            piece = body[position : position + _SMALL_STEP]
            position += len(piece)
            try:
                yield frame.decompress(piece)
            except zstandard.ZstdError as error:
                raise _Damaged(f"damaged near byte {position}: {error}") from None
        position -= len(frame.unused_data)
        if position >= len(body):
            return


def _isal(wbits: int) -> _Inflater:
    inflater: _Inflater = isal_zlib.decompressobj(wbits)
    return inflater


def _fast_gzip(body: bytes) -> Iterator[bytes]:
    return _gzip(body, lambda: _isal(16 + zlib.MAX_WBITS), _STEP)


def _slow_gzip(body: bytes) -> Iterator[bytes]:
    return _gzip(body, lambda: zlib.decompressobj(16 + zlib.MAX_WBITS), _SMALL_STEP)


def _fast_deflate(body: bytes) -> Iterator[bytes]:
    return _deflate(body, _isal, _STEP)


def _slow_deflate(body: bytes) -> Iterator[bytes]:
    return _deflate(body, zlib.decompressobj, _SMALL_STEP)


_DECODERS: dict[str, _Decoder] = {
    "gzip": _fast_gzip,
    "x-gzip": _fast_gzip,
    "deflate": _fast_deflate,
    "br": _brotli,
    "zstd": _zstd,
}
_SLOW_DECODERS: dict[str, _Decoder] = {"gzip": _slow_gzip, "x-gzip": _slow_gzip, "deflate": _slow_deflate}
"""zlib in small steps: slower, and less of a damaged stream is lost with the call that fails."""
