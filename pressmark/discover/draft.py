"""The file of a new source: YAML with comments, as a person would have written it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from config.source_files.write import new_source_text
from pressmark.discover.inspect import SiteInspection
from pressmark.discover.lists import FoundFeed
from pressmark.discover.propose import Proposal


def draft(proposal: Proposal, seen: SiteInspection, *, at: datetime) -> str:
    """Return the text of the file. Parsed, it gives the proposed source."""
    return new_source_text(proposal.source, remarks(proposal, seen, at=at))


def remarks(proposal: Proposal, seen: SiteInspection, *, at: datetime) -> dict[str, str]:
    """Return why each key has its value, and what else the site offers."""
    source, reasons = proposal.source, proposal.reasons
    others = [f"{_called(feed)} {feed.url}" for feed in seen.feeds if feed.url not in source.seeds]
    if source.walk != "sitemap":
        others += [f"the sitemap {sitemap.url}" for sitemap in seen.sitemaps]
    if seen.wordpress and not any(feed.of_wordpress for feed in seen.feeds):
        others.append(f"the REST interface of WordPress {seen.wordpress}")
    heading = [
        _one_line(seen.title or seen.url),
        f"Written by `pressmark add` on {at:%Y-%m-%d}. You can edit it: changes take effect within seconds.",
        proposal.kept,
        f"robots.txt is obeyed: {_one_line(seen.robots.reason)}.",
    ]
    return {
        "": "\n".join(heading),
        "walk": f"page, site, listing, feed, sitemap, forum or series: {reasons['walk']}"
        + (f"; also here: {', '.join(others)}" if others else ""),
        "fetch": f"http, auto or browser: scripts create the text of the page ({_one_line(seen.drawn_because or '')}),"
        " so a browser renders such pages; it needs Debian's package chromium",
        "scope": reasons["scope"],
        "timetable": f"every, cron or at: {_one_line(reasons['timetable'])}",
        "keep": "also archive the images, styles, scripts and fonts of the pages",
        "addresses": "private networks to allow",
        "ports": "allowed in addition to 80, 443, 8080 and 8443",
    }


def _called(feed: FoundFeed) -> str:
    return "the list of posts of WordPress" if feed.of_wordpress else "the feed"


def plain_text(facts: Mapping[str, Any]) -> str:
    """Return the YAML of a source given as data, one key a line, without comments."""
    return "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in facts.items())


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]
