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
def test_the_singular_is_used_for_one_alone(number: int, form: str, said: str) -> None:
    assert counted(number, "page", form) == said
