"""The pages about an archived e-mail in Chromium, in both languages, with and without JavaScript; no request leaves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser.axe import broken_in
from browser.conftest import PATIENCE, TOKEN, session_of
from browser.english import english_in
from browser.strangers import Stranger
from crawling.letters import article, letter
from journeys.household import QUICK, Household, Served
from playwright.sync_api import Browser
from services.imap_server import plausible, scripted

from config.settings import load_settings
from pressmark.service.assembly import open_pressmark

pytestmark = [pytest.mark.system, pytest.mark.costly]
FOREIGN = {"Letter 1", "Letter 2", "The Daily", "Harbour closed", "letters"}
"""What the letters and the source are called."""


@pytest.fixture(scope="module")
def outside() -> Iterator[Stranger]:
    with Stranger() as server:
        yield server


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory, outside: Stranger) -> Iterator[tuple[Served, list[str]]]:
    """A service with two letters, and the paths of the pages about them."""
    household = Household(tmp_path_factory.mktemp("mail") / "home", {**QUICK, "PRESSMARK_TOKEN": TOKEN})
    tags = f'<img src="cid:image1@example.org"><img src="{outside.url}/pixel.gif"><script>steal()</script>'
    letters = {uid: letter(f"Letter {uid}", html=article(image=tags), images=1) for uid in (1, 2)}
    with scripted(plausible(letters)) as port:
        household.source(
            "letters",
            "source: letters\naddresses: [127.0.0.0/8]\n"
            f"imap: {{host: 127.0.0.1, port: {port}, tls: none, user: ann, password: {{secret: LETTERS}}}}\n",
        )
        secrets = household.home / "secrets"
        secrets.mkdir(0o700)
        (secrets / "LETTERS").write_text("Tr0ub4dor")
        (secrets / "LETTERS").chmod(0o600)
        run = household.run("run", "letters", "--json").json["items"][0]["id"]
    with open_pressmark(load_settings({"home": str(household.home), "spool.ballast": "0B"})) as service:
        url = next(one.url for one in service.index.captures(f"imap://127.0.0.1:{port}/", match="prefix"))
    views = [f"/view/{view}/latest/{url}" for view in ("text", "record", "cite")]
    with household.serving() as served:
        yield served, [f"/snapshot/latest/{url}", *views, f"/captures?url={url}", "/sources/letters", f"/runs/{run}"]


@pytest.mark.parametrize(("language", "scripts"), [("en", True), ("zh-Hans", True), ("en", False), ("zh-Hans", False)])
def test_a_letter_is_shown_with_its_images_and_nothing_from_elsewhere(
    archived: tuple[Served, list[str]], outside: Stranger, browser: Browser, language: str, scripts: bool
) -> None:
    served, paths = archived
    locale = {"en": "en-GB", "zh-Hans": "zh-CN"}[language]
    context = browser.new_context(locale=locale, java_script_enabled=scripts)
    context.set_default_timeout(PATIENCE)
    context.add_cookies([session_of(served)])
    page = context.new_page()
    broken, english = {}, set[str]()
    for path in paths:
        answer = page.goto(served.url + path)
        assert answer is not None and answer.status == 200, path
        if language != "en":
            english |= {piece for piece in english_in(page.content()) if not any(one in piece for one in FOREIGN)}
        if scripts:
            broken |= broken_in(page, path, language)
    page.goto(served.url + paths[0])
    frame = page.frame_locator("iframe")
    frame.get_by_text("Two ferries waited outside").wait_for()
    widths = [frame.locator("img").nth(n).evaluate("one => one.naturalWidth") for n in (0, 1)] if scripts else [1, 0]
    shown = frame.locator("body").inner_text()
    context.close()

    assert (broken, english) == ({}, set())
    assert "Letter" in shown and widths == [1, 0]
    assert outside.asked == [], "an image on the sender's server would say who reads the letter, and when"
