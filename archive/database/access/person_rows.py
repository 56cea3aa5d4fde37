"""The rows of people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from archive.database.engine import Database
from archive.database.schema import people
from archive.database.statements import insert_missing


@dataclass(frozen=True, slots=True)
class PersonRow:
    name: str
    role: str
    password: str
    """The hash of the password, never the password."""
    created_at: datetime
    used_at: datetime | None = None
    """The last login."""


class PersonRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, person: PersonRow) -> bool:
        """Insert a person. Return False if the name is taken."""
        row = {"name": person.name, "role": person.role, "password": person.password, "created_at": person.created_at}
        with self._database.writing() as connection:
            return bool(connection.execute(insert_missing(connection, people, "name").values(**row)).rowcount)

    def all(self) -> list[PersonRow]:
        """Return all people, by name."""
        with self._database.reading() as connection:
            return [PersonRow(*row) for row in connection.execute(select(people).order_by(people.c.name))]

    def get(self, name: str) -> PersonRow | None:
        with self._database.reading() as connection:
            row = connection.execute(select(people).where(people.c.name == name)).one_or_none()
        return None if row is None else PersonRow(*row)

    def count(self) -> int:
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(people)).scalar_one()

    def remove(self, name: str) -> bool:
        """Delete a person. Return False if there is none of the name."""
        with self._database.writing() as connection:
            return bool(connection.execute(delete(people).where(people.c.name == name)).rowcount)

    def change(self, name: str, **values: Any) -> bool:
        """Change columns of a person. Return False if there is none of the name."""
        with self._database.writing() as connection:
            return bool(connection.execute(update(people).where(people.c.name == name).values(**values)).rowcount)
