"""What commands print: tables and JSON on stdout, everything else on stderr; no escape sequences for the terminal."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TextIO

from pressmark.cli.terminal.language import phrase, translate, word
from pressmark.service.unread import write_if_read
from pressmark.views.links import readable

# C0 except tab and line feed, DEL, C1, and the marks that change the direction of writing.
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def safe(text: str) -> str:
    """Return `text` with control characters shown as escapes: ``\\x1b``."""
    return _UNSAFE.sub(lambda found: _escape(found[0]), text)


def in_one_line(text: str) -> str:
    """Return `text` for a line or a cell, with readable URLs."""
    return safe(readable(" ".join(text.split())))


def counted(number: int, noun: str) -> str:
    """Format a counted noun: ``1 page``, ``12,000 pages``."""
    from archive.values import plural  # imported only after the check whose `archive` Python finds

    return plural.counted(number, noun, ",")


def show(text: str = "") -> None:
    """Write a line of the result to stdout."""
    _write(sys.stdout, safe(text))


def show_safe(text: str) -> None:
    """Write a line of the result that needs no escaping."""
    _write(sys.stdout, text)


def print_note(text: str) -> None:
    """Write a line to stderr (progress, advice), with readable URLs."""
    write_if_read(sys.stderr, _writable(sys.stderr, safe(readable(translate(text)))))


def print_error(sentence: str, hint: str | None = None) -> None:
    """Write one error message, and what to do about it."""
    print_note(f"error: {sentence.strip()}")
    if hint:
        print_note(f"hint: {hint}")


def show_json(value: Any) -> None:
    """Write JSON, readable for people and `jq`, with control characters as escapes."""
    text = json.dumps(plain(value), indent=2, ensure_ascii=False, default=str)
    _write(sys.stdout, _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def plain(value: Any) -> Any:
    """Convert models to JSON types."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def show_sentence(text: str) -> None:
    """Write a line of the answer in the reader's language, with readable URLs."""
    _write(sys.stdout, safe(readable(translate(text))))


def show_table(
    head: Sequence[str], rows: Iterable[Sequence[object]], *, words: Container[str] = (), empty: str
) -> None:
    """Write columns under a head, as wide as needed; without rows, `empty` is written to stderr.

    `words` are the heads of columns whose cells are words or sentences of Pressmark: these are translated.
    """
    phrases = cache(phrase)  # many cells have the same words
    spoken = [phrases if title in words else str for title in head]
    cells = [
        [in_one_line("" if cell is None else say(str(cell))) for say, cell in zip(spoken, row, strict=True)]
        for row in rows
    ]
    if not cells:
        print_note(empty)
        return
    head = [word(title).upper() for title in head]
    widths = [max(width(row[column]) for row in [head, *cells]) for column in range(len(head))]
    lines = (
        "  ".join(cell + " " * (widths[column] - width(cell)) for column, cell in enumerate(row)).rstrip()
        for row in [head, *cells]
    )
    _write(sys.stdout, "\n".join(lines))


def width(text: str) -> int:
    """Return the columns that a text takes on a terminal: two for each wide character."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def show_bytes(data: bytes) -> None:
    """Write bytes: unchanged to a pipe or a file, and with control characters as escapes to a terminal.

    A page must not command the terminal of its reader.
    """
    if sys.stdout.isatty():
        sys.stdout.write(safe(data.decode("utf-8", "backslashreplace").replace("\r\n", "\n")))
        sys.stdout.flush()
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _write(stream: TextIO, text: str) -> None:
    stream.write(_writable(stream, text))
    stream.flush()


def _writable(stream: TextIO, text: str) -> str:
    # A lone surrogate or a terminal without Chinese must not end a command.
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding) + "\n"


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
