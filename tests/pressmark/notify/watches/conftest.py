from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from services.mail_server import Letters
from services.watch_house import Clock, House, settings_of

from config.groups.rooms import Room
from pressmark.notify.watches.following import Following
from pressmark.service.assembly import open_pressmark


@pytest.fixture
def house(tmp_path: Path, port: int, letters: Letters) -> Iterator[House]:
    (tmp_path / "warcs").mkdir()
    room = Room(people=("anna",))
    clock = Clock()
    with open_pressmark(settings_of(tmp_path / "home", port, rooms={"papers": room})) as service:
        Following(service).follow()
        yield House(replace(service, now=clock), clock, letters, tmp_path / "warcs")
