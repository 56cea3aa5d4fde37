"""Settings of reading rooms: collections that not every reader may read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import AfterValidator

from config.groups.group import Group
from config.names import check_names
from config.values.urls import Network


class Room(Group):
    """A closed or unlisted collection. Those who run the archive (roles trigger, curate, admin) always read it."""

    people: tuple[str, ...] = ()
    """The people with the role read who may read it, by name."""
    addresses: tuple[Network, ...] = ()
    """Networks (CIDR) from whose addresses every reader may read it, such as those of the reading room."""
    unlisted: bool = False
    """Whether every reader who has the address of a capture may read it; no list, search, feed or export has it."""
    until: date | None = None
    """The embargo: from this day (UTC) on, every reader may read it; default: it stays closed."""


def _names(rooms: Mapping[str, Room]) -> Mapping[str, Room]:
    check_names("collection", rooms)
    return rooms


Rooms = Annotated[Mapping[str, Room], AfterValidator(_names)]
