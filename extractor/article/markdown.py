"""Writing Markdown (CommonMark, with GFM's tables) that is inert: what a page says is never taken for markup.

No HTML comes out of it, and no link but to what `extractor.values.urls` made absolute: http and https.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from extractor.html.lines import kept

_SPECIAL = re.compile(r"[\\`*\[\]<~]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")
_MAYBE_SPECIAL = re.compile(r"[\\`*\[\]<~&_]")
_AT_THE_START = re.compile(r">|(?:#{1,6}|-+|\+|=+)(?=\s|$)|(\d{1,9})[.)](?=\s|$)")
_IN_ADDRESSES = str.maketrans({character: f"%{ord(character):02X}" for character in " ()<>\\`|\"'*~"})
_UNSAFE = re.compile(r"[ ()<>\\`|\"'*~]")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_BAR = re.compile(r"(\\?)\|")
_TICKS = re.compile("`+")


def escape(text: str) -> str:
    """Text in one line, in characters that can be kept, as it stands anywhere but at the start of a line."""
    return _SPECIAL.sub(r"\\\g<0>", text) if _MAYBE_SPECIAL.search(text) else text


def escape_start(escaped: str) -> str:
    """The same at the start of a line, where some characters begin a heading, a list, a quotation or a ruler."""
    found = _AT_THE_START.match(escaped)
    if found is None:
        return escaped
    if found[1]:
        return f"{found[1]}\\{escaped[len(found[1]) :]}"
    return "\\" + escaped


def address(url: str) -> str:
    """An absolute URL of http or https, as the target of a link: nothing in it can end it."""
    safe = url.translate(_IN_ADDRESSES) if _UNSAFE.search(url) else url
    return _ENTITY.sub("&amp;", safe) if "&" in safe else safe


def link(label: str, url: str) -> str:
    """`label` is Markdown, `url` absolute."""
    return f"[{label}]({address(url)})"


def image(said: str, url: str) -> str:
    """`said` is plain text: what it shows."""
    return f"![{escape(kept(' '.join(said.split())))}]({address(url)})"


def code(text: str) -> str:
    """Code within a line, in characters that can be kept, in ticks that it does not hold."""
    text = " ".join(text.split())
    if not text:
        return ""
    ticks = "`" * (longest_ticks(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fence(text: str, language: str = "") -> list[str]:
    """Lines as they are, between fences that they do not hold. `language` is a word without white space or ticks."""
    ticks = "`" * max(3, longest_ticks(text) + 1)
    lines = kept(text).split("\n")
    return [ticks + language, *lines, ticks]


def cell(marked: str) -> str:
    """Markdown in a cell of a table, without bars in code: a bar would end the cell."""
    return _BAR.sub(lambda found: f"{found[1]}&#124;" if found[1] else r"\|", marked) if "|" in marked else marked


def paragraphs(text: str) -> str:
    """Lines of plain text as Markdown: items with a dash and rows with bars as `extractor.article.rendering` writes
    them."""
    parts: list[str] = []
    item = False
    for line in filter(None, map(str.strip, kept(text).splitlines())):
        was, item = item, line.startswith("- ")
        written = f"- {escape_start(escape(line[2:].strip()))}" if item else escape_start(escape(line))
        parts += ["\n" if was and item else "\n\n", written]
    return "".join(parts[1:])


def joined(parts: Iterable[str | None]) -> str:
    """Those of the parts that there are, with an empty line between."""
    return "\n\n".join(part for part in parts if part)


def longest_ticks(text: str) -> int:
    """How many ticks stand in a row at most."""
    return max(map(len, _TICKS.findall(text)), default=0)
