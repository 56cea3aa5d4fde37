"""A source that has a proxy is inspected through it: by `POST /sources`, and by the test fetch of its wizard."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from crawling.site import Site, html, serving
from wire.proxies import ProxyServer, proxying

from archive.values.counters import Figures
from config.settings import Settings, load_settings
from pressmark.discover.drafted_source import DraftedSource, inspect_and_propose, user_agent
from pressmark.discover.propose import ProposalOptions
from pressmark.discover.trial import fetch_trial
from pressmark.discover.visit import SiteUnreachable

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
HIDDEN = "http://site.invalid/news/"
"""Its host has no address: only the proxy knows where it is."""


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.routes["/news/"] = html("/news/1", "/news/2", text="The news")
        yield site


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("THE_PROXY", "not set yet")
    return load_settings({"home": str(tmp_path), "secrets": ["THE_PROXY"]})


def port_of(site: Site) -> int:
    return int(site.url.rpartition(":")[2])


def drafted(settings: Settings, proxy: object) -> DraftedSource:
    keys = {"proxy": proxy, "addresses": ["127.0.0.0/8"]} if proxy else {"addresses": ["127.0.0.0/8"]}
    wish = ProposalOptions(name="news", keys=keys)
    looking = inspect_and_propose(HIDDEN, wish, settings=settings, known={}, now=lambda: NOON, figures=Figures())
    return asyncio.run(looking)


def asked_of(server: ProxyServer) -> bytes:
    return b"".join(server.asked)


def test_a_site_is_inspected_through_the_proxy_of_its_source(site: Site, settings: Settings) -> None:
    with proxying(port_of(site)) as server:
        found = drafted(settings, f"http://127.0.0.1:{server.port}")

    assert f"proxy: http://127.0.0.1:{server.port}" in found.text
    assert found.seen.url == HIDDEN
    assert b"GET http://site.invalid/news/ HTTP/1.1\r\nHost: site.invalid\r\n" in asked_of(server)
    assert "http://site.invalid/robots.txt" in [one.path for one in site.asked]


def test_a_secret_proxy_gets_its_password_and_the_file_has_the_name_alone(
    site: Site, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxying(port_of(site), user=b"user", password=b"secret") as server:
        monkeypatch.setenv("THE_PROXY", f"socks5://user:secret@127.0.0.1:{server.port}")
        found = drafted(settings, {"secret": "THE_PROXY"})
    with proxying(port_of(site)) as plain:
        monkeypatch.setenv("THE_PROXY", f"http://user:secret@127.0.0.1:{plain.port}")
        drafted(settings, {"secret": "THE_PROXY"})

    assert found.seen.url == HIDDEN
    assert "THE_PROXY" in found.text
    assert "user:secret" not in found.text
    assert b"Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n" in asked_of(plain)


def test_a_test_fetch_goes_through_the_proxy(site: Site, settings: Settings) -> None:
    site.routes["/news/1"] = html(text="The first news")
    with proxying(port_of(site)) as server:
        found = drafted(settings, f"http://127.0.0.1:{server.port}")
        agent = user_agent(settings)
        trial = asyncio.run(
            fetch_trial(found.proposal, found.seen.robots, settings, agent, Figures(), now=lambda: NOON)
        )

    assert (trial.problem, trial.status) == (None, 200)
    assert b"GET " + trial.url.encode() in asked_of(server)


def test_a_proxy_that_refuses_is_the_reason(site: Site, settings: Settings) -> None:
    forbidden = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    with proxying(port_of(site), refusal=forbidden) as server, pytest.raises(SiteUnreachable, match="status 403"):
        drafted(settings, f"http://127.0.0.1:{server.port}")
    with proxying(port_of(site), refusal=b"\x02") as server, pytest.raises(SiteUnreachable, match="a rule forbids it"):
        drafted(settings, f"socks5://127.0.0.1:{server.port}")


def test_without_a_proxy_the_site_is_not_reached(settings: Settings) -> None:
    with pytest.raises(SiteUnreachable, match="its host has no address"):
        drafted(settings, None)
