"""The page and the API of audits show what was found, and what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from xml.etree import ElementTree

import pytest
from services.retrieving import served
from specimens.archives import SEGMENTS

from archive.shipping.fixity.share import WHOLE
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.fixity import audit_share

PREMIS = "{http://www.loc.gov/premis/v3}"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with open_pressmark(load_settings({"home": tmp_path / "home"})) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
        yield service


def get(url: str) -> str:
    with urlopen(url, timeout=30) as answer:
        return str(answer.read().decode())


def get_json(url: str) -> Any:
    return json.loads(get(url))


def test_before_the_first_audit_the_page_says_so(service: Service) -> None:
    with served(service) as url:
        assert "Pressmark has not checked the stored files yet." in get(f"{url}/fixity")


def test_damage_is_on_the_page_in_the_api_and_in_the_state_of_the_service(service: Service) -> None:
    warc = sorted((service.settings.home / "store" / "warc").rglob("*.warc.gz"))[0]
    key = warc.relative_to(service.settings.home / "store").as_posix()
    warc.unlink()
    list(audit_share(service, WHOLE, repair=True))
    with served(service) as url:
        page, state = get(f"{url}/fixity"), get_json(f"{url}/api/v1/fixity")
        events = get_json(f"{url}/api/v1/fixity/events?object={key}")["items"]
        notices, overview = get_json(f"{url}/readyz")["notices"], get(f"{url}/")
    assert page.count(key) >= 2
    assert [(one["object"], one["place"], one["outcome"]) for one in state["wrong"]] == [(key, "store", "missing")]
    assert "pressmark ingest" in state["wrong"][0]["way_out"]
    assert [(one["eventType"], one["eventOutcome"], one["linkingObject"]) for one in events] == [
        ("fixity check", "fail", key)
    ]
    assert "no healthy copy" in events[0]["eventOutcomeDetailNote"]
    assert key in notices["fixity"]
    assert key in overview


def test_events_are_paged_and_exported(service: Service) -> None:
    for _ in range(3):
        list(audit_share(service, WHOLE))
    with served(service) as url:
        events = f"{url}/api/v1/fixity/events"
        first = get_json(f"{events}?limit=2")
        second = get_json(f"{events}?limit=2&cursor={first['next']}")
        document = get(f"{events}.xml")
    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)
    assert len(list(ElementTree.fromstring(document).iter(f"{PREMIS}event"))) == 3
