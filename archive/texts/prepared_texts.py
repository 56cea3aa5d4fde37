"""Prepare the words and sketches of a text before the transaction that writes them.

They take seconds for a long text: inside the transaction, all other writers would wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from archive.texts.search.sketch import sketch
from archive.texts.search.tokens import rows_and_words, spaced_words, tokens_of
from archive.texts.search.word_rows import Words, words_from
from archive.values.digest import sha256
from extractor.links.noise import gist


@dataclass(frozen=True, slots=True)
class Prepared:
    """The data to write for a text."""

    gist: str
    """SHA-256 of the text without noise."""
    words: Words
    sketch: bytes | None


Ready = Mapping[str, Prepared]
"""Prepared texts by their keys: see `key_of`."""


def key_of(title: str | None, text: str) -> str:
    """Return the key of a text: the SHA-256 of title and text."""
    return _digest(f"{title or ''}\0{text}")


def prepare(dialect: str, said: Iterable[tuple[str | None, str | None]]) -> dict[str, Prepared]:
    """Prepare titles with their texts for a database of that dialect; skip those without a text."""
    return {key_of(title, text): prepared(dialect, title, text) for title, text in said if text is not None}


def prepared(dialect: str, title: str | None, text: str) -> Prepared:
    """Prepare one text."""
    spaced = spaced_words(text)
    runs = rows_and_words(text) if spaced is None else ()
    words = words_from(dialect, title or "", tokens_of(runs) if spaced is None else spaced)
    return Prepared(gist_of(title, text), words, sketch(text, spaced, runs))


def gist_of(title: str | None, text: str) -> str:
    """Return the SHA-256 of a title and a text without noise."""
    return _digest(gist(f"{title or ''}\n{text}"))


def found_in(ready: Ready, dialect: str, title: str | None, text: str) -> Prepared:
    """Return the prepared data of a text. Prepare it now if another process has added the text in the meantime."""
    return ready.get(key_of(title, text)) or prepared(dialect, title, text)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass"))
