"""Rows are sent while they are read: the first bytes are sent long before the last row is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from specimens.captures import NOON, capture_of

from archive.index.cdx.engine import Cdx
from archive.index.cdx.query import CdxQuery
from archive.index.cdx.row import Row
from config.settings import Settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.wayback import ia, pywb
from pressmark.wayback.originals import Originals
from pressmark.wayback.request_context import RequestContext

HOME = "http://news.example/"
ROWS = 6000


class Counting(Cdx):
    """Counts the rows that were read."""

    read = 0

    def rows(self, query: CdxQuery) -> Iterator[Row]:
        for row in super().rows(query):
            self.read += 1
            yield row


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with open_pressmark(Settings(home=tmp_path_factory.mktemp("many"))) as service:
        captures = [capture_of(HOME, minute=number, number=number) for number in range(ROWS)]
        name = captures[0].location.segment
        service.index.opened(name, collection="default", worker="w", epoch=1, path=Path("/nowhere"), at=NOON)
        service.index.add(captures)
        yield service


@pytest.mark.parametrize("dialect", ["ia", "pywb"])
@pytest.mark.parametrize(
    "more",
    ["", "&output=json", "&output=text", "&fl=timestamp,length", "&sort=reverse", "&from=2026", "&page=0",
     "&filter=!statuscode:404", "&resolveRevisits=true", "&collapseTime=14&collapse=timestamp", "&matchType=prefix"],
)  # fmt: skip
def test_the_first_bytes_arrive_before_the_last_row_is_read(service: Service, dialect: str, more: str) -> None:
    cdx, originals = Counting(service.database), Originals(service.index)
    query = f"url={quote(HOME)}{more}".encode()
    asked = RequestContext("GET", b"/all/cdx", query, {"host": "x"}, "http")
    answer = (ia if dialect == "ia" else pywb).answer(asked, cdx, None, originals)
    answer.hasten()
    assert not isinstance(answer.body, bytes)
    first = next(answer.body)
    early = cdx.read
    rest = b"".join(answer.body)

    assert first
    assert early < ROWS
    assert (cdx.read, (first + rest).count(b"\n") >= ROWS) == (ROWS, True)
