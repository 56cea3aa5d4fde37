from __future__ import annotations

import pytest

from archive.values.size import spoken_size


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1 << 20, "1.0 MiB"),
        ((1 << 20) - 1, "1.0 MiB"),
        (1_468_006, "1.4 MiB"),
        (1010 << 10, "1010.0 KiB"),
        (31 << 20, "31.0 MiB"),
        (5 << 29, "2.5 GiB"),
        (3 << 40, "3.0 TiB"),
        (3 << 50, "3072.0 TiB"),
    ],
)
def test_a_size_is_given_in_the_largest_unit_that_fits(size: int, expected: str) -> None:
    assert spoken_size(size) == expected
