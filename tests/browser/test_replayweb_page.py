"""A WACZ of ours opens in replayweb.page, whether exported by the command or the API.

Not only readers like ours open it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser.conftest import PATIENCE, TOKEN, launched, serving
from journeys.household import Household, Served
from oracles.environment import NotInstalled, node_package
from playwright.sync_api import Browser, Locator, Page, expect
from specimens.segments import SegmentFile, answered
from web_of_tests.sockets import Server, Wire

pytestmark = pytest.mark.system

REPLAYWEB_PAGE = "replaywebpage@2.5.3"
INTEGRITY = "nCj2PSON3BxeSJKE8AsYPyULv0XPZKJWfy4l9PyQre9SqwLZ+WKZVs/sfLqPOQ4GrH+0YkjbwOhr8cSTH08gsQ=="
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""It requests fonts and news; in tests, only loopback is a target."""
_LOADS, _PATIENCE = 4, 30_000
"""How often the viewer is loaded again, and how many milliseconds each time takes at most."""
KEPT = "https://kept.example/news"
HTML = "Content-Type: text/html; charset=utf-8"
VIEWER = f"""<!DOCTYPE html><script src="/ui.js"></script>
<replay-web-page source="/out.wacz" url="{KEPT}" replayBase="/replay/" style="height: 500px"></replay-web-page>"""


@pytest.fixture(scope="module")
def program(pytestconfig: pytest.Config) -> Path:
    """The directory with the scripts of replayweb.page."""
    try:
        return node_package(pytestconfig.cache.mkdir("replaywebpage"), REPLAYWEB_PAGE, INTEGRITY)
    except NotInstalled as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, keep: Callable[[Path, Callable[[SegmentFile], None]], None]) -> Path:
    made = tmp_path_factory.mktemp("replayweb") / "home"
    made.mkdir()

    def write(segment: SegmentFile) -> None:
        page = segment.write(answered(KEPT, b"<title>News</title><h1>A kept page</h1>", headers=(HTML,)))
        segment.revisit(page, answered(KEPT, b"<title>News</title><h1>A kept page</h1>", minute=9, headers=(HTML,)))

    keep(made, write)
    return made


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[Served]:
    with serving(home) as service:
        yield service


@pytest.fixture(params=["command", "API"])
def wacz(request: pytest.FixtureRequest, home: Path, tmp_path: Path) -> Path:
    target = tmp_path / "out.wacz"
    if request.param == "command":
        Household(home).run("export", "wacz", "-o", str(target))
    else:
        served: Served = request.getfixturevalue("served")
        target.write_bytes(served.get("/api/v1/exports/wacz", Authorization=f"Bearer {TOKEN}").body)
    return target


@pytest.fixture(scope="module")
def alone() -> Iterator[Browser]:
    with launched(ALONE) as browser:
        yield browser


@pytest.fixture
def page(alone: Browser) -> Iterator[Page]:
    """A page in a browser context of its own: nothing is left of the WACZ before."""
    context = alone.new_context()
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.fixture
def opened(program: Path, page: Page) -> Iterator[Callable[[Path], Page]]:
    """Open a WACZ in replayweb.page, from a server on loopback."""
    servers: list[Server] = []

    def open_in_viewer(wacz: Path) -> Page:
        files = {
            "/": ("text/html", VIEWER.encode()),
            "/ui.js": ("text/javascript", (program / "ui.js").read_bytes()),
            "/replay/sw.js": ("text/javascript", (program / "sw.js").read_bytes()),
            "/out.wacz": ("application/wacz", wacz.read_bytes()),
        }
        servers.append(Server(lambda method, target, headers: answer(files, target, headers.get("range", ""))))
        servers[-1].start()
        page.goto(f"http://127.0.0.1:{servers[-1].port}/")
        return page

    yield open_in_viewer
    for server in servers:
        server.stop()


def answer(files: dict[str, tuple[str, bytes]], target: str, wanted: str) -> Wire:
    """Answer with a file, or a range of it."""
    media_type, octets = files.get(target.partition("?")[0], ("", b""))
    if not media_type:
        return Wire(404)
    headers = [("Content-Type", media_type), ("Accept-Ranges", "bytes")]
    if not (asked := re.fullmatch(r"bytes=(\d*)-(\d*)", wanted)):
        return Wire(200, headers, octets)
    size = len(octets)
    first = int(asked[1]) if asked[1] else max(0, size - int(asked[2]))
    last = min(int(asked[2]), size - 1) if asked[1] and asked[2] else size - 1
    return Wire(206, [*headers, ("Content-Range", f"bytes {first}-{last}/{size}")], octets[first : last + 1])


def show(page: Page, wanted: Locator) -> None:
    """Wait until something is shown. The viewer is loaded again if its service worker does not answer."""
    for _ in range(_LOADS):
        try:
            expect(wanted).to_be_visible(timeout=_PATIENCE)
            return
        except AssertionError:
            page.reload()
    expect(wanted).to_be_visible()


def test_a_page_of_our_wacz_is_shown(opened: Callable[[Path], Page], wacz: Path) -> None:
    page = opened(wacz)

    shown = page.frame_locator("replay-web-page iframe").frame_locator("replay-app-main iframe, iframe")
    show(page, shown.get_by_role("heading", name="A kept page"))


def test_a_wacz_with_extra_fields_in_its_local_headers_only_does_not_open(
    opened: Callable[[Path], Page], home: Path, tmp_path: Path
) -> None:
    """The control: the same files, packed as we did before."""
    ours, bad = tmp_path / "out.wacz", tmp_path / "bad.wacz"
    Household(home).run("export", "wacz", "-o", str(ours))
    with zipfile.ZipFile(ours) as package, zipfile.ZipFile(bad, "w") as again:
        for info in package.infolist():
            plain = zipfile.ZipInfo(info.filename, info.date_time)
            plain.compress_type = info.compress_type
            with again.open(plain, "w", force_zip64=True) as entry:
                entry.write(package.read(info))

    page = opened(bad)

    show(page, page.frame_locator("replay-web-page iframe").get_by_text("is not valid JSON"))
