"""What a run learnt of the URL patterns of a source is stored, in databases of each kind."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from archive.database.engine import Database
from archive.index.pages import FetchPattern, Pages


def test_a_pattern_without_room_in_the_index_keeps_no_other_from_being_stored(either: Database) -> None:
    chance = random.Random(7)
    name = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=8000))
    known = FetchPattern("https://example.org/*", datetime(2026, 11, 29, tzinfo=UTC), 3)

    Pages(either).store_patterns("gazette", [FetchPattern(f"https://example.org/*?{name}", known.at), known])

    assert Pages(either).patterns("gazette")[known.pattern] == known
