"""All forms of a citation by name, as every door offers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

from pressmark.views.citations.printed import apa, chicago, gbt7714, mla
from pressmark.views.citations.records import bibtex, csl_json, ris
from pressmark.views.citations.work import Work


class Style(NamedTuple):
    """A form of a citation."""

    name: str
    title: str
    write: Callable[[Work], str]
    media_type: str
    """Of a download."""
    suffix: str | None = None
    """Of a download for reference managers; None for a form that people read."""


STYLES = (
    Style("apa", "APA", apa, "text/plain"),
    Style("mla", "MLA", mla, "text/plain"),
    Style("chicago", "Chicago", chicago, "text/plain"),
    Style("gbt7714", "GB/T 7714", gbt7714, "text/plain"),
    Style("bibtex", "BibTeX", bibtex, "application/x-bibtex", "bib"),
    Style("ris", "RIS", ris, "application/x-research-info-systems", "ris"),
    Style("csl-json", "CSL-JSON", csl_json, "application/vnd.citationstyles.csl+json", "json"),
)

BY_NAME = {style.name: style for style in STYLES}

if TYPE_CHECKING:
    StyleName = str
else:
    StyleName = Literal[tuple(BY_NAME)]
    """The name of a style: doors refuse any other."""
