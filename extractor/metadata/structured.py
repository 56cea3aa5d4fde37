"""Read metadata for machines: JSON-LD, Open Graph, Dublin Core and other meta tags, microdata.

Each statement is a claim with its subject, value and vocabulary. Other modules decide which to trust.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

from selectolax.lexbor import LexborNode

from extractor.html.page import Page
from extractor.html.regions import ancestors, vocabulary

Field = Literal[
    "title",
    "author",
    "published",
    "modified",
    "language",
    "site",
    "kind",
    "section",
    "tags",
    "image",
    "caption",
    "description",
    "source",
    "canonical",
    "free",
]


class Claim(NamedTuple):
    """One statement of a page about itself."""

    field: Field
    value: str
    origin: str
    """The vocabulary: ``json-ld``, ``open-graph``, ``dublin-core``, ``meta``, ``microdata``."""


ARTICLES = vocabulary(
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle OpinionNewsArticle BackgroundNewsArticle BlogPosting"
    " Report TechArticle ScholarlyArticle LiveBlogPosting SocialMediaPosting Review AdvertiserContentArticle"
)
THREADS = vocabulary("DiscussionForumPosting QAPage Question")
_SPEAKING = ARTICLES | THREADS
_PAGES = vocabulary("WebPage ItemPage AboutPage MedicalWebPage Recipe HowTo CreativeWork Event Product")

_LD_FIELDS: tuple[tuple[str, Field], ...] = (
    ("headline", "title"),
    ("datePublished", "published"),
    ("dateCreated", "published"),
    ("dateModified", "modified"),
    ("inLanguage", "language"),
    ("articleSection", "section"),
    ("keywords", "tags"),
    ("description", "description"),
    ("isAccessibleForFree", "free"),
)
_LD_WRAPPERS = ("@graph", "mainEntity", "mainEntityOfPage", "hasPart")
_LD_NOISE = re.compile(r"^\s*(?://\s*)?<!(?:--|\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*$|;\s*$")
_LD_MOST = 5_000
_MOST_ITEMS, _MOST_HEADINGS = 1_000, 12
_THE_PAGE = -1
"""In the place of an item's `mem_id`."""
_MOST_TEXTS = 100

_META: dict[str, tuple[Field, str]] = {
    "og:title": ("title", "open-graph"),
    "og:image": ("image", "open-graph"),
    "og:image:alt": ("caption", "open-graph"),
    "og:description": ("description", "open-graph"),
    "og:url": ("canonical", "open-graph"),
    "article:section": ("section", "open-graph"),
    "article:tag": ("tags", "open-graph"),
    "article:content_tier": ("free", "open-graph"),
    "twitter:image": ("image", "meta"),
    "twitter:description": ("description", "meta"),
    "og:site_name": ("site", "open-graph"),
    "og:locale": ("language", "open-graph"),
    "og:published_time": ("published", "open-graph"),
    "og:article:published_time": ("published", "open-graph"),
    "og:article:author": ("author", "open-graph"),
    "og:updated_time": ("modified", "open-graph"),
    "article:published_time": ("published", "open-graph"),
    "article:modified_time": ("modified", "open-graph"),
    "article:author": ("author", "open-graph"),
    "twitter:title": ("title", "meta"),
    "weibo:article:create_at": ("published", "meta"),
}
_DUBLIN_CORE: tuple[tuple[str, Field], ...] = (
    ("title", "title"),
    ("creator", "author"),
    ("date.issued", "published"),
    ("issued", "published"),
    ("date.created", "published"),
    ("created", "published"),
    ("date", "published"),
    ("date.modified", "modified"),
    ("modified", "modified"),
    ("language", "language"),
    ("subject", "tags"),
    ("description", "description"),
    ("publisher", "site"),
    ("source", "source"),
)
_NAMED: tuple[tuple[Field, frozenset[str]], ...] = (
    ("title", vocabulary("articletitle citation_title parsely-title sailthru.title headline")),
    ("author", vocabulary("author byl parsely-author sailthru.author citation_author cxenseparse:author dable:author")),
    (
        "published",
        vocabulary(
            "pubdate publishdate publish-date publish_date publication_date publicationdate parsely-pub-date"
            " sailthru.date citation_publication_date citation_online_date citation_date date datepublished"
            " cxenseparse:recs:publishtime article_date_original originalpublicationdate apub:time article.published"
            " bt:pubdate release_date firstpublishedtime ms.date dateissued datecreated date_published date-published"
            " publish_time publishtime published published_at published_time article:published article.created"
            " article:published_date og:pubdate og:release_date og:regdate rnews:datepublished docdate"
        ),
    ),
    ("modified", vocabulary("lastmod last-modified article.updated revised datemodified")),
    ("language", vocabulary("language content-language")),
    ("site", vocabulary("sitename application-name")),
    ("section", vocabulary("section parsely-section sailthru.section cxenseparse:section columnname")),
    ("tags", vocabulary("keywords news_keywords parsely-tags sailthru.tags")),
    ("description", vocabulary("description")),
    ("source", vocabulary("source contentsource og:article:source")),
)
_META |= {name: (field, "meta") for field, names in _NAMED for name in names}
_META |= {
    f"{prefix}{name}": (field, "dublin-core")
    for prefix in ("dc.", "dcterms.", "dc:", "dcterms:")
    for name, field in _DUBLIN_CORE
}
_ITEM_FIELDS: dict[str, Field] = {
    "headline": "title",
    "datePublished": "published",
    "dateCreated": "published",
    "dateModified": "modified",
    "dateUpdate": "modified",
    "author": "author",
    "creator": "author",
    "inLanguage": "language",
    "articleSection": "section",
    "keywords": "tags",
    "isAccessibleForFree": "free",
}


def claims(page: Page) -> Iterator[Claim]:
    """Yield all claims of a page: JSON-LD, then meta tags, then microdata, each in page order."""
    yield from _json_ld(page)
    yield from _meta_tags(page)
    yield from _microdata(page)


def _json_ld(page: Page) -> Iterator[Claim]:
    things = [thing for script in page.json_ld for thing in _things(script)]
    by_id = {str(thing["@id"]): thing for thing in things if "@id" in thing and "name" in thing}
    for kinds in (ARTICLES, THREADS, _PAGES):
        for thing in things:
            named = _kinds(thing)
            if named.isdisjoint(kinds):
                continue
            yield from (Claim("kind", kind, "json-ld") for kind in named)
            yield from _claims_of(thing, by_id)


def _things(source: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON-LD script that may describe the page, outermost first."""
    waiting: list[Any] = [_parsed(source)]
    for _ in range(_LD_MOST):
        if not waiting:
            return
        value = waiting.pop(0)
        if isinstance(value, list):
            waiting[:0] = value[:_LD_MOST]
        elif isinstance(value, dict):
            yield value
            waiting += [value[name] for name in _LD_WRAPPERS if isinstance(value.get(name), dict | list)]
            waiting += [value[name] for name in ("author", "creator") if isinstance(value.get(name), dict)]


def _parsed(source: str) -> Any:
    """Parse a script, without comments around it; None if it is not JSON."""
    for tidy in (str.strip, _without_noise):
        try:
            return json.loads(tidy(source), strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _without_noise(source: str) -> str:
    return _LD_NOISE.sub("", _LD_NOISE.sub("", source))


def _kinds(thing: dict[str, Any]) -> frozenset[str]:
    kinds = thing.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return frozenset(kind.rpartition("/")[2] for kind in listed if isinstance(kind, str))


def _claims_of(thing: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> Iterator[Claim]:
    for name, field in _LD_FIELDS:
        for value in _texts(thing.get(name)):
            yield Claim(field, value, "json-ld")
    yield from _pictures(thing.get("image"))
    for name in _names(thing.get("author") or thing.get("creator"), by_id):
        yield Claim("author", name, "json-ld")
    for name in _names(thing.get("publisher"), by_id):
        yield Claim("site", name, "json-ld")


def _texts(value: Any) -> Iterator[str]:
    """Yield the strings of a value or a list; a boolean becomes its word."""
    for one in value[:_MOST_TEXTS] if isinstance(value, list) else [value]:
        if isinstance(one, bool):
            yield str(one).lower()
        elif isinstance(one, str) and one.strip():
            yield one


def _pictures(value: Any) -> Iterator[Claim]:
    for image in value[:_MOST_TEXTS] if isinstance(value, list) else [value]:
        if isinstance(image, str):
            yield Claim("image", image, "json-ld")
        elif isinstance(image, dict):
            yield from (Claim("image", url, "json-ld") for url in _texts(image.get("url") or image.get("contentUrl")))
            yield from (Claim("caption", said, "json-ld") for said in _texts(image.get("caption")))


def _names(value: Any, by_id: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield the names of persons or organisations, in any structure."""
    for person in value if isinstance(value, list) else [value]:
        if isinstance(person, dict):
            known = person if "name" in person else by_id.get(str(person.get("@id")), {})
            name = known.get("name")
            yield from (part for part in (name if isinstance(name, list) else [name]) if isinstance(part, str))
        elif isinstance(person, str):
            yield person


def _meta_tags(page: Page) -> Iterator[Claim]:
    """Yield claims of Open Graph, then of Dublin Core, then of other meta tags."""
    found: list[Claim] = []
    for node in page.tagged("meta"):
        attributes = node.attributes
        content = attributes.get("content")
        name = attributes.get("property") or attributes.get("name") or attributes.get("http-equiv")
        known = _META.get("".join(name.lower().split())) if name and content and content.strip() else None
        if known:
            found.append(Claim(known[0], content or "", known[1]))
    yield from sorted(found, key=lambda claim: ("open-graph", "dublin-core", "meta").index(claim.origin))


def _microdata(page: Page) -> Iterator[Claim]:
    """Yield microdata claims.

    Of several articles, only the page's own counts: the one with its heading, or the first.
    """
    for node in page.items[:_MOST_ITEMS]:
        if _speaks(node):
            yield Claim("kind", _kind_of(node), "microdata")
    found: list[tuple[Claim, int]] = []
    for node in page.properties[:_MOST_ITEMS]:
        for name in (node.attributes.get("itemprop") or node.attributes.get("property") or "").split():
            field = _ITEM_FIELDS.get(name.removeprefix("schema:"))
            item = _item_of(node) if field else None
            if field and (value := _value_of(node) if item is None or _speaks(item) else ""):
                found.append((Claim(field, value, "microdata"), item.mem_id if item is not None else _THE_PAGE))
    own = _own_item(page, [item for _, item in found if item != _THE_PAGE])
    yield from (claim for claim, item in found if item in (own, _THE_PAGE))


def _own_item(page: Page, items: Sequence[int]) -> int:
    """Return the `mem_id` of the page's own article or thread."""
    if len(set(items)) > 1:
        around = {part.mem_id for heading in page.tagged("h1")[:_MOST_HEADINGS] for part in ancestors(heading)}
        return next(filter(around.__contains__, items), items[0])
    return items[0] if items else _THE_PAGE


def _item_of(node: LexborNode) -> LexborNode | None:
    """Return the item of a property; None if it belongs to the page."""
    item = next((parent for parent in ancestors(node) if "itemscope" in parent.attributes), None)
    return None if item is not None and _kind_of(item) in ("", *_PAGES) else item


def _kind_of(item: LexborNode) -> str:
    return (item.attributes.get("itemtype") or "").rstrip("/").rpartition("/")[2]


def _speaks(item: LexborNode) -> bool:
    """Return whether an item is an article or a thread, and not a comment."""
    return _kind_of(item) in _SPEAKING


def _value_of(node: LexborNode) -> str:
    """Return the value of a property by the rules of microdata; for a person, the name."""
    attributes = node.attributes
    for name in ("content", "datetime"):
        if value := attributes.get(name):
            return value
    if "itemscope" in attributes and (named := node.css_first("[itemprop~=name]")) is not None:
        return named.attrs.get("content") or named.text(separator=" ")
    return node.text(separator=" ")
