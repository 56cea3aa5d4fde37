"""A small site on a real socket, and the check that another crawler's files of it are in the archive, byte for byte."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from oracles.answers import answers_in, count_records
from specimens.archives import Kept

from archive.intake.foreign.import_file import ImportedFile, import_file

FAR = datetime(2099, 1, 1, tzinfo=UTC)
PAGES = {"/": b'<a href="/a">a</a><a href="/chunked">c</a><a href="/gone">g</a><p>front', "/a": b"<p>the page a" * 50}


ALL = {**PAGES, "/gone": b"gone", "/chunked": b"<p>in chunks, compressed"}


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/chunked":
            self._chunked()
            return
        body = PAGES.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body or b"gone")))
        self.end_headers()
        self.wfile.write(body or b"gone")

    def _chunked(self) -> None:
        packed = gzip.compress(b"<p>in chunks, compressed", mtime=0)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (packed[:10], packed[10:], b""):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served() -> Iterator[str]:
    """Serve the site; return its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def taken(kept: Kept, path: Path) -> ImportedFile:
    [one] = import_file(path, "default", kept.archive.ingest, kept.index)
    [again] = import_file(path, "default", kept.archive.ingest, kept.index)
    assert (again.again, again.captures) == (True, one.captures)
    if path.suffix != ".zst" and path.suffix != ".wacz":
        assert sum(one.taken.values()) + len(one.refused) == count_records(path)
    return one


def check(kept: Kept, site: str, *warcs: Path) -> None:
    """Check that the archive equals what the site sent, byte for byte, and what another reader finds in the files."""
    check_pages(kept, site)
    assert kept_answers(kept, site) == told_answers(*warcs)


def check_pages(kept: Kept, site: str) -> None:
    """Check that the archive equals what the site sent, byte for byte."""
    for path, body in ALL.items():
        with kept.archive.snapshot(site + path, FAR) as snapshot:
            assert snapshot.payload().body == body, path
            assert snapshot.status == (404 if path == "/gone" else 200)


def kept_answers(kept: Kept, site: str) -> list[tuple[str, str, str, str]]:
    """Return whether each capture holds its payload or refers to it, its URL and time, and the SHA-256 of its body."""
    found = []
    for capture in kept.archive.captures(site, match="host"):
        with kept.archive.open(capture) as snapshot:
            sha256 = hashlib.sha256(snapshot.payload().body).hexdigest()
        found.append((capture.kind, capture.url, f"{capture.at:%Y-%m-%dT%H:%M:%S}", sha256))
    return sorted(found)


def told_answers(*warcs: Path) -> list[tuple[str, str, str, str]]:
    """Return the same by warcio; a revisit shows what the answer with its digest shows."""
    answers = [answer for warc in warcs for answer in answers_in(warc)]
    payloads = {answer.digest: answer.sha256 for answer in answers if answer.kind == "response"}
    return sorted(
        (each.kind, each.url, each.date[:19], each.sha256 if each.kind == "response" else payloads[each.digest])
        for each in answers
    )
