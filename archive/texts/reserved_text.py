"""The text of a page whose site reserves text and data mining, without what may be mined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from archive.texts.texts import TextRow
from archive.values.reservations import Field, reserved

_KEPT = ("verdict", "reservations")


def reserving(said: Iterable[Field], text: TextRow | None) -> str | None:
    """Return the line, `said` of the page or in it, that reserves text and data mining; None if none does."""
    return reserved((*said, *(text.reservations if text else ()))).get("mining")


def without_text(text: TextRow, why: str) -> TextRow:
    """Return a text of which only title, author, date and language are left."""
    fields = {name: value for name, value in (text.fields or {}).items() if name in _KEPT}
    reason = f"the site reserves text and data mining: {why}"
    return replace(text, state="none", reason=reason, sha256=None, text=None, markdown=None, fields=fields)
