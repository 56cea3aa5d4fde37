"""No door shows anything of what was purged, also when its take-down is lifted afterwards."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from services.reading_house import CLOSED, READ, furnished, house, searched_by_model, shown, taken_down

from pressmark.service.access.purges import Purges

SECRET = b"zanzibarite"


@pytest.mark.costly
def test_no_door_shows_what_was_purged(tmp_path: Path) -> None:
    home = furnished(tmp_path)
    for file in (home / "items").rglob("*.jsonl"):
        file.unlink()  # a capture with items is kept back
    with house(home, {}) as (asked, tokens):
        before = [rule.path for rule in READ if SECRET in shown(asked, rule, tokens["admin"])[1].lower()]
        with taken_down(asked, CLOSED) as id_:
            purges = Purges(asked.service)
            purges.run(id_, purges.plan(id_).token, by="ada", origin="test")
        after = [rule.path for rule in READ if SECRET in shown(asked, rule, tokens["admin"])[1].lower()]
        model = searched_by_model(asked, tokens["admin"])[1].lower()
    stored = [path for path in (home / "store").rglob("*.gz") if SECRET in gzip.decompress(path.read_bytes()).lower()]

    assert len(before) > 15  # the control
    assert after == []
    assert SECRET not in model
    assert stored == []
