"""Messages of watches to webhooks have what a language model wrote, once it is there, and wait for it only a while."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from crawling.site import Reply, Site, serving
from services.language_model import MODEL, PATH, obliging, settings_for
from services.webhook_service import LOOPBACK, SECRET, Clock, tell
from specimens.versions import Version, keep

from config.settings import Settings
from pressmark.notify.watches.assisting import Assisting
from pressmark.notify.watches.following import Following
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service

HOOK = "/hook"


@pytest.fixture
def peer() -> Iterator[Site]:
    with serving() as site:
        site.routes[PATH], site.routes[HOOK] = obliging, Reply(204)
        yield site


@contextmanager
def opened(home: Path, peer: Site, clock: Clock) -> Iterator[Service]:
    webhook = {"url": f"{peer.url}{HOOK}", "secret": SECRET, "events": ["watch.matched"], **LOOPBACK}
    watch = {"phrases": ["harbour"], "translation": "zh"}
    facts = {"webhooks": {"team": webhook}, "watches": {"w": watch}, "assistant": settings_for(peer)}
    with open_pressmark(Settings.model_validate({"home": home, **facts})) as made:
        service = replace(made, now=clock)
        Following(service).follow()
        tell(service)
        yield service


def sent(peer: Site) -> list[dict[str, Any]]:
    return [json.loads(one.body)["data"] for one in peer.asked if one.path == HOOK]


def archive(service: Service, directory: Path, text: str) -> None:
    directory.mkdir(exist_ok=True)
    keep(service, directory, Version(text, facts={"language": "en"}))
    Following(service).follow()


def test_a_message_has_the_texts_and_each_attempt_the_same(tmp_path: Path, peer: Site, clock: Clock) -> None:
    with opened(tmp_path / "home", peer, clock) as service:
        archive(service, tmp_path / "warcs", "The harbour was loud.")
        tell(service)
        early = sent(peer)
        asyncio.run(Assisting(service).assist())
        clock.at += timedelta(seconds=10)
        peer.routes[HOOK] = Reply(500)
        tell(service)
        clock.at += timedelta(minutes=1)
        peer.routes[HOOK] = Reply(204)
        tell(service)

    first, again = sent(peer)
    assert (early, first) == ([], again)
    assert first["sentence"] == "The harbour was loud."
    assert first["machine"] == [
        {
            "kind": "translation",
            "language": "zh",
            "model": MODEL,
            "mark": f"Made by a machine ({MODEL}), not checked",
            "text": "TRANSLATION of: The harbour was loud.",
        }
    ]


def test_a_message_goes_without_texts_after_a_while(tmp_path: Path, peer: Site, clock: Clock) -> None:
    with opened(tmp_path / "home", peer, clock) as service:
        archive(service, tmp_path / "warcs", "The harbour was loud.")
        clock.at += timedelta(minutes=3)
        tell(service)
        tell(service)

    [data] = sent(peer)
    assert (data["sentence"], data["machine"]) == ("The harbour was loud.", [])
