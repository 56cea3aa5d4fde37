"""Find the lead image of an article, and its caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborNode

from extractor.html.article_region import ArticleRegion
from extractor.html.cheap_queries import CheapQuery
from extractor.html.page import Page
from extractor.metadata.claim import Claim
from extractor.metadata.titles import one_line
from extractor.values.urls import Resolve

_FIGURES = CheapQuery("figure,[class*=wp-caption i]")
_MOST_FIGURES = 12
_CAPTIONS = "figcaption,[class*=caption i]"
_SOURCES = ("src", "data-src", "data-original", "srcset", "data-srcset")
_SHORTEST_NAME = 6
_LONGEST_CAPTION = 1_000


@dataclass(frozen=True, slots=True)
class Image:
    url: str
    origin: str
    caption: str | None = None
    caption_origin: str = ""


def lead_image(page: Page, said: Sequence[Claim], resolver: Resolve) -> Image | None:
    """Return the image in the metadata, with the caption of its figure; otherwise the first figure of the article."""
    figures = _FIGURES.all(page)[:_MOST_FIGURES]
    claims = ((resolver(claim.value), claim.origin) for claim in said if claim.field == "image")
    claimed = next(((url, origin) for url, origin in claims if url), None)
    if claimed is None:
        return _first_figure(page, figures, resolver)
    shown = next((figure for figure in figures if _shows(figure, claimed[0])), None)
    if shown is not None and (caption := _caption(shown)):
        return Image(*claimed, caption, "figure")
    captions = ((one_line(claim.value, _LONGEST_CAPTION), claim.origin) for claim in said if claim.field == "caption")
    return Image(*claimed, *next(captions, (None, "")))


def _first_figure(page: Page, figures: Sequence[LexborNode], resolver: Resolve) -> Image | None:
    ours = ArticleRegion(page)
    for figure in figures:
        image = figure.css_first("img[src]")
        url = resolver(image.attrs.get("src") or "") if image is not None else None
        if url and not ours.is_outside(figure):
            return Image(url, "figure", _caption(figure), "figure")
    return None


def _shows(figure: LexborNode, url: str) -> bool:
    """Return whether a figure shows an image: a file of the same name, in any size and on any host."""
    name = unquote(urlsplit(url).path.rpartition("/")[2]).rpartition(".")[0]
    if len(name) < _SHORTEST_NAME:
        return False
    images = (image.attributes for image in figure.css("img,source"))
    return any(name in unquote(image.get(source) or "") for image in images for source in _SOURCES)


def _caption(figure: LexborNode) -> str | None:
    caption = figure.css_first(_CAPTIONS)
    return one_line(caption.text(separator=" "), _LONGEST_CAPTION) or None if caption is not None else None
