"""Purges as the doors of Pressmark ask for them: with all decisions of people that the store has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressmark.upkeep.ledger.decisions_back import bring_decisions_back

if TYPE_CHECKING:
    from pressmark.service.access.purges import Purges
    from pressmark.service.service import Service


def purges_of(service: Service) -> Purges:
    """Return the purges of a service, after what an older copy of the database lacks was restored: holds, take-downs
    that were lifted.

    Raises StoreError if the store can't say, DecisionsUnread, DatabaseUnusable.
    """
    from pressmark.service.access.purges import Purges

    bring_decisions_back(service)
    return Purges(service)
