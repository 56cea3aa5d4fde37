from __future__ import annotations

import os

from config.files.stamp import stamp_of


def test_the_inode_of_any_file_system_fits_into_64_bits_with_a_sign() -> None:
    stat = os.stat_result((0o100644, (1 << 64) - 1, 0, 1, 0, 0, 10, 0, 0, 0))

    assert 0 <= stamp_of(stat)[2] < 1 << 63
