"""A browser plays archived video from the page of a snapshot, in both languages, with and without JavaScript."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser.axe import broken_in
from browser.conftest import PATIENCE, TOKEN, session_of
from crawling.site import Reply, serving
from journeys.household import QUICK, Household, gazette
from playwright.sync_api import Browser

pytestmark = [pytest.mark.system, pytest.mark.costly]
CLIP = Path(__file__).parents[1] / "specimens" / "media" / "clip.webm"
PLAY = """async () => {
    const video = document.querySelector('video');
    video.muted = true;
    await video.play();
    return [video.duration > 1.5, video.videoWidth, video.videoHeight];
}"""


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Household, str]:
    """A home with a page that has a video, and the address of its snapshot."""
    household = Household(tmp_path_factory.mktemp("media") / "home", {**QUICK, "PRESSMARK_TOKEN": TOKEN})
    with serving() as site:
        body = "<!doctype html><title>The lecture</title><p>Watch it.</p><video src=/clip.webm></video>"
        site.routes |= {"/": Reply(body=body), "/clip.webm": Reply(body=CLIP.read_bytes(), type="video/webm")}
        household.source("gazette", gazette(f"{site.url}/", walk="page", more="keep: {media: video}\n"))
        household.run("run", "gazette")
        return household, f"/snapshot/latest/{site.url}/"


def test_the_player_plays_and_its_page_has_no_violation(archived: tuple[Household, str], browser: Browser) -> None:
    household, address = archived
    with household.serving() as served:
        cookie = session_of(served)
        for language, scripts in (("en", True), ("zh-Hans", True), ("en", False)):
            context = browser.new_context(locale=language, java_script_enabled=scripts)
            context.set_default_timeout(PATIENCE)
            context.add_cookies([cookie])
            page = context.new_page()
            page.goto(served.url + address)
            if scripts:
                assert page.evaluate(PLAY) == [True, 64, 48]
                assert broken_in(page, "snapshot with media", language) == {}
            assert page.locator("video[controls]").count() == 1
            context.close()
