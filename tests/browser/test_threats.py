"""What an archived page might do to its reader, tried in a real browser.

Each threat has its control: the same page, served without our guard, does the harm. So the guard is what prevents it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser.conftest import TOKEN, serving, session_of
from browser.strangers import Stranger
from journeys.household import Served
from playwright.sync_api import BrowserContext, FrameLocator, Page
from specimens.segments import SegmentFile, answered

pytestmark = pytest.mark.system

KEPT = "http://kept.example"
GRACE = 400
"""Milliseconds that a page gets to do its harm after it has loaded."""


HARMS = {file.stem: file.read_text() for file in sorted((Path(__file__).parent / "harms").glob("*.html"))}
"""Pages by the harm that they intend; `STRANGER` and `ARCHIVE` stand for origins."""


def told(harm: str, stranger: Stranger, served: Served) -> str:
    named = {"STRANGER": stranger.url, "ARCHIVE": served.url, "STUN": str(stranger.ear.getsockname()[1])}
    for name, value in named.items():
        harm = harm.replace(name, value)
    return harm


@dataclass
class World:
    served: Served
    stranger: Stranger
    page: Page
    scripts: bool
    """Whether pages are shown with their scripts."""

    def body(self, harm: str) -> str:
        return told(HARMS[harm], self.stranger, self.served)

    def look(self, harm: str) -> FrameLocator:
        """Open the page in the archive, as its reader does."""
        way = "view/scripts" if self.scripts else "snapshot"
        self.page.goto(f"{self.served.url}/{way}/latest/{KEPT}/{harm}")
        frame = self.page.frame_locator("iframe.replay")
        frame.locator("body:not(:has(#told))").wait_for(state="attached")
        self.page.wait_for_timeout(GRACE)
        return frame

    def unguarded(self, harm: str) -> str:
        """Return the address of the same page, served unchanged by a server without a guard."""
        return self.stranger.has(f"/unguarded/{harm}", self.body(harm))

    def framed(self, harm: str) -> FrameLocator:
        """Open it in a frame without any guard, under a bar like ours, all in one origin."""
        inner = self.unguarded(harm)
        outer = f'<p class="kept">Kept 2026</p><iframe class="replay" src="{inner}" style="height: 300px"></iframe>'
        self.page.goto(self.stranger.has(f"/outer/{harm}", outer))
        self.page.wait_for_timeout(GRACE)
        return self.page.frame_locator("iframe.replay")

    def heard(self) -> set[str]:
        """Return the requests that the stranger got, except those that the control itself needs."""
        own = ("/unguarded", "/outer", "/favicon")
        return {target.partition("?")[0] for target in self.stranger.asked if not target.startswith(own)}


@pytest.fixture(scope="module")
def archive(
    tmp_path_factory: pytest.TempPathFactory, keep: Callable[[Path, Callable[[SegmentFile], None]], None]
) -> Iterator[tuple[Served, Stranger]]:
    home = tmp_path_factory.mktemp("threats") / "home"
    home.mkdir()
    with Stranger() as stranger, serving(home, REPLAY__SCRIPTS="true") as served:

        def write(segment: SegmentFile) -> None:
            for harm, page in HARMS.items():
                body = told(page, stranger, served)
                fields = ("Content-Type: text/html; charset=utf-8", "Set-Cookie: planted=1; Path=/")
                segment.write(answered(f"{KEPT}/{harm}", body.encode(), headers=fields))
            segment.write(answered(f"{KEPT}/worker.js", b"//", headers=("Content-Type: text/javascript",)))

        keep(home, write)
        yield served, stranger


@pytest.fixture(params=["without scripts", "with scripts"])
def world(archive: tuple[Served, Stranger], page: Page, request: pytest.FixtureRequest) -> World:
    served, stranger = archive
    stranger.asked.clear()
    stranger.cookies.clear()
    page.context.add_cookies([session_of(served)])
    return World(served, stranger, page, request.param == "with scripts")


def is_paused(served: Served) -> bool:
    return "All crawling has been paused" in served.get("/", Authorization=f"Bearer {TOKEN}").text


def test_a_script_in_the_archive_can_not_act_with_the_login(world: World) -> None:
    world.look("api")
    guarded = is_paused(world.served)
    # The control: the same page at the origin of the archive's own pages.
    address = f"{world.served.url}/captures?url=control"
    world.page.route(address, lambda route: route.fulfill(body=world.body("api"), content_type="text/html"))
    with world.page.expect_response("**/api/v1/pause*"):
        world.page.goto(address)
    world.page.wait_for_timeout(GRACE)
    harmed = is_paused(world.served)
    world.served.ask("POST", "/api/v1/resume", headers={"Authorization": f"Bearer {TOKEN}"})

    assert not guarded
    assert harmed


def test_a_page_of_another_port_of_this_host_can_not_act_with_the_login_either(world: World) -> None:
    """The stranger is on the same site, to which SameSite sends the cookie."""
    world.framed("api")

    assert not is_paused(world.served)


def test_viewing_a_page_requests_nothing_from_the_live_web(world: World) -> None:
    world.look("leaks")
    guarded = world.heard()
    world.page.goto(world.unguarded("leaks"))
    world.page.wait_for_timeout(GRACE)
    harmed = world.heard()

    assert guarded == set()
    assert len(harmed) >= 20, sorted(harmed)
    assert {"/import", "/escaped", "/font", "/frame", "/srcdoc", "/script", "/beacon", "/prefetch"} <= harmed


def test_no_script_requests_anything_from_the_live_web(world: World) -> None:
    frame = world.look("scripted")
    if world.scripts:
        frame.locator("body[data-tried]").wait_for()
    world.page.wait_for_timeout(GRACE)
    guarded = world.heard()
    world.page.goto(world.unguarded("scripted"))
    world.page.locator("body[data-tried]").wait_for()
    world.page.wait_for_timeout(GRACE)
    harmed = {target for target in world.heard() if target.startswith("/s-")}

    assert guarded == set()
    assert len(harmed) >= 20, sorted(harmed)


def test_no_connection_that_csp_does_not_cover_is_made(world: World) -> None:
    """By peers of WebRTC, in the page and in a blank frame of it, and by hints."""
    before = world.stranger.connections
    frame = world.look("connects")
    if world.scripts:
        frame.locator("body[data-tried]").wait_for()
    guarded = world.stranger.connections - before, world.stranger.overheard()
    world.page.goto(world.unguarded("connects"))
    world.page.locator("body[data-tried]").wait_for()
    harmed = world.stranger.overheard()

    assert guarded == (0, False)
    assert harmed


def test_a_page_does_not_navigate_by_itself(world: World) -> None:
    frame = world.look("refresh")
    stayed = frame.get_by_text("kept").is_visible()
    guarded = world.heard()
    world.page.goto(world.unguarded("refresh"))
    world.page.wait_for_url("**/refreshed")

    assert stayed
    assert guarded == set()


def test_a_page_can_not_change_the_bar_above_it(world: World) -> None:
    world.look("banner")
    bar = world.page.locator(".kept")
    told, covered = bar.inner_text(), is_covered(world.page)
    world.framed("banner")

    assert "Spoofed" not in told and KEPT in told
    assert not covered
    assert world.page.locator(".kept").inner_text() == "Spoofed"


def is_covered(page: Page) -> bool:
    """Return whether something else is drawn over the bar."""
    return bool(
        page.evaluate(
            """() => { const bar = document.querySelector(".kept"), box = bar.getBoundingClientRect();
            return !bar.contains(document.elementFromPoint(box.x + 5, box.y + box.height / 2)) }"""
        )
    )


def test_no_service_worker_is_registered(world: World, context: BrowserContext) -> None:
    world.look("worker")
    guarded = [worker.url for worker in context.service_workers if "/_pressmark/worker.js" not in worker.url]
    world.stranger.has("/worker.js", "//", "text/javascript")
    with context.expect_event("serviceworker"):
        world.page.goto(world.unguarded("worker"))

    assert guarded == []
    assert world.scripts == any("/_pressmark/worker.js" in worker.url for worker in context.service_workers)


def test_no_message_reaches_the_surrounding_page(world: World) -> None:
    world.page.add_init_script("window.heard = []; addEventListener('message', (event) => heard.push(event.data))")
    world.look("message")
    guarded, bar = world.page.evaluate("heard"), world.page.locator(".kept").inner_text()
    world.page.add_init_script(
        "addEventListener('message', (event) => document.querySelector('.kept').textContent = event.data)"
    )
    world.framed("message")

    # A script may say what it likes. The bar only listens for which of our own pages must replace it.
    assert [said for said in guarded if "around" not in said] == (["listen"] if world.scripts else [])
    assert "listen" not in bar
    assert world.page.locator(".kept").inner_text() == "listen"


def test_forms_send_nothing(world: World) -> None:
    frame = world.look("form")
    for button in ("Send", "Send otherwise"):
        frame.get_by_role("button", name=button, exact=True).click()
        world.page.wait_for_timeout(GRACE)
    guarded = world.heard()
    world.page.goto(world.unguarded("form"))
    world.page.wait_for_url("**/form?q=1")

    assert guarded == set()


def test_no_window_is_opened(world: World, context: BrowserContext) -> None:
    frame = world.look("popup")
    frame.get_by_text("Open").click()
    world.page.wait_for_timeout(GRACE)
    guarded = len(context.pages), world.heard()
    world.page.goto(world.unguarded("popup"))
    with context.expect_page():
        world.page.get_by_text("Open").click()

    assert guarded == (1, set())


def test_the_window_stays_where_it_is(world: World) -> None:
    frame = world.look("top")
    frame.get_by_text("Away").click()
    frame.get_by_text("Not archived").wait_for()
    guarded = world.page.locator(".kept").inner_text(), world.heard()
    world.page.goto(world.unguarded("top"))
    world.page.wait_for_url("**/moved")

    assert f"{KEPT}/top" in guarded[0]
    assert guarded[1] == set()


def test_cookies_are_sent_neither_to_replay_nor_from_it(world: World, context: BrowserContext) -> None:
    asked: list[dict[str, str]] = []
    world.page.on(
        "request", lambda request: asked.append(request.all_headers()) if "localhost" in request.url else None
    )
    before = context.cookies()
    world.look("cookie")
    guarded = context.cookies()
    # The control: a server on another port of the session's host.
    world.page.goto(world.unguarded("cookie"))
    world.page.wait_for_timeout(GRACE)

    assert asked and all("cookie" not in headers for headers in asked)
    assert guarded == before
    assert any("pressmark_session=" in sent for sent in world.stranger.cookies)
    assert {cookie["name"] for cookie in context.cookies()} - {cookie["name"] for cookie in before} == {"planted"}


def test_a_link_to_a_page_without_captures_ends_in_a_page_that_says_so(world: World) -> None:
    frame = world.look("links")
    with world.page.expect_response(lambda answer: "/never" in answer.url and answer.status == 404) as told:
        frame.get_by_text("never kept").click()
    frame.get_by_text("Not archived").wait_for()
    guarded = world.heard()
    world.page.goto(world.unguarded("links"))
    world.page.get_by_text("never kept").click()
    world.page.wait_for_url("**/never")

    assert (told.value.status, "memento-datetime" in told.value.headers) == (404, False)
    assert guarded == set()


def test_a_raw_download_is_never_opened(world: World) -> None:
    with world.page.expect_download() as loaded, pytest.raises(Exception, match="Download is starting"):
        world.page.goto(f"{world.served.url}/api/v1/snapshots/latest/raw/{KEPT}/message")
    body = loaded.value.path().read_text()
    world.page.goto(world.unguarded("message"))

    assert body == world.body("message")
    assert world.page.get_by_text("kept").is_visible()


def test_a_page_that_shows_something_else_in_an_archive_shows_its_archived_content(world: World) -> None:
    frame = world.look("differs")
    guarded, told = (
        frame.locator("p").inner_text(),
        world.page.get_by_text("may differ from the page as it was archived").count() == 1,
    )
    text = world.served.get(f"/api/v1/snapshots/latest/raw/{KEPT}/differs", Authorization=f"Bearer {TOKEN}").text
    world.page.goto(world.unguarded("differs"))

    # With scripts this can't be prevented: the bar says so, and the first view is without scripts.
    assert guarded == ("different" if world.scripts else "genuine")
    assert told == world.scripts
    assert text == world.body("differs")
    assert world.page.locator("p").inner_text() == "different"
