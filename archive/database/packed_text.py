"""Store text, Markdown and fields of a page in one compressed column.

The Markdown repeats the text, and a thread among the fields repeats it again. Compressed together, they take a
fifth of their size; separately, a third.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import zstandard
from pydantic_core import PydanticSerializationError, to_json
from sqlalchemy import Dialect, LargeBinary, TypeDecorator

_LEVEL = 3
_FIRST = json.JSONDecoder()


class PageText(NamedTuple):
    """Text, Markdown and fields of a page, as in a row of `texts`."""

    text: str | None
    markdown: str | None
    fields_json: str | None
    """A JSON object. It is parsed on demand, since a search needs only the texts."""

    @property
    def fields(self) -> Mapping[str, Any] | None:
        return None if self.fields_json is None else json.loads(self.fields_json)

    @property
    def damage(self) -> str | None:
        """Why the column can't be unpacked; None when it can."""
        return None


class DamagedText(PageText):
    """A column that can't be unpacked: without text. The reader of one record raises an error; lists continue."""

    why: str

    @property
    def damage(self) -> str | None:
        return self.why


NO_TEXT = PageText(None, None, None)


def page_text(text: str | None, markdown: str | None, fields: Mapping[str, Any] | None) -> PageText:
    """Return the value of the column. Raises TypeError if JSON can't represent the fields."""
    return PageText(text, markdown, None if fields is None else json.dumps(fields, ensure_ascii=False))


class PackedText(TypeDecorator[PageText]):
    """A `PageText` as a JSON array in one Zstandard frame (RFC 8878). NULL without a text."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: PageText | None, dialect: Dialect) -> bytes | None:
        return None if value is None or value == NO_TEXT else pack(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> PageText:
        return NO_TEXT if value is None else unpack(value)


def pack(value: PageText) -> bytes:
    # Compressors are not shared: one serves one thread at a time.
    return zstandard.ZstdCompressor(_LEVEL).compress(_json(value))


def _json(value: PageText) -> bytes:
    """Return a value as a JSON array. Pydantic's writer takes a fifth of the time of Python's."""
    try:
        return to_json(tuple(value))
    except PydanticSerializationError:  # a lone surrogate, from a page's own JSON, has no UTF-8
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def unpack_text(packed: bytes | None) -> str:
    """Unpack the text alone; it is empty if there is none, or if the column is damaged."""
    if packed is None:
        return ""
    try:
        said = zstandard.ZstdDecompressor().decompress(packed).decode("utf-8", "surrogatepass")
        text = _FIRST.raw_decode(said, 1)[0]  # the rest is not parsed
    except (zstandard.ZstdError, MemoryError, ValueError):
        return ""
    return text if isinstance(text, str) else ""


def unpack(packed: bytes) -> PageText:
    """Unpack a column. What is damaged is unpacked as a `DamagedText`."""
    try:
        text, markdown, fields = json.loads(zstandard.ZstdDecompressor().decompress(packed))
    except (zstandard.ZstdError, MemoryError, ValueError, TypeError) as error:
        damaged = DamagedText(None, None, None)
        damaged.why = f"{type(error).__name__}: {error}"
        return damaged
    return PageText(text, markdown, fields)
