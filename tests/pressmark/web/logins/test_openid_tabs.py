"""Several logins of one browser at once, and those that come back too late."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest
from services.browsing import PlainBrowser
from services.identity_provider import IdentityProvider

from pressmark.cli import main
from pressmark.cli.access.people import user
from pressmark.service.access.roles import Role
from pressmark.service.service import Service

Serving = Callable[..., tuple[PlainBrowser, Service]]


def begun(browser: PlainBrowser) -> list[str]:
    return [name for name in browser.cookies if name.startswith("pressmark_oidc")]


def test_each_tab_ends_its_own_login(serving: Serving) -> None:
    browser, _ = serving()
    first, second = browser.callback("anna-1", "/runs"), browser.callback("anna-1", "/new")
    assert 'content="0; url=/runs"' in browser.send("GET", first).page
    assert 'content="0; url=/new"' in browser.send("GET", second).page
    assert begun(browser) == []


def test_a_link_of_another_site_ends_no_login_that_has_begun(serving: Serving) -> None:
    browser, _ = serving()
    callback = browser.callback("anna-1")
    for query in ("", "?state=x&code=y", "?error=access_denied", "?state=", "?state=%22%3B"):
        answer = browser.send("GET", f"/login/oidc/callback{query}")
        assert (answer.status, answer.cookies) == (400, ())
    assert browser.send("GET", callback).status == 200


def test_a_browser_keeps_a_bounded_number_of_logins_the_newest_ones(serving: Serving) -> None:
    browser, service = serving()
    assert service.openid is not None
    callbacks = []
    for number in range(6):
        service.openid._clock = partial(float, time.time() + number)
        callbacks.append(browser.callback("anna-1"))
    assert len(begun(browser)) == 4
    assert [browser.send("GET", callback).status for callback in callbacks] == [400, 400, 200, 200, 200, 200]


def test_a_login_of_more_than_ten_minutes_is_refused_whatever_the_browser_kept(
    serving: Serving, provider: IdentityProvider
) -> None:
    """With its controls: a minute less, and another time written into the cookie."""
    statuses = []
    browser, service = serving()
    assert service.openid is not None
    for seconds in (540, 660, -120):
        service.openid._clock = time.time
        callback = browser.callback("anna-1")
        service.openid._clock = partial(float, time.time() + seconds)
        provider.asked.clear()
        statuses.append((browser.send("GET", callback).status, bool(provider.asked)))
    assert statuses == [(200, True), (400, False), (400, False)]

    service.openid._clock = time.time
    callback = browser.callback("anna-1")
    [name] = begun(browser)
    value, path = browser.cookies[name]
    browser.cookies[name] = f"{int(time.time()) + 600:x}~{value.partition('~')[2]}", path
    assert browser.send("GET", callback).status == 400, "the state depends on the time"


def test_a_person_who_was_removed_a_moment_ago_logs_out(serving: Serving) -> None:
    """Another process has removed her: this one notices it within a second."""
    browser, service = serving()
    browser.log_in("anna-1")
    assert browser.send("GET", "/runs").status == 200
    service.access.people.remove("anna")
    answer = browser.send("POST", "/logout")
    assert (answer.status, answer.location) == (303, "/login")


def test_a_role_that_an_admin_sets_counts_until_the_next_login_and_the_command_says_so(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    browser, service = serving()
    browser.log_in("anna-1")
    service.access.add_person("berta", Role.READ, "a password of these tests")
    for name in ("anna", "berta"):
        with pytest.raises(SystemExit):
            main(["--home", str(service.settings.home), "user", "role", name, "admin"])
    told = capsys.readouterr().err.splitlines()
    roles = [service.access.people.get("anna").role]
    browser.log_in("anna-1")
    roles.append(service.access.people.get("anna").role)
    assert roles == ["admin", "curate"]
    assert "anna has the role admin until the next login with OpenID Connect" in told[0]
    assert told[1] == "berta has the role admin", "the control"


def test_a_name_that_is_taken_leads_to_a_command_that_exists(
    serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    browser, service = serving()
    service.access.add_person("anna", Role.READ, "a password of these tests")
    browser.log_in("anna-1")
    [why] = [str(vars(record)["reason"]) for record in caplog.records if record.message == "refused"]
    assert "pressmark user remove anna" in why
    assert "remove" in [command.name for command in user.registered_commands]
    service.access.remove_person("anna")
    assert browser.log_in("anna-1").status == 200
