"""States of reading rooms whose names in the settings are misspelt."""

from __future__ import annotations

from pressmark.service.exits import Exit
from pressmark.service.state_kind import Kind

ROOM_KINDS: dict[str, Kind] = {
    "rooms-without-collection": Kind(
        "rooms",
        "the setting rooms, which limits who may read a collection, names collections that do not exist: "
        "%(names)s; if a name is misspelt, the collection that was meant is open to all readers: correct "
        "the name in the settings, and restart the service",
        Exit.CONFIG,
        "A collection exists once it has archived pages, or once a source names it (`keep.collection`). Remove the room"
        " of a collection that no longer exists.",
        blocks=False,
    ),
    "rooms-without-person": Kind(
        "rooms",
        "the setting rooms, which limits who may read a collection, names people who do not exist: "
        "%(names)s; the administrator can correct the names in the settings, or add the people with the "
        "command pressmark user add",
        Exit.CONFIG,
        "`pressmark user list` shows the people. A name here that nobody has gives nobody access.",
        blocks=False,
    ),
    "webhook-without-room": Kind(
        "webhooks",
        "webhooks name rooms (collections that only some people may read) that the setting rooms does not "
        "contain: %(names)s; so these webhooks receive no events of the rooms that were meant: correct the "
        "rooms of the webhooks in the settings",
        Exit.CONFIG,
        "A webhook gets the events of open collections, and of the closed ones in its `rooms`. A misspelt name adds"
        " none, so the webhook gets no events of the room that was meant.",
        blocks=False,
    ),
}
