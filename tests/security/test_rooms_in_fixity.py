"""A reader sees the stored copies of open collections, and no figure of others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from services.reading_house import ROOMS, furnished, house
from services.retrieving import Retrieving
from sqlalchemy import select

from archive.database.schema import objects
from archive.index.objects import Copy, Objects
from archive.index.preservation_events import Event, Events
from archive.values.key_parts import OF_COLLECTIONS
from archive.warc.keys import ROOTS
from config.groups.rooms import Room

FIXITY, EVENTS, PREMIS, PAGE = "/api/v1/fixity", "/api/v1/fixity/events", "/api/v1/fixity/events.xml", "/fixity"


def damage(asked: Retrieving) -> None:
    """Note damage of an object of each kind in each collection, and of one that is of none."""
    keys = [f"{kind}{name}/x" for kind in OF_COLLECTIONS for name in ("open", "closed", "openclosed")]
    service, now = asked.service, asked.service.now()
    with service.database.writing() as connection:
        rows = [{"key": key, "size": 1, "seen_at": now} for key in (*keys, f"{ROOTS}x")]
        connection.execute(objects.insert(), rows)
        known = connection.execute(select(objects.c.id, objects.c.key).where(objects.c.key.endswith("/x"))).all()
    Objects(service.database).record(
        [Copy(number, "store", now, "damaged", f"a flaw of {key}") for number, key in known]
    )
    of_each = (Event(now, "fixity check", "fail", f"damage of {key}", "store", key) for key in keys)
    Events(service.database).add(*of_each, Event(now, "fixity check", "success", "all 7 of closed", "store"))


@pytest.mark.parametrize("rooms", [ROOMS, {"closed": Room(unlisted=True)}])
def test_a_reader_sees_the_objects_of_open_collections_and_no_figure_of_the_whole(
    tmp_path: Path, rooms: dict[str, Room]
) -> None:
    told = {}
    with house(furnished(tmp_path), rooms) as (asked, tokens):
        damage(asked)
        for role in ("read", "admin"):
            answers = {path: asked.get(path, Authorization=tokens[role]) for path in (FIXITY, EVENTS, PREMIS, PAGE)}
            assert {status for status, _, _ in answers.values()} == {200}
            told[role] = {path: body for path, (_, _, body) in answers.items()}
        of_closed = asked.get(f"{EVENTS}?object=warc/v1/closed/x", Authorization=tokens["read"])

    def names(role: str, path: str, key: bytes) -> bool:
        return key in told[role][path]

    for path in (FIXITY, EVENTS, PREMIS, PAGE):
        assert names("read", path, b"warc/v1/open/x")
        assert names("read", path, b"item/v1/openclosed/x"), "a name that only begins alike"
        assert names("admin", path, b"warc/v1/closed/x"), "the control"
        assert not names("read", path, b"/closed/x")
        assert not names("read", path, b"root/v1")
        assert not names("read", path, b"of closed")
    read, admin = (json.loads(told[role][FIXITY]) for role in ("read", "admin"))
    assert (read["copies"], read["bytes"], read["repaired"]) == (None, None, None)
    assert (admin["copies"], admin["bytes"], admin["repaired"]) == (0, 0, 0)
    assert admin["places"][0]["wrong"] - read["places"][0]["wrong"] == len(OF_COLLECTIONS) + 1
    assert json.loads(of_closed[2])["items"] == []
