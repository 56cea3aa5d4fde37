"""A source from the URL of a series: its first document is the one of today if nobody names another."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from crawling.site import Site, serving

from archive.values.counters import Figures
from config.errors import ConfigError
from config.settings import load_settings
from pressmark.discover.drafted_source import DraftedSource, inspect_and_propose
from pressmark.discover.propose import ProposalOptions

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def drafted(home: Path, site: Site, pattern: str, **bounds: str) -> DraftedSource:
    keys = {"addresses": ["127.0.0.0/8"], "ports": [int(site.url.rpartition(":")[2])]}
    wish = ProposalOptions(keys=keys | ({"series": bounds} if bounds else {}))
    settings = load_settings({"home": str(home)})
    url = f"{site.url}{pattern}"
    looking = inspect_and_propose(url, wish, settings=settings, known={}, now=lambda: NOON, figures=Figures())
    return asyncio.run(looking)


def test_a_series_without_a_first_document_begins_today_and_says_so(tmp_path: Path) -> None:
    with serving() as site:
        found = drafted(tmp_path, site, "/report-{year}-{month:02}.pdf")
        named = drafted(tmp_path, site, "/report-{year}-{month:02}.pdf", first="2026-09")

    series = found.proposal.source.series
    assert series is not None
    assert (series.each, series.first, series.last) == ("month", "2026-11", None)
    assert found.proposal.kept.startswith("Pressmark will archive the documents of the series from 2026-11 on.")
    assert found.proposal.first == (f"{site.url}/report-2026-11.pdf",)
    assert len(named.proposal.first) == 3
    assert named.proposal.kept == "Pressmark will archive the documents of the series, each from its date on."


@pytest.mark.parametrize("bounds", [{}, {"first": "1"}, {"last": "40"}])
def test_a_series_of_numbers_needs_both_ends(tmp_path: Path, bounds: dict[str, str]) -> None:
    with serving() as site, pytest.raises(ConfigError, match="needs its first and its last number"):
        drafted(tmp_path, site, "/bulletin-{number}.pdf", **bounds)

    assert site.paths == []
