"""The index of words in PostgreSQL: vectors of lexemes, made of our own tokens.

A vector is limited to 255 positions per lexeme, 16,383 positions in all, and 1 MiB. So a text is cut into parts within
these limits. Each part begins with the last tokens of the one before, so that adjacent words stay adjacent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from archive.texts.search.query import Phrase, Query

_PLACES, _PLACES_OF_ONE, _OCTETS = 16_000, 255, 500_000
_SHARED = 64
"""Tokens that two parts share: a longer phrase is not found across their boundary."""
_LONGEST = 500
"""Maximum characters of a lexeme, which may have 2,046 bytes."""

_FOUND = """SELECT {sign}wording_id FROM unnest(?::text[]) WITH ORDINALITY AS asked (phrase, number)
JOIN words ON said @@ phrase::tsquery GROUP BY wording_id HAVING count(DISTINCT number) = ?"""
_LEFT_OUT = "AND w.id NOT IN (SELECT {sign}wording_id FROM words WHERE said @@ ?::tsquery)"
_RANK = """SELECT sum(ts_rank('{{{body}, 0, 0, 1}}', said, ?::tsquery)) / (1 + ln(sum(length(said))::float8))
FROM words WHERE wording_id = {sign}w.id"""


@dataclass(frozen=True, slots=True)
class Indexed:
    """A table whose rows are in the index of words."""

    table: str
    moment: str
    """Its column by which equals are sorted."""
    sign: str = ""
    """A minus if the index has the numbers of its rows below zero."""


WORDINGS, ITEMS = Indexed("wordings", "first_at"), Indexed("items", "at", "-")


def index(connection: Connection, said: Iterable[tuple[int, Sequence[str]]]) -> None:
    rows = [(wording, part, vector) for wording, parts in said for part, vector in enumerate(parts)]
    if rows:
        connection.exec_driver_sql("INSERT INTO words (wording_id, part, said) VALUES (%s, %s, %s::tsvector)", rows)


def unindex(connection: Connection, wording: int) -> None:
    connection.exec_driver_sql("DELETE FROM words WHERE wording_id = %s", (wording,))


def candidates(query: Query, where: str, most: int, *, of: Indexed, body: float) -> tuple[str, list[Any]]:
    """Return SQL for id, score and time of the last matching texts, and its values up to those of `where`.

    `body` is the weight of a word of the text; a word of the title has weight 1.
    """
    wanted = [_phrase(phrase) for phrase in query.wanted]
    unwanted = [_phrase(phrase) for phrase in query.unwanted]
    found, rank = _FOUND.format(sign=of.sign), _RANK.format(sign=of.sign, body=body)
    left_out = _LEFT_OUT.format(sign=of.sign) if unwanted else ""
    sql = f"""
        SELECT w.id, -({rank})::float8 AS score, w.{of.moment} AS at FROM (
            SELECT w.id, w.{of.moment} FROM {of.table} w WHERE w.id IN ({found}) {left_out}{where}
            ORDER BY w.id DESC LIMIT {most}
        ) AS w"""  # noqa: S608 - made of constants
    return sql, [_any(wanted), wanted, len(wanted), *([_any(unwanted)] if unwanted else [])]


def vectors(title: Sequence[str], body: Sequence[str]) -> Iterator[str]:
    """Yield the parts of a text in PostgreSQL's syntax. One position between title and body stays free."""
    row = [*((token[:_LONGEST], "A") for token in title), ("", ""), *((token[:_LONGEST], "") for token in body)]
    start = 0
    while True:
        places, end = _part(row, start)
        yield " ".join(f"'{lexeme}':{','.join(there)}" for lexeme, there in places.items() if lexeme and there)
        if end == len(row):
            return
        start = end - _SHARED


def _part(row: Sequence[tuple[str, str]], start: int) -> tuple[dict[str, list[str]], int]:
    """Return lexemes with their positions, and the end of the part: after a few hundred lexemes at the earliest."""
    places: dict[str, list[str]] = {}
    total = 0
    for end in range(start, min(len(row), start + _PLACES)):
        lexeme, weight = row[end]
        there = places.setdefault(lexeme, [])
        total += 2 if there else 2 + len(lexeme.encode())
        if len(there) == _PLACES_OF_ONE or total > _OCTETS:
            return places, end
        there.append(f"{end - start + 1}{weight}")
    return places, min(len(row), start + _PLACES)


def _phrase(phrase: Phrase) -> str:
    """Return a phrase in PostgreSQL's syntax.

    Tokens are quoted and contain no quotation mark, so none acts as syntax.
    """
    quoted = [f"'{token[:_LONGEST]}'" for token in phrase.tokens]
    return " <-> ".join(quoted) + (":*" if phrase.begins else "")


def _any(phrases: Sequence[str]) -> str:
    return " | ".join(f"({phrase})" for phrase in phrases)
