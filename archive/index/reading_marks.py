"""What each reader has read, starred, or put aside for later among new and changed pages. In the database alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, ColumnExpressionArgument, delete, exists, func, literal, select

from archive.database.engine import Database
from archive.database.schema import marks, texts
from archive.database.statements import begins_with, insert_missing

Kind = Literal["read", "star", "later"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_PREFIX = "reading"


class ReadingMarks:
    """The marks of one reader, named as the audit trail names callers."""

    def __init__(self, database: Database, reader: str) -> None:
        self._database, self._reader = database, reader

    def set(self, kind: Kind, records: Iterable[str], *, wanted: bool) -> None:
        """Set or clear a mark on the texts of some records. Records without a text, and hidden ones, are left out."""
        query = select(texts.c.record_id).where(texts.c.record_id.in_(list(records)))
        with self._database.reading() as connection:  # without what is hidden from the reader
            names = [_begin(self._reader, kind) + record for record in connection.scalars(query)]
        with self._database.writing() as connection:
            if names and wanted:
                rows = [{"name": name, "value": ""} for name in names]
                connection.execute(insert_missing(connection, marks, "name"), rows)
            elif names:
                connection.execute(delete(marks).where(marks.c.name.in_(names)))

    def is_set(self, kind: Kind, record: ColumnElement[str]) -> ColumnElement[bool]:
        """Return a condition for a statement: the reader has set the mark on the record of a row."""
        mark = marks.alias()
        return exists().where(mark.c.name == literal(_begin(self._reader, kind)) + record)

    def record(self, kind: Kind) -> tuple[ColumnElement[Any], ColumnExpressionArgument[bool]]:
        """Return, for a statement that reads from `marks`, the record that a mark is on, and which marks count."""
        begin = _begin(self._reader, kind)
        return func.substr(marks.c.name, len(begin) + 1), begins_with(marks.c.name, begin)


def _begin(reader: str, kind: Kind) -> str:
    return f"{_PREFIX}/{reader}/{kind}/"
