"""Logging in at a provider with a real browser: it sends cookies as their `SameSite` says, and follows no wrong way."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from browser.axe import broken_in
from browser.conftest import PATIENCE, serving
from journeys.household import Served
from playwright.sync_api import Browser, expect
from services.identity_provider import IdentityProvider, running_provider

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    """A provider at `localhost`: another site than this service at 127.0.0.1, whatever the ports."""
    with running_provider("localhost") as provider:
        provider.know("anna-1", preferred_username="anna", groups=["archivists"])
        yield provider


@pytest.fixture(scope="module")
def house(provider: IdentityProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("openid") / "home"
    home.mkdir()
    (home / "pressmark.yaml").write_text(json.dumps({"oidc": provider.settings()}))
    with serving(home) as served:
        yield served


@pytest.mark.parametrize("scripts", [True, False])
def test_a_person_logs_in_at_the_provider_and_out_again(
    house: Served, provider: IdentityProvider, browser: Browser, scripts: bool
) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{house.url}/runs")
    page.get_by_role("link", name="Log in with Library login").click()
    page.locator("input[name=sub]").fill("anna-1")
    page.get_by_role("button", name="Authorize").click()
    expect(page).to_have_url(f"{house.url}/runs")
    expect(page.locator("h1")).to_have_text("Runs")
    cookies = {one["name"]: one["sameSite"] for one in context.cookies(house.url)}
    assert cookies == {"pressmark_session": "Strict", "pressmark_browser": "Strict"}

    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(f"{house.url}/login/oidc/ended")
    page.get_by_role("link", name="Log out of Library login").click()
    page.wait_for_url(f"{provider.issuer}/oauth2/end_session?*")
    page.goto(f"{house.url}/runs")
    expect(page).to_have_url(f"{house.url}/login?next=/runs")
    context.close()


PAGES = ("/login", "/login/oidc/ended", "/login/oidc/callback?code=x&state=y")


@pytest.mark.parametrize(("locale", "language"), [("en", "en"), ("zh-CN", "zh-Hans")])
def test_the_pages_of_the_login_have_no_barriers(house: Served, browser: Browser, locale: str, language: str) -> None:
    context = browser.new_context(locale=locale)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    broken = {}
    for path in PAGES:
        page.goto(f"{house.url}{path}")
        broken |= broken_in(page, path, language)
    context.close()
    assert broken == {}
