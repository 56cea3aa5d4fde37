"""What commands print."""

from __future__ import annotations

import pytest

from pressmark.cli.terminal.output import counted


@pytest.mark.parametrize(("number", "told"), [(0, "0 pages"), (1, "1 page"), (2, "2 pages")])
def test_a_number_is_shown_with_its_noun(number: int, told: str) -> None:
    assert counted(number, "page") == told
