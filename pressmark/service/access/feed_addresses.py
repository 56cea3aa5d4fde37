"""The secret feed addresses of people: each opens the feeds that its person may read, and nothing else."""

from __future__ import annotations

import secrets

from archive.database.access.feed_address_rows import FeedAddressRows
from archive.database.engine import Database
from pressmark.service.access.tokens import PREFIX, digest_of

_BYTES = 32


class FeedAddresses:
    """At most one address of each person, in the database as the SHA-256 of its secret.

    It ends with the person, and with the password of the person: `PersonRows` deletes it in the same transaction.
    """

    def __init__(self, database: Database) -> None:
        self._rows = FeedAddressRows(database)

    def renew(self, person: str) -> str:
        """Make the secret of a new address, which nothing shows again; the former address is revoked."""
        secret = PREFIX + secrets.token_urlsafe(_BYTES)
        self._rows.renew(person, digest_of(secret))
        return secret

    def revoke(self, person: str) -> bool:
        """Revoke the address of a person. Return whether there was one."""
        return self._rows.revoke(person)

    def has(self, person: str) -> bool:
        return self._rows.has(person)

    def owner(self, secret: str) -> str | None:
        """Return the name of the person whose address has this secret; None if there is none."""
        return self._rows.owner(digest_of(secret))
