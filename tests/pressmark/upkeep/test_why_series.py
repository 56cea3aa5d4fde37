"""`pressmark why` knows the documents of a series, also those that the site does not have yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from config.settings import Settings
from pressmark.service.assembly import open_pressmark
from pressmark.upkeep.why import why

NOW = datetime(2026, 11, 30, tzinfo=UTC)
SOURCE = """source: reports
seeds: ['https://example.org/{year}-{month:02}.pdf']
walk: series
series: {each: month, first: 2026-01}
"""


def test_a_document_of_a_series_is_named_before_the_site_has_it_and_before_its_date(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "reports.yaml").write_text(SOURCE)
    with open_pressmark(Settings(home=tmp_path)) as opened:
        service = replace(opened, now=lambda: NOW)
        due = why(service, "https://example.org/2026-03.pdf")
        later = why(service, "https://example.org/2027-01.pdf")
        other = why(service, "https://example.org/2025-12.pdf")

    assert [(one.scope.reason, one.because) for one in due.sources] == [
        (
            "the page is document 2026-03 of the series",
            "each run requests this document of the series until the site has it",
        )
    ]
    assert [rule.reason for rule in later.others] == ["2027-01 is a document of the series whose date has not come yet"]
    assert "document" not in other.others[0].reason
