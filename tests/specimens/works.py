"""A page to cite."""

from __future__ import annotations

from datetime import UTC, datetime

from pressmark.views.citations.work import Work

WORK = Work(
    url="https://www.example.org/news/1?a=b_c",
    title="Tides & currents: 100% of {them}",
    author="Varga, Ines",
    date="2026-01-30T08:00:00+01:00",
    kept=datetime(2026, 1, 31, 12, tzinfo=UTC),
    permanent="https://archive.example/snapshot/20260131120000/https://www.example.org/news/1?a=b_c",
)
