"""What our pages say in the reader's language: gettext catalogs as they are written, and a choice."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape
from starlette.requests import Request

LANGUAGES: Mapping[str, str] = {"en": "English", "zh-Hans": "简体中文"}
"""The languages of the pages, by their tags (BCP 47), each named in itself. English is what the templates hold."""

COOKIE = "pressmark_language"
_DIRECTORY = Path(__file__).parent / "locale"
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})


@lru_cache(maxsize=len(LANGUAGES))
def translator(language: str) -> Callable[..., Any]:
    """The function `_` of the templates. What is filled in is escaped; what has no translation stays English."""
    words = _words(language)

    def translate(text: str, **values: Any) -> Any:
        said = words.get(text, text)
        return Markup(escape(said)) % values if values else said  # noqa: S704 (it is escaped, as are the values)

    return translate


def language_of(request: Request) -> str:
    """The language that the reader chose, or else the first of ours that the browser asks for."""
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else accepted(request.headers.get("accept-language", ""))


def accepted(header: str) -> str:
    """The language of ours that an Accept-Language wants most (RFC 9110, 12.5.4); English when it wants none."""
    wanted = sorted(_weighed(header), key=lambda weighed: -weighed[0])
    return next((found for weight, tag in wanted if weight > 0 and (found := _ours(tag))), "en")


def _ours(tag: str) -> str | None:
    """Who reads traditional characters is better served by what they ask for next."""
    primary, *rest = tag.lower().split("-")
    if primary == "zh":
        return None if _TRADITIONAL.intersection(rest) else "zh-Hans"
    return "en" if primary == "en" else None


def _weighed(header: str) -> Iterator[tuple[float, str]]:
    for part in header.split(",")[:20]:
        tag, _, parameters = part.strip().partition(";")
        weight = parameters.strip().removeprefix("q=")
        try:
            yield float(weight) if weight else 1.0, tag.strip()
        except ValueError:
            continue


@lru_cache(maxsize=len(LANGUAGES))
def _words(language: str) -> Mapping[str, str]:
    file = _DIRECTORY / f"{language}.po"
    return read_catalog(file.read_text("utf-8")) if file.is_file() else {}


def read_catalog(text: str) -> dict[str, str]:
    """The translations of a .po file by their English: singulars without context, which is all that we write."""
    words: dict[str, str] = {}
    for entry in text.split("\n\n"):
        if "#, fuzzy" in entry:
            continue
        parts: dict[str, str] = {}
        key = ""
        for line in entry.splitlines():
            keyword, _, quoted = line.partition(" ") if line[:1] != '"' else (key, "", line)
            if keyword in {"msgid", "msgstr"}:
                key = keyword
                parts[key] = parts.get(key, "") + ast.literal_eval(quoted)
        if parts.get("msgid") and parts.get("msgstr"):
            words[parts["msgid"]] = parts["msgstr"]
    return words
