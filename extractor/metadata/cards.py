"""Read authors from link preview cards, which WordPress plugins write."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor.html.page import Page

_PART = re.compile("twitter:(label|data)([0-9])")
_WRITTEN_BY = re.compile(
    "(?:written|posted) by|author|verfasst von|geschrieben von|écrit par|rédigé par|auteur|escrito por|publicado por"
    "|autora?|scritto da|autore|geschreven door|skrevet a[vf]|skrive[nt] av|författare|kirjoittanut|napisane przez"
    "|написано автором|автор|szerző|yazan|yazar|ditulis oleh|viết bởi|được viết bởi|作者|撰稿|撰稿人|作成者|執筆者"
    "|投稿者|著者|글쓴이|작성자",
    re.IGNORECASE,
)
"""As the plugins are translated."""


def writers_on_card(page: Page) -> Iterator[str]:
    """Yield the names after "written by": label and value are in two tags with the same number."""
    if b"twitter:label" in page.octets:
        told: dict[tuple[str, str], str] = {}
        for node in page.tagged("meta"):
            attributes = node.attributes
            if part := _PART.fullmatch(attributes.get("name") or attributes.get("property") or ""):
                told.setdefault((part[1], part[2]), (attributes.get("content") or "").strip())
        for (kind, number), said in told.items():
            if kind == "label" and _WRITTEN_BY.fullmatch(said.rstrip(" :：")) and (name := told.get(("data", number))):
                yield name
