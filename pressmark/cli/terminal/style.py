"""Text with some of it highlighted: by colour on a terminal, by nothing or by signs elsewhere.

NO_COLOR is respected.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Literal

from pressmark.cli.terminal.output import safe, show_safe

Style = Literal["mark", "insert", "delete", "soft"]

_CODES: dict[Style, str] = {"mark": "1;33", "insert": "32", "delete": "31;9", "soft": "2"}
_SIGNS: dict[Style, tuple[str, str]] = {"insert": ("{+", "+}"), "delete": ("[-", "-]")}


def show_styled(pieces: Iterable[tuple[str, Style | None]]) -> None:
    """Write a styled line of the result. Foreign text is escaped first: no text from a page colours a terminal."""
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    show_safe("".join(_styled(safe(text), style, coloured=coloured) for text, style in pieces))


def _styled(text: str, style: Style | None, *, coloured: bool) -> str:
    if style is None or not text:
        return text
    if coloured:
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m"
    before, after = _SIGNS.get(style, ("", ""))
    return f"{before}{text}{after}"
