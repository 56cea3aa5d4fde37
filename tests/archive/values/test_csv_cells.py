"""No cell of CSV is run by a spreadsheet, and numbers stay numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.values.csv_cells import as_written, inert

FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1", "\r=1", "-", "- a dash")


@pytest.mark.parametrize("cell", FORMULAS)
def test_what_a_spreadsheet_would_run_has_an_apostrophe_before_it(cell: str) -> None:
    assert inert(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-3.5", "+1,200", "-1 200", "-4 %", "7", "", "a = b", "'quoted'", "−3"])
def test_numbers_and_other_cells_stay_as_they_are(cell: str) -> None:
    assert inert(cell) == cell


@given(st.text())
def test_each_cell_can_be_read_back_as_it_was_written(cell: str) -> None:
    written = inert(cell)

    assert as_written(written) == cell or cell.startswith("'")
    assert written.startswith("'") or not written.startswith(("=", "@", "\t", "\r"))
