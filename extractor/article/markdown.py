"""Write inert Markdown (CommonMark with GFM tables): the text of a page never acts as markup.

The output has no HTML, except for tables (`table_writing`), and links only to http and https URLs that
`extractor.values.urls` made absolute.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from extractor.html.lines import storable
from extractor.html.notation.tex import STRUCK

_SPECIAL = re.compile(r"[\\`*\[\]<~$]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")
_MAYBE_SPECIAL = re.compile(r"[\\`*\[\]<~&_$]")
_AT_THE_START = re.compile(r">|(?:#{1,6}|-+|\+|=+)(?=\s|$)|(\d{1,9})[.)](?=\s|$)")
_IN_ADDRESSES = str.maketrans({character: f"%{ord(character):02X}" for character in " ()<>\\`|\"'*~"})
_UNSAFE = re.compile(r"[ ()<>\\`|\"'*~]")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_BAR = re.compile(r"(\\?)\|")
_TICKS = re.compile("`+")
_FORMULA = re.compile(r"(\${1,2})((?:\\.|[^$\\])+)\1( \([\w.]{1,20}\))?")
_SIGNS_OF_TEX = {"<": r"\lt ", ">": r"\gt ", "`": r"\lq ", "*": r"\ast ", "~": r"\ "}
_ACTIVE_IN_TEX = re.compile(r"\](?=[\[(:])|!(?=\[)|[<>`*]|(?<!\\)~|&(?=#?\w+;)")
_TASKS = ("[x]", "[ ]")
_BAR_IN_TEX = re.compile(r"\\\||\|")


def escape(text: str) -> str:
    """Escape text in one line, not at the start of a line, and remove invalid characters."""
    return _SPECIAL.sub(r"\\\g<0>", text) if _MAYBE_SPECIAL.search(text) else text


def escape_start(escaped: str) -> str:
    """Escape the start of a line, where some characters begin a heading, a list, a quotation or a ruler."""
    found = _AT_THE_START.match(escaped)
    if found is None:
        return escaped
    if found[1]:
        return f"{found[1]}\\{escaped[len(found[1]) :]}"
    return "\\" + escaped


def address(url: str) -> str:
    """Escape an absolute http or https URL as a link target, so that nothing in it can end it."""
    safe = url.translate(_IN_ADDRESSES) if _UNSAFE.search(url) else url
    return _ENTITY.sub("&amp;", safe) if "&" in safe else safe


def link(label: str, url: str) -> str:
    """Return a link. `label` is Markdown, `url` absolute."""
    return f"[{label}]({address(url)})"


def image(said: str, url: str) -> str:
    """Return an image. `said` is its alternative text, plain."""
    return f"![{escape(storable(' '.join(said.split())))}]({address(url)})"


def code(text: str) -> str:
    """Return inline code, in enough backticks, without invalid characters."""
    text = " ".join(text.split())
    if not text:
        return ""
    ticks = "`" * (longest_ticks(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fence(text: str, language: str = "") -> list[str]:
    """Return a fenced code block, with a long enough fence. `language` has no white space and no backticks."""
    ticks = "`" * max(3, longest_ticks(text) + 1)
    lines = storable(text).split("\n")
    return [ticks + language, *lines, ticks]


def formula(written: str, *, in_cell: bool = False) -> str:
    """Return a formula in dollar signs: what could act as markup becomes TeX of the same meaning.

    Signs of struck words and states of tasks are Markdown too; any other text is escaped.
    """
    if written == STRUCK or written in _TASKS:
        return written
    found = _FORMULA.fullmatch(" ".join(storable(written).split()))
    if found is None:
        return escape(storable(written))
    inner = _ACTIVE_IN_TEX.sub(lambda sign: _SIGNS_OF_TEX.get(sign[0], f"{sign[0]} "), found[2])
    if in_cell:
        inner = _BAR_IN_TEX.sub(lambda bar: r"\Vert " if len(bar[0]) > 1 else r"\vert ", inner)
    return f"{found[1]}{inner}{found[1]}{found[3] or ''}"


def cell(marked: str) -> str:
    """Return Markdown for a table cell, without bars in code: a bar would end the cell."""
    return _BAR.sub(lambda found: f"{found[1]}&#124;" if found[1] else r"\|", marked) if "|" in marked else marked


def paragraphs(text: str) -> str:
    """Convert lines of plain text to Markdown, with the list items and table rows of `extractor.article.rendering`."""
    parts: list[str] = []
    item = False
    for line in filter(None, map(str.strip, storable(text).splitlines())):
        was, item = item, line.startswith("- ")
        written = f"- {escape_start(escape(line[2:].strip()))}" if item else escape_start(escape(line))
        parts += ["\n" if was and item else "\n\n", written]
    return "".join(parts[1:])


def broken(lines: Iterable[str]) -> list[str]:
    """Return lines of Markdown, escaped inside, as one paragraph that breaks after each of them."""
    written = [escape_start(line) for line in lines]
    return [*(line + "\\" for line in written[:-1]), written[-1]]


def joined(parts: Iterable[str | None]) -> str:
    """Join the existing parts, with empty lines between them."""
    return "\n\n".join(part for part in parts if part)


def longest_ticks(text: str) -> int:
    """Return the length of the longest run of backticks."""
    return max(map(len, _TICKS.findall(text)), default=0)
