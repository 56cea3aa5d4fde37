"""Read the lines of a page of a PDF, with their places and sizes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot
from typing import Any

from extractor.html.notation.inline_marks import lowered, raised
from extractor.pdf.printed_items import with_marker

_COMBINING = {"´": "\u0301", "¨": "\u0308", "ˆ": "\u0302", "˜": "\u0303", "ˇ": "\u030c", "˚": "\u030a", "¸": "\u0327"}
_ACCENTED = re.compile(rf"([{''.join(_COMBINING)}]) ?([A-Za-zı])")
"""An accent of its own and the letter that TeX prints it over."""
_AFTER = re.compile(rf"([A-Za-zı])([{''.join(_COMBINING)}])(?! ?\w)")
"""An accent of its own that only a letter before it can have. A space may be between an accent and its letter."""
_WIDTH_OF_ACCENT = 0.28
"""Least width of an accent, in sizes: text that begins further to the right is not below it."""
_WIDE = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
_WIDE_ONE = re.compile(_WIDE)
BETWEEN_WIDE = re.compile(rf"(?<={_WIDE}) (?={_WIDE})")
"""The space between two Chinese characters."""
_WIDE_SPACE = "\u3000"
_BOLD = re.compile(r"bold|black|heavy|semibold|demi|cmbx|simhei|heiti", re.IGNORECASE)
_LONGEST_SCRIPT = 12
_SMALLER = 0.85
"""Fraction of a line's size below which a text above or below its base line is a superscript or a subscript."""
_ON_LINE, _SHIFTED = 0.6, 0.1
"""Maximum distance of base lines in one line, and the distance from which on a part is shifted, as fractions of the
size."""
_GAP, _GAP_OF_ENDED, _LONG_GAP = 0.7, 0.5, 0.15
"""The space between two cells: at least so many times the size, the same after an ended line, and so large a fraction
of the text before it."""
_MONOSPACED = re.compile(
    r"cour|mono|consol|menlo|cmtt|typewriter|fixed|inconsolata|sourcecode|firacode|letter ?gothic", re.I
)
_WIDTH_OF_MONOSPACED, _MOST_SPACES = 0.6, 80
_MOST_ROTATED = 0.5
_BACK = 0.5
"""How far an accent may be printed to the left of its letter, in sizes."""
_MOVES, _SHOWS = (b"BT", b"Td", b"TD", b"Tm", b"T*", b"'", b'"', b"cm", b"Do"), (b"Tj", b"TJ")
"""Operators that begin text at another place, and those that show text at the present one."""
_US_LETTER = 792.0
"""Height in points of a page whose box can't be read."""


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
    code: str = ""
    """The text with its white space, if all of it is in a monospaced font."""


@dataclass(slots=True)
class _Run:
    text: str
    left: float
    base: float
    size: float
    font: str
    rotated: bool
    closed: bool
    """Whether the program ended a line after it."""
    begun: int
    """How many times the program had moved before it; text that another run continues has the same number."""


class _Pen:
    """Where the program is in writing, which the library doesn't tell with a piece of text."""

    def __init__(self) -> None:
        self._moves, self._rise = 0, 0.0
        self._saved: list[float] = []
        self._begun: tuple[int, float] | None = None

    def operate(self, operator: bytes, operands: Sequence[Any], _: object, __: object) -> None:
        """Follow an operator (ISO 32000-1, 9.3 and 9.4)."""
        if operator in _SHOWS:
            self._begun = self._begun or (self._moves, self._rise)
        elif operator in _MOVES:
            self._moves += 1
        elif operator == b"Ts" and len(operands) == 1 and isinstance(operands[0], int | float):
            self._rise = float(operands[0])
        elif operator == b"q":
            self._saved.append(self._rise)
        elif operator == b"Q" and self._saved:
            self._rise = self._saved.pop()

    def begun(self) -> tuple[int, float]:
        """Return how many moves there were, and the rise, when the text began that ends here."""
        begun, self._begun = self._begun or (self._moves, self._rise), None
        return begun


def printed_lines(page: Any, number: int) -> list[PrintedLine]:
    """Return the lines of a page in the order in which they are printed, without rotated text beside the others."""
    runs: list[_Run] = []
    pen = _Pen()

    def note(
        text: str, outer: Sequence[float], inner: Sequence[float], font: Mapping[str, Any] | None, size: float
    ) -> None:
        begun = pen.begun()
        if text.strip():
            runs.extend(_runs(text, outer, inner, str((font or {}).get("/BaseFont", "")), size, begun=begun))
        elif text.strip("\n") and runs and runs[-1].begun == begun[0] and not runs[-1].text.endswith(" "):
            runs[-1].text += " "

    page.extract_text(visitor_text=note, visitor_operand_before=pen.operate)
    upright = [run for run in runs if not run.rotated]
    if _letters(upright) > _MOST_ROTATED * _letters(runs):
        runs = upright
    bottom, tall = _extent(page)
    return [_line(row, number, bottom, tall) for row in _rows(runs)]


def _extent(page: Any) -> tuple[float, float]:
    """Return the lower edge and the height of a page in points."""
    try:
        bottom, top = sorted((float(page.mediabox.bottom), float(page.mediabox.top)))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return 0.0, _US_LETTER
    return (bottom, top - bottom) if top - bottom >= 1 else (0.0, _US_LETTER)


def _runs(
    text: str, outer: Sequence[float], inner: Sequence[float], font: str, size: float, *, begun: tuple[int, float]
) -> Iterator[_Run]:
    """Yield the lines of one piece of text; `outer` and `inner` are its transformations (ISO 32000-1, 9.4.4)."""
    left = inner[4] * outer[0] + inner[5] * outer[2] + outer[4]
    base = inner[4] * outer[1] + inner[5] * outer[3] + outer[5]
    along, across = (inner[0] * outer[side] + inner[1] * outer[2 + side] for side in (0, 1))
    tall = hypot(*(inner[2] * outer[side] + inner[3] * outer[2 + side] for side in (0, 1)))
    height, (moves, rise) = round(abs(size) * tall, 1) or 1.0, begun
    for place, part in enumerate(text.rstrip("\n").split("\n")):
        if part.strip():
            shifted = base + rise * tall - place * height
            yield _Run(part, left, shifted, height, font, abs(along) < abs(across), text.endswith("\n"), moves)


def _letters(runs: Sequence[_Run]) -> int:
    return sum(len(run.text) for run in runs)


def _rows(runs: Sequence[_Run]) -> Iterator[list[_Run]]:
    """Yield the runs of each line, without those that are printed twice at one place."""
    row: list[_Run] = []
    origin = 0.0
    for run in runs:
        in_line = bool(row) and abs(run.base - row[-1].base) < _ON_LINE * max(run.size, row[-1].size)
        accented = bool(row) and any(one.text.strip() in _COMBINING for one in (row[-1], run))
        back = _BACK * run.size if accented else 0.0
        if in_line and run.left == origin:  # the library gives each piece the place where the whole begins
            if not _is_again(row[-1], run):
                row.append(replace(run, left=row[-1].left + _wide(row[-1])))
            continue
        if row and not (in_line and run.left > origin - back):
            yield row
            row = []
        origin = run.left
        row.append(run)
    if row:
        yield row


def _is_again(before: _Run, run: _Run) -> bool:
    """Return whether a run is the one before it, printed once more at its place: some programs make bold so."""
    same = (before.text, before.font, before.size, before.base) == (run.text, run.font, run.size, run.base)
    return same and before.begun != run.begun


def _line(row: Sequence[_Run], number: int, bottom: float, tall: float) -> PrintedLine:
    row = _with_accents(row)
    main = max(row, key=lambda run: len(run.text.strip()))
    cells: list[tuple[float, list[str]]] = []
    for before, run in zip([None, *row], row, strict=False):
        if before is None or _is_apart(before, run):
            cells.append((round(run.left, 1), []))
        elif before.closed and abs(before.base - run.base) < _SHIFTED * run.size:  # a line that only the library ended
            cells[-1][1].append(" ")
        cells[-1][1].append(_script(run, main, cells[-1][1][-1] if cells[-1][1] else ""))
    written = tuple((left, composed(_spaced("".join(texts)))) for left, texts in cells)
    written = with_marker(written, main.size)
    whole = BETWEEN_WIDE.sub("", " ".join(text for _, text in written))
    bold = all(_BOLD.search(run.font) for run in row)
    height = (main.base - bottom) / tall
    code = _code(row) if all(_MONOSPACED.search(run.font) for run in row) else ""
    return PrintedLine(whole, written, row[0].left, main.base, height, main.size, bold, number, code)


def _code(row: Sequence[_Run]) -> str:
    """Return the text of a line in a monospaced font, each run in its column."""
    said = ""
    for run in row:
        said += " " * max(columns(run.left - row[0].left, run.size) - len(said), 0) + run.text
    return said.rstrip()


def columns(points: float, size: float) -> int:
    """Return how many letters of most monospaced fonts are this wide."""
    return min(max(round(points / (_WIDTH_OF_MONOSPACED * size)), 0), _MOST_SPACES)


def _with_accents(row: Sequence[_Run]) -> list[_Run]:
    """Join accents that are printed after their letters to them; below other accents, the next text begins."""
    written: list[_Run] = []
    for run, after in zip(row, [*row[1:], None], strict=True):
        is_last = after is None or after.left - run.left >= _WIDTH_OF_ACCENT * run.size
        is_placed = bool(written) and run.begun != written[-1].begun  # the place of another is an estimate
        if is_last and is_placed and (letter := _accented(written[-1].text[-1:], run.text.strip())):
            said = written[-1].text[:-1] + letter + (" " if run.text[-1].isspace() else "")
            written[-1] = replace(written[-1], text=said, closed=run.closed)
            continue
        written.append(run)
    return written


def _spaced(text: str) -> str:
    """Return a text with one space between words. A wide space is set on purpose: between two names, after a number."""
    said = " ".join(text.split())
    return (
        said
        if _WIDE_SPACE not in text.strip()
        else _WIDE_SPACE.join(filter(None, map(_spaced, text.split(_WIDE_SPACE))))
    )


def _script(run: _Run, main: _Run, before: str) -> str:
    """Return the text of a run after another one; what is above or below the line is a superscript or a subscript."""
    shift = (run.base - main.base) / main.size
    text = run.text.strip()
    if run.size > _SMALLER * main.size or abs(shift) < _SHIFTED or len(text) > _LONGEST_SCRIPT:
        return run.text
    said = raised(text, before[-1:]) if shift > 0 else lowered(text, before[-1:])
    return said + " " if run.text[-1].isspace() else said


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
    text = _AFTER.sub(lambda found: _accented(found[1], found[2]) or found[0], text)
    joined = _ACCENTED.sub(lambda found: _accented(found[2], found[1]) or found[0], text)
    return unicodedata.normalize("NFC", joined)


def _accented(letter: str, sign: str) -> str | None:
    """Return a letter with an accent as one character; None if there is none."""
    made = unicodedata.normalize("NFC", letter.replace("ı", "i") + _COMBINING.get(sign, sign))
    return made if sign in _COMBINING and len(made) == 1 else None
