"""Reading rooms: which collections are closed to a caller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from ipaddress import ip_address

from archive.database.closed_collections import closed_collections
from config.groups.rooms import Room
from pressmark.service.access.roles import Caller, Role


class ReadingRooms:
    def __init__(self, rooms: Mapping[str, Room], *, now: Callable[[], datetime]) -> None:
        self._rooms = rooms
        self._now = now

    def closed_to(self, caller: Caller, address: str) -> frozenset[str]:
        """Return the collections that a caller may not read. Those who run the archive may read all of them."""
        if caller.role is not Role.READ:
            return frozenset()
        return frozenset(name for name in self.closed() if not _admits(self._rooms[name], name, caller, address))

    def unlisted(self) -> frozenset[str]:
        """Return the collections among the closed ones that every reader may read by the address of a capture."""
        return frozenset(name for name in self.closed() if self._rooms[name].unlisted)

    def admitted(self) -> str:
        """Return the closed collections that the caller of this request may read, as a grant names them."""
        return " ".join(sorted(self.closed() - closed_collections()))

    def closed_but(self, admitted: str) -> frozenset[str]:
        """Return the collections that are closed to the holder of such a grant."""
        return self.closed() - frozenset(admitted.split())

    def closed(self) -> frozenset[str]:
        """Return the collections that are closed to readers now."""
        today = self._now().astimezone(UTC).date()
        return frozenset(name for name, room in self._rooms.items() if _is_closed(room, today))


def _is_closed(room: Room, today: date) -> bool:
    return room.until is None or today < room.until


def _admits(room: Room, collection: str, caller: Caller, address: str) -> bool:
    """Return whether a reader is named, is at an address of the room, or has a token for the collection by name."""
    if caller.kind == "person" and caller.name in room.people:
        return True
    if caller.collections is not None and collection in caller.collections:
        return True
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(parsed in network for network in room.addresses)
