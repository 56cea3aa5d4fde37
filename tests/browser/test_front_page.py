"""The front page says in its first screen what is new, what is wrong and what runs, on a desktop and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize
from services.retrieving import Retrieving, served
from specimens.versions import Version, keep

from config.settings import Settings
from crawler.policy.order import Outcome
from pressmark.service.access.roles import Role
from pressmark.service.assembly import open_pressmark

pytestmark = [pytest.mark.system, pytest.mark.costly]
SOURCE = "source: {name}\nseeds: ['http://127.0.0.1:9/{name}']\nwalk: page\ntimetable: {{every: 1d}}\n"
SCREENS = {"desktop": ViewportSize(width=1280, height=720), "phone": ViewportSize(width=360, height=740)}
ANSWERS = {
    "new": "#card-new ~ ul li",
    "wrong": "#card-state ~ p",
    "running": "#card-running ~ ul li",
}
"""The first line of each answer."""
BOTTOM = "each => each.getBoundingClientRect().bottom"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Retrieving]:
    """An archive with new pages, a failed source, and an active run."""
    (tmp_path / "warcs").mkdir()
    (tmp_path / "home" / "sources").mkdir(parents=True)
    for name in ("docs", "news"):
        (tmp_path / "home" / "sources" / f"{name}.yaml").write_text(SOURCE.format(name=name))
    with open_pressmark(Settings(home=tmp_path / "home")) as service:
        title = "The harbour was quiet, said the harbour master to the ministry, which had asked in vain"
        pages = (Version(f"Text {each}.", f"https://example.org/{each}", each, title) for each in range(6))
        keep(service, tmp_path / "warcs", *pages)
        epoch = service.epochs.begin("w")
        for name, outcome in (
            ("docs", Outcome(outcome="failed", reason="the server of docs can't be reached")),
            ("news", None),
        ):
            service.runs.request(name)
            run = service.runs.claim("w", epoch)
            assert run is not None
            if outcome is not None:
                service.runs.finish(run, outcome)
        service.access.add_person("anna", Role.ADMIN, "a password of these tests")
        with served(service) as url:
            yield Retrieving(url, service, [])


def bottoms(archive: Retrieving, browser: Browser, screen: str, locale: str) -> dict[str, float]:
    """Return how far below the top of the page each answer ends, in CSS pixels."""
    context = browser.new_context(viewport=SCREENS[screen], locale=locale, java_script_enabled=False)
    caller = archive.service.access.people.caller("anna")
    assert caller is not None
    session = archive.service.access.begin_session(caller, "127.0.0.1")
    context.add_cookies([{"name": "pressmark_session", "value": session, "url": archive.url}])
    page = context.new_page()
    page.goto(archive.url)
    found = {name: page.locator(place).first.evaluate(BOTTOM) for name, place in ANSWERS.items()}
    context.close()
    return found


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_the_first_screen_answers_the_three_questions(
    archive: Retrieving, browser: Browser, screen: str, locale: str
) -> None:
    found = bottoms(archive, browser, screen, locale)

    assert {name: bottom for name, bottom in found.items() if bottom > SCREENS[screen]["height"]} == {}
    assert sorted(found, key=lambda name: found[name]) == list(found) or screen == "desktop"
