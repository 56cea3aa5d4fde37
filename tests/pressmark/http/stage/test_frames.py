from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from services.retrieving import ARTICLE, GONE, HOME, MOVED, PICTURE, Retrieving, retrieving

from pressmark.http.stage.frames import FramePages, Frames


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retrieving]:
    with retrieving(tmp_path_factory.mktemp("shown")) as made:
        yield made


def test_the_first_and_the_last_page_of_a_frame_are_remembered_and_the_oldest_frames_forgotten() -> None:
    shown = Frames(2)
    for frame, page in (("a", "/1"), ("b", "/2"), ("a", "/3"), ("a", None), ("c", "/4")):
        shown.note(frame, page)

    assert (shown.of("a"), shown.of("b"), shown.of("c")) == (FramePages("/1", None), None, FramePages("/4", "/4"))
    assert shown.of("nothing") is None
    assert Frames.new() != Frames.new()


def test_another_process_that_learns_of_a_frame_late_knows_its_first_page() -> None:
    late = Frames()
    told: list[tuple[str, FramePages]] = []
    shown = Frames(noted=lambda frame, pages: told.append((frame, pages)))
    shown.note("a", "/1")
    shown.note("a", "/2")
    late.keep(*told[-1])

    assert late.of("a") == shown.of("a") == FramePages("/1", "/2")


def test_the_last_page_of_a_frame_is_reported_and_not_what_the_page_requests(archive: Retrieving) -> None:
    page = archive.text(f"/snapshot/20260131120000/{HOME}")
    frame = re.search(r'data-name="([^"]+)"[^>]* src="([^"]+)"', page)
    assert frame
    name, address = frame[1], frame[2]

    def told() -> list[str | None]:
        return list(json.loads(archive.text(f"/view/shown/{name}")).values())

    def at(url: str, view: str = "mp_") -> str:
        return address.replace("mp_/", f"{view}/").replace(HOME, url)

    assert archive.get(f"/view/shown/{name}")[0] == 404
    first = f"/snapshot/20260131120000/{HOME}"
    assert archive.get(address)[1]["Cache-Control"] == "no-store"
    assert told() == [first, first]
    for url, view in ((PICTURE, "im_"), (ARTICLE, "if_"), (ARTICLE, "oe_")):
        archive.get(at(url, view))
    assert told() == [first, first]
    archive.get(at(GONE))
    assert told() == [first, f"/snapshot/20260131120300/{GONE}"]
    moved = archive.get(at(MOVED))
    assert (moved[0], told()[1]) == (302, f"/snapshot/20260131120300/{GONE}")
    archive.get(at("http://other.example/"))
    assert told() == [first, None]


def test_a_program_has_no_frame(archive: Retrieving) -> None:
    where = archive.get(f"/web/20260131120000mp_/{HOME}")[1]["Location"]

    assert "max-age" in archive.get(where)[1]["Cache-Control"]
