from __future__ import annotations

import pytest

from benchmarks.similar import measure


def test_generated_reprints_are_found_as_copies(capsys: pytest.CaptureFixture[str]) -> None:
    measure(60, 20)

    told = capsys.readouterr().out
    assert "500 of 500 have copies" in told
    assert "50 of 50 have copies" in told
    assert "0.000 ms" not in told
