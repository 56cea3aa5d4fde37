"""The secret feed addresses of people: each opens the feeds that its person may read, and nothing else."""

from __future__ import annotations

import secrets

from archive.database.engine import Database
from archive.database.marks import Marks
from pressmark.service.access.tokens import PREFIX, digest_of

_BYTES = 32


class FeedAddresses:
    """At most one address of each person, in the database as the SHA-256 of its secret."""

    def __init__(self, database: Database) -> None:
        self._marks = Marks(database, "feed-address/")

    def renew(self, person: str) -> str:
        """Make the secret of a new address, which nothing shows again; the former address is revoked."""
        self.revoke(person)
        secret = PREFIX + secrets.token_urlsafe(_BYTES)
        self._marks.put(digest_of(secret), person)
        return secret

    def revoke(self, person: str) -> bool:
        """Revoke the address of a person. Return whether there was one."""
        found = [digest for digest, owner in self._marks.all().items() if owner == person]
        for digest in found:
            self._marks.delete(digest)
        return bool(found)

    def has(self, person: str) -> bool:
        return person in self._marks.all().values()

    def owner(self, secret: str) -> str | None:
        """Return the name of the person whose address has this secret; None if there is none."""
        return self._marks.get(digest_of(secret))
