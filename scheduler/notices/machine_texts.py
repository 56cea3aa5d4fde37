"""What a language model wrote about the sentences that watches found, and why it wrote nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, delete, select, update

from archive.database.engine import Database
from archive.database.schema import machine_texts, watch_hits
from archive.database.statements import batches, insert_missing
from archive.database.writers import retried

Kind = Literal["summary", "translation"]
State = Literal["asked", "made", "failed", "spent", "withheld"]
"""``asked``: a request is under way; ``spent``: the budget of the day was used up; ``withheld``: the text of the page
is not given away."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """What a language model is asked to write about a sentence."""

    kind: Kind
    language: str
    """The language of the text; empty for that of the page."""


@dataclass(frozen=True, slots=True)
class MachineText:
    """What a language model wrote about a sentence, or why it did not."""

    hit: int
    kind: Kind
    language: str
    model: str
    digest: str | None
    """SHA-256 of the text that was sent, in hexadecimal; None if none was."""
    state: State
    reason: str | None
    text: str | None
    at: datetime
    """The time of the state."""
    tries: int = 0
    """The requests that were sent for it."""

    @property
    def wish(self) -> Wish:
        return Wish(self.kind, self.language)


class MachineTexts:
    """The texts in a database. A reader of a sentence may read its texts. Methods raise DatabaseUnusable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, hits: Collection[int]) -> dict[int, dict[Wish, MachineText]]:
        """Return the texts about some sentences, by the number of the sentence."""
        found = defaultdict[int, dict[Wish, MachineText]](dict)
        with self._database.reading() as connection:
            for batch in batches(hits, _AT_ONCE):
                query = select(machine_texts).where(machine_texts.c.hit.in_(batch))
                for row in connection.execute(query.order_by(machine_texts.c.kind, machine_texts.c.language)):
                    one = _text(row)
                    found[one.hit][one.wish] = one
        return dict(found)

    def made_of(self, digest: str, wish: Wish, model: str) -> str | None:
        """Return what a model wrote about the same text before; None if it did not."""
        table = machine_texts.c
        same = (table.digest == digest, table.kind == wish.kind, table.language == wish.language)
        query = select(table.text).where(*same, table.model == model, table.state == "made").limit(1)
        with self._database.reading() as connection:
            found: str | None = connection.execute(query).scalar_one_or_none()
            return found

    @retried
    def write(self, after: MachineText, before: MachineText | None) -> bool:
        """Write a state in the place of the one that was read; None for none.

        Return False, and write nothing, if another process wrote one since.
        """
        values = {name: getattr(after, name) for name in MachineText.__slots__}
        with self._database.beside() as connection:
            if before is None:
                statement = insert_missing(connection, machine_texts, "hit", "kind", "language").values(**values)
                return bool(connection.execute(statement).rowcount)
            table = machine_texts.c
            key = (table.hit == before.hit, table.kind == before.kind, table.language == before.language)
            same = (table.state == before.state, table.at == before.at, table.tries == before.tries)
            return bool(connection.execute(update(machine_texts).where(*key, *same).values(**values)).rowcount)

    def prune(self) -> int:
        """Delete the texts about sentences that are not there any more, and return their number."""
        gone = machine_texts.c.hit.not_in(select(watch_hits.c.id))
        with self._database.writing() as connection:
            return int(connection.execute(delete(machine_texts).where(gone)).rowcount)


def _text(row: Row[Any]) -> MachineText:
    return MachineText(**row._mapping)
