"""An archived page in the frame looks like the original: images, styles, frames, revisits, and links in time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser.conftest import serving, session_of
from journeys.household import Served
from playwright.sync_api import FrameLocator, Page, Route, expect
from specimens.segments import SegmentFile, answered
from web_of_tests.pictures import png

pytestmark = pytest.mark.system

SITE = "http://kept.example"
HTML = "Content-Type: text/html; charset=utf-8"
PAGE = """<!DOCTYPE html><title>Kept</title><link rel=stylesheet href="/style.css">
<h1>A page</h1><img id=plain src="a.png" alt=""><img id=lazy src="data:," data-src="a.png" alt="">
<img id=set srcset="a.png?2 2x, a.png 1x" alt="">
<svg width=9 height=9><image id=drawn href="a.png" width=9 height=9 /></svg>
<iframe id=inner src="/inner.html"></iframe><noscript><p id=noscript>without scripts</p></noscript>
<p><a href="/next.html#part">Next</a> <a href="/moved">Moved</a> <a href="#part">Part</a></p><p id=part>The part</p>"""


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, keep: Callable[[Path, Callable[[SegmentFile], None]], None]
) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("replay") / "home"
    home.mkdir()

    def write(segment: SegmentFile) -> None:
        page = segment.write(answered(f"{SITE}/", PAGE.encode(), headers=(HTML,)))
        segment.write(answered(f"{SITE}/a.png", png("a"), headers=("Content-Type: image/png",)))
        segment.write(answered(f"{SITE}/style.css", b"@import 'more.css';", headers=("Content-Type: text/css",)))
        sheet = b"h1 { color: rgb(1, 2, 3); background: url(a.png) }"
        segment.write(answered(f"{SITE}/more.css", sheet, headers=("Content-Type: text/css",)))
        masked = b"<style>p { width: 9px; height: 9px; mask-image: url(mask.png) }</style><p>Masked</p>"
        segment.write(answered(f"{SITE}/masked.html", masked, headers=(HTML,)))
        segment.write(answered(f"{SITE}/mask.png", png("mask"), headers=("Content-Type: image/png",)))
        inner = b"<p>In a frame</p><a href=/next.html>On</a>"
        segment.write(answered(f"{SITE}/inner.html", inner, headers=(HTML,)))
        segment.write(answered(f"{SITE}/next.html", b"<p>Early</p>", headers=(HTML,)))
        segment.write(answered(f"{SITE}/next.html", b"<p>Late</p>", minute=120, headers=(HTML,)))
        moved = (HTML, "Location: /next.html")
        segment.write(answered(f"{SITE}/moved", b"", status="302 Found", headers=moved))
        segment.revisit(page, answered(f"{SITE}/", PAGE.encode(), minute=90, headers=(HTML,)))
        segment.unchanged(page, minute=150)
        segment.write(answered(f"{SITE}/gone", b"<p>It is gone</p>", status="410 Gone", headers=(HTML,)))

    keep(home, write)
    with serving(home) as service:
        yield service


@pytest.fixture
def reader(served: Served, page: Page) -> Page:
    page.context.add_cookies([session_of(served)])
    return page


def look(reader: Page, served: Served, at: str, path: str = "/") -> FrameLocator:
    reader.goto(f"{served.url}/snapshot/{at}/{SITE}{path}")
    return reader.frame_locator("iframe.replay")


@pytest.mark.parametrize("at", ["20260131120000", "20260131133000", "20260131143000"])
def test_a_page_its_revisit_and_its_not_modified_answer_look_the_same(served: Served, reader: Page, at: str) -> None:
    frame = look(reader, served, at)
    frame.get_by_role("heading", name="A page").wait_for()
    widths = [
        frame.locator(f"#{name}").evaluate("(image) => image.decode().then(() => image.naturalWidth)")
        for name in ("plain", "lazy", "set")
    ]

    assert all(width > 0 for width in widths)
    assert frame.locator("h1").evaluate("(h1) => getComputedStyle(h1).color") == "rgb(1, 2, 3)"
    assert frame.locator("#noscript").is_visible()
    assert frame.frame_locator("#inner").get_by_text("In a frame").is_visible()
    assert frame.locator("#drawn").evaluate("(image) => image.getBBox().width") == 9


def test_a_mask_is_shown_although_the_page_has_no_origin(served: Served, reader: Page) -> None:
    """Browsers request the image of a mask like a font: with CORS, in the name of the page."""
    with reader.expect_event("requestfinished", lambda one: one.url.endswith("mask.png")) as asked:
        look(reader, served, "20260131120000", "/masked.html")

    assert asked.value.failure is None


@pytest.mark.parametrize(("at", "words"), [("20260131120000", "Early"), ("20260131133000", "Late")])
def test_a_link_goes_to_the_capture_nearest_in_time_and_the_bar_says_so(
    served: Served, reader: Page, at: str, words: str
) -> None:
    for link in ("Next", "Moved"):
        frame = look(reader, served, at)
        frame.get_by_text(link).click()
        expect(reader.locator(".kept")).to_contain_text(f"{SITE}/next.html")
        frame.get_by_text(words).wait_for()
        reader.go_back()
        expect(reader.locator(".kept")).to_contain_text(re.compile(rf"{SITE}/$"))
        frame.get_by_role("heading", name="A page").wait_for()


def test_the_bar_also_follows_a_link_clicked_before_the_page_has_loaded(served: Served, reader: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    reader.route(re.compile("im_/.*/a[.]png$"), hold)  # so the first page never reports that it has loaded
    reader.goto(f"{served.url}/snapshot/20260131120000/{SITE}/", wait_until="commit")
    frame = reader.frame_locator("iframe.replay")
    frame.get_by_text("Next").click()
    expect(reader.locator(".kept")).to_contain_text(f"{SITE}/next.html")
    frame.get_by_text("Early").wait_for()

    assert held


def test_a_link_to_a_page_without_captures_leaves_the_bar_and_says_so(served: Served, reader: Page) -> None:
    frame = look(reader, served, "20260131120000")
    frame.get_by_text("Next").evaluate("(link) => link.setAttribute('href', link.href.replace('next.html', 'none'))")
    frame.get_by_text("Next").click()
    frame.get_by_role("heading", name="Not archived").wait_for()

    expect(reader.locator("#about-frame")).to_have_text(
        re.compile("not archived. This bar still describes the archived page")
    )


def test_the_page_of_a_redirect_stays_and_links_to_the_page_in_its_frame(served: Served, reader: Page) -> None:
    look(reader, served, "20260131120000", "/moved").get_by_text("Early").wait_for()
    reader.wait_for_load_state()
    reader.get_by_role("link", name="Record").wait_for()

    expect(reader.locator(".kept")).to_contain_text(f"{SITE}/moved")
    reader.get_by_role("link", name=f"{SITE}/next.html").click()
    expect(reader.locator(".kept")).to_contain_text(f"{SITE}/next.html")


def test_a_link_in_a_frame_of_the_page_stays_in_that_frame(served: Served, reader: Page) -> None:
    inner = look(reader, served, "20260131120000").frame_locator("#inner")
    inner.get_by_role("link", name="On").click()

    inner.get_by_text("Early").wait_for()


def test_an_archived_410_is_a_memento(served: Served, reader: Page) -> None:
    with reader.expect_response(lambda answer: "mp_/" in answer.url) as told:
        look(reader, served, "20260131120000", "/gone").get_by_text("It is gone").wait_for()
    framed = told.value

    assert framed.status == 410
    assert framed.headers["memento-datetime"] == "Sat, 31 Jan 2026 12:00:00 GMT"
    assert "set-cookie" not in framed.headers


def test_a_replay_address_opened_directly_leads_to_the_page_with_the_bar(served: Served, reader: Page) -> None:
    look(reader, served, "20260131120000").get_by_role("heading", name="A page").wait_for()
    reader.goto(str(reader.locator("iframe.replay").get_attribute("src")))

    assert reader.url == f"{served.url}/snapshot/20260131120000/{SITE}/"


def test_without_a_grant_nothing_is_shown(served: Served, reader: Page) -> None:
    look(reader, served, "20260131120000").get_by_role("heading", name="A page").wait_for()
    address = str(reader.locator("iframe.replay").get_attribute("src"))
    grant = address.split("/")[3]
    forged = address.replace(grant, grant[:-4] + "AAAA")

    assert reader.request.get(address).status == 200
    assert reader.request.get(forged).status == 403
    assert reader.request.get(address, headers={"Service-Worker": "script"}).status == 403
    assert reader.request.post(address).status == 405
