"""The share of the archived words that a page does not show."""

from __future__ import annotations

import pytest

from pressmark.upkeep.qa.check_page import missing_share


@pytest.mark.parametrize(
    ("archived", "shown", "share"),
    [
        ("The council met.", "menu THE COUNCIL, met on Monday", 0.0),
        ("The council met.", "The council", 1 / 3),
        ("tick tick tick tick", "tick", 0.75),
        ("一二三四", "一二", 0.5),
        ("The council met.", "", 1.0),
        ("...", "The council", None),
    ],
)
def test_each_word_counts_as_often_as_it_is_there(archived: str, shown: str, share: float | None) -> None:
    assert missing_share(archived, shown) == (share if share is None else pytest.approx(share))
