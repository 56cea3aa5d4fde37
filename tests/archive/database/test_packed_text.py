"""A packed text is unpacked unchanged, and takes less space than its parts."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, create_engine, insert, select

from archive.database.packed_text import NO_TEXT, PackedText, page_text

_WORDS = st.none() | st.text(st.characters())  # a page's own JSON can hold half a surrogate pair
_VALUES = st.none() | st.booleans() | st.integers() | st.text(st.characters())
_FIELDS = st.none() | st.dictionaries(st.sampled_from(["tags", "thread", "作者"]), st.lists(_VALUES))
_TABLE = Table("texts", MetaData(), Column("content", PackedText))


@given(_WORDS, _WORDS, _FIELDS)
def test_text_markdown_and_fields_are_read_as_they_were_written(
    text: str | None, markdown: str | None, fields: dict[str, Any] | None
) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        _TABLE.create(connection)
        connection.execute(insert(_TABLE), {"content": page_text(text, markdown, fields)})
        found = connection.execute(select(_TABLE.c.content)).scalar_one()
        stored = connection.exec_driver_sql("SELECT content FROM texts").scalar_one()
    engine.dispose()

    assert (found.text, found.markdown, found.fields) == (text, markdown, fields)
    assert (stored is None) == (found == NO_TEXT)


def test_markdown_that_repeats_the_text_takes_almost_no_space() -> None:
    text = "\n".join(f"Paragraph {number} of the forum says {number * 7919 % 1000}." for number in range(400))
    alone, both = (size_of(page_text(text, markdown, None)) for markdown in (None, f"# Heading\n\n{text}"))

    assert alone < len(text) / 3
    assert both < alone * 1.1


def size_of(value: Any) -> int:
    packed = PackedText().process_bind_param(value, create_engine("sqlite://").dialect)
    assert packed is not None
    return len(packed)
