"""A small site drawn by its scripts, shown with them from the archive alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser.axe import violations
from browser.conftest import serving, session_of
from journeys.household import Served
from playwright.sync_api import FrameLocator, Page, expect
from specimens.segments import SegmentFile, answered
from web_of_tests.pictures import png

pytestmark = pytest.mark.system

KEPT, CDN, OTHER = "http://kept.example", "http://cdn.example", "http://other.example"
SITE = {file.name: file.read_bytes() for file in (Path(__file__).parent / "site").iterdir()}
TYPES = {".js": "text/javascript", ".html": "text/html; charset=utf-8", ".json": "application/json", ".css": "text/css"}
FILES = {
    f"{KEPT}/": SITE["index.html"],
    f"{KEPT}/page.html": b"<h1>Another page</h1><script>document.write('<p>written</p>')</script><a href='/'>Home</a>",
    f"{KEPT}/inner.html": b"<p id=it>inner</p><script>it.textContent = 'inner by script'</script>",
    f"{KEPT}/words.json": b'{"word": "module"}',
    f"{KEPT}/api/items.json": b'["one", "two"]',
    f"{KEPT}/api/about.json": b'{"about": "about the site"}',
    f"{CDN}/more.json": b'["three"]',
    f"{CDN}/classic.js": SITE["classic.js"],
    f"{CDN}/sheet.css": b"h1 { color: rgb(1, 2, 3); background: url(picture.png) }",
    f"{OTHER}/": b"<h1>Elsewhere</h1><script>document.write('<p>of another origin</p>')</script>",
    f"{OTHER}/frame.html": b"<p id=it>frame</p><script>it.textContent = 'frame by script'</script>",
    **{f"{KEPT}/{name}": SITE[name] for name in ("app.js", "view.js", "later.js", "worker.js")},
}
PICTURES = (f"{KEPT}/picture.png", f"{KEPT}/picture.png?native", f"{CDN}/picture.png", f"{CDN}/picture.png?written")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, keep: Callable[[Path, Callable[[SegmentFile], None]], None]) -> Path:
    home = tmp_path_factory.mktemp("scripts") / "home"
    home.mkdir()

    def write(segment: SegmentFile) -> None:
        for url, body in FILES.items():
            kind = TYPES.get(Path(url).suffix if not url.endswith("/") else ".html", "text/html")
            segment.write(answered(url, body, headers=(f"Content-Type: {kind}",)))
        for url in PICTURES:
            segment.write(answered(url, png("a"), headers=("Content-Type: image/png",)))
        later = FILES[f"{KEPT}/api/items.json"].replace(b"one", b"late")
        segment.write(
            answered(f"{KEPT}/api/items.json", later, minute=600, headers=("Content-Type: application/json",))
        )
        segment.write(answered(f"{KEPT}/later.html", b"<h1>Later</h1>", minute=600))
        for path, target in (("moved", "/page.html"), ("away", f"{OTHER}/")):
            moved = (f"Location: {target}", "Content-Type: text/html")
            segment.write(answered(f"{KEPT}/{path}", b"", status="302 Found", headers=moved))

    keep(home, write)
    return home


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[Served]:
    with serving(home, REPLAY__SCRIPTS="true") as service:
        yield service


@pytest.fixture
def reader(served: Served, page: Page) -> Page:
    page.context.add_cookies([session_of(served)])
    return page


def look(reader: Page, served: Served, path: str = "/") -> FrameLocator:
    reader.goto(f"{served.url}/view/scripts/20260131120000/{KEPT}{path}")
    return reader.frame_locator("iframe.replay")


def test_a_site_drawn_by_its_scripts_is_shown(served: Served, reader: Page) -> None:
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url))
    frame = look(reader, served)
    expect(frame.locator("#main")).to_have_text("one two one two three module")
    expect(frame.locator("#classic")).to_have_text(f"{KEPT}/ kept.example")
    expect(frame.locator("#clock")).to_contain_text("2026-01-31T12:0")
    expect(frame.locator("body")).to_have_attribute("data-worker", "one+two")
    expect(frame.locator("h1")).to_have_css("color", "rgb(1, 2, 3)")
    expect(frame.frame_locator("#inner").locator("#it")).to_have_text("inner by script")
    expect(frame.frame_locator("#foreign").locator("#it")).to_have_text("frame")
    for name in ("made", "written", "lazy", "native"):
        frame.locator(f"#{name}").scroll_into_view_if_needed()
        wide = f"document.querySelector('#{name}').naturalWidth > 0"
        expect(frame.locator(f"#{name}")).to_have_js_property("complete", True)
        reader.frames[1].wait_for_function(wide)

    assert {url.split("/")[2].partition(":")[0].rpartition(".")[2] for url in asked} <= {"1", "localhost"}


def test_the_page_with_the_bar_violates_no_wcag_rule_in_light_or_dark(served: Served, reader: Page) -> None:
    expect(look(reader, served).locator("#main")).to_contain_text("module")
    light = violations(reader)
    reader.emulate_media(color_scheme="dark")

    assert light == violations(reader) == {}


def test_its_router_goes_forward_and_back(served: Served, reader: Page) -> None:
    frame = look(reader, served)
    expect(frame.locator("#main")).to_contain_text("module")
    frame.get_by_role("link", name="About", exact=True).click()
    expect(frame.locator("#main")).to_have_text("about the site")
    reader.frames[1].evaluate("history.back()")
    expect(frame.locator("#main")).to_contain_text("module")

    expect(reader.locator(".kept")).to_contain_text(re.compile(rf"{KEPT}/$"))


def test_a_link_leads_to_a_page_of_the_site_and_to_another_site_with_its_own_scene(
    served: Served, reader: Page
) -> None:
    frame = look(reader, served)
    expect(frame.locator("#main")).to_contain_text("module")
    kept = reader.locator(".kept")

    def follow(name: str, url: str) -> None:
        frame.get_by_role("link", name=name).click()
        expect(kept).to_contain_text(re.compile(rf" {re.escape(url)}$"))

    follow("Another page", f"{KEPT}/page.html")
    frame.get_by_text("written").wait_for()
    first = reader.frames[1].url
    follow("Home", f"{KEPT}/")
    follow("Moved", f"{KEPT}/page.html")
    follow("Home", f"{KEPT}/")
    follow("Elsewhere", f"{OTHER}/")
    frame.get_by_text("of another origin").wait_for()

    assert reader.frames[1].url.split("/")[2] != first.split("/")[2]


def test_content_without_scripts_has_its_bar_and_missing_pages_are_reported(served: Served, reader: Page) -> None:
    frame = look(reader, served)
    expect(frame.locator("#main")).to_contain_text("module")
    reader.frames[1].evaluate("location.href = '/words.json'")
    expect(reader.locator(".kept")).to_contain_text(f"{KEPT}/words.json")
    expect(frame.frame_locator("iframe").get_by_text('"word"')).to_be_visible()
    reader.frames[1].evaluate("location.href = '/nothing'")
    frame.get_by_role("heading", name="Not archived").wait_for()

    expect(reader.locator("#about-frame")).to_have_text(
        re.compile("not archived. This bar still describes the archived page")
    )
    expect(reader.locator(".kept")).to_contain_text(f"{KEPT}/words.json")


def test_a_page_that_claims_to_be_another_only_leads_to_that_page(served: Served, reader: Page) -> None:
    frame = look(reader, served, "/page.html")
    frame.get_by_text("written").wait_for()
    around = look(reader, served, "/") and reader.url
    look(reader, served, "/page.html")
    frame.get_by_text("written").wait_for()
    lie = f"parent.postMessage({{around: {around!r}, url: '{KEPT}/'}}, '*')"
    reader.frames[1].evaluate(f"parent.postMessage({{around: 'https://evil.example/', url: 'x'}}, '*'); {lie}")
    expect(reader.locator(".kept")).to_contain_text(re.compile(rf" {KEPT}/$"))

    expect(frame.locator("#main")).to_contain_text("module")


def test_an_archived_redirect_is_followed(served: Served, reader: Page) -> None:
    look(reader, served, "/moved").get_by_text("written").wait_for()
    look(reader, served, "/away").get_by_text("of another origin").wait_for()


def test_each_moment_has_its_own_scene_with_its_own_storage(served: Served, reader: Page) -> None:
    frame = look(reader, served)
    expect(frame.locator("#main")).to_contain_text("one two")
    scene = reader.frames[1]
    scene.evaluate("localStorage.setItem('x', 'y'); document.cookie = 'planted=1'")
    told = scene.evaluate("[document.cookie, localStorage.getItem('x')]")
    kept = scene.evaluate("localStorage.getItem('x')"), reader.context.cookies(scene.url)
    reader.goto(f"{served.url}/view/scripts/20260131220000/{KEPT}/later.html")
    expect(frame.locator("h1")).to_have_text("Later")

    assert told == ["planted=1", "y"]
    assert kept == ("y", [])
    assert reader.frames[1].evaluate("localStorage.getItem('x')") is None


def test_missing_resources_are_reported_and_submissions_are_not_sent(served: Served, reader: Page) -> None:
    frame = look(reader, served)
    expect(frame.locator("#main")).to_contain_text("module")
    scene = reader.frames[1]
    statuses = scene.evaluate(
        """async () => [
            (await fetch("/nothing")).status, (await fetch("/api/items.json", {method: "POST"})).status,
            (await fetch("http://nobody.example/")).status,
            (await fetch("/api/items.json", {method: "HEAD"})).status]"""
    )

    assert statuses == [404, 405, 404, 200]


def test_a_scene_opened_directly_leads_to_the_page_with_the_bar(served: Served, reader: Page) -> None:
    frame = look(reader, served)
    expect(frame.locator("#main")).to_contain_text("module")
    alone = reader.context.new_page()
    for address in (reader.frames[1].url, str(reader.locator("iframe.replay").get_attribute("src"))):
        alone.goto(address)
        expect(alone.locator(".kept")).to_contain_text(KEPT)
        assert alone.url.split("/")[2].startswith("bar.scenes.localhost:")


def test_an_address_of_one_scene_is_invalid_in_another(served: Served, reader: Page) -> None:
    look(reader, served)
    address = str(reader.locator("iframe.replay").get_attribute("src"))
    port = int(address.split("/")[2].partition(":")[2])
    host, grant = address.split("/")[2].partition(":")[0], address.split("/")[5].partition("?")[0]

    def status(host: str, path: str, **headers: str) -> int:
        asked = {"Host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return Served(served.process, f"http://127.0.0.1:{port}", served.log).ask("GET", path, headers=asked).status

    other = host.replace(host[:4], "saaa", 1)
    at = f"/_pressmark/at/{grant}/20260131120000oe_/{KEPT}/api/items.json"
    assert status(host, at) == 200
    assert status(other, at) == status(f"bar{host[33:]}", at) == status("localhost", at) == 403
    assert status(host, at, Service_Worker="script") == 403
    assert status(host, "/_pressmark/page.js", Service_Worker="script") == 403
    assert status(host, f"/_pressmark/bar/{grant}?to=/") == 403
    assert status(host, "/api/items.json") == 404


def test_scripts_are_off_unless_they_are_allowed(
    tmp_path: Path, page: Page, keep: Callable[[Path, Callable[[SegmentFile], None]], None]
) -> None:
    keep(tmp_path, lambda segment: segment.write(answered(f"{KEPT}/", b"<p>kept</p>")) and None)
    with serving(tmp_path) as served:
        page.context.add_cookies([session_of(served)])
        answer = page.goto(f"{served.url}/view/scripts/latest/{KEPT}/")
        told = page.locator("main").inner_text()
        page.goto(f"{served.url}/snapshot/latest/{KEPT}/")

        assert answer is not None and answer.status == 404
        assert "replay.scripts" in told
        assert page.get_by_role("link", name="With scripts").count() == 0
