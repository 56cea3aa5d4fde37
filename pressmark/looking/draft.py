"""The file of a new source: YAML with comments, as a person would have written it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from config.load import parse_sources
from pressmark.looking.look import Look
from pressmark.looking.propose import Proposal


def draft(proposal: Proposal, seen: Look, *, at: datetime) -> str:
    """The text of the file. It reads back as the source that was proposed."""
    text = "\n".join(_lines(proposal, seen, at)) + "\n"
    [source] = parse_sources(text)
    assert source == proposal.source, "the draft of a source reads back as another"
    return text


def _lines(proposal: Proposal, seen: Look, at: datetime) -> Iterator[str]:
    source, reasons = proposal.source, proposal.reasons
    facts = source.model_dump(mode="json", by_alias=True)
    yield f"# {_one_line(seen.title or seen.url)}"
    yield f"# Written by `pressmark add` on {at:%Y-%m-%d}; edit it as you like, it is read again within seconds."
    yield f"source: {source.name}"
    yield "seeds:"
    yield from (f"  - {_scalar(seed)}" for seed in source.seeds)
    yield f"walk: {source.walk}  # page, site, listing, feed or sitemap; {_one_line(reasons['walk'])}"
    yield from (f"#   also here: the feed {feed.url}" for feed in seen.feeds if feed.url not in source.seeds)
    yield from (f"#   also here: the sitemap {each.url}" for each in seen.sitemaps if each.url not in source.seeds)
    if source.scope.include:
        yield f"scope:  # {reasons['scope']}"
        yield f"  include: {json.dumps(list(source.scope.include), ensure_ascii=False)}"
    else:
        yield f"# scope: {{include: [], exclude: [], depth: 3}}  # without it: {reasons['scope']}"
    rhythm = {name: facts["timetable"][name] for name in ("cron", "every") if facts["timetable"].get(name)}
    [(name, value)] = rhythm.items()
    yield f"timetable:  # {reasons['timetable']}; cron: and at: are known, too"
    yield f"  {name}: {_scalar(value)}"
    yield "politeness:"
    yield f"  delay: {facts['politeness']['delay']}  # between two requests; a longer Crawl-delay of robots.txt wins"
    yield f"  robots: obey  # {_one_line(seen.robots.reason)}"
    yield "keep:"
    yield f"  requisites: {_scalar(source.keep.requisites)}  # also the images, styles, scripts and fonts of the pages"
    if source.addresses:
        yield "# Networks that may be connected to although they are not of the public internet."
        yield f"addresses: {json.dumps(facts['addresses'])}"
    if source.ports:
        yield f"ports: {json.dumps(facts['ports'])}"


def plain_text(facts: Mapping[str, Any]) -> str:
    """The YAML of a source that came as data, a line a key, without comments."""
    return "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in facts.items())


def _scalar(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join(character if character.isprintable() else " " for character in text).strip()[:200]
