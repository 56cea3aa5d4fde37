"""Write printed lines of code as they are printed: with their indentation and their empty lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from extractor.pdf.printed_lines import PrintedLine, columns

_MOST_EMPTY = 2
_MOST_MONOSPACED = 0.4
"""Fraction of the letters above which a document is typewritten, and its monospaced lines are no code."""


def is_typewritten(lines: Sequence[PrintedLine]) -> bool:
    """Return whether much of a document is set in a monospaced font."""
    letters = sum(len(line.text) for line in lines)
    return sum(len(line.text) for line in lines if line.code) > _MOST_MONOSPACED * letters


def alone(are_code: Sequence[bool]) -> Iterator[int]:
    """Yield the lines of code without another one beside them."""
    for number, (before, line, after) in enumerate(
        zip([False, *are_code], are_code, [*are_code[1:], False], strict=False)
    ):
        if line and not (before or after):
            yield number


def code_of(lines: Sequence[PrintedLine], leading: float) -> str:
    """Return the lines of one piece of code; `leading` is the usual distance of two lines in points."""
    edge = min(line.left for line in lines)
    falls = [one.base - other.base for one, other in pairwise(lines)]
    usual = min((fall for fall in falls if fall > 0), default=leading)
    written: list[str] = []
    for line, fall in zip(lines, [0.0, *falls], strict=True):
        written += [""] * min(max(round(fall / usual) - 1, 0), _MOST_EMPTY)
        written.append(" " * columns(line.left - edge, line.size) + line.code)
    spaces = min(len(line) - len(line.lstrip()) for line in written if line)
    return "\n".join(line[spaces:] for line in written)
