"""Free space is shown in a unit in which it is not zero."""

from __future__ import annotations

import pytest

from pressmark.upkeep.doctor import room


@pytest.mark.parametrize(
    ("octets", "told"),
    [(0, "0.0 MiB"), (31 << 20, "31.0 MiB"), ((1 << 30) - 1, "1024.0 MiB"), (5 << 29, "2.5 GiB")],
)
def test_less_than_a_gibibyte_is_shown_in_mebibytes(octets: int, told: str) -> None:
    assert room(octets) == told
