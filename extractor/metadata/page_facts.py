"""Read other metadata: section, tags, lead image, description, site, source, own address, next page.

`Metadata.origins` has the origin of each, by the field's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import partial

from extractor.html.page import Page
from extractor.links.continuation import next_part
from extractor.metadata.lead_image import lead_image
from extractor.metadata.structured import Claim
from extractor.metadata.titles import one_line
from extractor.values.text import About
from extractor.values.urls import Resolve, Resolver, normalise

_MOST_TAGS = 50
_LONGEST_TAG = 80
_LONGEST_TEXT = 2_000
_FREE = {"true": True, "false": False, "free": True, "metered": False, "locked": False}


Found = tuple[object, str]
"""A value, and where it comes from."""

Labels = Callable[[], Mapping[str, str]]
"""What `extractor.metadata.bylines.labelled` says of the page, looked for when it is first asked."""


def read_about(page: Page, said: Sequence[Claim], labels: Labels) -> tuple[About, dict[str, str]]:
    """Return the known fields, and the origin of each."""
    resolver: Resolve = Resolver(page.url) if normalise(page.url) else normalise
    image = lead_image(page, said, resolver)
    readers: dict[str, Callable[[], Found | None]] = {
        "section": partial(_line, said, "section"),
        "tags": partial(_tags, said),
        "image": lambda: (image.url, image.origin) if image else None,
        "caption": lambda: (image.caption, image.caption_origin) if image and image.caption else None,
        "description": partial(_line, said, "description"),
        "site": partial(_line, said, "site"),
        "source": lambda: _source(said, labels),
        "canonical": partial(_canonical, page, said, resolver),
        "next": lambda: next_part(page, resolver),
        "free": partial(_free, said),
    }
    found = {name: value for name, reader in readers.items() if (value := reader())}
    about = About(**{name: value for name, (value, _) in found.items()})  # type: ignore[arg-type]
    return about, {name: origin for name, (_, origin) in found.items()}


def known(about: About) -> Iterator[tuple[str, object]]:
    """Yield the known fields with their values."""
    for field in fields(about):
        value = getattr(about, field.name)
        if value not in (None, ()):
            yield field.name, value


def _line(said: Sequence[Claim], name: str) -> tuple[str, str] | None:
    for claim in said:
        if claim.field == name and (line := one_line(claim.value, _LONGEST_TEXT)):
            return line, claim.origin
    return None


def _tags(said: Sequence[Claim]) -> tuple[tuple[str, ...], str] | None:
    """Return the tags of the first vocabulary with any; commas of all scripts separate them."""
    for origin in dict.fromkeys(claim.origin for claim in said if claim.field == "tags"):
        written = (claim.value for claim in said if claim.field == "tags" and claim.origin == origin)
        parts = (part for value in written for part in value.translate(_COMMAS).split(","))
        tags = dict.fromkeys(tag for part in parts if 0 < len(tag := one_line(part)) <= _LONGEST_TAG)
        if tags:
            return tuple(tags)[:_MOST_TAGS], origin
    return None


_SOURCE_LABEL = re.compile(r"^\s*[来來]\s*源\s*[:：]\s*")
_COMMAS = str.maketrans("，、;；", ",,,,")


def _source(said: Sequence[Claim], labels: Labels) -> tuple[str, str] | None:
    """Return the source in the metadata, or after 来源."""
    if claimed := _line(said, "source"):
        return _SOURCE_LABEL.sub("", claimed[0]), claimed[1]
    name = labels().get("来源")
    return (name, "byline 来源") if name else None


def _canonical(page: Page, said: Sequence[Claim], resolver: Resolve) -> tuple[str, str] | None:
    links = (link.attributes for link in page.tagged("link"))
    named = (link.get("href") for link in links if "canonical" in (link.get("rel") or "").lower().split())
    href = next((href for href in named if href is not None), None)
    if href and (url := resolver(href)):
        return url, "link"
    urls = ((resolver(claim.value), claim.origin) for claim in said if claim.field == "canonical")
    return next(((url, origin) for url, origin in urls if url), None)


def _free(said: Sequence[Claim]) -> tuple[bool, str] | None:
    for claim in said:
        if claim.field == "free" and (free := _FREE.get(claim.value.strip().lower())) is not None:
            return free, claim.origin
    return None
