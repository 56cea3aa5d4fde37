"""Column types, and the metadata of all tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    event,
    text,
    type_coerce,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1) // _MICROSECOND


class Moment(TypeDecorator[datetime]):
    """An aware time, stored as whole microseconds since 1970 UTC: it sorts and compares alike in any database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else moment(value)


def microseconds(at: datetime) -> int:
    """Return whole microseconds since 1970 UTC. Raises TypeError for a naive time."""
    return (at - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    return _EPOCH + value * _MICROSECOND


def day_number(at: ColumnElement[Any]) -> ColumnElement[int]:
    """Return the days since 1970 UTC of a column of times: days are grouped by it."""
    return type_coerce(at, BigInteger) // _DAY


def day(number: int) -> date:
    """Return the day of such a number."""
    return _EPOCH.date() + timedelta(days=number)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Keys are compared byte by byte, whatever the locale of the database.
Key = String().with_variant(String(collation="C"), "postgresql")

# In SQLite, BigInteger keys do not auto-increment; Integer does, and has 64 bits there.
Id = BigInteger().with_variant(Integer, "sqlite")


def partial_index(name: str, condition: str, *columns: Column[Any]) -> None:
    """Add an index of the rows for which a condition in SQL holds. A statement must have the condition as it is here,
    without parameters, so that the database uses the index.
    """
    where = text(condition)
    index = Index(name, *columns, sqlite_where=where)

    @event.listens_for(columns[0].table, "before_create")
    def complete(_table: Table, connection: Connection, **_: Any) -> None:
        """Give PostgreSQL its part: naming it above would import that dialect into each command."""
        if connection.dialect.name == "postgresql":
            index.dialect_kwargs["postgresql_where"] = where
