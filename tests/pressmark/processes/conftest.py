"""A service whose roots get time stamps from a real authority."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from services.authority import Authority, running_authority
from specimens.archives import SEGMENTS

from config.settings import load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.ledger.saving import LedgerSaving


@pytest.fixture(scope="module")
def tsa() -> Iterator[Authority]:
    with running_authority() as authority:
        yield authority


@pytest.fixture
def authority(tsa: Authority) -> Authority:
    tsa.answers, tsa.status, tsa.asked = [], 200, 0
    return tsa


@pytest.fixture
def service(tmp_path: Path, authority: Authority) -> Iterator[Service]:
    """A service with one segment, whose time stamps come from the authority."""
    flags = {"timestamps.server": authority.url, "timestamps.certificates": str(authority.root)}
    flags |= {"timestamps.addresses": ["127.0.0.0/8"]}
    settings = load_settings({"home": tmp_path / "home", "spool.ballast": "0B", **flags}, dotenv=None)
    with open_pressmark(settings) as service:
        service.archive.ingest(min(SEGMENTS.glob("*.warc.gz")))
        service.pauses.pause("a")
        LedgerSaving(service).save()
        yield service
