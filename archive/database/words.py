"""The index of words, in SQLite's FTS5: tokens of ours, so that FTS5 only has to split at white space.

It holds no text. A row is taken out by saying again what was put in.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from archive.query import Phrase, Query
from archive.tokens import tokens


def index_words(connection: Connection, said: Iterable[tuple[int, str, str]]) -> None:
    """Index wordings by number, with title and text. Other databases than SQLite have no such index."""
    if connection.dialect.name == "sqlite":
        rows = [(wording, " ".join(tokens(title)), " ".join(tokens(body))) for wording, title, body in said]
        connection.exec_driver_sql("INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", rows)


def unindex_words(connection: Connection, wording: int, title: str, body: str) -> None:
    """Take a text out of the index, exactly as it was put in."""
    if connection.dialect.name == "sqlite":
        row = (wording, " ".join(tokens(title)), " ".join(tokens(body)))
        connection.exec_driver_sql("INSERT INTO words (words, rowid, title, body) VALUES ('delete', ?, ?, ?)", row)


def expression(query: Query) -> str:
    """A query in the syntax of FTS5. Tokens are quoted, and hold no quotation mark: none is read as syntax."""
    wanted = " AND ".join(map(_phrase, query.wanted))
    unwanted = " OR ".join(map(_phrase, query.unwanted))
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def _phrase(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.tokens)}"{"*" if phrase.begins else ""}'
