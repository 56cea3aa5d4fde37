"""Read the lines of a page of a PDF, with their places and sizes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot
from typing import Any

_COMBINING = {"´": "\u0301", "¨": "\u0308", "ˆ": "\u0302", "˜": "\u0303", "ˇ": "\u030c", "˚": "\u030a", "¸": "\u0327"}
_ACCENTED = re.compile(rf"([{''.join(_COMBINING)}]) ?([A-Za-zı])")
"""An accent of its own and the letter that TeX prints it over."""
_WIDE = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
_WIDE_ONE = re.compile(_WIDE)
BETWEEN_WIDE = re.compile(rf"(?<={_WIDE}) (?={_WIDE})")
"""The space between two Chinese characters."""
_BOLD = re.compile(r"bold|black|heavy|semibold|demi|cmbx|simhei|heiti", re.IGNORECASE)
_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_LOWERED = str.maketrans("0123456789+-−", "₀₁₂₃₄₅₆₇₈₉₊₋₋")
_SCRIPT = re.compile(r"[+−-]?\d{1,4}")
_SMALLER = 0.8
"""Fraction of a line's size below which digits above or below its base line are superscripts or subscripts."""
_ON_LINE, _SHIFTED = 0.6, 0.1
"""Maximum distance of base lines in one line, and the distance from which on a part is shifted, as fractions of the
size."""
_GAP, _GAP_OF_ENDED, _LONG_GAP = 0.7, 0.5, 0.15
"""The space between two cells: at least so many times the size, the same after an ended line, and so large a fraction
of the text before it."""
_MOST_ROTATED = 0.5


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line of a page. Places are fractions of the page's height, or in points."""

    text: str
    cells: tuple[tuple[float, str], ...]
    """The parts between wide spaces, with their left edges in points."""
    left: float
    base: float
    """The base line in points from the bottom of the page."""
    height: float
    """The base line as a fraction of the page's height."""
    size: float
    bold: bool
    page: int


@dataclass(slots=True)
class _Run:
    text: str
    left: float
    base: float
    size: float
    bold: bool
    rotated: bool
    closed: bool
    """Whether the program ended a line after it."""


def printed_lines(page: Any, number: int) -> list[PrintedLine]:
    """Return the lines of a page in the order in which they are printed, without rotated text beside the others."""
    runs: list[_Run] = []
    rise = 0.0

    def operate(operator: bytes, operands: Sequence[Any], _: object, __: object) -> None:
        nonlocal rise
        if operator == b"Ts":
            rise = float(operands[0])

    def note(
        text: str, outer: Sequence[float], inner: Sequence[float], font: Mapping[str, Any] | None, size: float
    ) -> None:
        if text.strip():
            runs.extend(_runs(text, outer, inner, str((font or {}).get("/BaseFont", "")), size, rise=rise))

    page.extract_text(visitor_text=note, visitor_operand_before=operate)
    upright = [run for run in runs if not run.rotated]
    if _letters(upright) > _MOST_ROTATED * _letters(runs):
        runs = upright
    bottom, top = float(page.mediabox.bottom), float(page.mediabox.top)
    tall = max(top - bottom, 1.0)
    return [_line(row, number, bottom, tall) for row in _rows(runs)]


def _runs(
    text: str, outer: Sequence[float], inner: Sequence[float], font: str, size: float, *, rise: float
) -> Iterator[_Run]:
    """Yield the lines of one piece of text; `outer` and `inner` are its transformations (ISO 32000-1, 9.4.4)."""
    left = inner[4] * outer[0] + inner[5] * outer[2] + outer[4]
    base = inner[4] * outer[1] + inner[5] * outer[3] + outer[5]
    along, across = (inner[0] * outer[side] + inner[1] * outer[2 + side] for side in (0, 1))
    tall = hypot(*(inner[2] * outer[side] + inner[3] * outer[2 + side] for side in (0, 1)))
    height, bold = round(size * tall, 1) or 1.0, _BOLD.search(font) is not None
    for place, part in enumerate(text.rstrip("\n").split("\n")):
        if part.strip():
            shifted = base + rise * tall - place * height
            yield _Run(part, left, shifted, height, bold, abs(along) < abs(across), text.endswith("\n"))


def _letters(runs: Sequence[_Run]) -> int:
    return sum(len(run.text) for run in runs)


def _rows(runs: Sequence[_Run]) -> Iterator[list[_Run]]:
    """Yield the runs of each line, without those that are printed twice at one place."""
    row: list[_Run] = []
    origin = 0.0
    for run in runs:
        in_line = bool(row) and abs(run.base - row[-1].base) < _ON_LINE * max(run.size, row[-1].size)
        if in_line and run.left == origin:  # the library gives each piece the place where the whole begins
            if run.text != row[-1].text:
                row.append(replace(run, left=row[-1].left + _wide(row[-1])))
            continue
        if row and not (in_line and run.left > origin):
            yield row
            row = []
        origin = run.left
        row.append(run)
    if row:
        yield row


def _line(row: Sequence[_Run], number: int, bottom: float, tall: float) -> PrintedLine:
    main = max(row, key=lambda run: len(run.text.strip()))
    cells: list[tuple[float, list[str]]] = []
    for before, run in zip([None, *row], row, strict=False):
        if before is None or _is_apart(before, run):
            cells.append((round(run.left, 1), []))
        cells[-1][1].append(_script(run, main))
    written = tuple((left, composed(" ".join("".join(texts).split()))) for left, texts in cells)
    whole = BETWEEN_WIDE.sub("", " ".join(text for _, text in written))
    bold = all(run.bold for run in row)
    height = (main.base - bottom) / tall
    return PrintedLine(whole, written, row[0].left, main.base, height, main.size, bold, number)


def _script(run: _Run, main: _Run) -> str:
    """Return the text of a run; digits above or below the line are superscripts or subscripts."""
    shift = (run.base - main.base) / main.size
    text = run.text.strip()
    if run.size > _SMALLER * main.size or abs(shift) < _SHIFTED or not _SCRIPT.fullmatch(text):
        return run.text
    return text.translate(_RAISED if shift > 0 else _LOWERED)


def _is_apart(before: _Run, run: _Run) -> bool:
    wide, gap = _wide(before), _GAP_OF_ENDED if before.closed else _GAP
    return run.left - before.left - wide > max(gap * run.size, _LONG_GAP * wide)


def _wide(run: _Run) -> float:
    """Estimate the width of a run in points."""
    wides = (
        1.0 if _WIDE_ONE.match(sign) else 0.27 if sign in " .,;:'il|" else 0.66 if sign.isupper() else 0.48
        for sign in run.text.strip()
    )
    return sum(wides) * run.size


def is_between_wide(before: str, after: str) -> bool:
    """Return whether two texts meet between two Chinese characters."""
    return _WIDE_ONE.match(before[-1:]) is not None and _WIDE_ONE.match(after) is not None


def columns_of(line: str) -> int:
    """Return the width of a text in columns: a Chinese character takes two."""
    return len(line) + len(_WIDE_ONE.findall(line))


def composed(text: str) -> str:
    """Join accents that TeX prints as signs of their own to their letters: ``´e`` is é."""
    if text.isascii():
        return text
    joined = _ACCENTED.sub(lambda found: found[2].replace("ı", "i") + _COMBINING[found[1]], text)
    return unicodedata.normalize("NFC", joined)
