"""The view ``id_``: the bytes of the page, none of which take effect."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from services.retrieving import ARTICLE, EDITED, GONE, HOME, MOVED, PAGE, PICTURE, PNG, Retrieving, served
from specimens.captures import NOON
from specimens.segments import SegmentFile, answered

from config.settings import Settings
from pressmark.service.assembly import open_pressmark
from pressmark.wayback.raw import live_status

COMES_FROM_THE_PAGE = ("set-cookie", "cache-control", "etag", "date", "content-length")


@pytest.mark.parametrize(
    ("path", "payload"),
    [
        (f"20260131120000id_/{HOME}", PAGE),
        (f"20260131130000id_/{HOME}", PAGE),  # a revisit
        (f"20260131140000id_/{HOME}", PAGE),  # the server's answer that nothing had changed
        (f"20260131150000id_/{HOME}", EDITED),
        (f"20260131120100id_/{ARTICLE}", PAGE),
        (f"20260131120200id_/{MOVED}", b"moved"),
        (f"20260131120300id_/{GONE}", b"gone"),
        (f"20260131120400id_/{PICTURE}", PNG),
    ],
)
def test_the_payload_equals_what_was_received(archive: Retrieving, path: str, payload: bytes) -> None:
    _, headers, body = archive.get(f"/web/{path}")
    head = archive.ask("HEAD", f"/web/{path}")

    assert body == payload
    assert headers["Content-Length"] == head[1]["Content-Length"] == str(len(payload))
    assert head[2] == b""
    assert dict(head[1].items()).keys() == dict(headers.items()).keys()


def test_the_coding_is_kept_for_a_client_that_accepts_it(archive: Retrieving) -> None:
    path = f"/web/20260131120000id_/{HOME}"
    coded, plain, part = (
        archive.get(path, Accept_Encoding="br, gzip;q=1.0"),
        archive.get(path, Accept_Encoding="br"),
        archive.get(path, Accept_Encoding="gzip", Range="bytes=0-5"),
    )

    assert (coded[1]["Content-Encoding"], gzip.decompress(coded[2])) == ("gzip", PAGE)
    assert (plain[1]["Content-Encoding"], plain[2]) == (None, PAGE)
    assert (part[0], part[1]["Content-Encoding"], part[2]) == (206, None, PAGE[:6])
    assert coded[1]["ETag"] != plain[1]["ETag"]


def test_all_archived_fields_are_sent_and_only_the_harmless_ones_take_effect(archive: Retrieving) -> None:
    _, headers, _ = archive.get(f"/web/20260131120000id_/{HOME}")

    assert headers["X-Archive-Orig-Set-Cookie"] == "stolen=1"
    assert "Set-Cookie" not in headers
    assert headers["X-Archive-Orig-Cache-Control"] == "no-store"
    assert headers["Cache-Control"] == "no-cache"
    assert headers["X-Archive-Orig-ETag"] == '"a"'
    assert headers["X-Archive-Orig-Content-Type"] == headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["X-Archive-Orig-Date"] == "Sat, 31 Jan 2026 12:00:00 GMT"


def test_a_client_limited_to_a_hundred_fields_gets_a_page_that_had_more(tmp_path: Path) -> None:
    many = ("Content-Type: text/plain", *(f"X-Field-{number}: {number}" for number in range(400)))
    with open_pressmark(Settings(home=tmp_path)) as service:
        segment = SegmentFile(tmp_path)
        segment.write(answered(HOME, b"a page", headers=many))
        service.index.opened(segment.name, collection="default", worker="w", epoch=1, path=segment.path, at=NOON)
        service.index.add(segment.captures)
        with served(service) as url:
            answers = [
                Retrieving(url, service, []).get(path)
                for path in (f"/web/20260131120000id_/{HOME}", f"/api/v1/snapshots/20260131120000/raw/{HOME}")
            ]

    for status, headers, _ in answers:
        assert status == 200
        assert headers["X-Archive-Orig-X-Field-60"] == "60"
        assert headers["X-Archive-Orig-X-Field-399"] is None
        assert headers["X-Archive-Fields-Left-Out"] == "332"


def test_content_that_a_browser_could_run_is_an_attachment_under_a_policy_that_allows_nothing(
    archive: Retrieving,
) -> None:
    page = archive.get(f"/web/20260131120000id_/{HOME}")[1]
    picture = archive.get(f"/web/20260131120400id_/{PICTURE}")[1]

    assert page["Content-Disposition"] == 'attachment; filename="page"'
    assert "Content-Disposition" not in picture
    for headers in (page, picture):
        assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_redirect_leads_to_the_same_time_in_the_archive(archive: Retrieving) -> None:
    status, headers, _ = archive.get(f"/web/20260131120200id_/{MOVED}")

    assert (status, headers["X-Archive-Orig-Location"]) == (302, "/a?id=1&x=y")
    assert headers["Location"] == f"{archive.url}/web/20260131120200id_/{ARTICLE}"


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=10-", 206, slice(10, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=-99999", 206, slice(None)),
        ("bytes=5-99999", 206, slice(5, None)),
        ("bytes=9-5", 200, slice(None)),
        ("bytes=0-1,4-5", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
        ("bytes=-", 200, slice(None)),
        ("bytes=99999-", 416, slice(0, 0)),
        ("bytes=-0", 416, slice(0, 0)),
    ],
)
def test_a_range_counts_in_the_decoded_payload(archive: Retrieving, asked: str, status: int, part: slice) -> None:
    found = archive.get(f"/web/20260131120000id_/{HOME}", Range=asked)
    length = len(PAGE)

    assert (found[0], found[2]) == (status, PAGE[part])
    if status == 206:
        first = length - len(PAGE[part]) if part.start and part.start < 0 else part.start or 0
        assert found[1]["Content-Range"] == f"bytes {first}-{first + len(found[2]) - 1}/{length}"
    elif status == 416:
        assert found[1]["Content-Range"] == f"bytes */{length}"


def test_a_client_with_the_same_bytes_gets_304_and_an_old_part_is_not_joined_with_a_new_one(
    archive: Retrieving,
) -> None:
    path = f"/web/20260131120000id_/{HOME}"
    etag = archive.get(path)[1]["ETag"]

    assert archive.get(path, If_None_Match=etag)[::2] == (304, b"")
    assert archive.get(path, If_None_Match='"other"')[0] == 200
    assert archive.get(path, Range="bytes=0-1", If_Range=etag)[0] == 206
    assert archive.get(path, Range="bytes=0-1", If_Range='"other"')[0] == 200
    assert archive.get(f"/web/20260131120300id_/{GONE}", If_None_Match=etag)[0] == 404


def test_a_status_that_refers_to_another_request_is_not_passed_on() -> None:
    assert [live_status(status) for status in (200, 204, 301, 404, 503)] == [200, 204, 301, 404, 503]
    assert [live_status(status) for status in (None, 206, 304)] == [200, 200, 200]
    assert [live_status(status) for status in (99, 100, 600, 999)] == [500] * 4
