"""Logging in with OpenID Connect, at a real provider: who comes in, with which name and role, and until when."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from services.browsing import PlainBrowser
from services.identity_provider import CLIENT, SECRET, IdentityProvider

from config.settings import Settings
from pressmark.service.access.protection import check_protection
from pressmark.service.access.roles import Role
from pressmark.service.access.rooms import ReadingRooms
from pressmark.service.service import Service

PASSWORD = "a password of these tests"
Serving = Callable[..., tuple[PlainBrowser, Service]]


def entries(service: Service, count: int) -> list[tuple[str, str, str, str]]:
    """Return the newest entries of the audit trail: who, what, to which, and the outcome."""
    rows = [row.entry for row in service.access.trail.newest(limit=count)]
    return [(one.who, one.action, one.target, one.outcome) for one in rows]


def test_a_person_logs_in_and_out_at_the_provider(serving: Serving, provider: IdentityProvider) -> None:
    browser, service = serving()
    assert browser.send("GET", "/runs").location == "/login?next=/runs"
    page = browser.send("GET", "/login?next=/runs").page
    assert 'href="/login/oidc?next=/runs"' in page and "Log in with Library login" in page
    assert 'name="name"' not in page, "nobody has a password here"

    query = parse_qs(urlsplit(browser.begin()).query)
    assert query["client_id"] == [CLIENT] and query["response_type"] == ["code"]
    assert query["redirect_uri"] == [f"{browser.url}/login/oidc/callback"]
    answer = browser.log_in("anna-1")
    assert answer.status == 200 and 'content="0; url=/runs"' in answer.page, "a page of ours leads on"
    assert browser.send("GET", "/runs").status == 200
    assert [(one.name, one.role) for one in service.access.people.all()] == [("anna", "curate")]
    assert entries(service, 1) == [("person anna", "GET /login/oidc/callback", "", "done")]

    copied = dict(browser.cookies)
    assert browser.send("POST", "/logout").location == "/login/oidc/ended"
    page = browser.send("GET", "/login/oidc/ended").page
    back = f"post_logout_redirect_uri={browser.url.replace(':', '%3A').replace('/', '%2F')}%2Flogin"
    assert f'href="{provider.issuer}/oauth2/end_session?client_id=pressmark&amp;{back}"' in page
    browser.cookies = copied
    assert browser.send("GET", "/runs").location == "/login?next=/runs", "the session has ended, not only its cookie"


def test_the_cookies_of_a_login(serving: Serving) -> None:
    """The session is `Strict`; what the browser brings back from the provider is `Lax`, and is deleted there."""
    browser, _ = serving()
    [begun] = browser.send("GET", "/login/oidc").cookies
    assert begun.startswith("pressmark_oidc_") and "SameSite=lax" in begun and "Max-Age=600" in begun
    assert "Path=/login/oidc" in begun
    deleted, session, kept = browser.log_in("anna-1").cookies
    assert re.match(r'pressmark_oidc_[\w-]{43}="";', deleted) and "Max-Age=0" in deleted
    assert session.startswith("pressmark_session=") and "SameSite=strict" in session
    assert kept.startswith("pressmark_browser=") and "SameSite=strict" in kept
    assert [begun.partition("=")[0]] == [name for name in browser.cookies if name.startswith("pressmark_oidc")]


def test_roles_come_from_the_groups_at_each_login(serving: Serving, provider: IdentityProvider) -> None:
    browser, service = serving()
    roles = []
    for groups in (["staff"], ["it", "staff"], ["staff", "archivists"], "archivists"):
        provider.know("anna-1", preferred_username="anna", groups=groups)
        browser.log_in("anna-1")
        roles.append(service.access.people.get("anna").role)
    assert roles == ["read", "admin", "curate", "curate"]


def test_who_lost_all_groups_is_logged_out_and_stays_out(serving: Serving, provider: IdentityProvider) -> None:
    browser, service = serving()
    browser.log_in("anna-1")
    secret = service.access.renew_feed_address("anna")
    elsewhere = PlainBrowser(browser.url, dict(browser.cookies))
    provider.know("anna-1", preferred_username="anna", groups=["choir"])
    answer = browser.log_in("anna-1")

    assert answer.status == 403
    assert "Library login knows you, but you have no access to this service." in answer.page
    assert elsewhere.send("GET", "/runs").location == "/login?next=/runs", "the earlier session has ended"
    assert service.access.caller_of_feed(secret) is None
    assert entries(service, 1) == [("person anna", "GET /login/oidc/callback", "no-role", "refused: 403")]


def test_without_a_matching_group_there_is_no_account(serving: Serving, provider: IdentityProvider) -> None:
    browser, service = serving()
    provider.know("ben-1", preferred_username="ben", groups=["choir"])
    refused = browser.log_in("ben-1")
    browser, other = serving(service.settings.home / "other", default_role="read")
    admitted = browser.log_in("ben-1")

    assert (refused.status, [one.name for one in service.access.people.all()]) == (403, [])
    assert (admitted.status, [(one.name, one.role) for one in other.access.people.all()]) == (200, [("ben", "read")])


def test_a_person_is_known_by_issuer_and_subject_alone(serving: Serving, provider: IdentityProvider) -> None:
    """Neither a new name nor the address of another person makes her another one."""
    browser, service = serving()
    browser.log_in("anna-1")
    provider.know("anna-1", preferred_username="admin", email="boss@example.org", groups=["archivists"])
    browser.log_in("anna-1")
    assert [one.name for one in service.access.people.all()] == ["anna"]

    provider.know("other-2", preferred_username="anna", email="anna@example.org", groups=["it"])
    answer = PlainBrowser(browser.url).log_in("other-2")
    assert answer.status == 403 and "your name there belongs to another person" in answer.page
    assert [(one.name, one.role) for one in service.access.people.all()] == [("anna", "curate")]


def test_a_name_of_a_local_person_is_not_taken_over(serving: Serving, provider: IdentityProvider) -> None:
    browser, service = serving()
    service.access.add_person("anna", Role.ADMIN, PASSWORD)
    answer = browser.log_in("anna-1")

    assert answer.status == 403
    assert service.access.people.get("anna").role == "admin"
    assert service.access.log_in("anna", PASSWORD) is not None
    assert entries(service, 1) == [("nobody", "GET /login/oidc/callback", "name-taken", "refused: 403")]
    service.access.remove_person("anna")  # the control
    assert browser.log_in("anna-1").status == 200


def test_a_removed_person_leaves_nothing_to_a_local_one(serving: Serving, provider: IdentityProvider) -> None:
    browser, service = serving()
    browser.log_in("anna-1")
    service.access.remove_person("anna")
    assert browser.send("GET", "/runs").status == 303
    service.access.add_person("anna", Role.ADMIN, PASSWORD)
    assert browser.log_in("anna-1").status == 403


def test_who_comes_from_the_provider_has_no_password(serving: Serving) -> None:
    browser, service = serving()
    browser.log_in("anna-1")
    assert service.access.log_in("anna", "") is None
    with pytest.raises(ValueError, match="anna logs in with OpenID Connect"):
        service.access.set_password("anna", PASSWORD)


def test_an_admin_sees_who_comes_from_the_provider(serving: Serving, provider: IdentityProvider) -> None:
    browser, service = serving()
    provider.know("anna-1", preferred_username="anna", groups=["it"])
    service.access.add_person("berta", Role.READ, PASSWORD)
    browser.log_in("anna-1")
    page = browser.send("GET", "/settings/people").page

    assert "/settings/people/berta/password" in page and "/settings/people/anna/password" not in page
    assert "OpenID Connect" in page


def test_groups_may_come_from_elsewhere(serving: Serving, provider: IdentityProvider) -> None:
    """As those of Keycloak, inside other claims; or as with many providers, only from the address of further claims."""
    provider.know("anna-1", preferred_username="anna", realm_access={"roles": ["it"]})
    browser, service = serving(role_claim="realm_access.roles")
    browser.log_in("anna-1")
    asked = list(provider.asked)
    provider.claims = lambda claims: (
        {name: it for name, it in claims.items() if name not in ("realm_access", "aud")} | {"aud": CLIENT}
    )
    browser.log_in("anna-1")

    assert service.access.people.get("anna").role == "admin"
    assert ("GET /userinfo" in asked, "GET /userinfo" in provider.asked) == (False, True)


def test_names_that_this_service_can_not_have_are_changed_and_marked(
    serving: Serving, provider: IdentityProvider
) -> None:
    """The mark comes from issuer and subject. So no two names of the provider become one."""
    browser, service = serving()
    given = ("zoë.müller@example.org", "Zoe", "王芳", "../../etc", "x" * 90, "zoe")
    for subject, name in enumerate(given):
        provider.know(str(subject), preferred_username=name, groups=["staff"])
        assert browser.log_in(str(subject)).status == 200
    names = [one.name for one in service.access.people.all()]

    assert [name[:-13] for name in names if name != "zoe"] == [
        "etc",
        "person",
        "x" * 51,
        "zoe",
        "zoe.muller-example.org",
    ]
    marked = [name for name in names if re.fullmatch(r".+-[0-9a-f]{12}", name)]
    assert sorted([*marked, "zoe"]) == names


@pytest.mark.parametrize("name", ["Änna", "anna!", "ａｎｎａ", "Anna", "anna-", " anna", "a\u200bnna"])
def test_a_name_that_looks_like_that_of_a_reader_opens_no_room(
    serving: Serving, provider: IdentityProvider, name: str
) -> None:
    """With its control: anna herself reads her closed collection."""
    browser, service = serving(rooms={"harbour": {"people": ["anna"]}})
    provider.know("stranger-1", preferred_username=name, groups=["staff"])
    provider.know("anna-1", preferred_username="anna", groups=["staff"])
    closed = []
    for subject in ("stranger-1", "anna-1"):
        assert browser.log_in(subject).status == 200
        caller = service.access.sessions.caller(browser.cookies["pressmark_session"][0])
        assert caller is not None
        closed.append(ReadingRooms(service.settings.rooms, now=service.now).closed_to(caller, "192.0.2.1"))

    assert closed == [{"harbour"}, frozenset()]


def test_nobody_takes_the_marked_name_of_another(serving: Serving, provider: IdentityProvider) -> None:
    """Also before its owner has ever logged in here."""
    browser, service = serving()
    provider.know("owner-1", preferred_username="Änna", groups=["staff"])
    browser.log_in("owner-1")
    [owner] = service.access.people.all()
    service.access.remove_person(owner.name)
    provider.know("thief-1", preferred_username=owner.name, groups=["staff"])
    assert PlainBrowser(browser.url).log_in("thief-1").status == 200
    assert [one.name.startswith(f"{owner.name}-") for one in service.access.people.all()] == [True]
    assert browser.log_in("owner-1").status == 200
    assert service.access.people.get(owner.name).role == "read"


def test_nobody_comes_in_without_a_login_from_the_first_start_on(serving: Serving, tmp_path: Path) -> None:
    """With its control: without a provider, people and tokens, everybody on this machine may come in."""
    browser, service = serving()
    assert browser.send("GET", "/runs").status == 303
    check_protection(service.settings, "0.0.0.0")
    with pytest.raises(Exception, match="listens on loopback only"):
        check_protection(Settings(home=tmp_path / "other"), "0.0.0.0")


def test_a_service_without_a_provider_has_no_such_login(tmp_path: Path) -> None:
    from services.retrieving import served

    from pressmark.service.assembly import open_pressmark

    with open_pressmark(Settings(home=tmp_path)) as service, served(service) as url:
        service.access.add_person("anna", Role.ADMIN, PASSWORD)
        browser = PlainBrowser(url)
        statuses = [browser.send("GET", f"/login/oidc{path}").status for path in ("", "/callback", "/ended")]
        page = browser.send("GET", "/login").page

    assert statuses == [404, 404, 404]
    assert "/login/oidc" not in page


def test_the_login_speaks_chinese(serving: Serving, provider: IdentityProvider) -> None:
    browser, _ = serving()
    browser.language = "zh-CN"
    assert "ui_locales=zh-Hans" in browser.begin()
    page = browser.send("GET", "/login").page
    assert 'lang="zh-Hans"' in page and "Log in with" not in page
    refused = browser.send("GET", "/login/oidc/callback?state=x").page
    assert "did not begin" not in refused


def test_neither_the_client_secret_nor_a_code_is_in_the_trail_the_log_or_the_pages(
    serving: Serving, provider: IdentityProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    browser, service = serving()
    pages = [browser.send("GET", "/login").page]
    callback = browser.callback("anna-1")
    code = parse_qs(urlsplit(callback).query)["code"][0]
    pages.append(browser.send("GET", callback).page)
    provider.sign = lambda claims, key: "no token"
    pages.append(browser.log_in("anna-1").page)
    kept: list[Any] = [row.entry for row in service.access.trail.newest(limit=10)]
    told = "".join([caplog.text, *pages, *map(str, kept), str(service.settings)])

    assert len(kept) == 2
    assert SECRET not in told and code not in told


def test_a_person_with_a_new_subject_keeps_the_name(serving: Serving, provider: IdentityProvider) -> None:
    """With its control: before that, the login of the new subject is refused; afterwards, that of the former one."""
    browser, service = serving()
    provider.know("anna-2", preferred_username="anna", groups=["staff"])
    provider.know("ben-1", preferred_username="ben", groups=["it"])
    browser.log_in("anna-1")
    former = dict(browser.cookies)
    browser.cookies.clear()
    assert browser.log_in("anna-2").status == 403
    browser.log_in("ben-1")

    taken = browser.send("POST", "/settings/people/anna/subject", {"subject": "ben-1"})
    assert taken.status == 422 and "the subject belongs to ben; remove that person first" in taken.page
    assert browser.send("POST", "/settings/people/anna/subject", {"subject": "anna-2"}).status == 303
    [row] = [row.entry for row in service.access.trail.newest(limit=1)]
    assert (row.who, row.target, row.outcome) == ("person ben", "anna", "303")
    assert row.after == '{"subject": "anna-2"}'
    assert 'action="/settings/people/anna/subject"' in browser.send("GET", "/settings/people").page

    browser.cookies = former
    assert browser.send("GET", "/runs").status != 200, "the session of the former subject has ended"
    browser.cookies.clear()
    assert browser.log_in("anna-1").status == 403
    assert browser.log_in("anna-2").status == 200
    assert [(one.name, one.role) for one in service.access.people.all()] == [("anna", "read"), ("ben", "admin")]
