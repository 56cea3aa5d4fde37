"""Several captures of a URL in one second: each has an address of its own, on every page that links to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from services.retrieving import Retrieving, retrieving
from specimens.segments import Context, SegmentFile, answered

from archive.values.timestamps import timestamp14

URL = "http://crowd.example/news?id=1"
QUOTED = URL.replace("?", "%3F")
ALONE = "http://crowd.example/alone"
SECOND = "20260131180000"
BODIES = [f"<html><title>Edition {number}</title><p>Edition {number} of the news.</p></html>" for number in range(4)]
AT = [0.0, 0.25, 0.25, 0.75]
"""Seconds after six: two of them have the same time."""


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retrieving]:
    with retrieving(tmp_path_factory.mktemp("crowd")) as archive:
        segment = SegmentFile(archive.service.settings.home, "20260131T180000Z-1-7-0123")
        for body, seconds in zip(BODIES, AT, strict=True):
            segment.write(answered(URL, body.encode(), minute=360 + seconds / 60))
        other = Context("harbour", "example", "run-1")
        segment.write(answered(URL, b"<p>later</p>", minute=361), context=other)
        segment.write(answered(ALONE, b"<p>alone</p>", minute=360))
        at = segment.captures[0].at
        archive.service.index.opened(segment.name, collection="default", worker="w", epoch=1, path=segment.path, at=at)
        archive.service.index.add(segment.captures)
        yield Retrieving(archive.url, archive.service, segment.captures, archive.stage)


def listed(crowd: Retrieving, more: str = "") -> list[dict[str, Any]]:
    """Return the captures of that second, the earliest first."""
    items: list[dict[str, Any]] = json.loads(crowd.text(f"/api/v1/captures?url={QUOTED}{more}"))["items"]
    there = (item for item in items if item["timestamp"] == SECOND)
    return sorted(there, key=lambda item: (datetime.fromisoformat(item["at"]), item["offset"]))


def test_each_is_named_by_its_record_id_too_and_retrieved_by_that(crowd: Retrieving) -> None:
    stamps = [item["stamp"] for item in listed(crowd)]
    bodies = [crowd.text(f"/api/v1/snapshots/{stamp}/raw/{URL}") for stamp in stamps]

    ids = [capture.record_id.removeprefix("<urn:uuid:").removesuffix(">") for capture in crowd.captures]
    assert stamps == [f"{SECOND}~{name}" for name in ids[:4]]
    assert bodies == BODIES
    assert crowd.text(f"/api/v1/snapshots/{SECOND}~urn:uuid:{ids[1]}/raw/{URL}") == BODIES[1]
    assert crowd.text(f"/api/v1/snapshots/{SECOND}/raw/{URL}") == BODIES[3]


def test_a_capture_alone_in_its_second_is_named_by_the_second(crowd: Retrieving) -> None:
    [item] = json.loads(crowd.text(f"/api/v1/captures?url={ALONE}"))["items"]

    assert item["stamp"] == item["timestamp"] == SECOND
    assert item["page"] == f"/snapshot/{SECOND}/{ALONE}"


def test_the_pages_of_each_link_only_to_itself(crowd: Retrieving) -> None:
    for item, body in zip(listed(crowd), BODIES, strict=True):
        page = crowd.text(item["page"])
        frame = re.search(r'<iframe[^>]* src="([^"]+)"', page)
        record = crowd.text(f"/view/record/{item['stamp']}/{URL}")
        cite = crowd.text(f"/view/cite/{item['stamp']}/{URL}")
        shape = json.loads(crowd.text(f"/api/v1/snapshots/{item['stamp']}/json/{URL}"))

        assert frame
        assert body.partition("<p>")[2].partition("</p>")[0] in crowd.text(frame[1])
        assert item["record_id"].strip("<>") in record
        assert f"{crowd.url}{item['page']}" in cite
        assert {link.count(item["stamp"]) for link in shape["links"].values()} == {1}


def test_a_frame_outside_its_page_leads_to_the_page_of_the_same_capture(crowd: Retrieving) -> None:
    item = listed(crowd)[1]
    frame = re.search(r'<iframe[^>]* src="([^"]+)"', crowd.text(item["page"]))
    assert frame
    status, headers, _ = crowd.get(frame[1], Sec_Fetch_Dest="document")

    assert (status, headers["Location"]) == (303, f"{crowd.url}{item['page']}")


def test_any_two_of_them_can_be_compared(crowd: Retrieving) -> None:
    one, other = (item["stamp"] for item in listed(crowd)[1:3])
    diff = json.loads(crowd.text(f"/api/v1/diff/{one}/{other}/{URL}"))
    page = crowd.text(diff["page"])

    assert diff["page"] == f"/diff/{one}/{other}/{URL}"
    assert (diff["old"]["page"], diff["new"]["page"]) == (f"/snapshot/{one}/{URL}", f"/snapshot/{other}/{URL}")
    assert f"/compare/side/{one}/{other}/" in page and f"/snapshot/{one}/" in page
    assert crowd.text(f"/captures?url={QUOTED}").count(f'value="{one}"') == 2


def test_the_earlier_one_is_the_old_one_whichever_is_chosen_first(crowd: Retrieving) -> None:
    stamps = [item["stamp"] for item in listed(crowd)]
    for start, end in ((stamps[0], stamps[3]), (stamps[3], stamps[0])):
        status, headers, _ = crowd.get(f"/diff?url={QUOTED}&start={start}&end={end}")
        assert (status, headers["Location"]) == (303, f"/diff/{stamps[0]}/{stamps[3]}/{URL}")


def test_the_ends_of_a_page_of_a_list_differ_from_those_of_the_next(crowd: Retrieving) -> None:
    for limit in range(1, 5):
        assert all("~" in item["stamp"] for item in listed(crowd, f"&limit={limit}"))


@pytest.mark.parametrize(
    ("which", "status"),
    [(f"{SECOND}~00000000", 404), (f"{SECOND}~", 422), (f"{SECOND}~a b", 422), ("2026~abc", 422), ("latest~abc", 422)],
)
def test_a_name_of_none_of_them_is_reported(crowd: Retrieving, which: str, status: int) -> None:
    assert crowd.get(f"/api/v1/snapshots/{which.replace(' ', '%20')}/raw/{URL}")[0] == status


@pytest.mark.parametrize(
    "sent", ["http://gbk.example/%D0%C2?q=%BF%C6", "http%3A%2F%2Fgbk.example%2F%25D0%25C2%3Fq%3D%25BF%25C6"]
)
def test_a_url_with_bytes_that_are_not_utf_8_is_found_in_a_query_however_it_is_escaped(
    tmp_path: Path, sent: str
) -> None:
    url = "http://gbk.example/%D0%C2?q=%BF%C6"
    with retrieving(tmp_path) as archive:
        segment = SegmentFile(archive.service.settings.home, "20260131T180000Z-1-7-4567")
        at = segment.write(answered(url, b"<p>news</p>")).at
        archive.service.index.opened(segment.name, collection="default", worker="w", epoch=1, path=segment.path, at=at)
        archive.service.index.add(segment.captures)
        listed = json.loads(archive.text(f"/api/v1/captures?url={sent}"))["items"]
        told = json.loads(archive.text(f"/api/v1/why?url={sent}"))
        cdx = archive.text(f"/cdx/search/cdx?url={sent}&fl=original")
        available = json.loads(archive.text(f"/wayback/available?url={sent}"))["archived_snapshots"]
        page = archive.text(f"/captures?url={sent}")
        exported = json.loads(archive.text(f"/api/v1/exports/jsonl?url={sent}"))

    assert [one["url"] for one in listed] == [url]
    assert (told["url"], told["latest"]["url"]) == (url, url)
    assert cdx.strip() == url
    assert available["closest"]["timestamp"] == timestamp14(at)
    assert f'value="{url}"' in page
    assert exported["url"] == url


def test_all_views_of_a_second_show_programs_the_same_one(crowd: Retrieving) -> None:
    raw = crowd.text(f"/web/{SECOND}id_/{URL}")
    shown = crowd.text(crowd.get(f"/web/{SECOND}mp_/{URL}")[1]["Location"])

    assert raw == BODIES[3]
    assert "Edition 3 of the news" in shown


def test_the_latest_is_the_newest_capture_even_if_its_clock_was_ahead(tmp_path: Path) -> None:
    ahead, url = round(timedelta(days=365 * 200) / timedelta(minutes=1)), "http://ahead.example/news"
    with retrieving(tmp_path) as archive:
        segment = SegmentFile(archive.service.settings.home, "20260131T180000Z-1-7-4567")
        for body, minute in ((b"<p>old</p>", 0), (b"<p>newest</p>", ahead)):
            segment.write(answered(url, body, minute=minute))
        newest = segment.captures[-1]
        archive.service.index.opened(
            segment.name, collection="default", worker="w", epoch=1, path=segment.path, at=newest.at
        )
        archive.service.index.add(segment.captures)
        body = archive.get(f"/api/v1/snapshots/latest/raw/{url}")[2]
        leading = [archive.get(path)[1]["Location"] for path in (f"/web/{url}", f"/web/2026/{url}")]
        available = json.loads(archive.text(f"/wayback/available?url={url}"))["archived_snapshots"]["closest"]

    assert body == b"<p>newest</p>"
    assert timestamp14(newest.at) in leading[0]
    assert timestamp14(newest.at) not in leading[1], "who names a time gets what is nearest to it"
    assert available["timestamp"] == timestamp14(newest.at)


def test_an_unreadable_capture_is_named_by_its_second_and_skipped_for_any_other(tmp_path: Path) -> None:
    with retrieving(tmp_path) as archive:
        segment = SegmentFile(archive.service.settings.home, "20260131T180000Z-1-7-0123")
        for minute in (360, 361):
            segment.write(answered(ALONE, b"<p>minute %d</p>" % minute, minute=minute))
        first, last = segment.captures
        index = archive.service.index
        index.opened(segment.name, collection="default", worker="w", epoch=1, path=segment.path, at=first.at)
        index.add(segment.captures)
        assert archive.text(f"/api/v1/snapshots/latest/raw/{ALONE}") == "<p>minute 361</p>"
        content = bytearray(segment.path.read_bytes())
        content[last.location.offset + 150] ^= 1
        segment.path.write_bytes(content)
        index.damages.mark(segment.name, [last.location.offset], "damaged", "a bit is wrong")

        for near in ("latest", "2026", "20260131180200"):
            assert archive.text(f"/api/v1/snapshots/{near}/raw/{ALONE}") == "<p>minute 360</p>"
        status, _, body = archive.get(f"/api/v1/snapshots/{timestamp14(last.at)}/raw/{ALONE}")
        assert (status, "can't be read: a bit is wrong" in json.loads(body)["detail"]) == (502, True)
        assert archive.get(f"/all/{timestamp14(last.at)}id_/{ALONE}")[0] == 302  # to the readable one
        assert timestamp14(first.at) in archive.text(f"/all/cdx?url={ALONE}&closest={timestamp14(last.at)}&limit=1")
