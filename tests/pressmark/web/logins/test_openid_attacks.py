"""Logins with OpenID Connect that must fail, each with its control: what a provider or another in its place sends."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from services.browsing import PlainBrowser
from services.identity_provider import (
    CLIENT,
    DESCRIPTION,
    FIRST,
    KEYS,
    TOKEN,
    USERINFO,
    IdentityProvider,
    as_signed,
    ec_key,
    rsa_key,
    signed_by_public_key,
    unsigned,
)

from pressmark.service.access.roles import Role
from pressmark.service.openid import provider as provider_module
from pressmark.service.service import Service

Serving = Callable[..., tuple[PlainBrowser, Service]]
Claims = dict[str, Any]


def refusal(service: Service) -> tuple[str, str]:
    """Return what the newest entry of the audit trail is about, and its outcome."""
    [row] = service.access.trail.newest(limit=1)
    return row.entry.target, row.entry.outcome


def without(name: str) -> Callable[[Claims], Claims]:
    return lambda claims: {key: value for key, value in claims.items() if key != name}


def with_(**values: Any) -> Callable[[Claims], Claims]:
    return lambda claims: claims | values


AN_HOUR_AGO = {"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600}
WRONG_CLAIMS: dict[str, Callable[[Claims], Claims]] = {
    "the nonce of another login": with_(nonce="of another login"),
    "no nonce": without("nonce"),
    "a nonce that is a number": with_(nonce=7),
    "another audience": with_(aud="another-client"),
    "an audience that is a number": with_(aud=7),
    "no audience": without("aud"),
    "two audiences, authorized for nobody": with_(aud=[CLIENT, "another-client"]),
    "two audiences, authorized for the other": with_(aud=[CLIENT, "another-client"], azp="another-client"),
    "authorized for another": with_(azp="another-client"),
    "another issuer": with_(iss="https://login.example.org"),
    "no issuer": without("iss"),
    "expired": with_(**AN_HOUR_AGO),
    "without end": without("exp"),
    "an end that is not a number": with_(exp="never"),
    "from the future": with_(iat=int(time.time()) + 7200),
    "not valid yet": with_(nbf=int(time.time()) + 7200),
    "without a time": without("iat"),
    "no subject": without("sub"),
    "an empty subject": with_(sub=""),
    "a subject that is a number": with_(sub=7),
    "a subject of 256 characters": with_(sub="a" * 256),
    "a subject with half a surrogate pair": with_(sub="\ud800"),
    "a subject with a control character": with_(sub="a\x00b"),
}


@pytest.mark.parametrize("claims", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
def test_wrong_claims_log_nobody_in(
    serving: Serving, provider: IdentityProvider, claims: Callable[[Claims], Claims]
) -> None:
    browser, service = serving()
    provider.claims = claims
    answer = browser.log_in("anna-1")

    assert answer.status == 403 and "could not be verified" in answer.page
    assert refusal(service) == ("unverified", "refused: 403")
    assert service.access.people.all() == [] and "pressmark_session" not in browser.cookies


FINE_CLAIMS: dict[str, Callable[[Claims], Claims]] = {
    "unchanged": lambda claims: claims,
    "two audiences, authorized for us": with_(aud=[CLIENT, "another-client"], azp=CLIENT),
    "expired half a minute ago: clocks differ": with_(exp=int(time.time()) - 30, iat=int(time.time()) - 60),
    "a list with one audience": with_(aud=[CLIENT]),
}


@pytest.mark.parametrize("name", FINE_CLAIMS)
def test_right_claims_log_a_person_in(serving: Serving, provider: IdentityProvider, name: str) -> None:
    browser, _ = serving()
    provider.claims = FINE_CLAIMS[name]
    if name.startswith("expired"):
        provider.claims = with_(exp=int(time.time()) - 30, iat=int(time.time()) - 60)
    assert browser.log_in("anna-1").status == 200


STRANGER = rsa_key("first")
SIGNED: dict[str, tuple[Callable[[Claims, Any], str], int]] = {
    "as it should be": (as_signed, 200),
    "not at all": (unsigned, 403),
    "by the public key as a secret": (signed_by_public_key, 403),
    "by a stranger with the same key id": (lambda claims, key: as_signed(claims, STRANGER), 403),
    "no token": (lambda claims, key: "a.b.c", 403),
    "an empty token": (lambda claims, key: "", 403),
    "a very long token": (lambda claims, key: as_signed(claims, key) + "a" * 70_000, 403),
    "with a changed signature": (lambda claims, key: as_signed(claims, key)[:-8] + "AAAAAAAA", 403),
}


@pytest.mark.parametrize("name", SIGNED)
def test_only_the_key_of_the_provider_signs(serving: Serving, provider: IdentityProvider, name: str) -> None:
    browser, service = serving()
    provider.sign, expected = SIGNED[name]
    answer = browser.log_in("anna-1")

    assert answer.status == expected
    assert len(service.access.people.all()) == (expected == 200)


def test_a_new_key_of_the_provider_is_fetched_and_a_withdrawn_one_is_not_accepted(
    serving: Serving, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, _ = serving()
    assert browser.log_in("anna-1").status == 200
    second = ec_key("second")
    provider.key, provider.published = second, [second]
    early = browser.log_in("anna-1").status
    monkeypatch.setattr(provider_module, "_KEYS_AGAIN", 0.0)
    assert (early, browser.log_in("anna-1").status) == (403, 200), "it is asked for keys once a minute at most"

    provider.key = FIRST
    assert browser.log_in("anna-1").status == 403
    asked = provider.asked.count(f"GET {KEYS}")
    provider.published = [second, FIRST]
    assert browser.log_in("anna-1").status == 200
    assert asked == 3


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_key_of_1024_bits_is_not_accepted(serving: Serving, provider: IdentityProvider) -> None:
    browser, _ = serving()
    weak = rsa_key("weak", 1024)
    provider.key, provider.published = weak, [weak]
    assert browser.log_in("anna-1").status == 403


def test_a_code_works_once_and_in_its_browser_alone(serving: Serving, provider: IdentityProvider) -> None:
    browser, service = serving()
    callback = browser.callback("anna-1")
    stranger = PlainBrowser(browser.url)
    assert stranger.send("GET", callback).status == 400, "nobody logs in as anna with a link of hers"
    assert refusal(service) == ("not-begun", "refused: 400")
    stranger.begin()
    assert stranger.send("GET", callback).status == 400, "nor with a login of the own browser"

    [name] = [name for name in browser.cookies if name.startswith("pressmark_oidc")]
    begun = browser.cookies[name]
    assert browser.send("GET", callback).status == 200
    again = browser.send("GET", callback)
    assert (again.status, refusal(service)) == (400, ("not-begun", "refused: 400")), "the cookie is gone"
    browser.cookies[name] = begun
    replayed = browser.send("GET", callback)
    assert (replayed.status, refusal(service)) == (403, ("unverified", "refused: 403")), "the provider knows it is used"


def test_a_login_that_nobody_began_asks_nobody(serving: Serving, provider: IdentityProvider) -> None:
    browser, _ = serving()
    for query in ("", "?code=x", "?code=x&state=y", "?state=", "?error=access_denied&state=y", "?code=%ff&state=%ff"):
        assert browser.send("GET", f"/login/oidc/callback{query}").status == 400
    browser.cookies["pressmark_oidc_"] = (".", "/")
    assert browser.send("GET", "/login/oidc/callback?code=x&state=").status == 400
    assert provider.asked == []


def test_a_wrong_state_logs_nobody_in(serving: Serving, provider: IdentityProvider) -> None:
    browser, _ = serving()
    callback = browser.callback("anna-1")
    code = parse_qs(urlsplit(callback).query)["code"][0]
    provider.asked.clear()
    answer = browser.send("GET", f"/login/oidc/callback?{urlencode({'code': code, 'state': 'x' * 43})}")
    assert (answer.status, provider.asked) == (400, [])


def test_a_person_that_the_provider_denies_reads_so(serving: Serving, provider: IdentityProvider) -> None:
    browser, service = serving()
    state = parse_qs(urlsplit(browser.begin()).query)["state"][0]
    page = browser.send("GET", f"/login/oidc/callback?{urlencode({'error': '<b>no', 'state': state})}")
    assert page.status == 403 and "Library login has not confirmed who you are" in page.page
    assert refusal(service) == ("denied", "refused: 403") and "<b>" not in page.page


def test_a_code_of_another_provider_is_not_redeemed(serving: Serving, provider: IdentityProvider) -> None:
    """RFC 9207: a provider that names itself with each code must do so."""
    browser, service = serving()
    callback = browser.callback("anna-1")
    provider.asked.clear()
    assert browser.send("GET", f"{callback}&iss=https%3A%2F%2Fother.example").status == 403
    assert f"POST {TOKEN}" not in provider.asked
    provider.described = {"authorization_response_iss_parameter_supported": True}
    browser, _ = serving(service.settings.home / "other")
    assert browser.log_in("anna-1").status == 403
    assert browser.send("GET", f"{browser.callback('anna-1')}&{urlencode({'iss': provider.issuer})}").status == 200


def test_further_claims_of_another_person_are_not_accepted(serving: Serving, provider: IdentityProvider) -> None:
    browser, _ = serving()
    provider.claims = without("groups")
    assert browser.log_in("anna-1").status == 200
    provider.answers[USERINFO] = 200, json.dumps({"sub": "boss", "groups": ["it"]}).encode()
    assert browser.log_in("anna-1").status == 403


@pytest.mark.parametrize("path", ["//evil.example/", "https://evil.example/", "/\\evil.example", "\x00"])
def test_a_login_leads_to_no_other_site(serving: Serving, path: str) -> None:
    browser, _ = serving()
    assert 'content="0; url=/"' in browser.log_in("anna-1", path).page


AWAY: dict[str, Callable[[IdentityProvider], None]] = {
    "an error": lambda it: it.answers.update({DESCRIPTION: (500, b"{}")}),
    "a redirect": lambda it: it.answers.update({DESCRIPTION: (302, b"")}),
    "no JSON": lambda it: it.answers.update({DESCRIPTION: (200, b"<html>")}),
    "deep JSON": lambda it: it.answers.update({DESCRIPTION: (200, b"[" * 200_000)}),
    "a huge description": lambda it: it.answers.update({DESCRIPTION: (200, b'{"a": "' + b"a" * (1 << 20) + b'"}')}),
    "the description of another": lambda it: it.described.update(issuer="https://other.example"),
    "a way without https": lambda it: it.described.update(authorization_endpoint="http://login.example.org/"),
    "a way that is a script": lambda it: it.described.update(authorization_endpoint="javascript:alert(1)"),
    "tokens without https": lambda it: it.described.update(token_endpoint="http://login.example.org/"),
}


@pytest.mark.parametrize("name", AWAY)
def test_a_provider_that_can_not_be_used_is_named_and_local_people_still_log_in(
    serving: Serving, provider: IdentityProvider, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, service = serving()
    service.access.add_token("ci", Role.READ)
    monkeypatch.setattr(provider_module, "_FAILED_FOR", 0.0)
    AWAY[name](provider)
    answer = browser.send("GET", "/login/oidc?next=/runs")
    assert answer.status == 503 and "The login with Library login does not work at the moment." in answer.page
    assert 'name="token"' in answer.page and 'value="/runs"' in answer.page
    assert "does not work at the moment" in browser.send("GET", "/login").page
    assert refusal(service) == ("unusable", "refused: 503")
    provider.answers, provider.described = {}, {}
    assert browser.log_in("anna-1").status == 200
    assert "does not work at the moment" not in browser.send("GET", "/login").page


LATE: dict[str, Callable[[IdentityProvider], None]] = {
    "an error instead of tokens": lambda it: it.answers.update({TOKEN: (500, b"{}")}),
    "tokens without an ID token": lambda it: it.answers.update({TOKEN: (200, b'{"access_token": "x"}')}),
    "a huge answer": lambda it: it.answers.update({TOKEN: (200, b'{"id_token": "' + b"a" * (1 << 20) + b'"}')}),
    "no keys": lambda it: it.answers.update({KEYS: (200, b'{"keys": "none"}')}),
    "an error instead of keys": lambda it: it.answers.update({KEYS: (503, b"")}),
}


@pytest.mark.parametrize("name", LATE)
def test_a_provider_that_fails_meanwhile_is_named(serving: Serving, provider: IdentityProvider, name: str) -> None:
    browser, service = serving()
    callback = browser.callback("anna-1")
    LATE[name](provider)
    assert browser.send("GET", callback).status == 503
    assert refusal(service) == ("unusable", "refused: 503")


def test_a_slow_provider_is_given_up(
    serving: Serving, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_module, "SECONDS", 0.3)
    browser, service = serving()
    provider.seconds = 1.0
    assert browser.send("GET", "/login/oidc").status == 503
    assert refusal(service) == ("unusable", "refused: 503")


def test_a_provider_at_a_private_address_needs_a_permission(serving: Serving, provider: IdentityProvider) -> None:
    """With its control: with the network among the addresses, it is asked."""
    browser, service = serving(addresses=["10.0.0.0/8"])
    assert browser.send("GET", "/login/oidc").status == 503
    assert provider.asked == []
    assert serving(service.settings.home / "other")[0].log_in("anna-1").status == 200


def test_an_address_that_the_description_names_passes_the_guard_too(
    serving: Serving, provider: IdentityProvider
) -> None:
    browser, _ = serving()
    provider.described = {"token_endpoint": "https://169.254.169.254/latest/meta-data", "jwks_uri": "https://10.0.0.1/"}
    callback = browser.callback("anna-1")
    provider.asked.clear()
    assert browser.send("GET", callback).status == 503
    assert provider.asked == []
