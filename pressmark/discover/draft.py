"""The file of a new source: YAML with comments, as a person would have written it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from config.write import new_source_text
from pressmark.discover.inspect import Look
from pressmark.discover.propose import Proposal


def draft(proposal: Proposal, seen: Look, *, at: datetime) -> str:
    """The text of the file. It reads back as the source that was proposed."""
    return new_source_text(proposal.source, remarks(proposal, seen, at=at))


def remarks(proposal: Proposal, seen: Look, *, at: datetime) -> dict[str, str]:
    """Why each key says what it says, and what else the site has."""
    source, reasons = proposal.source, proposal.reasons
    others = [f"the feed {feed.url}" for feed in seen.feeds if feed.url not in source.seeds]
    if source.walk != "sitemap":
        others += [f"the sitemap {sitemap.url}" for sitemap in seen.sitemaps]
    others += [f"the REST interface of WordPress {seen.wordpress}"] if seen.wordpress else []
    heading = [
        _one_line(seen.title or seen.url),
        f"Written by `pressmark add` on {at:%Y-%m-%d}. You can edit it: changes take effect within seconds.",
        proposal.kept,
        f"robots.txt is obeyed: {_one_line(seen.robots.reason)}.",
    ]
    return {
        "": "\n".join(heading),
        "walk": f"page, site, listing, feed, sitemap or forum: {_one_line(reasons['walk'])}"
        + (f"; also here: {', '.join(others)}" if others else ""),
        "scope": reasons["scope"],
        "timetable": f"every, cron or at: {_one_line(reasons['timetable'])}",
        "keep": "also archive the images, styles, scripts and fonts of the pages",
        "addresses": "private networks to allow",
        "ports": "allowed in addition to 80, 443, 8080 and 8443",
    }


def plain_text(facts: Mapping[str, Any]) -> str:
    """The YAML of a source that came as data, a line a key, without comments."""
    return "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in facts.items())


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]
