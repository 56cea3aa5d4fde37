"""The text of a capture, wherever it is stored."""

from __future__ import annotations

from archive.database.closed_collections import TakenDown, hiding
from archive.index.index import Index
from archive.texts.texts import TextRow, Texts
from archive.values.capture import Capture


def captured_text(index: Index, texts: Texts, capture: Capture, original: Capture | None = None) -> TextRow | None:
    """Return the text of a capture; None if it was not extracted yet.

    A page that a browser drew has the text of what was drawn. Any other capture has its own text, or that of the
    capture whose payload it shares: `original`, which is looked for if it is not given.
    """
    if (drawn := index.drawn_of(capture)) is not None and (text := texts.of(drawn.record_id)) is not None:
        return text
    if (text := texts.of(capture.record_id)) is not None:
        return text
    original = original or index.original_of(capture)
    if original is None or original.record_id == capture.record_id:
        return None
    with hiding(TakenDown()):  # the text of a page that was taken down is shown where another page has it, too
        return texts.of(original.record_id)
