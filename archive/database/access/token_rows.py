"""The rows of tokens. A token itself is never stored, only its SHA-256.

SHA-256 without salt is right for these: a token has 256 random bits, so nobody finds it by trying.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from archive.database.engine import Database
from archive.database.schema import tokens
from archive.database.statements import insert_missing
from archive.database.writers import retried

_SHOWN = tuple(column for column in tokens.c if column.name != "digest")


@dataclass(frozen=True, slots=True)
class TokenRow:
    name: str
    role: str
    collections: tuple[str, ...] | None
    """The collections that it is for; None for all."""
    created_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None
    """When it was last used, to the minute."""
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class TokenRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: TokenRow, digest: str) -> bool:
        """Insert a token. Return False if its name was used before."""
        kept = None if token.collections is None else json.dumps(token.collections)
        row: dict[str, Any] = {"name": token.name, "role": token.role, "digest": digest, "collections": kept}
        row |= {"created_at": token.created_at, "expires_at": token.expires_at}
        with self._database.writing() as connection:
            return bool(connection.execute(insert_missing(connection, tokens, "name").values(**row)).rowcount)

    def all(self) -> list[TokenRow]:
        """Return all tokens, also those that are revoked, by name."""
        with self._database.reading() as connection:
            return [_row(row) for row in connection.execute(select(*_SHOWN).order_by(tokens.c.name))]

    def get(self, name: str) -> TokenRow | None:
        return self._one(tokens.c.name == name)

    def of_digest(self, digest: str) -> TokenRow | None:
        return self._one(tokens.c.digest == digest)

    def count(self) -> int:
        """Return the number of tokens that are not revoked, expired ones included."""
        with self._database.reading() as connection:
            return connection.execute(
                select(func.count()).select_from(tokens).where(tokens.c.revoked_at.is_(None))
            ).scalar_one()

    def revoke(self, name: str, at: datetime) -> bool:
        """Revoke a token. Return False if no valid one has the name."""
        here = (tokens.c.name == name, tokens.c.revoked_at.is_(None))
        with self._database.writing() as connection:
            return bool(connection.execute(update(tokens).where(*here).values(revoked_at=at)).rowcount)

    @retried
    def note_uses(self, uses: Mapping[str, datetime]) -> None:
        """Write when tokens were last used, by name, in one transaction."""
        with self._database.beside() as connection:
            for name, at in sorted(uses.items()):
                connection.execute(update(tokens).where(tokens.c.name == name).values(used_at=at))

    def _one(self, condition: Any) -> TokenRow | None:
        with self._database.reading() as connection:
            row = connection.execute(select(*_SHOWN).where(condition)).one_or_none()
        return None if row is None else _row(row)


def _row(row: Any) -> TokenRow:
    kept = None if row.collections is None else tuple(json.loads(row.collections))
    return TokenRow(row.name, row.role, kept, row.created_at, row.expires_at, row.used_at, row.revoked_at)
