"""Make an archive for the benchmark: real WARCs, and rows without WARCs for the largest size."""

from __future__ import annotations

import gzip
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.database.engine import Database
from archive.index.index import Index
from archive.index.rows import COLUMNS
from archive.values.capture import Capture, Context
from archive.values.digest import digest_payload
from archive.values.urlkey import urlkey
from archive.warc import cdxj, facts
from archive.warc import exchange_records as warc
from archive.warc.exchange import Exchange, Request, Response
from archive.warc.http_head import headers_of

MORNING = datetime(2026, 1, 1, tzinfo=UTC)
VERSIONS = 5
"""Number of captures per page."""
_A_SEGMENT = 5_000
_SCATTERED = 0x9E3779B97F4A7C15
"""A factor that scatters consecutive numbers, like digests."""
_CONTEXT = Context("default", "example", "run-1", via="https://www.example.org/")


def url_of(page: int) -> str:
    return f"https://www.example.org/news/{page % 100}/article-{page}.html?id={page}"


def make(home: Path, count: int, index: Index, size: int = _A_SEGMENT) -> list[Capture]:
    """Write segments with `count` captures into a home and index them, with a CDXJ of all beside them."""
    found: list[Capture] = []
    for number in range(0, count, size):
        name = f"20260101T000000Z-1-{number}-abcd"
        path = home / "warcs" / f"{name}.warc.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            captures = list(_segment(file.write, file.tell, name, range(number, min(number + size, count))))
        index.opened(name, collection="default", worker="w", epoch=1, path=path, at=MORNING)
        index.add(captures)
        found += captures
    (home / "index.cdxj").write_bytes(cdxj.write(found, export=True))
    return found


def _segment(write: object, tell: object, name: str, numbers: range) -> Iterator[Capture]:
    for number in numbers:
        exchange = _exchange(number)
        assert exchange.response
        payload, offset = digest_payload(exchange.response.body), tell()  # type: ignore[operator]
        written = warc.records(exchange, _CONTEXT, write, payload=payload, revisit=None)  # type: ignore[arg-type]
        place = (name, offset)
        yield facts.capture_of(exchange, _CONTEXT, written, place, urlkey=urlkey, payload=payload, revisit=None)


def _exchange(number: int) -> Exchange:
    page, version = divmod(number, VERSIONS)
    chance = random.Random(number)
    words = " ".join(f"word{chance.randrange(3000)}" for _ in range(500))
    body = gzip.compress(f"<html><title>{page}</title><p>{words}</p></html>".encode(), 6, mtime=0)
    head = (
        b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Encoding: gzip\r\n"
        b'Content-Type: text/html; charset=utf-8\r\nETag: "%d"\r\nContent-Length: %d\r\n\r\n' % (number, len(body))
    )
    request = Request("GET", url_of(page), b"GET / HTTP/1.1\r\nHost: www.example.org\r\nAccept: */*\r\n\r\n")
    at = MORNING + timedelta(days=version, seconds=page)
    return Exchange(request, Response(head, 200, headers_of(head), body, len(body)), at, ip="192.0.2.1")


def make_rows(database: Database, index: Index, count: int) -> None:
    """Insert rows of `count` captures without a segment. Database indexes are created at the end, which saves hours."""
    index.opened("nowhere", collection="default", worker="w", epoch=1, path=Path("/nowhere"), at=MORNING)
    quoted = ",".join(f'"{name}"' for name in COLUMNS)
    statement = f"INSERT INTO captures ({quoted}) VALUES ({','.join('?' * len(COLUMNS))})"
    start = int(MORNING.timestamp()) * 1_000_000
    with database.writing() as connection:
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA cache_size = -200000")
        cursor.execute("SELECT id FROM segments WHERE name = 'nowhere'")
        segment = cursor.fetchone()[0]
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'captures' AND type = 'index' AND sql > ''"
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.executemany(statement, (row_of(number, start, segment) for number in range(count)))
        for _, definition in indexes:
            cursor.execute(definition)


def row_of(number: int, start: int, segment: int) -> tuple[object, ...]:
    page, version = divmod(number, VERSIONS)
    url, at = url_of(page), start + version * 86_400_000_000 + page * 1_000_000
    record = f"<urn:uuid:{uuid.UUID(int=number)}>"
    digest, sha256 = f"{number:032}", f"{number * _SCATTERED % (1 << 64):064x}"
    known = (
        urlkey(url), at, url, "default", "response", 200, "text/html", digest, sha256, 2000, segment, number * 3000,
        2500, 3000, record, "example", "run-1",
    )  # fmt: skip
    return (*known, *(None for _ in COLUMNS[len(known) :]))
