"""Claims that come half from the ID token and half from the address of further claims (userinfo)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from services.browsing import PlainBrowser
from services.identity_provider import TOKEN, USERINFO, IdentityProvider

from pressmark.service.service import Service

Serving = Callable[..., tuple[PlainBrowser, Service]]
HALF: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "null": ("groups", {"groups": ["it"]}, {"groups": None}),
    "an object without the groups": ("realm.roles", {"realm": {"roles": ["it"]}}, {"realm": {}}),
    "an object with null": ("realm.roles", {"realm": {"roles": ["it"]}}, {"realm": {"roles": None, "a": 1}}),
    "a null with the whole name": ("realm.roles", {"realm": {"roles": ["it"]}}, {"realm.roles": None, "realm": None}),
}


@pytest.mark.parametrize("name", HALF)
def test_a_claim_that_the_token_has_not_comes_from_the_further_claims(
    serving: Serving, provider: IdentityProvider, name: str
) -> None:
    role_claim, known, changed = HALF[name]
    provider.know("anna-1", preferred_username="anna", **known)
    provider.claims = lambda claims: claims | changed
    browser, service = serving(role_claim=role_claim)
    assert browser.log_in("anna-1").status == 200
    assert service.access.people.get("anna").role == "admin"


def test_a_claim_of_the_token_counts_more(serving: Serving, provider: IdentityProvider) -> None:
    browser, service = serving()
    provider.claims = lambda claims: claims | {"groups": [], "preferred_username": None}
    provider.answers[USERINFO] = 200, json.dumps({"sub": "anna-1", "groups": ["it"]}).encode()
    assert browser.log_in("anna-1").status == 403
    assert service.access.people.all() == []


def test_who_is_known_needs_no_name(serving: Serving, provider: IdentityProvider) -> None:
    """With its control: a new person needs one, so the service asks for further claims."""
    browser, service = serving()
    browser.log_in("anna-1")
    provider.know("ben-1", groups=["it"])
    provider.answers[USERINFO] = 500, b""
    provider.claims = lambda claims: claims | {"preferred_username": None}
    known, new = browser.log_in("anna-1").status, PlainBrowser(browser.url).log_in("ben-1").status
    assert (known, new) == (200, 503)
    assert f"POST {TOKEN}" in provider.asked and [one.name for one in service.access.people.all()] == ["anna"]
