"""The process of yt-dlp: ``python -m crawler.media.child LINE MEMORY``.

It has no network, no files but code, no secrets, and starts no program. Each request of yt-dlp goes over the socket
LINE to the worker, which fetches and records it. It dies with its worker.
"""

from __future__ import annotations

import io
import json
import os
import resource
import socket
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import urljoin

from archive.texts.confinement import Needs, confine
from archive.texts.frames import framed, read_frame
from archive.values.parent_death import die_with_parent

_MOST = 20
"""Videos and recordings of one page."""
_MOST_FRAGMENTS = 20_000
_MOST_FORMATS = 200
_MOST_HOPS = 10
_NO_MEDIA = ("Unsupported URL", "No video formats found")
"""What yt-dlp says of pages without media."""


class Line:
    """The connection to the worker: a message is two frames, a JSON object and the bytes of a body."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._read: BinaryIO = channel.makefile("rb")

    def send(self, head: dict[str, Any], body: bytes = b"") -> None:
        self._channel.sendall(framed(json.dumps(head, default=str).encode()) + framed(body))

    def next(self) -> tuple[dict[str, Any], bytes]:
        """Read the next message; exit once the worker is gone."""
        head, body = read_frame(self._read), read_frame(self._read)
        if head is None or body is None:
            os._exit(0)
        return json.loads(head), body

    def fetch(self, method: str, url: str, headers: dict[str, str], body: bytes) -> tuple[dict[str, Any], bytes]:
        self.send({"ask": method, "url": url, "headers": list(headers.items())}, body)
        return self.next()


def main(line: int, memory: int) -> None:
    die_with_parent()
    channel = socket.socket(fileno=line)
    if memory:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    import yt_dlp
    import yt_dlp.extractor
    from yt_dlp.version import __version__

    link = Line(channel)
    link.send({"ready": f"yt-dlp {__version__}", "lacking": confine(Needs(talks=True))})
    while True:
        order, _ = link.next()
        errors: list[str] = []
        found = _found(yt_dlp.YoutubeDL(_options(errors)), link, order["url"], errors)
        link.send({"media": found, "errors": errors[:_MOST]})


class _Log:
    """What yt-dlp logs: its errors are kept."""

    def __init__(self, errors: list[str]) -> None:
        self._errors = errors

    def error(self, said: str) -> None:
        told = said.removeprefix("ERROR: ").split("; please report")[0].split("; see  http")[0].strip()
        if not any(one in told for one in _NO_MEDIA):
            self._errors.append(told[:500])

    def debug(self, said: str) -> None: ...
    def warning(self, said: str) -> None: ...


def _options(errors: list[str]) -> dict[str, Any]:
    return {
        "quiet": True,
        "noprogress": True,
        "logger": _Log(errors),
        "cachedir": False,
        "skip_download": True,
        "ignoreerrors": True,
        "noplaylist": True,
        "playlistend": _MOST,
        "extractor_retries": 0,
        "proxy": "",
        "js_runtimes": {},
        "format": lambda context: context["formats"][-1:],
        "ignore_no_formats_error": False,
    }


def _found(ydl: Any, line: Line, url: str, errors: list[str]) -> list[dict[str, Any]]:
    ydl.__dict__["_request_director"] = ydl.build_request_director([_handler(line)])
    try:
        info = ydl.extract_info(url, download=False)
    except Exception as error:  # a faulty extractor must not end this process
        errors.append(f"{type(error).__name__}: {error}"[:500])
        return []
    entries = info.get("entries") or [info] if info else []
    return [_medium(one) for one in list(entries)[:_MOST] if one and one.get("formats")]


def _medium(info: dict[str, Any]) -> dict[str, Any]:
    duration = info.get("duration")
    return {
        "extractor": str(info.get("extractor_key") or info.get("extractor") or "")[:100],
        "id": str(info.get("id") or "")[:500],
        "title": str(info.get("title") or "")[:500],
        "duration": float(duration) if isinstance(duration, int | float) else None,
        "live": bool(info.get("is_live")) or info.get("live_status") in ("is_live", "is_upcoming", "post_live"),
        "formats": [one for found in info["formats"][-_MOST_FORMATS:] if (one := _format(found))],
    }


def _format(found: dict[str, Any]) -> dict[str, Any] | None:
    if found.get("has_drm") or not found.get("url") or found.get("ext") == "mhtml":
        return None
    video, audio = found.get("vcodec") != "none", found.get("acodec") != "none"
    if not video and not audio:
        return None
    size = found.get("filesize") or found.get("filesize_approx")
    return {
        "url": str(found["url"]),
        "protocol": str(found.get("protocol") or ""),
        "extension": str(found.get("ext") or "")[:10],
        "tracks": "both" if video and audio else "video" if video else "audio",
        "size": int(size) if isinstance(size, int | float) and size > 0 else None,
        "headers": {str(name): str(value) for name, value in (found.get("http_headers") or {}).items()},
        "fragments": list(_fragments(found)),
    }


def _fragments(found: dict[str, Any]) -> Iterator[str]:
    base = found.get("fragment_base_url") or found["url"]
    fragments = found.get("fragments")
    if not isinstance(fragments, list):
        return
    for one in fragments[: _MOST_FRAGMENTS + 1]:
        yield one.get("url") or urljoin(base, one.get("path") or "")


def _handler(line: Line) -> type[Any]:
    """Return the class that sends requests for yt-dlp, and nothing else does."""
    from yt_dlp.networking.common import RequestHandler, Response
    from yt_dlp.networking.exceptions import HTTPError, TransportError

    class WorkerRH(RequestHandler):  # type: ignore[misc]  # it has no types
        _SUPPORTED_URL_SCHEMES = ("http", "https")
        _SUPPORTED_PROXY_SCHEMES = None
        _SUPPORTED_FEATURES = None

        def _check_extensions(self, extensions: dict[str, Any]) -> None:
            extensions.clear()

        def _send(self, request: Any) -> Any:
            method, url, body = request.method, request.url, request.data or b""
            jar = self._get_cookiejar(request)
            for _ in range(_MOST_HOPS + 1):
                headers = self._get_headers(request)
                if (cookies := jar.get_cookie_header(url)) and "Cookie" not in headers:
                    headers["Cookie"] = cookies
                answer, content = line.fetch(method, url, headers, body if isinstance(body, bytes) else b"".join(body))
                if "refused" in answer:
                    raise TransportError(answer["refused"])
                fields: dict[str, str] = {}
                for name, value in answer["headers"]:
                    fields[name] = f"{fields[name]}, {value}" if name in fields else value
                response = Response(io.BytesIO(content), url, fields, answer["status"])
                jar.extract_cookies(_WithCookies(answer["headers"]), urllib.request.Request(url))  # noqa: S310 (it is only a key)
                target = response.headers.get("Location") if answer["status"] in (301, 302, 303, 307, 308) else None
                if target is None:
                    break
                if answer["status"] == 303 or (answer["status"] in (301, 302) and method == "POST"):
                    method, body = ("HEAD" if method == "HEAD" else "GET"), b""
                url = urljoin(url, target)
            else:
                raise HTTPError(response, redirect_loop=True)
            if not 200 <= answer["status"] < 300:
                raise HTTPError(response)
            return response

    return WorkerRH


class _WithCookies:
    """The header of an answer as http.cookiejar reads it."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        from email.message import Message

        self._message = Message()
        for name, value in fields:
            if name.lower().startswith("set-cookie"):
                self._message.add_header(name, value)

    def info(self) -> Any:
        return self._message


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
