"""Series of documents: which there are on a day, and what is wrong with a series that can't be."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from config.source import Source
from config.values.series import Each, Series, each_of

SITE = "https://harbour.example"


def source(pattern: str, **series: object) -> Source:
    return Source.model_validate({"source": "reports", "seeds": [pattern], "walk": "series", "series": series})


@pytest.mark.parametrize(
    ("place", "series", "today", "last"),
    [
        ("{number}", {"each": "number", "first": 8, "last": 10}, date(2026, 1, 1), ["8", "9", "10"]),
        ("{number:03}", {"each": "number", "first": "9", "last": "10"}, date(2026, 1, 1), ["009", "010"]),
        ("{year}/{month:02}", {"each": "month", "first": "2025-12"}, date(2026, 1, 31), ["2025/12", "2026/01"]),
        ("{year}-{month}", {"each": "month", "first": "2025-12", "last": "2026-05"}, date(2026, 1, 31),
         ["2025-12", "2026-1"]),
        ("{year}{month:02}{day:02}", {"each": "day", "first": date(2024, 2, 28)}, date(2024, 3, 1),
         ["20240228", "20240229", "20240301"]),
        ("{year}-{week:02}", {"each": "week", "first": "2020-W52"}, date(2021, 1, 10),
         ["2020-52", "2020-53", "2021-01"]),
        ("{year}", {"each": "year", "first": 2024}, date(2026, 6, 1), ["2024", "2025", "2026"]),
        ("{year}", {"each": "year", "first": 2027}, date(2026, 6, 1), []),
    ],
)  # fmt: skip
def test_the_documents_of_a_series_are_those_that_are_due(
    place: str, series: dict[str, object], today: date, last: list[str]
) -> None:
    assert list(source(f"{SITE}/{place}.pdf", **series).urls_on(today)) == [f"{SITE}/{each}.pdf" for each in last]


@pytest.mark.parametrize(
    ("pattern", "series", "said"),
    [
        ("/{number}.pdf", {"each": "number", "first": 1}, "needs last"),
        ("/{number}.pdf", {"each": "number", "first": 5, "last": 1}, "last is before first: 1 is before 5"),
        ("/{number}.pdf", {"each": "number", "first": 1, "last": 60_000}, "more than 50,000 documents"),
        ("/{year}.pdf", {"each": "month", "first": "2024-01"}, "lacks {month}"),
        ("/{years}.pdf", {"each": "year", "first": "2024"}, "{years} in .* does not belong"),
        ("/{year:x}.pdf", {"each": "year", "first": "2024"}, "does not belong in"),
        (
            "/{year}.pdf",
            {"each": "year", "first": "20x4"},
            "invalid first '20x4' of a series of years: write it like 2024",
        ),
        ("/{year}-{week}.pdf", {"each": "week", "first": "2021-W53"}, "invalid first '2021-W53'"),
        ("/{year}-{month}.pdf", {"each": "month", "first": "2024-13"}, "invalid first '2024-13'"),
        ("/{year}.pdf", {"each": "year", "first": "1200"}, "begins before 1970 needs last"),
        ("/report.pdf", {"each": "year", "first": "2024"}, "lacks {year}"),
        ("/{year}.pdf", {"each": "decade", "first": "2024"}, "number"),
    ],
)
def test_what_is_wrong_with_a_series_is_said(pattern: str, series: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        source(f"{SITE}{pattern}", **series)


def test_a_series_needs_its_walk_and_the_walk_its_series() -> None:
    facts = {"source": "reports", "seeds": [f"{SITE}/{{year}}.pdf"]}
    with pytest.raises(ValidationError, match="series needs walk: series"):
        Source.model_validate({**facts, "series": {"each": "year", "first": 2024}})
    with pytest.raises(ValidationError, match="walk: series needs the key series"):
        Source.model_validate({**facts, "walk": "series"})


def test_the_step_of_a_series_is_known_from_its_places() -> None:
    found: list[Each | None] = [
        each_of(f"{SITE}/{place}.pdf")
        for place in (
            "{number:03}",
            "{year}",
            "{year}{month:02}",
            "{year}{month}{day}",
            "{year}-{week}",
            "report",
            "{x}",
        )
    ]

    assert found == ["number", "year", "month", "day", "week", None, None]


def test_a_source_without_a_series_has_the_configuration_that_it_had() -> None:
    """Its hash says whether a run used the present file. A key that it does not have leaves the hash as it was."""
    plain = Source.model_validate({"source": "news", "seeds": [SITE]})

    assert "series" not in plain.model_dump(exclude_none=True)
    assert Series(each="year", first="2024").last is None
    assert plain.config_hash != source(f"{SITE}/{{year}}.pdf", each="year", first=2024).config_hash
