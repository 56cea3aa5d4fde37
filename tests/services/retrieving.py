"""An archive of a few captures behind a real server: archive clients query it over a socket."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import uvicorn
from specimens.segments import CONTEXT, SegmentFile, answered
from starlette.types import ASGIApp

from archive.values.capture import Capture, Context
from config.settings import Settings
from pressmark.http.stage.stage import Stage, open_stage
from pressmark.processes.app import create_app
from pressmark.processes.serve import bound, url_of
from pressmark.replay.app import create_replay
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service

HOME = "http://news.example/"
ARTICLE = "http://news.example/a?id=1&x=y"
MOVED = "http://news.example/moved"
GONE = "http://news.example/gone"
PICTURE = "http://news.example/picture.png"
ELSEWHERE = "http://forum.news.example/t/1"
PAGE = "<html><title>Harbour</title><p>A dredger was delayed; 延误。</p></html>".encode()
EDITED = PAGE.replace(b"delayed", b"not delayed")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
HTML = "Content-Type: text/html; charset=utf-8"
DATE = "Date: Sat, 31 Jan 2026 12:00:00 GMT"


@dataclass
class Retrieving:
    """A server of an archive, and its contents."""

    url: str
    service: Service
    captures: list[Capture]
    stage: Stage | None = None
    """The origin of its rewritten pages."""

    def ask(self, method: str, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Send a request; `path` goes over the wire as given; it may be a URL at the origin of replay."""
        at = urlsplit(path if path.startswith("http://") else self.url)
        path = path.removeprefix(f"{at.scheme}://{at.netloc}")
        connection = http.client.HTTPConnection(at.netloc, timeout=30)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def send_body(self, method: str, path: str, body: bytes, kind: str, **headers: str) -> tuple[int, bytes]:
        """Send a body of a media type, and return the status and the answer."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            connection.request(method, path, body, {"Content-Type": kind, **headers})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        return self.ask("GET", path, **headers)

    def text(self, path: str) -> str:
        return self.get(path)[2].decode()


def write_captures(segment: SegmentFile) -> None:
    """Write versions, a revisit, a not-modified answer, a redirect, an error, a picture, and another host."""
    coded = (HTML, "Content-Encoding: gzip", 'ETag: "a"', DATE, "Set-Cookie: stolen=1", "Cache-Control: no-store")
    zipped = gzip.compress(PAGE, mtime=0)
    first = segment.write(answered(HOME, zipped, headers=coded))
    segment.revisit(first, answered(HOME, zipped, minute=60, headers=coded))
    segment.unchanged(first, minute=120)
    segment.write(answered(HOME, EDITED, minute=180, headers=(HTML,)))
    segment.write(answered(ARTICLE, PAGE, minute=1, headers=(HTML, DATE)))
    moved = ("Location: /a?id=1&x=y", DATE)
    segment.write(answered(MOVED, b"moved", minute=2, status="302 Found", headers=moved))
    segment.write(answered(GONE, b"gone", minute=3, status="404 Not Found", headers=(HTML, DATE)))
    segment.write(answered(PICTURE, PNG, minute=4, headers=("Content-Type: image/png",)))
    other = Context("harbour", CONTEXT.source, CONTEXT.run)
    segment.write(answered(ELSEWHERE, EDITED, minute=5, headers=(HTML, DATE)), context=other)


@contextmanager
def retrieving(home: Path, **settings: Any) -> Iterator[Retrieving]:
    """Serve a home with those captures."""
    with open_pressmark(Settings(home=home, **settings)) as service:
        segments = [SegmentFile(home, "20260131T120000Z-1-0-abcd"), SegmentFile(home, "20260131T120000Z-1-1-ef01")]
        write_captures(segments[0])
        moved = [capture for capture in segments[0].captures if capture.collection == "harbour"]
        for segment, name in zip(segments, ("default", "harbour"), strict=True):
            opened = {"worker": "w", "epoch": 1, "path": segment.path, "at": segment_at(segments[0])}
            service.index.opened(segment.name, collection=name, **opened)  # type: ignore[arg-type]
        service.index.add(segments[0].captures)
        assert moved
        with bound("127.0.0.1", 0) as listener:
            stage = open_stage(service, listener.getsockname()[1])
            with running(create_replay(service, stage), listener), served(service, stage) as url:
                yield Retrieving(url, service, segments[0].captures, stage)


def segment_at(segment: SegmentFile) -> Any:
    return segment.captures[0].at


@contextmanager
def served(service: Service, stage: Stage | None = None) -> Iterator[str]:
    """Serve the application of a service on a socket of loopback, in a thread."""
    with bound("127.0.0.1", 0) as listener, running(create_app(service, stage=stage), listener):
        yield url_of(listener)


@contextmanager
def running(app: ASGIApp, listener: socket.socket, *, lifespan: Literal["on", "off"] = "off") -> Iterator[None]:
    """Serve an application on a socket, in a thread."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan=lifespan))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        thread.join(20)
        with contextlib.suppress(OSError):
            listener.close()
