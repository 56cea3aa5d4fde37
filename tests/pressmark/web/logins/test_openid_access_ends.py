"""Access of those who come from a provider ends by itself: some time after a login, and with other settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from services.browsing import PlainBrowser
from services.identity_provider import IdentityProvider
from services.retrieving import served

from config.settings import Settings
from pressmark.service.access.access import Access
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service

Serving = Callable[..., tuple[PlainBrowser, Service]]
OTHERS: dict[str, dict[str, Any] | None] = {
    "without OpenID Connect": None,
    "another provider": {"issuer": "https://login.example.org"},
    "fewer roles": {"roles": {"archivists": "read"}},
    "other groups": {"role_claim": "realm_access.roles"},
    "no default role any more": {"roles": {}, "default_role": "read"},
}


@contextmanager
def opened(home: Path, oidc: dict[str, Any] | None) -> Iterator[tuple[str, Service]]:
    settings = Settings(home=home, **({"oidc": oidc} if oidc else {}))  # type: ignore[arg-type]
    with open_pressmark(settings) as service, served(service) as url:
        yield url, service


@pytest.mark.parametrize("name", OTHERS)
def test_other_settings_end_sessions_and_feed_addresses(tmp_path: Path, provider: IdentityProvider, name: str) -> None:
    """With its control: a restart with the same settings, and a new label among them, ends nothing."""
    with opened(tmp_path, provider.settings()) as (url, service):
        browser = PlainBrowser(url)
        browser.log_in("anna-1")
        secret = service.access.renew_feed_address("anna")
    with opened(tmp_path, provider.settings(label="Another label")) as (url, service):
        same = PlainBrowser(url, dict(browser.cookies)).send("GET", "/runs").status
        assert (same, service.access.caller_of_feed(secret) is None) == (200, False)
    changed = OTHERS[name]
    with opened(tmp_path, None if changed is None else provider.settings(**changed)) as (url, service):
        assert PlainBrowser(url, dict(browser.cookies)).send("GET", "/runs").status == 303
        assert service.access.caller_of_feed(secret) is None
        assert PlainBrowser(url).send("GET", f"/api/v1/feeds/of/{secret}").status == 401


def test_a_feed_address_ends_some_time_after_the_last_login(serving: Serving, provider: IdentityProvider) -> None:
    """A new login opens it again. With its control: that of a person with a password does not end."""
    browser, service = serving(access_for="7d")
    browser.log_in("anna-1")
    service.access.add_person("berta", service.access.people.caller("anna").role, "a password of these tests")  # type: ignore[union-attr]
    secrets = [service.access.renew_feed_address(name) for name in ("anna", "berta")]

    def open_after(days: float) -> list[bool]:
        def then() -> datetime:
            return service.now() + timedelta(days=days)

        later = Access(service.settings, service.database, now=then)
        return [later.caller_of_feed(secret) is not None for secret in secrets]

    assert (open_after(6.9), open_after(7.1)) == ([True, True], [False, True])
    browser.log_in("anna-1")
    assert open_after(0) == [True, True]
