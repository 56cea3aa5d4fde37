"""Spools with recorders, closed after the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from specimens.desks import Desk


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def opened(**options: Any) -> Desk:
        desks.append(Desk(tmp_path / "spool", **options))
        return desks[-1]

    yield opened
    for desk in desks:
        desk.close()
