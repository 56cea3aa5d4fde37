"""Fetch the files of a video or a recording: one request for a file, one for each segment of a stream."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urljoin

from scrapy import Request
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError, IgnoreRequest
from scrapy.http import Response

from archive.values.capture import Capture, Context
from archive.values.media import MediaFile, Medium, Piece, State
from archive.values.size import spoken_size
from config.values.source_limits import Limits, Media
from crawler.engine.direct_requests import DirectRequests
from crawler.engine.media_memory import MediaMemory, asked_for
from crawler.media.messages import DASH, HLS, HTTP, Format, FoundMedium
from crawler.media.playlist import PlaylistUnfit, Segment, StreamGoesOn, segments_of
from crawler.policy.answers import MOST_HOPS, body_of, describe
from crawler.run.requests import Requests
from crawler.wire.guard import AddressForbidden
from crawler.wire.incoming import ON_DISK, is_textual

_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Characters that no text has: a file may be sent with the type of a text."""
_MOVED = (301, 302, 303, 307, 308)
_MIB = 1 << 20
_LONGEST_PLAYLIST = 16 * _MIB
_LOOKED_AT = 1024
_NO_ANSWER = "the server of the file did not answer within politeness.timeout"


class _NotKept(Exception):
    """Why a medium is not archived."""

    def __init__(self, state: State, reason: str) -> None:
        super().__init__(reason)
        self.state = state


def chosen(formats: Sequence[Format], wanted: Media, most: int) -> tuple[Format, ...]:
    """Return the formats to fetch, the best that are not larger than `most` bytes: one with picture and sound if any.

    None of them: the medium is not wanted. Raises _NotKept.
    """
    usable = [one for one in formats if one.protocol in (*HTTP, *HLS, *DASH)]
    if not usable:
        names = ", ".join(sorted({one.protocol for one in formats})) or "none that is free of DRM"
        raise _NotKept("failed", f"the site offers it only in forms that can't be archived: {names}")
    is_video = any(one.tracks != "audio" for one in usable)
    if wanted == "video" and not is_video:
        return ()
    if wanted == "audio" or not is_video:
        best = _best(usable, "audio", most)
        if best is None:
            raise _NotKept("left-out", "the site does not offer its sound as a file of its own")
        return (best,)
    if (whole := _best(usable, "both", most)) is not None:
        return (whole,)
    tracks = (_best(usable, "video", most), _best(usable, "audio", most))
    return tuple(one for one in tracks if one is not None)


def _best(formats: Sequence[Format], tracks: str, most: int) -> Format | None:
    """Return the last of these formats that fits. Raises _NotKept if all of them are too large."""
    there = [one for one in formats if one.tracks == tracks]
    fitting = [one for one in there if one.size is None or one.size <= most]
    if there and not fitting:
        least = min(one.size for one in there if one.size is not None)
        told = f"it has at least {spoken_size(least)}, and limits.media_bytes allows {spoken_size(most)}"
        raise _NotKept("too-large", told)
    return fitting[-1] if fitting else None


class Downloads:
    """The downloads for the media of one page."""

    def __init__(
        self,
        requests: DirectRequests,
        of_run: Requests,
        limits: Limits,
        wanted: Media,
        *,
        memory: MediaMemory,
        before: Sequence[Medium] = (),
    ) -> None:
        """Set up; `before` is the former list of the page."""
        self._requests, self._of_run, self._limits, self._wanted = requests, of_run, limits, wanted
        self._memory, self._before = memory, before

    async def of(self, found: FoundMedium, context: Context) -> Medium | None:
        """Fetch a medium that is not archived, and return its state; None for one that the source does not want."""
        made = Medium(found.extractor, found.id, found.title, "failed", duration=found.duration)
        try:
            if found.live:
                raise _NotKept("live", "it is broadcast now; a later run archives it")
            formats = chosen(found.formats, self._wanted, self._limits.media_bytes)
        except _NotKept as error:
            return replace(made, state=error.state, reason=str(error))
        if not formats:
            return None
        key = tuple((one.tracks, asked_for(one)) for one in formats)
        return await self._memory.once(made, key, self._before, lambda: self._files(made, formats, context))

    async def _files(self, made: Medium, formats: Sequence[Format], context: Context) -> tuple[Medium, bool]:
        """Fetch files; return what became of them, and whether another page's request would end in the same way."""
        left, files = self._limits.media_bytes, []
        try:
            for one in formats:
                files.append(await self._file(one, context, left))
                left -= files[-1].length
        except Exception as error:
            state, reason = self._why(error)
            slow = isinstance(error, DownloadTimeoutError)
            return replace(made, state=state, reason=reason), slow or state == "too-large"
        return replace(made, state="kept", files=tuple(files)), True

    async def _file(self, one: Format, context: Context, most: int) -> MediaFile:
        until = _now() + self._limits.media_time.total_seconds()
        if one.protocol in HLS:
            url, text = await self._playlist(one, context, until)
            segments = segments_of(text, url)
        elif one.protocol in DASH:
            segments = [Segment(url) for url in one.fragments]
            if not segments:
                raise _NotKept("failed", "the pieces of the stream are not known")
        else:
            segments = [Segment(one.url)]
        pieces: list[Piece] = []
        for segment in segments:
            left = most - sum(piece.length for piece in pieces)
            if left <= 0:
                raise _NotKept("too-large", self._beyond())
            pieces.append(await self._piece(segment, one, context, left, until))
        return MediaFile(one.tracks, _extension(one, segments), tuple(pieces), asked_for(one))

    async def _playlist(self, one: Format, context: Context, until: float) -> tuple[str, str]:
        try:
            response, _ = await self._get(Segment(one.url), one, context, _LONGEST_PLAYLIST, until)
        except DownloadCancelledError as error:
            raise PlaylistUnfit(f"its playlist is larger than {spoken_size(_LONGEST_PLAYLIST)}") from error
        if ON_DISK in response.flags:
            raise PlaylistUnfit(f"its playlist is larger than {spoken_size(_MIB)}, and is not sent as a text")
        return response.url, body_of(response, _LONGEST_PLAYLIST).decode("utf-8", "replace")

    async def _piece(self, segment: Segment, one: Format, context: Context, most: int, until: float) -> Piece:
        response, capture = await self._get(segment, one, context, most, until)
        if why := not_a_file(response):
            raise _NotKept("failed", why)
        return Piece(capture.record_id, capture.url, capture.payload_length)

    async def _get(
        self, segment: Segment, one: Format, context: Context, most: int, until: float
    ) -> tuple[Response, Capture]:
        """Fetch, through redirects; return the last response and its capture. Raises _NotKept and others."""
        url, fields = segment.url, [*_other(one.headers), ("Accept-Encoding", "identity")]
        if segment.range:
            fields.append(("Range", segment.range))
        for _ in range(MOST_HOPS + 1):
            request = sent_as(url, fields, self._requests.identity)
            request.meta["download_maxsize"] = most
            request.meta["textual_bytes"] = min(most, _LONGEST_PLAYLIST)
            request.meta["download_timeout"] = left = until - _now()
            if left <= 0:
                raise DownloadTimeoutError
            request.meta["answer_begins_within"] = self._of_run.timeout
            self._of_run.add_identity(request)
            try:
                response, captures, _ = await self._requests.answer(request, page=False, context=context)
            except DownloadTimeoutError as error:
                if _now() < until:
                    raise _NotKept("failed", _NO_ANSWER) from error
                raise
            target = response.headers.get(b"Location") if response.status in _MOVED else None
            if target is None:
                break
            url = urljoin(url, target.decode("utf-8", "replace"))
        else:
            raise _NotKept("failed", f"more than {MOST_HOPS} redirects")
        if response.status != (206 if segment.range else 200):
            raise _NotKept("failed", f"the server of the file answered {describe(response.status)}")
        return response, captures[-1]

    def _why(self, error: Exception) -> tuple[State, str]:
        """Return what became of a medium, and why, as a sentence."""
        match error:
            case _NotKept():
                return error.state, str(error)
            case AddressForbidden():
                return "failed", f"forbidden address ({error.reason})"
            case DownloadCancelledError():
                return "too-large", self._beyond()
            case DownloadTimeoutError():
                return "failed", "it was not complete within limits.media_time"
            case PlaylistUnfit() | IgnoreRequest():
                return "live" if isinstance(error, StreamGoesOn) else "failed", str(error)
        return "failed", f"{type(error).__name__}: {error}"[:500]

    def _beyond(self) -> str:
        return f"it is larger than limits.media_bytes allows ({spoken_size(self._limits.media_bytes)})"


def _now() -> float:
    return asyncio.get_running_loop().time()


def not_a_file(response: Response) -> str | None:
    """Return why no player plays the answer, as a sentence; None if it may be a file."""
    coding = (response.headers.get(b"Content-Encoding") or b"").decode("latin-1").strip().lower()
    if coding not in ("", "identity"):
        return f"the server sent the file with the content coding {coding[:40]}, which players don't take"
    kind = (response.headers.get(b"Content-Type") or b"").decode("latin-1").partition(";")[0].strip().lower()
    begin = response.body[:_LOOKED_AT]
    is_page = begin.lstrip().lower().startswith((b"<!doctype", b"<html"))
    if is_page or (is_textual(kind.encode("latin-1")) and begin and not _BINARY.search(begin)):
        return f"the server of the file sent text ({kind[:40]}), such as a page to log in"
    return None


def _other(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the header fields without Accept-Encoding, since players need files without a content coding."""
    return ((name, value) for name, value in headers.items() if name.lower() != "accept-encoding")


def _extension(one: Format, segments: Sequence[Segment]) -> str:
    """Return the extension of a file. Segments without an initialisation make a .ts, whatever yt-dlp would make."""
    if one.protocol not in HLS or any(each.initial for each in segments):
        return one.extension
    return "aac" if segments[-1].url.partition("?")[0].endswith(".aac") else "ts"


def sent_as(
    url: str, headers: Iterable[tuple[str, str]], identity: str, *, method: str = "GET", body: bytes = b""
) -> Request:
    """Return a request that yt-dlp wants to make, as this crawler makes it."""
    fields: dict[str, list[str]] = {}
    for name, value in headers:
        if name.lower() not in ("user-agent", "sec-fetch-mode"):
            fields.setdefault(name, []).append(value)
    fields["User-Agent"] = [identity]
    return Request(url, method=method, headers=fields, body=body, meta={"verbatim_url": True}, dont_filter=True)
