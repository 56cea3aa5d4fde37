"""The index of words: in SQLite FTS5, with tokens of ours, so that FTS5 only has to split at white space.

It holds no text. A row is taken out by saying again what was put in. That of PostgreSQL is in `lexemes`. It also has
the items of users' spiders, under their numbers with a minus.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from archive.texts.search import lexemes
from archive.texts.search.lexemes import Indexed
from archive.texts.search.query import Phrase, Query
from archive.texts.search.tokens import tokens

_TITLE, _BODY = 8.0, 1.0
"""How much more a word counts in a title."""
_ROUND = 9
"""Digits of a score that count: FTS5 gives a word that most texts have a millionth of a point."""


Words = tuple[str, ...]
"""What the index holds of a title and a text: in SQLite the tokens of each, in PostgreSQL the vectors of both."""


def words_of(dialect: str, title: str, body: str) -> Words:
    """What an index of that dialect holds of a text."""
    if dialect == "postgresql":
        return tuple(lexemes.vectors(tokens(title), tokens(body)))
    return " ".join(tokens(title)), " ".join(tokens(body))


def index_words(connection: Connection, said: Iterable[tuple[int, Words]]) -> None:
    """Index wordings by number, with their words."""
    if connection.dialect.name == "postgresql":
        lexemes.index(connection, said)
    else:
        rows = [(wording, *words) for wording, words in said]
        connection.exec_driver_sql("INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", rows)


def unindex_words(connection: Connection, wording: int, words: Words) -> None:
    """Take a text out of the index, exactly as it was put in."""
    if connection.dialect.name == "postgresql":
        lexemes.unindex(connection, wording)
    else:
        row = (wording, *words)
        connection.exec_driver_sql("INSERT INTO words (words, rowid, title, body) VALUES ('delete', ?, ?, ?)", row)


def candidates(dialect: str, query: Query, where: str, most: int, *, of: Indexed) -> tuple[str, list[Any]]:
    """SQL for the number, the score (less is better) and the moment of the last texts that match, `most` of them.

    `where` are more conditions, on `w`, a row of the table. Returned with the values of its first question marks; those
    of `where` come behind them.
    """
    if dialect == "postgresql":
        return lexemes.candidates(query, where, most, of=of, body=_BODY / _TITLE)
    side, order = ("<", "ASC") if of.sign else (">", "DESC")
    sql = f"""
        SELECT w.id, round(bm25(words, {_TITLE}, {_BODY}), {_ROUND}) AS score, w.{of.moment} AS at
        FROM words CROSS JOIN {of.table} w ON w.id = {of.sign}words.rowid
        WHERE words MATCH ? AND words.rowid {side} 0{where}
        ORDER BY words.rowid {order} LIMIT {most}"""  # noqa: S608 - made of constants
    return sql, [expression(query)]


def expression(query: Query) -> str:
    """A query in the syntax of FTS5. Tokens are quoted, and hold no quotation mark: none is read as syntax."""
    wanted = " AND ".join(map(_phrase, query.wanted))
    unwanted = " OR ".join(map(_phrase, query.unwanted))
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def _phrase(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.tokens)}"{"*" if phrase.begins else ""}'
