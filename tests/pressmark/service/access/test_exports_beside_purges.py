"""An export whose plan is from before a purge has what is left, and names what was purged."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from services.reading_house import CLOSED, OPEN, REASON, warc

from archive.export.plan import Plan
from config.settings import Settings
from pressmark.cli import main
from pressmark.service.access.purges import Purges
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit


def run(home: Path, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), *words])
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.costly
def test_an_export_beside_a_purge_has_the_pages_that_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, both, items = tmp_path / "home", tmp_path / "both.warc", Plan.items
    pages = [
        warc(tmp_path / name, url, word) for name, url, word in (("a", CLOSED, "Zanzibarite"), ("b", OPEN, "Ordinary"))
    ]
    both.write_bytes(b"".join(page.read_bytes() for page in pages))
    run(home, "ingest", str(both))
    purged = list[int]()

    def meanwhile(self: Plan, *facts: Any) -> Iterator[Any]:
        if not purged:
            with open_pressmark(Settings(home=home)) as service:
                id_, purges = service.take_downs.add(CLOSED, REASON, by="ada").id, Purges(service)
                purged.append(len(purges.run(id_, purges.plan(id_).token, by="ada", origin="test").plan.captures))
        return items(self, *facts)

    monkeypatch.setattr(Plan, "items", meanwhile)
    code = run(home, "export", "warc", "-o", str(tmp_path / "out.warc.gz"), "--collection", "default")
    exported = gzip.decompress((tmp_path / "out.warc.gz").read_bytes())

    assert purged[0] >= 1
    assert code == Exit.INTEGRITY  # it names the record that it has not
    assert b"Ordinary" in exported
    assert b"Zanzibarite" not in exported
