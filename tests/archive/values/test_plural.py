"""Numbers of things in messages."""

from __future__ import annotations

import pytest

from archive.values.plural import counted


@pytest.mark.parametrize(
    ("number", "form", "said"),
    [
        (0, "", "0 pages"),
        (1, "", "1 page"),
        (1, ",", "1 page"),
        (12_000, "", "12000 pages"),
        (12_000, ",", "12,000 pages"),
    ],
)
def test_only_one_thing_is_in_the_singular(number: int, form: str, said: str) -> None:
    assert counted(number, "page", form) == said
