"""Small named facts: written once by the first process, or overwritten by the last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, bindparam, delete, select, update

from archive.database.engine import Database
from archive.database.prepared import Query
from archive.database.schema import marks
from archive.database.statements import begins_as_given, begins_with, ends_of, insert_missing, insert_or_replace
from archive.database.writers import retried

CHECKS, REVIEWS = "qa/", "review/"
"""The prefixes of two kinds that exports read, too: checks by replay (`qa/RUN/RECORD`), and what people say of pages
(`review/RUN/URL`)."""


def _select_value() -> Select[Any]:
    return select(marks.c.value).where(marks.c.name == bindparam("wanted"))


def _select_beginning() -> Select[Any]:
    return select(marks.c.name, marks.c.value).where(begins_as_given(marks.c.name))


class Marks:
    """The marks of a database whose names begin with `prefix`."""

    def __init__(self, database: Database, prefix: str) -> None:
        self._database = database
        self._prefix = prefix
        self._value, self._beginning = Query(database.engine, _select_value), Query(database.engine, _select_beginning)

    def get(self, name: str) -> str | None:
        rows = self._value.rows(wanted=self._prefix + name)
        return rows[0][0] if rows else None

    def all(self, begin: str = "") -> dict[str, str]:
        """Return the marks whose names begin with `begin`."""
        rows = self._beginning.rows(**ends_of(self._prefix + begin))
        return {name.removeprefix(self._prefix): value for name, value in rows}

    def begins(self) -> set[str]:
        """Return the names up to their first slash: for names that begin with a run, the runs."""
        with self._database.reading() as connection:
            query = select(marks.c.name).where(begins_with(marks.c.name, self._prefix))
            found = connection.execute(query).scalars()
            return {name.removeprefix(self._prefix).partition("/")[0] for name in found}

    @retried
    def put(self, name: str, value: str) -> str:
        """Write a mark unless it exists. Return its value then: `value`, or what another process wrote before."""
        with self._database.beside() as connection:
            row = {"name": self._prefix + name, "value": value}
            query = select(marks.c.value).where(marks.c.name == row["name"])
            while not connection.execute(insert_missing(connection, marks, "name").values(**row)).rowcount:
                written: str | None = connection.execute(query).scalar_one_or_none()
                if written is not None:  # otherwise another process has deleted it since
                    return written
            return value

    def set(self, name: str, value: str) -> None:
        """Write a mark, replacing any previous value."""
        self.set_all({name: value})

    @retried
    def set_all(self, values: Mapping[str, str]) -> None:
        """Write these marks in one transaction, replacing any previous values."""
        rows = [{"name": self._prefix + name, "value": value} for name, value in sorted(values.items())]
        with self._database.beside() as connection:
            connection.execute(insert_or_replace(connection, marks, "name"), rows)

    @retried
    def delete(self, name: str) -> None:
        """Delete a mark, if it exists."""
        with self._database.beside() as connection:
            connection.execute(delete(marks).where(marks.c.name == self._prefix + name))

    @retried
    def replace(self, name: str, before: str, value: str) -> bool:
        """Write a mark instead of the value `before`. Return False if it has another value, or doesn't exist."""
        here = (marks.c.name == self._prefix + name, marks.c.value == before)
        with self._database.beside() as connection:
            return bool(connection.execute(update(marks).where(*here).values(value=value)).rowcount)

    @retried
    def delete_if(self, name: str, before: str) -> bool:
        """Delete a mark that has the value `before`. Return False if it has another value, or doesn't exist."""
        here = (marks.c.name == self._prefix + name, marks.c.value == before)
        with self._database.beside() as connection:
            return bool(connection.execute(delete(marks).where(*here)).rowcount)

    @retried
    def prune(self, before: str) -> int:
        """Delete the marks whose names sort before `before`, and return their number."""
        old = (marks.c.name >= self._prefix, marks.c.name < self._prefix + before)
        with self._database.beside() as connection:
            return connection.execute(delete(marks).where(*old)).rowcount
