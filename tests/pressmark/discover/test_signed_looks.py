"""A look at a site that has no source yet is signed when the settings sign for all, and otherwise not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from crawling.site import Asked, html, serving
from wire.message_signatures import Message, verified

from archive.values.counters import Figures
from config.settings import Settings
from crawler.wire.bot_key import signing_key
from pressmark.discover.drafted_source import inspect_and_propose, user_agent
from pressmark.discover.propose import ProposalOptions
from pressmark.discover.trial import fetch_trial
from pressmark.service.keys import published_keys

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def looked(home: Path, *, signs: bool) -> tuple[Settings, str, list[Asked]]:
    """Look at a site and fetch a page of it on trial; return what the site received, and its authority."""
    settings = Settings(
        home=home,
        public_url="https://archive.example.org",
        signing={"requests": signs},  # type: ignore[arg-type]
        allow={"addresses": ["127.0.0.0/8"]},  # type: ignore[arg-type]
    )
    wish = ProposalOptions(name="news", addresses=("127.0.0.0/8",))

    clock = count()

    def now() -> datetime:
        return NOON + timedelta(seconds=next(clock))

    async def looking(url: str) -> None:
        found = await inspect_and_propose(url, wish, settings=settings, known={}, now=now, figures=Figures())
        robots, agent = found.seen.robots, user_agent(settings)
        trial = await fetch_trial(found.proposal, robots, settings, agent, Figures(), now=now)
        assert trial.problem is None

    with serving({"/news/?q=100%": html("/news/1?a=b"), "/news/1?a=b": html()}) as site:
        asyncio.run(looking(f"{site.url}/news/?q=100%"))
        return settings, site.url.partition("://")[2], site.asked


def test_every_request_of_a_look_is_signed(tmp_path: Path) -> None:
    signing_key(tmp_path / "crawler-keys")
    settings, authority, received = looked(tmp_path, signs=True)

    (key,) = published_keys(settings)
    assert {"/robots.txt", "/news/?q=100%"} <= {asked.path for asked in received}
    created = []
    for asked in received:
        message = Message(asked.method, authority, asked.path, asked.headers)
        parameters = verified(message, {key.id: key.jwk["x"]}.__getitem__, NOON + timedelta(seconds=len(received) + 1))
        assert parameters["tag"] == "web-bot-auth"
        created.append(int(parameters["created"]))
    assert len(set(created)) == len(received), "each is signed when it is made"


@pytest.mark.parametrize("signs", [False, True])
def test_no_request_of_a_look_is_signed_otherwise_or_without_a_key(tmp_path: Path, signs: bool) -> None:
    if not signs:
        signing_key(tmp_path / "crawler-keys")
    _, _, received = looked(tmp_path, signs=signs)

    assert received
    assert (tmp_path / "crawler-keys").exists() is not signs
    assert not [name for asked in received for name in asked.headers if name.startswith("signature")]
