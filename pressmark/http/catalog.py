"""Translate our pages with gettext, and choose the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape
from starlette.requests import Request

LANGUAGES: Mapping[str, str] = {"en": "English", "zh-Hans": "简体中文"}
"""The languages of the pages by their tags (BCP 47), each named in itself. The templates are in English."""

COOKIE = "pressmark_language"
_DIRECTORY = Path(__file__).parent / "locale"
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})


@lru_cache(maxsize=len(LANGUAGES))
def translator(language: str) -> Callable[..., Any]:
    """Return the function `_` of the templates.

    Filled-in values are escaped; text without a translation stays English.
    """
    translations = _translations(language)

    def translate(text: str, **values: Any) -> Any:
        translation = translations.gettext(text) if text else text  # the translation of "" is the header of the catalog
        return Markup(escape(translation)) % values if values else translation  # noqa: S704 (all is escaped)

    return translate


def language_of(request: Request) -> str:
    """Return the language that the reader chose, otherwise the first of ours that the browser asks for."""
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else accepted(request.headers.get("accept-language", ""))


def accepted(header: str) -> str:
    """Return our language that an Accept-Language prefers (RFC 9110, 12.5.4); English when it names none."""
    wanted = sorted(_weighed(header), key=lambda weighed: -weighed[0])
    return next((found for weight, tag in wanted if weight > 0 and (found := _ours(tag))), "en")


def _ours(tag: str) -> str | None:
    """Return our language for a tag. Readers of traditional characters are better served by their next choice."""
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


def _translations(language: str) -> NullTranslations:
    """Return the compiled catalog of a language; English has none."""
    file = _DIRECTORY / f"{language}.mo"
    if not file.is_file():
        return NullTranslations()
    with file.open("rb") as compiled:
        return GNUTranslations(compiled)
