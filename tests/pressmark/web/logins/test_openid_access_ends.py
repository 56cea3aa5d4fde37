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

from config.groups.oidc import Oidc
from config.settings import Settings
from pressmark.http.sessions import COOKIE
from pressmark.service.access.access import Access
from pressmark.service.access.roles import Role
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


def test_a_session_ends_when_the_provider_has_to_be_asked_again(serving: Serving, provider: IdentityProvider) -> None:
    """With its controls: it lasts until then, and that of a person with a password lasts twelve hours."""
    browser, service = serving(session_for="15m")
    browser.log_in("anna-1")
    password = "a password of these tests"
    berta = service.access.people.log_in(service.access.add_person("berta", Role.READ, password).name, password)
    assert berta is not None
    sessions = [browser.cookies[COOKIE][0], service.access.begin_session(berta, "")]

    def open_after(minutes: float) -> list[bool]:
        def then() -> datetime:
            return service.now() + timedelta(minutes=minutes)

        later = Access(service.settings, service.database, now=then)
        return [later.sessions.caller(session) is not None for session in sessions]

    assert (open_after(14), open_after(16), open_after(721)) == ([True, True], [False, True], [False, False])
    assert browser.log_in("anna-1").status == 200
    assert browser.send("GET", "/runs").status == 200


@pytest.mark.parametrize("is_named", [True, False])
def test_people_keep_their_names_when_the_provider_moves(
    tmp_path: Path, provider: IdentityProvider, is_named: bool
) -> None:
    """With its control: the same provider under an address that does not name the former one is another."""
    with opened(tmp_path, provider.settings()) as (url, service):
        browser = PlainBrowser(url)
        browser.log_in("anna-1")
        secret = service.access.renew_feed_address("anna")
    moved = {"issuer": provider.issuer.replace("127.0.0.1", "localhost")}
    moved |= {"former_issuers": ["https://older.example", provider.issuer]} if is_named else {}
    with opened(tmp_path, provider.settings(**moved)) as (url, service):
        assert service.access.caller_of_feed(secret) is None, "until the next login"
        browser = PlainBrowser(url)
        assert browser.log_in("anna-1").status == (200 if is_named else 403)
        assert [person.name for person in service.access.people.all()] == ["anna"]
        assert (service.access.caller_of_feed(secret) is not None) == is_named
        if is_named:  # it is the new one by now
            provider.know("anna-1", preferred_username="anna", groups=["choir"])
            assert browser.log_in("anna-1").status == 403
            assert service.access.caller_of_feed(secret) is None
    with opened(tmp_path, provider.settings(issuer=moved["issuer"])) as (url, service):
        provider.know("anna-1", preferred_username="anna", groups=["archivists"])
        assert PlainBrowser(url).log_in("anna-1").status == (200 if is_named else 403)


def test_a_person_of_the_new_provider_is_never_replaced_by_one_of_the_former(
    tmp_path: Path, provider: IdentityProvider
) -> None:
    with opened(tmp_path, provider.settings()) as (url, service):
        PlainBrowser(url).log_in("anna-1")
    moved = {"issuer": provider.issuer.replace("127.0.0.1", "localhost")}
    provider.know("anna-1", preferred_username="anna-new", groups=["staff"])
    for more in ({}, {"former_issuers": [provider.issuer]}):
        with opened(tmp_path, provider.settings(**moved, **more)) as (url, service):
            browser = PlainBrowser(url)
            browser.log_in("anna-1")
            caller = service.access.sessions.caller(browser.cookies[COOKIE][0])
            assert caller is not None and caller.name == "anna-new"


@pytest.mark.parametrize("wrong", [{"session_for": "30s"}, {"session_for": "13h"}, {"issuer": None, "client_id": None}])
def test_settings_that_can_not_hold_are_refused(wrong: dict[str, Any]) -> None:
    right = {"issuer": "https://new.example", "client_id": "a", "roles": {"staff": "read"}}
    Oidc.model_validate(right | {"former_issuers": ["https://old.example"], "session_for": "15m"})
    without = {"roles": {}} if "issuer" in wrong else {}
    with pytest.raises(ValueError, match=r"at least 1m and at most 12h|but no provider"):
        Oidc.model_validate(right | {"former_issuers": ["https://old.example"]} | wrong | without)
