"""What the tests of a whole world of services share: its sources, and what must hold of its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from crawling.site import Site
from journeys.household import unreadable
from sqlalchemy import Row, Select, func, select

from archive.database.engine import open_database
from archive.database.schema import reading_jobs, runs, segments

PAGES = 5
"""The pages of each source."""


def described(
    directory: Path, hosts: list[Site], each: int, network: str = "127.0.0.0/8", every: str = "1m"
) -> list[str]:
    """Write the sources of all hosts, so many of each, due every so often, and return their names."""
    directory.mkdir(exist_ok=True)
    names = []
    for number, site in enumerate(hosts):
        for part in range(each):
            names.append(name := f"host{number}-{part}")
            seeds = ", ".join(f"{site.url}/{part}/{page}" for page in range(PAGES))
            rest = f"walk: page\npoliteness: {{delay: 200ms}}\naddresses: [{network}]\ntimetable: {{every: {every}}}\n"
            (directory / f"{name}.yaml").write_text(f"source: {name}\nseeds: [{seeds}]\n{rest}")
    return names


class Rows:
    """What the database says."""

    def __init__(self, url: str) -> None:
        self.database = open_database(url, migrate=False)

    def of(self, query: Select[Any]) -> list[Row[Any]]:
        with self.database.reading() as connection:
            return list(connection.execute(query))

    def close(self) -> None:
        self.database.close()

    def is_quiet(self) -> bool:
        """Return whether no run is active, everything is in the bucket, and every text is read."""
        unfinished = select(runs.c.id).where(runs.c.status == "running").limit(1)
        held = select(segments.c.id).where(segments.c.object_key.is_(None)).limit(1)
        return not any(self.of(query) for query in (unfinished, held, select(reading_jobs.c.segment).limit(1)))

    def twice(self, *columns: Any) -> list[Row[Any]]:
        return self.of(select(*columns).group_by(*columns).having(func.count() > 1))


def unreadable_at(home: Path, url: str, settings: dict[str, str]) -> dict[str, str]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        found, listed = unreadable(home, url)
    assert listed
    return found
