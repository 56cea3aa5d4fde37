"""A provider that is slow or away costs one request at a time, however many strangers come, and /readyz no time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from services.browsing import PlainBrowser
from services.identity_provider import DESCRIPTION, IdentityProvider
from services.waiting import eventually

from pressmark.service.openid import provider as provider_module
from pressmark.service.service import Service

Serving = Callable[..., tuple[PlainBrowser, Service]]
MANY = 20


def statuses(browser: PlainBrowser, path: str) -> Counter[int]:
    """Return what so many strangers get who come at once."""
    with ThreadPoolExecutor(MANY) as pool:
        return Counter(pool.map(lambda _: PlainBrowser(browser.url).send("GET", path).status, range(MANY)))


@pytest.mark.parametrize(("path", "status"), [("/login/oidc", 303), ("/login/oidc/ended", 200)])
def test_many_strangers_at_once_share_one_request(
    serving: Serving, provider: IdentityProvider, path: str, status: int
) -> None:
    browser, _ = serving()
    provider.seconds = 0.5
    assert statuses(browser, path) == {status: MANY}
    assert provider.asked == [f"GET {DESCRIPTION}"]


@pytest.mark.parametrize(("path", "status"), [("/login/oidc", 503), ("/login/oidc/ended", 200)])
def test_a_failure_counts_for_some_seconds(
    serving: Serving, provider: IdentityProvider, path: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its control: after that, the provider is asked again."""
    monkeypatch.setattr(provider_module, "_FAILED_FOR", 600.0)
    browser, _ = serving()
    provider.answers[DESCRIPTION] = 500, b"{}"
    assert statuses(browser, path) == statuses(browser, path) == {status: MANY}
    assert provider.asked == [f"GET {DESCRIPTION}"]
    monkeypatch.setattr(provider_module, "_FAILED_FOR", 0.0)
    browser.send("GET", path)
    assert len(provider.asked) == 2


def test_readyz_never_waits_for_the_provider(
    serving: Serving, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its control: the provider is asked in the background, once."""
    monkeypatch.setattr(provider_module, "SECONDS", 60.0)
    browser, service = serving()
    openid = service.openid
    assert openid is not None
    provider.answering.clear()
    assert {browser.send("GET", "/readyz").status for _ in range(5)} == {200}
    assert openid._checked is None
    provider.answering.set()
    eventually(lambda: openid._checked is not None)
    assert (openid.problem(), provider.asked.count(f"GET {DESCRIPTION}")) == (None, 1)


def test_those_who_wait_for_the_first_check_share_it(serving: Serving, provider: IdentityProvider) -> None:
    _, service = serving()
    openid = service.openid
    assert openid is not None
    provider.answers[DESCRIPTION] = 500, b"{}"
    provider.seconds = 0.2
    with ThreadPoolExecutor(MANY) as pool:
        told = set(pool.map(lambda _: openid.problem(wait=True), range(MANY)))
    assert len(told) == 1 and None not in told
    assert provider.asked == [f"GET {DESCRIPTION}"]
