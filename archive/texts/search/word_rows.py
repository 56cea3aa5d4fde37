"""The index of words in SQLite FTS5, with our own tokens: FTS5 only splits at white space.

It holds no text: to remove a row, the same words are passed again. `lexemes` has the index of PostgreSQL. Items of
users' spiders are in it under their negative ids.
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
"""Weights of words in the title and in the text."""
_ROUND = 9
"""Significant digits of a score: FTS5 gives a millionth of a point to a word that most texts have."""


Words = tuple[str, ...]
"""The words of a title and a text in the index: tokens of each in SQLite, vectors of both in PostgreSQL."""


def words_of(dialect: str, title: str, body: str) -> Words:
    """Return the words of a text for an index of that dialect."""
    return words_from(dialect, title, tokens(body))


def words_from(dialect: str, title: str, there: list[str]) -> Words:
    """Return what `words_of` does, of a text with these tokens."""
    if dialect == "postgresql":
        return tuple(lexemes.vectors(tokens(title), there))
    return " ".join(tokens(title)), " ".join(there)


def index_words(connection: Connection, said: Iterable[tuple[int, Words]]) -> None:
    """Index text versions by id, with their words."""
    if connection.dialect.name == "postgresql":
        lexemes.index(connection, said)
    else:
        rows = [(wording, *words) for wording, words in said]
        connection.exec_driver_sql("INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", rows)


def unindex_words(connection: Connection, wording: int, words: Words) -> None:
    """Remove a text from the index, with exactly the words that were inserted."""
    if connection.dialect.name == "postgresql":
        lexemes.unindex(connection, wording)
    else:
        row = (wording, *words)
        connection.exec_driver_sql("INSERT INTO words (words, rowid, title, body) VALUES ('delete', ?, ?, ?)", row)


def candidates(dialect: str, query: Query, where: str, most: int, *, of: Indexed) -> tuple[str, list[Any]]:
    """Return SQL for id, score (lower is better) and time of the last `most` matching texts.

    `where` has more conditions on `w`, a row of the table. The result includes the values of the first question marks;
    those of `where` follow.
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
    """Return a query in FTS5 syntax. Tokens are quoted and contain no quotation mark, so none acts as syntax."""
    wanted = " AND ".join(map(_phrase, query.wanted))
    unwanted = " OR ".join(map(_phrase, query.unwanted))
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def _phrase(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.tokens)}"{"*" if phrase.begins else ""}'
