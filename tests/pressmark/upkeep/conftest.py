from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from specimens.archives import SEGMENTS
from specimens.backups import SOURCE, settings_of

from config.settings import Settings, load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with segments in its local store, a source, an item and an open segment."""
    settings = settings_of(tmp_path / "home")
    with open_pressmark(settings) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
        service.pauses.pause("a", "why not")
    for name, text in {
        "sources/a.yaml": SOURCE,
        "spiders/own.py": "x = 1\n",
        "items/default/run.jsonl": "{}\n",
        "spool/main/open/s1.warc.gz.open": "warc",
        "spool/main/open/s1.journal.jsonl": "journal",
        "spool/main/sealed/s2.warc.gz": "warc 2",
        "spool/main/sealed/s2.journal.jsonl": "journal 2",
        "spool/main/.lock": "",
        "secrets/password": "secret-four",
    }.items():
        file = settings.home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return settings


def _with_the_store(tmp_path: Path, home: str) -> Settings:
    return load_settings({"home": tmp_path / home, "store": str(tmp_path / "store"), "spool.ballast": "0B"})


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with open_pressmark(_with_the_store(tmp_path, "home")) as service:
        yield service


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Service]:
    """Another machine with the same store."""
    with open_pressmark(_with_the_store(tmp_path, "new")) as service:
        yield service
